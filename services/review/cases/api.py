"""The JSON API of cases, the audit log and the counts, under /api/v1."""

import dataclasses
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Annotated, Any, get_type_hints
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, create_model

from schemas.values import Prose, Urgency
from services.review.audit import store as audit
from services.review.audit.export import IN_OWN_WORDS
from services.review.cases import reading_log, statistics_store, store
from services.review.cases.acknowledgements import acknowledgement_store
from services.review.cases.acknowledgements.acknowledgement_store import Acknowledgement
from services.review.cases.attention_checks import check_store, placing
from services.review.cases.attention_checks.outcome import Outcome
from services.review.cases.case_state import Case, State
from services.review.cases.deciding import blind_looks, figures, four_eyes, recipient, reply_text, rules
from services.review.cases.deciding.actions import ACTIONS, Action
from services.review.cases.deciding.figures import Figure
from services.review.cases.deciding.first_approval import FirstApproval, SentBack
from services.review.cases.deciding.reply_note import NO_NOTES
from services.review.cases.near_duplicates import store as near_duplicates
from services.review.cases.page import published_pages
from services.review.cases.page.published_pages import SourceDoubt
from services.review.cases.queue import case_lists, list_order
from services.review.cases.ratings import rating_store
from services.review.cases.request_dependencies import CommandsDep, PublishedDep, trace_id_in
from services.review.cases.writing import text_store, writing, written_text
from services.review.cases.writing.written_text import WrittenText
from services.review.people.authentication import CaseworkerDep, LogReaderDep, PersonFirst
from services.review.people.rules import Person
from services.review.safeguards import store as safeguards
from services.runtime import clock

router = APIRouter(prefix="/api/v1", route_class=PersonFirst)


class CasePage(BaseModel):
    """One page of a listing; `next_cursor` leads to the next, `previous_cursor` to the one before."""

    items: list[case_lists.Line]
    next_cursor: str | None
    previous_cursor: str | None = None
    count: int = 0
    """How many cases the listing has; at least so many where there are `more` than are counted."""
    more: bool = False


class SimilarLine(case_lists.Line):
    """A case whose message resembles another; `resemblance` is about the share of word pairs that both have."""

    resemblance: float


class SimilarCases(BaseModel):
    """The nearest first."""

    items: list[SimilarLine]


class CaseFull(BaseModel):
    """Everything about one case."""

    request_id: UUID
    state: State
    version: int
    trace_id: str
    category: str | None
    department: str | None
    urgency: Urgency
    assignee: str | None
    due_at: datetime | None
    request: dict[str, Any] | None
    triage: dict[str, Any] | None
    drafts: list[dict[str, Any]]
    decisions: list[dict[str, Any]]
    deliveries: list[dict[str, Any]]
    history: list[dict[str, Any]]
    edit: dict[str, Any] | None
    figures: list[Figure] = []
    """Of the text that `approve` without one would send, where a rule asks to look at each that no passage supports (`looked_at`)."""
    joined_into: UUID | None = None
    """The case of the same person that is answered for this one as well."""
    erased_at: datetime | None = None
    acknowledgement: Acknowledgement | None = None
    """The receipt that the citizen was sent as soon as they had written, where their agency has that."""
    first_approval: FirstApproval | None = None
    """The approval that waits for a second person, word for word."""
    decide_as_first: bool = False
    """One waits that was drawn for a second look: it is shown once you have approved or sent back as if nobody had decided."""
    sent_back: SentBack | None = None
    """Why the last first approval of the case came back."""
    recipient_doubts: list[str] = []
    rating: rating_store.Rating | None = None
    """Whether the reply solved the matter, as the citizen said last."""
    note: str = ""
    """What `approve` without a text would send beneath the draft."""
    note_if_changed: str = ""
    """The same where `approve` brings another text."""
    source_doubts: list[SourceDoubt] = []
    """Pages that the waiting draft quotes and that say something else now, or nothing."""
    attention_check: Outcome | None = None
    """Once it is decided on: the message was invented, its draft wrong, and this is whether the person noticed."""
    confirm_recipient: bool = False
    """Whether a reply is mailed only to whoever confirms that address."""


class Versioned(BaseModel):
    """Which version of the case the person saw."""

    model_config = ConfigDict(extra="forbid")

    version: int


def body_of(action: type[Action]) -> type[Versioned]:
    """The JSON body of an action: its own fields, and the version."""
    hints = get_type_hints(action, include_extras=True)
    fields: dict[str, Any] = {
        f.name: (hints[f.name], ... if f.default is dataclasses.MISSING else f.default) for f in dataclasses.fields(action)
    }
    return create_model(f"{action.__name__}Body", __base__=Versioned, __doc__=action.__doc__, **fields)


class EditBody(BaseModel):
    """The text being written on a draft."""

    model_config = ConfigDict(extra="forbid")

    version: int = 0
    """Not looked at any more: words are kept whatever becomes of the case."""
    draft_id: UUID
    subject: Annotated[Prose, StringConstraints(max_length=reply_text.MAX_SUBJECT)]
    body: Annotated[Prose, StringConstraints(max_length=reply_text.MAX_BODY)]


class Acted(BaseModel):
    """The case after an action."""

    request_id: UUID
    state: State
    version: int
    assignee: str | None
    decision_id: UUID | None = None


class Filters(BaseModel):
    """The filters, order and page of a listing."""

    model_config = ConfigDict(extra="forbid")

    state: list[State] = []
    department: Prose | None = None
    category: Prose | None = None
    urgency: Urgency | None = None
    language: Prose | None = None
    agency: Prose | None = None
    assignee: Prose | None = None
    q: Annotated[Prose, StringConstraints(max_length=200)] | None = None
    sort: list_order.Sort = "urgency"
    cursor: Annotated[Prose, StringConstraints(max_length=16_000)] | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50

    def query(self, person: Person) -> case_lists.Query:
        """The same for the store, within what the person may see."""
        return case_lists.Query(
            states=tuple(self.state),
            department=self.department or None,
            scope=person.scope,
            reader=person.email,
            category=self.category or None,
            urgency=self.urgency,
            language=self.language or None,
            agency=self.agency or None,
            assignee=self.assignee or None,
            text=self.q or None,
            sort=self.sort,
            cursor=self.cursor or None,
            limit=self.limit,
        )


@router.get("/cases")
async def list_cases(
    filters: Annotated[Filters, Query()], person: CaseworkerDep, commands: CommandsDep, published: PublishedDep
) -> CasePage:
    """The queue: what cannot wait first, then what is due first."""
    async with commands.database.reading() as session:
        query = await case_lists.searched(session, filters.query(person))
        listed = await case_lists.page_of(session, query)
        lines = await case_lists.with_source_changes(session, listed.lines, published, commands.taxonomy.day(clock.now()))
        count = await case_lists.count_of(session, query)
    return CasePage(items=lines, next_cursor=listed.next, previous_cursor=listed.previous, count=count.number, more=count.more)


@router.get("/cases/{request_id}")
async def show_case(request_id: UUID, person: CaseworkerDep, commands: CommandsDep, published: PublishedDep) -> CaseFull:
    """Everything about one case. Draft bodies hold placeholders; `final_subject` and `final_body` are as the citizen would read them."""
    async with commands.database.reading() as session:
        kept = rules.visible(await store.look(session, request_id), person)
        case, sees = blind_looks.seen_by(kept, person), partial(blind_looks.sees, kept, person)
        drafts = [case.draft] if case.invented_for and case.draft else await store.drafts_of(session, request_id)
        check = await check_store.answered(session, request_id) if case.invented_for else None
        decisions = [each for each in await store.decisions_of(session, request_id) if sees(each[0].decided_at)]
        deliveries = await store.deliveries_of(session, request_id)
        receipt = await acknowledgement_store.of_request(session, request_id)
        logged = [entry for entry in await audit.of_request(session, request_id) if sees(entry.at)]
        history = [*(placing.history(case) if case.invented_for else ()), *logged]
        texts = await text_store.texts_of(session, request_id)
        in_force = (await safeguards.standing(session)).rules
        rating = await rating_store.of_case(session, request_id)
        notes = await commands.reply_notes(session) if case.decidable else NO_NOTES
    if not case.invented_for:  # nobody's details are in it
        await reading_log.note(commands.database, request_id, person)
    doubt = recipient.doubt_about(case.address, commands.senders)
    return CaseFull(
        request_id=case.request_id,
        state=case.state,
        version=case.version,
        trace_id=trace_id_in(case.trace),
        category=case.category,
        department=case.department,
        urgency=case.urgency,
        assignee=case.assignee,
        due_at=case.due_at,
        request=case.request.model_dump(mode="json") if case.request else None,
        triage=case.triage.model_dump(mode="json") if case.triage else None,
        drafts=[
            draft.model_dump(mode="json") | dict(zip(("final_subject", "final_body"), case.with_details(draft), strict=True))
            for draft in drafts
        ],
        decisions=[d.model_dump(mode="json") | {"recalled_at": recalled} for d, recalled in decisions],
        deliveries=[d.model_dump(mode="json") for d in deliveries],
        history=[{"at": e.at, "actor": e.actor, "action": e.action, "detail": e.detail} for e in history],
        edit=_edit(case, texts, person),
        figures=_figures(case) if four_eyes.must_look(case, in_force) else [],
        acknowledgement=receipt,
        first_approval=case.first_approval,
        decide_as_first=blind_looks.is_blind(kept, person),
        joined_into=case.joined_into,
        erased_at=case.erased_at,
        sent_back=case.four_eyes.sent_back if case.four_eyes else None,
        recipient_doubts=[doubt.sentence] if doubt else [],
        rating=rating,
        note=notes.of(case, changed=False),
        note_if_changed=notes.of(case, changed=True),
        source_doubts=published_pages.doubts(case.draft.citations, published, commands.taxonomy.day(clock.now()))
        if case.draft and case.decidable and not case.invented_for
        else [],
        attention_check=check.outcome if check else None,
        confirm_recipient=doubt is not None and doubt.needs_confirmation,
    )


@router.get("/cases/{request_id}/similar")
async def similar_cases(
    request_id: UUID,
    person: CaseworkerDep,
    commands: CommandsDep,
    limit: Annotated[int, Query(ge=1, le=near_duplicates.MOST_LOOKED_AT)] = 10,
) -> SimilarCases:
    """Messages that are nearly the same: a campaign, the same lamp, somebody who wrote twice."""
    async with commands.database.reading() as session:
        rules.visible(await store.look(session, request_id), person)
        cases = await near_duplicates.similar_to(session, request_id, person, limit)
    return SimilarCases(items=[SimilarLine(**case.line.model_dump(), resemblance=case.resemblance) for case in cases])


def _offer(action: type[Action], body: type[Versioned]) -> None:
    async def act(request_id: UUID, sent: Versioned, person: CaseworkerDep, commands: CommandsDep) -> Acted:
        wanted = action(**{name: getattr(sent, name) for name in type(sent).model_fields if name != "version"})
        case = await commands.act(request_id, sent.version, wanted, person)
        decided = case.decision.decision_id if case.decision else None
        return Acted(request_id=request_id, state=case.state, version=case.version, assignee=case.assignee, decision_id=decided)

    act.__annotations__["sent"] = body
    act.__doc__ = action.__doc__
    router.add_api_route(f"/cases/{{request_id}}/{action.kind}", act, methods=["POST"], name=action.kind)


for _action in ACTIONS.values():
    _offer(_action, body_of(_action))


class TextBody(BaseModel):
    """A reply as it is being written."""

    model_config = ConfigDict(extra="forbid")

    subject: Annotated[Prose, StringConstraints(max_length=reply_text.MAX_SUBJECT * 2)] = ""
    body: Annotated[Prose, StringConstraints(max_length=reply_text.MAX_BODY * 2)] = ""


class Figures(BaseModel):
    """What in a text can be right or wrong, in its order; `source` says whether a passage or the agency's own letter says the same."""

    figures: list[Figure]


@router.post("/cases/{request_id}/figures")
async def figures_of_text(request_id: UUID, sent: TextBody, person: CaseworkerDep, commands: CommandsDep) -> Figures:
    """The sums, dates, deadlines and rights of a text that is being written, where a rule asks to look at each. Keeps nothing."""
    async with commands.database.reading() as session:
        case = rules.visible(await store.look(session, request_id), person)
        asked = case.decidable and four_eyes.must_look(case, (await safeguards.standing(session)).rules)
    draft = case.draft if asked else None
    return Figures(figures=figures.figures_of(f"{sent.subject}\n{sent.body}", draft.citations, draft.own_words) if draft else [])


def _figures(case: Case) -> list[Figure]:
    if not case.draft or not case.decidable:
        return []
    first = case.first_approval
    subject, body = (first.subject, first.body) if first else case.with_details(case.draft)
    return figures.figures_of(f"{subject}\n{body}", case.draft.citations, case.draft.own_words)


def _edit(case: Case, texts: Sequence[WrittenText], person: Person) -> dict[str, Any] | None:
    """What the person is writing: on the draft that waits, or else on an earlier one."""
    drafts = [case.draft.draft_id] if case.draft else []
    written = written_text.shown(texts, person.email, drafts)
    return (
        {"draft_id": written.draft_id, "subject": written.subject, "body": written.body, "saved_at": written.saved_at} if written else None
    )


@router.put("/cases/{request_id}/edit", status_code=204)
async def keep_edit(request_id: UUID, sent: EditBody, person: CaseworkerDep, commands: CommandsDep) -> None:
    """Keeps the text being written, whatever its version; the case stays as it is."""
    words = {"subject": sent.subject, "body": sent.body}
    await commands.keep_texts(request_id, writing.by_program(person.email, sent.draft_id, words, clock.now()), person)


class Kept(BaseModel):
    """What became of the words: they are kept, and the case may now be the writer's."""

    claimed: bool


@router.put("/cases/{request_id}/texts")
async def keep_texts(request_id: UUID, sent: writing.PageTexts, person: CaseworkerDep, commands: CommandsDep) -> Kept:
    """Keeps what is being written in any field of a page; whoever writes on a case that is nobody's claims it."""
    return Kept(claimed=await commands.keep_texts(request_id, sent.by(person.email, clock.now()), person, claims=True))


class AuditLine(BaseModel):
    """One line of the log."""

    id: int
    at: datetime
    actor: str
    action: str
    request_id: UUID | None
    detail: dict[str, Any]


class AuditPage(BaseModel):
    """The newest lines first; `next_before` leads to older ones."""

    items: list[AuditLine]
    next_before: int | None


@router.get("/audit")
async def show_audit(
    person: LogReaderDep,
    commands: CommandsDep,
    actor: Prose | None = None,
    before: Annotated[int | None, Query(ge=1, lt=2**63)] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> AuditPage:
    """Who did what. What people wrote in their own words is for those whose work letters are."""
    theirs = statistics_store.ids_in(person.scope) if person.scope.limited else None
    async with commands.database.reading() as session:
        entries = await audit.page(session, actor=actor, before=before, limit=limit, of=theirs)
    hidden = frozenset() if person.reads_cases else IN_OWN_WORDS
    lines = [
        AuditLine(
            id=number,
            at=entry.at,
            actor=entry.actor,
            action=entry.action,
            request_id=entry.request_id,
            detail={name: value for name, value in entry.detail.items() if name not in hidden},
        )
        for number, entry in entries
    ]
    return AuditPage(items=lines, next_before=lines[-1].id if len(lines) == limit else None)


@router.get("/stats")
async def stats(person: CaseworkerDep, commands: CommandsDep) -> dict[str, dict[State, int]]:
    """The number of cases by state."""
    async with commands.database.reading() as session:
        return {"by_state": await case_lists.counts(session, person.scope)}
