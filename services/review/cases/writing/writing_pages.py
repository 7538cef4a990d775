"""The routes of a page on which somebody writes: who else has it open, and going on with a text that somebody wrote."""

from collections.abc import Mapping
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel

from schemas.values import Prose
from services.review.cases import store
from services.review.cases.case_state import Case
from services.review.cases.deciding import blind_looks, rules
from services.review.cases.live import presence_store
from services.review.cases.live.presence import Presence, presence_of
from services.review.cases.request_dependencies import CommandsDep
from services.review.cases.writing import text_store, written_text
from services.review.cases.writing.writing import PageName
from services.review.cases.writing.written_text import WrittenText
from services.review.people import store as people
from services.review.people.authentication import PersonFirst
from services.review.people.pages import ReaderDep
from services.review.people.rules import Person
from services.review.web.templating import Flash, Page, render
from services.runtime import clock
from services.runtime.database import Session
from services.runtime.errors import Conflict, NotFound

router = APIRouter(include_in_schema=False, route_class=PersonFirst)


class PresencePage(Page):
    """The part of the case page that its script asks for again and again."""

    presence: Presence


class Visit(BaseModel):
    """What an open page tells of itself."""

    page: PageName = ""
    writing: bool = False
    leaving: bool = False
    was_mine: bool = False


class Taken(BaseModel):
    """Whose text to go on with, on which draft and page it was written."""

    writer: Prose = ""
    writer_draft: UUID | None = None
    writer_page: Prose = ""


async def presence(session: Session, case: Case, person: Person, names: Mapping[str, str], *, was_mine: bool = False) -> Presence:
    """The same, from what is stored."""
    present = await presence_store.present(session, [case.request_id], clock.now())
    texts = await text_store.texts_of(session, case.request_id)
    return presence_of(case, person, present.get(case.request_id, []), texts, names, was_mine=was_mine)


@router.get("/cases/{request_id}/presence")
async def show_presence(request_id: UUID, visitor: ReaderDep, commands: CommandsDep, *, was_mine: bool = False) -> Response:
    """Who else has the case open, as a part of a page."""
    async with commands.database.reading() as session:
        case = rules.visible(await store.look(session, request_id), visitor.person)
        names = await people.names(session)
        shown = await presence(session, case, visitor.person, names, was_mine=was_mine)
    return render("_presence.html", PresencePage(now=clock.now(), viewer=visitor.viewer, presence=shown))


@router.post("/cases/{request_id}/presence")
async def visit(request_id: UUID, form: Annotated[Visit, Form()], visitor: ReaderDep, commands: CommandsDep) -> Response:
    """An open page tells that somebody reads or writes, or has left, and learns who else does."""
    now, email = clock.now(), visitor.person.email
    async with commands.database.reading() as session:
        rules.visible(await store.look(session, request_id), visitor.person)
    if form.leaving:
        async with commands.database.transaction() as session:
            await presence_store.leave(session, request_id, email, form.page)
    else:
        row = presence_store.lease(request_id, email, form.page, now, writing=form.writing)
        await presence_store.visit(commands.database, row, now)
    return await show_presence(request_id, visitor, commands, was_mine=form.was_mine)


@router.post("/cases/{request_id}/take-text")
async def take_text(
    request: Request, request_id: UUID, form: Annotated[Taken, Form()], visitor: ReaderDep, commands: CommandsDep
) -> Response:
    """Puts a text that somebody wrote into the person's own editor; what stood there stays beside it."""
    now = clock.now()
    async with commands.database.reading() as session:
        case = rules.visible(await store.look(session, request_id), visitor.person)
        texts = blind_looks.texts_for(case, visitor.person, await text_store.texts_of(session, request_id))
    source = [
        t for t in texts if (t.email, t.draft_id, t.page) == (form.writer, form.writer_draft, form.writer_page) and t.text is not None
    ]
    if form.writer not in (visitor.person.email, "") and case.assignee != visitor.person.email:
        raise Conflict("writer: a colleague's text is for whoever works on the case: claim it, or take it over", field="writer")
    if not source or not case.draft:
        raise NotFound(f"there is no such text at {request.url.path}")
    mine = [written_text.current(texts, visitor.person.email, case.draft.draft_id, field) for field in ("subject", "body")]
    number = max(round(now.timestamp() * 1000), *((text.sequence + 1) if text else 0 for text in mine))
    taken = [
        WrittenText(visitor.person.email, case.draft.draft_id, text.field, f"taken-{number}", number, text.text, now)
        for text in source
        if text.field in ("subject", "body")
    ]
    await commands.keep_texts(request_id, taken, visitor.person)
    return RedirectResponse(f"/cases/{request_id}?flash={Flash.TEXT_TAKEN}", 303)
