"""Keeps the words that a form of the case page brings, before anything is done with them."""

from uuid import UUID

from pydantic import BaseModel

from schemas.values import Prose
from services.review.cases import store
from services.review.cases.case_state import Case
from services.review.cases.commands import CaseCommands
from services.review.cases.deciding import rules
from services.review.cases.deciding.actions import ACTIONS
from services.review.cases.writing import text_store, writing, written_text
from services.review.cases.writing.writing import PageTexts
from services.review.cases.writing.written_text import MAX_TEXT, NO_DRAFT, PROGRAM
from services.review.people.rules import Person
from services.runtime import clock
from services.runtime.database import Session
from services.runtime.errors import InvalidInput


class FormWords(BaseModel):
    """The fields of a form that hold a person's words."""

    draft_id: UUID | None = None
    subject: Prose = ""
    body: Prose = ""
    reason: Prose = ""
    instructions: Prose = ""
    note: Prose = ""
    written: str = ""
    """What is being written in all fields of the page, whichever form was sent: `PageTexts` as JSON. Scripts put it there."""


def unix_lines(text: str) -> str:
    """Replaces CR LF, which browsers send, by LF."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


async def keep(request_id: UUID, name: str, form: FormWords, person: Person, commands: CaseCommands) -> str:
    """Keeps what was being written before anything is done, so that it is safe whatever comes of that. Returns the name of the page."""
    now = clock.now()
    carried = PageTexts.carried_by(form.written)
    if carried:
        await commands.keep_texts(request_id, carried.by(person.email, now), person)
        return carried.page
    if name == "edit" and form.draft_id is None:
        raise InvalidInput("draft_id: the form names no draft; load the page again", field="draft_id")
    own = writing.WORDS_OF.get(ACTIONS[name], {}) if name in ACTIONS else {}
    words = {field: unix_lines(getattr(form, attribute)) for attribute, field in own.items()}
    if form.draft_id:  # what a form does not have has not been emptied
        words |= {field: unix_lines(getattr(form, field)) for field in ("subject", "body") if field in form.model_fields_set}
    for field, text in words.items():
        if len(text) > MAX_TEXT:
            raise InvalidInput(f"{field}: at most {MAX_TEXT} characters, this has {len(text)}", field=field)
    async with commands.database.reading() as session:
        case = rules.visible(await store.look(session, request_id), person)
        unchanged = await _standing_words(session, case, form, person)
    new = {field: text for field, text in words.items() if text != unchanged.get(field, "")}
    if new:
        texts = writing.by_program(person.email, form.draft_id, new, now)
        await commands.keep_texts(request_id, texts, person, claims=name == "edit")
    return PROGRAM


async def _standing_words(session: Session, case: Case, form: FormWords, person: Person) -> dict[str, str]:
    """What the fields held when nothing was changed in them: what is kept, or else the draft."""
    texts = await text_store.texts_of(session, case.request_id)
    words = dict(zip(("subject", "body"), case.with_details(case.draft), strict=True)) if case.draft else {}
    for field in writing.FIELDS:
        last = written_text.current(texts, person.email, (form.draft_id if field in writing.OF_THE_DRAFT else None) or NO_DRAFT, field)
        if last and last.text is not None:
            words[field] = last.text
    return words
