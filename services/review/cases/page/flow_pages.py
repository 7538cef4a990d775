"""The routes from one case to the next of the same view, and what a person chose for this browser.

What comes next is looked up when the link is followed, so it is never stale.
"""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel

from schemas.values import Prose
from services.review.cases import store
from services.review.cases.commands import CaseCommands
from services.review.cases.deciding import rules
from services.review.cases.queue import preferences, queue_view
from services.review.cases.queue.preferences import Preferences, PreferencesDep
from services.review.cases.request_dependencies import CommandsDep
from services.review.people.authentication import PersonFirst
from services.review.people.pages import LookerDep, ReaderDep, local
from services.review.people.rules import Person
from services.review.web.templating import Flash, Page, render
from services.runtime import clock

router = APIRouter(include_in_schema=False, route_class=PersonFirst)


@router.get("/cases/{request_id}/next")
async def show_next(request_id: UUID, visitor: ReaderDep, commands: CommandsDep, view: str | None = None) -> Response:
    """The case after this one, or the queue where there is none."""
    return await _neighbour(request_id, visitor.person, commands, view, queue_view.following, Flash.LAST_OF_VIEW)


@router.get("/cases/{request_id}/previous")
async def show_previous(request_id: UUID, visitor: ReaderDep, commands: CommandsDep, view: str | None = None) -> Response:
    """The case before this one, or the queue where there is none."""
    return await _neighbour(request_id, visitor.person, commands, view, queue_view.preceding, Flash.FIRST_OF_VIEW)


async def _neighbour(
    request_id: UUID, person: Person, commands: CaseCommands, view: str | None, find: queue_view.Find, at_the_end: Flash
) -> Response:
    async with commands.database.reading() as session:
        case = rules.visible(await store.look(session, request_id), person)
        chosen = queue_view.view_of(view) or queue_view.view_of_state(case.state)
        place = await find(session, chosen, person, request_id)
    return RedirectResponse(place.address() if place else queue_view.queue_address(chosen, request_id, flash=at_the_end), 303)


class KeysPage(Page):
    """The list of keys."""

    preferences: Preferences
    back: str


class Choices(BaseModel):
    """What was pressed; the rest stays."""

    keys: Literal["on", "off"] | None = None
    rows: Literal["compact", "roomy"] | None = None
    back: Prose = "/"


@router.get("/keys")
async def show_keys(visitor: ReaderDep, chosen: PreferencesDep, back: str = "/") -> Response:
    """Every key and what it does."""
    return render("keys.html", KeysPage(now=clock.now(), viewer=visitor.viewer, preferences=chosen, back=local(back)))


@router.post("/preferences")
async def prefer(request: Request, choices: Annotated[Choices, Form()], visitor: LookerDep, chosen: PreferencesDep) -> Response:  # noqa: ARG001
    """Keeps what was chosen, and leads back to where it was pressed."""
    response = RedirectResponse(local(choices.back), 303)
    new = choices.model_dump(exclude={"back"}, exclude_none=True)
    preferences.keep(request, response, chosen.model_copy(update=new))
    return response
