"""The routes from one case to the next of the same view. What they lead to is looked up when they are followed, so it is never stale."""

from uuid import UUID

from fastapi import APIRouter, Response
from fastapi.responses import RedirectResponse

from services.review.cases import queue_view, rules, store
from services.review.cases.request_dependencies import CommandsDep
from services.review.people.authentication import PersonFirst
from services.review.people.pages import ReaderDep
from services.review.web.templating import Flash

router = APIRouter(include_in_schema=False, route_class=PersonFirst)


@router.get("/cases/{request_id}/next")
async def show_next(request_id: UUID, visitor: ReaderDep, commands: CommandsDep, view: str | None = None) -> Response:
    """The case after this one, or the queue where there is none."""
    async with commands.database.reading() as session:
        case = rules.visible(await store.look(session, request_id), visitor.person)
        chosen = queue_view.view_of(view) or queue_view.view_of_state(case.state)
        place = await queue_view.following(session, chosen, visitor.person, request_id)
    address = place.address() if place else queue_view.queue_address(chosen, request_id, flash=Flash.LAST_OF_VIEW)
    return RedirectResponse(address, 303)


@router.get("/cases/{request_id}/previous")
async def show_previous(request_id: UUID, visitor: ReaderDep, commands: CommandsDep, view: str | None = None) -> Response:
    """The case before this one, or the queue where there is none."""
    async with commands.database.reading() as session:
        case = rules.visible(await store.look(session, request_id), visitor.person)
        chosen = queue_view.view_of(view) or queue_view.view_of_state(case.state)
        place = await queue_view.preceding(session, chosen, visitor.person, request_id)
    address = place.address() if place else queue_view.queue_address(chosen, request_id, flash=Flash.FIRST_OF_VIEW)
    return RedirectResponse(address, 303)
