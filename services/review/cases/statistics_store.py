"""Aggregate queries over cases for other features (quality, learning), which read no table of cases themselves."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from schemas import invisible_characters
from schemas.requests_triaged import LetterKind, MessagePart
from schemas.values import Urgency
from services.domain.message_parts import new_text
from services.domain.placeholders import UNREAD
from services.review.audit import store as audit
from services.review.cases.case_state import CLOSABLE, State
from services.review.cases.queue.case_lists import in_scope
from services.review.cases.tables import AWAITED, WHOLE, CaseRow, DecisionRow, DraftRow
from services.review.people.rules import Scope
from services.runtime.database import Session, lines


@dataclass(frozen=True)
class CorrectedCase:
    """A case whose category a person changed or confirmed against the classifier; `triage` is the event as it was."""

    request_id: UUID
    category: str
    version: int
    received_at: datetime
    triage: dict[str, Any]


@dataclass(frozen=True)
class UnansweredMessage:
    """A message whose draft quotes nothing, or quoted what was of no use. `text` is what was written now, redacted; `title` is not."""

    request_id: UUID
    category: str
    language: str
    title: str
    text: str
    received_at: datetime
    quoted: bool


@dataclass(frozen=True)
class AgencySpending:
    """What asking the model has cost for an agency's drafts."""

    agency: str
    drafts: int
    tokens: int
    cost: float
    seconds: float
    currency: str


@dataclass(frozen=True)
class HandledDraft:
    """A decision on a draft; `seconds` are those since its person opened the case, where that was within the hour."""

    category: str
    kind: str
    decided_by: str
    seconds: float | None


@dataclass(frozen=True)
class OpenCases:
    """The open cases of one state and department; `oldest` is when the first of them was received."""

    state: str
    department: str | None
    cases: int
    overdue: int
    oldest: datetime


MOST_HANDLED = 5_000
LONGEST_ON_A_CASE = timedelta(hours=1)


async def handled_drafts(session: Session, since: datetime, scope: Scope) -> list[HandledDraft]:
    """The newest decisions on drafts since then that were not recalled, with how long their persons had the case open."""
    event = col(DecisionRow.event)
    kind, decided_by = event["decision"].as_string().label("kind"), event["decided_by"].as_string().label("decided_by")
    query = (
        sa.select(col(DecisionRow.request_id), col(DecisionRow.decided_at), kind, decided_by, col(CaseRow.category))
        .join(CaseRow, col(CaseRow.request_id) == col(DecisionRow.request_id))
        .where(col(DecisionRow.decided_at) >= since, col(DecisionRow.recalled_at).is_(None), *in_scope(scope))
        .where(event["draft_id"].as_string().is_not(None))
        .order_by(col(DecisionRow.decided_at).desc())
        .limit(MOST_HANDLED)
    )
    rows = await lines(session, query)
    readings = await audit.readings(session, [row.request_id for row in rows])
    drafts = []
    for row in rows:
        opened = [at for at in readings.get((row.request_id, row.decided_by), ()) if at <= row.decided_at]
        length = row.decided_at - max(opened) if opened else None
        seconds = length.total_seconds() if length is not None and length <= LONGEST_ON_A_CASE else None
        drafts.append(HandledDraft(row.category or "", row.kind, row.decided_by, seconds))
    return drafts


async def spending_since(session: Session, since: datetime) -> list[AgencySpending]:
    """What drafts have cost since then, by agency."""
    event = col(DraftRow.event)
    agency, currency = event["agency"].as_string(), event[("spending", "currency")].as_string()
    tokens, cost, seconds = (event[("spending", name)].as_float() for name in ("tokens", "cost", "seconds"))
    sums = [sa.func.sum(amount).label(name) for name, amount in (("tokens", tokens), ("cost", cost), ("seconds", seconds))]
    query = (
        sa.select(agency.label("agency"), sa.func.count().label("drafts"), sa.func.max(currency).label("currency"), *sums)
        .where(col(DraftRow.proposed_at) >= since, seconds.is_not(None))
        .group_by(agency)
        .order_by(agency)
    )
    rows = [row._asdict() for row in await lines(session, query)]
    return [
        AgencySpending(**{**row, "agency": row["agency"] or "", "currency": row["currency"] or "", "tokens": round(row["tokens"])})
        for row in rows
    ]


async def corrected(
    session: Session, *, settled: sa.Select[UUID, str], scope: Scope, agency: str | None, limit: int
) -> list[CorrectedCase]:
    """Corrected cases that `settled` (request_id, category) does not hold with the same category, the oldest message first."""
    done = settled.subquery()
    category, outcome = col(CaseRow.triage)["category"].as_string(), col(CaseRow.triage)["outcome"].as_string()
    read = col(CaseRow.triage)["model_version"].as_string() != UNREAD
    undecided = done.c.request_id.is_(None) | (done.c.category != col(CaseRow.category))
    query = (
        sa.select(col(CaseRow.request_id), col(CaseRow.category), col(CaseRow.version), col(CaseRow.received_at), col(CaseRow.triage))
        .outerjoin(done, done.c.request_id == col(CaseRow.request_id))
        # Written as the partial index has it, which is used for nothing else.
        .where(
            sa.text("review_cases.sorted_by_person"),
            undecided,
            (category != col(CaseRow.category)) | (outcome == "needs_triage"),
            read,
            col(CaseRow.erased_at).is_(None),
            *in_scope(scope),
        )
        .order_by(col(CaseRow.received_at), col(CaseRow.request_id))
        .limit(limit)
    )
    if agency:
        query = query.where(col(CaseRow.agency) == agency)
    return [
        CorrectedCase(UUID(str(row.request_id)), row.category, row.version, row.received_at, row.triage)
        for row in await lines(session, query)
    ]


async def open_cases(session: Session, now: datetime, departments: Collection[str]) -> list[OpenCases]:
    """The open cases by state and department, read from the indexes of what is open: what has ended is not looked at.

    What is approved has no such index, and is read department by department.
    """
    late = sa.func.sum(sa.case((col(CaseRow.due_at) < now, 1), else_=0)).label("overdue")
    columns = (col(CaseRow.state), col(CaseRow.department), sa.func.count().label("cases"), late, sa.func.min(col(CaseRow.received_at)))
    grouped = [
        sa.select(*columns[:4], columns[4].label("oldest")).where(which, WHOLE).group_by(col(CaseRow.state), col(CaseRow.department))
        for which in (AWAITED, sa.and_(col(CaseRow.department).in_(departments), col(CaseRow.state) == State.APPROVED.value))
    ]
    rows = [row for query in grouped for row in await lines(session, query)]
    answered = (State.APPROVED.value,)
    return [
        OpenCases(row.state, row.department, row.cases, 0 if row.state in answered else int(row.overdue or 0), row.oldest) for row in rows
    ]


async def pinned_for_danger(session: Session) -> tuple[int, datetime | None]:
    """How many cases are pinned for danger, and when the first of them was received."""
    pinned = sa.select(sa.func.count().label("cases"), sa.func.min(col(CaseRow.received_at)).label("oldest"))
    [row] = await lines(session, pinned.where(sa.text("review_cases.pressing > 0"), WHOLE))
    return row.cases, row.oldest


def ids_in(scope: Scope) -> sa.Select[UUID]:
    """The ids of the cases in that scope, for a condition."""
    return sa.select(col(CaseRow.request_id)).where(*in_scope(scope))


async def open_by_category(session: Session) -> dict[str, int]:
    """How many cases of each category somebody still works on."""
    query = (
        sa.select(col(CaseRow.category), sa.func.count())
        .where(col(CaseRow.state).in_([state.value for state in CLOSABLE]), col(CaseRow.category).is_not(None))
        .group_by(col(CaseRow.category))
    )
    return {str(category): int(count) for category, count in (tuple(row) for row in await lines(session, query))}


async def decisions_on_drafts(session: Session, *, done: sa.Select[UUID], after: datetime | None, limit: int) -> list[UUID]:
    """Decisions on a draft from then on that `done` does not hold, the oldest first."""
    on_a_draft = col(DecisionRow.event)["draft_id"].as_string().is_not(None)
    query = (
        sa.select(col(DecisionRow.decision_id))
        .join(CaseRow, col(CaseRow.request_id) == col(DecisionRow.request_id))
        .where(on_a_draft, col(DecisionRow.decision_id).not_in(done))
    )
    if after:
        query = query.where(col(DecisionRow.decided_at) >= after)
    order = (col(DecisionRow.decided_at), col(DecisionRow.decision_id))
    return [row.decision_id for row in await lines(session, query.order_by(*order).limit(limit))]


def standing_cases(since: datetime, scope: Scope, agency: str | None = None) -> sa.Select[UUID, str | None]:
    """Decisions since then that were not recalled (decision_id), with the category of their case as it is now, for a join."""
    query = (
        sa.select(col(DecisionRow.decision_id), col(CaseRow.category))
        .join(CaseRow, col(CaseRow.request_id) == col(DecisionRow.request_id))
        .where(col(DecisionRow.decided_at) >= since, col(DecisionRow.recalled_at).is_(None), *in_scope(scope))
    )
    return query.where(col(CaseRow.agency) == agency) if agency else query


async def received_between(session: Session, since: datetime, until: datetime, scope: Scope) -> list[tuple[str, int, float]]:
    """Category as it is now, number of messages, and the sum of their confidence."""
    count, confidence = sa.func.count(), sa.func.sum(col(CaseRow.confidence))
    statement = (
        sa.select(col(CaseRow.category), count, confidence)
        .where(col(CaseRow.received_at) >= since, col(CaseRow.received_at) < until, col(CaseRow.category).is_not(None))
        .where(*in_scope(scope))
        .group_by(col(CaseRow.category))
    )
    return [(name, number, share or 0.0) for name, number, share in (tuple(row) for row in await lines(session, statement))]


WANTS_AN_ANSWER: tuple[LetterKind, ...] = ("question", "complaint", "several", "not_ours")
"""Kinds of letters that something published might answer. Reports, praise and what follows up are answered without."""
LONGEST_TEXT = 4_000
"""Characters of a message that say what it is about."""


async def unanswered(
    session: Session,
    since: datetime,
    *,
    also: sa.Select[UUID],
    settled: sa.Select[UUID],
    scope: Scope,
    agency: str | None,
    limit: int,
) -> list[UnansweredMessage]:
    """Messages since then whose draft quotes nothing though they want an answer, and those of `also`, without those of `settled`."""
    triage, request_id = col(CaseRow.triage), col(CaseRow.request_id)
    letter, quoted = triage["letter"].as_string(), col(CaseRow.draft)["citations"].as_string() != "[]"
    wants = letter.is_(None) | letter.in_(WANTS_AN_ANSWER)
    tried = sa.func.coalesce(col(CaseRow.draft)["withheld"].as_string(), "") == ""
    body = sa.func.substr(triage[("redacted", "body")].as_string(), 1, LONGEST_TEXT)
    subject = triage[("redacted", "subject")].as_string()
    columns = (request_id, col(CaseRow.category), col(CaseRow.language), col(CaseRow.title), col(CaseRow.received_at))
    parts = triage["parts"].label("parts")
    query = (
        sa.select(*columns, quoted.label("quoted"), body.label("body"), subject.label("subject"), parts)
        .where(col(CaseRow.received_at) >= since, col(CaseRow.whole), triage["agency"].as_string().is_not(None), *in_scope(scope))
        .where(col(CaseRow.state) != State.CLOSED.value, col(CaseRow.urgency) != Urgency.EMERGENCY.value)
        .where((wants & ~quoted & tried) | request_id.in_(also), request_id.not_in(settled))
        .order_by(col(CaseRow.received_at).desc(), request_id)
        .limit(limit)
    )
    if agency:
        query = query.where(col(CaseRow.agency) == agency)
    return [_unanswered(row) for row in await lines(session, query)]


def _unanswered(row: sa.Row[Any]) -> UnansweredMessage:
    text = new_text(row.body or "", [MessagePart.model_validate(part) for part in row.parts or []])
    return UnansweredMessage(
        request_id=row.request_id,
        category=row.category or "",
        language=row.language or "und",
        title=row.title,
        text=f"{row.subject or ''}\n{text}",
        received_at=row.received_at,
        quoted=bool(row.quoted),
    )


async def reasons_of_rejections(session: Session, request_ids: Sequence[UUID]) -> dict[UUID, str]:
    """Why drafts of these cases were rejected, the last reason of each case."""
    kind, reason = (col(DecisionRow.event)[name].as_string() for name in ("decision", "reason"))
    query = sa.select(col(DecisionRow.request_id), reason.label("reason")).where(kind == "rejected", col(DecisionRow.recalled_at).is_(None))
    query = query.where(col(DecisionRow.request_id).in_(request_ids)).order_by(col(DecisionRow.decided_at))
    return {row.request_id: row.reason or "" for row in await lines(session, query)}


async def newest_words(session: Session, scope: Scope, limit: int) -> list[str]:
    """Titles and beginnings of the newest messages, in a form that is the same for words that look the same."""
    body = sa.func.substr(col(CaseRow.request)["body"].as_string(), 1, LONGEST_TEXT).label("body")
    query = sa.select(col(CaseRow.title), body).where(col(CaseRow.whole), *in_scope(scope))
    rows = await lines(session, query.order_by(col(CaseRow.received_at).desc()).limit(limit))
    return [invisible_characters.comparable(f"{row.title} {row.body or ''}")[:LONGEST_TEXT] for row in rows]


async def cited_by_waiting(session: Session, scope: Scope) -> set[str]:
    """The passages that drafts cite which wait for a decision."""
    waiting = (col(CaseRow.state) == State.AWAITING_APPROVAL.value, col(CaseRow.draft).is_not(None), *in_scope(scope))
    rows = await lines(session, sa.select(col(CaseRow.draft)["citations"].label("citations")).where(*waiting))
    return {str(citation["passage_id"]) for row in rows for citation in row.citations or []}


async def those_in(session: Session, request_ids: Sequence[UUID], scope: Scope) -> set[UUID]:
    """Which of these are cases in that scope."""
    query = sa.select(col(CaseRow.request_id)).where(col(CaseRow.request_id).in_(request_ids), col(CaseRow.whole), *in_scope(scope))
    return {row.request_id for row in await lines(session, query)}


async def redacted_beginnings(session: Session, since: datetime, until: datetime, category: str, scope: Scope, limit: int) -> list[str]:
    """How the newest messages of a category and a period begin, without personal details."""
    body = sa.func.substr(col(CaseRow.triage)[("redacted", "body")].as_string(), 1, 160).label("body")
    query = (
        sa.select(body)
        .where(col(CaseRow.received_at) >= since, col(CaseRow.received_at) < until, col(CaseRow.category) == category, *in_scope(scope))
        .order_by(col(CaseRow.received_at).desc())
        .limit(limit)
    )
    return [" ".join((row.body or "").split()) for row in await lines(session, query)]


async def late_by_category(session: Session, at: datetime, scope: Scope) -> dict[str, int]:
    """How many cases of each category wait for an answer that was due before then."""
    # Written as the partial index has it.
    waiting = sa.text("review_cases.state not in ('approved', 'sent', 'closed')")
    query = (
        sa.select(col(CaseRow.category), sa.func.count().label("cases"))
        .where(waiting, col(CaseRow.due_at) < at, *in_scope(scope))
        .group_by(col(CaseRow.category))
    )
    return {row.category or "": int(row.cases) for row in await lines(session, query)}
