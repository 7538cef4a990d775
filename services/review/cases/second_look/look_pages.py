"""The pages of second looks: what waits for one, the letter with its draft, and how both decisions compare."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel

from schemas.replies_decided import ReplyDecided
from schemas.values import Prose
from services.review.audit import store as audit
from services.review.audit.store import Entry
from services.review.cases import store
from services.review.cases.case_state import State
from services.review.cases.commands import CaseCommands
from services.review.cases.deciding import rules
from services.review.cases.page.case_page import CaseFile, case_page
from services.review.cases.page.case_view import CasePage, Offers, Problem, Typed
from services.review.cases.page.classification_explanation import Piece
from services.review.cases.page.text_comparison import compare
from services.review.cases.request_dependencies import CommandsDep
from services.review.cases.second_look import comparison, look_store
from services.review.cases.second_look.comparison import Look, Outcome
from services.review.cases.second_look.look_store import OpenLook, SecondLook
from services.review.cases.writing.form_words import unix_lines
from services.review.people.authentication import PersonFirst
from services.review.people.pages import ReaderDep, Visitor
from services.review.web.phrases import fault
from services.review.web.templating import Page, render
from services.review.web.translation import reader
from services.runtime import clock
from services.runtime.database import Session
from services.runtime.errors import InvalidInput, NotFound

router = APIRouter(include_in_schema=False, prefix="/second-look", route_class=PersonFirst)


class LookLine(BaseModel):
    """One letter that waits for a second look."""

    request_id: UUID
    title: str
    category: str
    language: str
    received_at: datetime


class LooksPage(Page):
    """What waits for a second look that this person may take."""

    lines: list[LookLine]


class Compared(BaseModel):
    """What both made of it, with the words marked in which they differ."""

    outcome: Outcome
    reason: str
    first: list[Piece]
    second: list[Piece]


class LookPage(CasePage):
    """The letter, what the draft rests on and the draft, as the first person found them; once looked at, how both compare."""

    compared_looks: Compared | None


class LookForm(BaseModel):
    """What the second person would do."""

    verdict: Prose = ""
    subject: Prose = ""
    body: Prose = ""
    reason: Prose = ""


@router.get("")
async def show_looks(visitor: ReaderDep, commands: CommandsDep) -> Response:
    """The letters that wait for a second look."""
    now = clock.now()
    async with commands.database.reading() as session:
        waiting = await look_store.open_for(session, visitor.person, now)
    page = LooksPage(now=now, viewer=visitor.viewer, lines=[_line(look, commands) for look in waiting])
    return render("second_looks.html", page)


def _line(look: OpenLook, commands: CaseCommands) -> LookLine:
    category = commands.taxonomy.label(look.category, reader().language) if look.category else ""
    return LookLine(
        request_id=look.request_id, title=look.title, category=category, language=look.language or "", received_at=look.received_at
    )


@router.get("/{request_id}")
async def show_look(request_id: UUID, visitor: ReaderDep, commands: CommandsDep) -> Response:
    """One letter as its first reader found it. That it was read for a second look is in the log."""
    async with commands.database.transaction() as session:
        answer = await _shown(session, request_id, visitor, commands)
        await audit.add(session, Entry(clock.now(), visitor.person.email, audit.READ, request_id, {audit.FOR: "second look"}))
    return answer


@router.post("/{request_id}")
async def look(request_id: UUID, form: Annotated[LookForm, Form()], visitor: ReaderDep, commands: CommandsDep) -> Response:
    """Keeps what the person would have done, and compares it with what was done. Nothing is sent or changed by it."""
    now = clock.now()
    try:
        wanted = comparison.look_of(form.verdict, form.subject, unix_lines(form.body), form.reason)
    except InvalidInput as error:
        async with commands.database.reading() as session:
            return await _shown(session, request_id, visitor, commands, form, error)
    async with commands.database.transaction() as session:
        rules.visible(await store.look(session, request_id), visitor.person)
        second = await look_store.look_for(session, request_id, visitor.person, now, for_update=True)
        if second.look is None:
            first = await _decision(session, second)
            outcome = comparison.outcome_of(first.own_text, wanted)
            await look_store.keep(session, request_id, wanted, outcome, visitor.person, now)
            await audit.add(session, Entry(now, visitor.person.email, "second look", request_id, {"outcome": outcome}))
    return RedirectResponse(f"/second-look/{request_id}", 303)


async def _decision(session: Session, second: SecondLook) -> ReplyDecided:
    for decision, recalled_at in await store.decisions_of(session, second.request_id):
        if decision.decision_id == second.decision_id and not recalled_at:
            return decision
    raise NotFound(f"there is no second look at {second.request_id}: its approval was undone")


async def _shown(
    session: Session,
    request_id: UUID,
    visitor: Visitor,
    commands: CaseCommands,
    form: LookForm | None = None,
    error: InvalidInput | None = None,
) -> Response:
    person, now = visitor.person, clock.now()
    case = rules.visible(await store.look(session, request_id), person)
    second = await look_store.look_for(session, request_id, person, now)
    first = await _decision(session, second)
    draft = next((draft for draft in await store.drafts_of(session, request_id) if draft.draft_id == second.draft_id), None)
    if draft is None:
        raise NotFound(f"there is no second look at {request_id}: its draft is gone")
    as_found = case.model_copy(
        update={
            "state": State.AWAITING_APPROVAL,
            "decision": None,
            "draft": draft,
            "revision": draft.revision,
            "four_eyes": None,
            "assignee": None,
        }
    )
    typed = Typed(action="approve", subject=form.subject, body=unix_lines(form.body), reason=form.reason) if form else None
    problem = Problem(kind="invalid", field=error.field or "", detail=fault(error)) if error else None
    page = case_page(CaseFile(case=as_found), Page(now=now, viewer=visitor.viewer), person, commands.taxonomy, "", problem, typed)
    compared = _compared(second.outcome, second.look, first) if second.outcome and second.look else None
    shown = LookPage(**dict(page.model_copy(update={"offers": Offers()})), compared_looks=compared)
    return render("second_look.html", shown, error.status if error else 200)


def _compared(outcome: Outcome, kept: Look, first: ReplyDecided) -> Compared:
    texts = compare(first.own_text, kept.body)
    return Compared(outcome=outcome, reason=kept.reason, first=texts.left, second=texts.right if kept.sends else [])
