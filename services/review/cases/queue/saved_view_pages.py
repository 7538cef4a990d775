"""Routes to save, rename and delete one's own views of the queue."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel

from schemas.values import Prose
from services.review.cases.queue import saved_view_store, saved_views
from services.review.cases.queue.queue_page import QueueFilters
from services.review.cases.queue.queue_view import view_of, view_text
from services.review.cases.request_dependencies import CommandsDep
from services.review.people.authentication import PersonFirst
from services.review.people.pages import LookerDep
from services.review.web.templating import Flash
from services.runtime import clock
from services.runtime.errors import InvalidInput

router = APIRouter(include_in_schema=False, route_class=PersonFirst)


class ViewForm(BaseModel):
    """A view and what it is called."""

    name: Prose = ""
    filters: Prose = ""


ViewFormDep = Annotated[ViewForm, Form()]


@router.post("/views")
async def save(form: ViewFormDep, visitor: LookerDep, commands: CommandsDep) -> Response:
    """Saves the view that is shown under a name of one's own."""
    view = view_of(form.filters)
    if not view:
        raise InvalidInput("filters: this is no view of the queue; go back, choose filters, and save it again", field="filters")
    view = view.model_copy(update={"cursor": ""})
    async with commands.database.transaction() as session:
        await saved_view_store.add(session, visitor.person.email, saved_views.name_of(form.name), view_text(view), clock.now())
    return RedirectResponse(saved_views.with_flash(view.address(), Flash.VIEW_SAVED), 303)


@router.post("/views/{view_id}/rename")
async def rename(view_id: UUID, form: ViewFormDep, visitor: LookerDep, commands: CommandsDep) -> Response:
    """Gives one's own view another name."""
    async with commands.database.transaction() as session:
        view = await saved_view_store.rename(session, visitor.person.email, view_id, saved_views.name_of(form.name))
    return RedirectResponse(saved_views.with_flash((view_of(view.filters) or QueueFilters()).address(), Flash.VIEW_RENAMED), 303)


@router.post("/views/{view_id}/delete")
async def delete(view_id: UUID, form: ViewFormDep, visitor: LookerDep, commands: CommandsDep) -> Response:
    """Deletes one's own view; what it showed stays on the screen."""
    async with commands.database.transaction() as session:
        await saved_view_store.remove(session, visitor.person.email, view_id)
    return RedirectResponse(saved_views.with_flash((view_of(form.filters) or QueueFilters()).address(), Flash.VIEW_DELETED), 303)
