"""Routes to write an internal note, and to put aside that one was mentioned."""

from typing import Annotated
from uuid import UUID, uuid4

from fastapi import APIRouter, Form, Response
from fastapi.responses import RedirectResponse

from schemas.values import Prose
from services.review.audit import store as audit
from services.review.audit.store import Entry
from services.review.cases import store
from services.review.cases.deciding import rules
from services.review.cases.notes import note_store, notes
from services.review.cases.queue.queue_view import case_address, view_of
from services.review.cases.request_dependencies import CommandsDep
from services.review.cases.writing import form_words, text_store
from services.review.cases.writing.form_words import FormWords, unix_lines
from services.review.cases.writing.written_text import NO_DRAFT
from services.review.people import store as people
from services.review.people.authentication import PersonFirst
from services.review.people.pages import ReaderDep
from services.review.web.templating import Flash
from services.runtime import clock

router = APIRouter(include_in_schema=False, route_class=PersonFirst)


class NoteForm(FormWords):
    """A note and whom it is for."""

    internal_note: Prose = ""
    mention: Prose = ""
    view: Prose = ""


NoteFormDep = Annotated[NoteForm, Form()]


@router.post("/cases/{request_id}/note")
async def write(request_id: UUID, form: NoteFormDep, visitor: ReaderDep, commands: CommandsDep) -> Response:
    """Keeps a note for colleagues. The log says that there is one and whom it mentions, and has none of its words."""
    page = await form_words.keep(request_id, "note", form, visitor.person, commands)
    person, now = visitor.person, clock.now()
    async with commands.database.transaction() as session:
        case = rules.visible(await store.look(session, request_id), person)
        text = notes.text_of(unix_lines(form.internal_note))
        mentioned = notes.mentioned_in(text, form.mention, case.as_any_other, await people.people(session, removed=False))
        note = notes.Note(uuid4(), person.email, text, tuple(each.email for each in mentioned), now)
        await note_store.add(session, request_id, note)
        await note_store.put_aside(session, request_id, person.email)  # who answers has looked
        await text_store.mark_used(session, request_id, person.email, [(NO_DRAFT, "internal_note")], page, now)
        detail = {"note_id": str(note.note_id), "mentions": [each.email for each in mentioned]}
        await audit.add(session, Entry(now, person.email, "write note", request_id, detail))
    return RedirectResponse(f"{case_address(request_id, view_of(form.view), flash=Flash.NOTED)}#notes", 303)


@router.post("/cases/{request_id}/put-aside")
async def put_aside(request_id: UUID, form: NoteFormDep, visitor: ReaderDep, commands: CommandsDep) -> Response:
    """The case leaves the view of what one is mentioned in."""
    await form_words.keep(request_id, "put-aside", form, visitor.person, commands)
    async with commands.database.transaction() as session:
        rules.visible(await store.look(session, request_id), visitor.person)
        await note_store.put_aside(session, request_id, visitor.person.email)
    return RedirectResponse(case_address(request_id, view_of(form.view), flash=Flash.PUT_ASIDE), 303)
