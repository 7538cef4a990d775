"""Every query about cases: takes a session, gives back plain values."""

import base64
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict
from sqlmodel import col, delete, select

from schemas import characters
from schemas.drafts_proposed import DraftProposed
from schemas.replies_decided import ReplyDecided
from schemas.replies_dispatched import ReplyDispatched
from schemas.requests_received import RequestReceived
from schemas.requests_triaged import RequestTriaged
from schemas.values import EARLIEST, Urgency
from services.review.cases.rules import UNDECIDED, Case, State
from services.review.cases.tables import CaseRow, DecisionRow, DeliveryRow, DraftRow, EditRow
from services.review.people.rules import EVERYTHING, Scope
from services.runtime.database import Moment, Session, insert_new, lines
from services.runtime.errors import InvalidInput, NotFound

Sort = Literal["urgency", "due", "received", "-received"]
RANKS = {urgency: rank for rank, urgency in enumerate(Urgency)}
MAX_SEARCH = 4_000
_THOUSANDTHS = 1000  # whole numbers: a cursor that holds a fraction might not find its place again


class Line(BaseModel):
    """A case as one line of the queue, on the page and in the API."""

    model_config = ConfigDict(frozen=True)

    request_id: UUID
    agency: str
    state: State
    subject: str
    category: str | None
    confidence: float | None
    department: str | None
    urgency: Urgency
    language: str | None
    received_at: datetime
    due_at: datetime | None
    assignee: str | None
    version: int
    danger: float | None = None


@dataclass(frozen=True)
class Query:
    """What a queue shows, of what the person may see."""

    states: tuple[State, ...] = ()
    department: str | None = None
    scope: Scope = EVERYTHING
    category: str | None = None
    urgency: Urgency | None = None
    language: str | None = None
    agency: str | None = None
    assignee: str | None = None
    text: str | None = None
    sort: Sort = "urgency"
    cursor: str | None = None
    limit: int = 50


@dataclass(frozen=True)
class Edit:
    """Text being written on a draft."""

    draft_id: UUID
    subject: str
    body: str
    saved_at: datetime


async def case_for(session: Session, request_id: UUID) -> Case:
    """The case, held for this transaction. Raises NotFound."""
    row = await session.get(CaseRow, request_id, with_for_update=True)
    if not row:
        raise NotFound(f"there is no request {request_id}")
    return _case(row)


async def case_or_new(session: Session, request_id: UUID, now: datetime, trace: dict[str, str]) -> Case:
    """The case, made by whichever event comes first; its trace goes on from there."""
    fresh = Case(request_id=request_id, version=0, created_at=now, updated_at=now, trace=trace)
    await insert_new(session, _row(fresh, None))
    return await case_for(session, request_id)


async def look(session: Session, request_id: UUID) -> Case:
    """The case as it is, without holding it. Raises NotFound."""
    row = await session.get(CaseRow, request_id)
    if not row:
        raise NotFound(f"there is no request {request_id}")
    return _case(row)


async def save(session: Session, case: Case, nudge_at: datetime | None) -> None:
    """Writes the case; its pause before the next nudge begins anew."""
    await session.merge(_row(case, nudge_at))


def _row(case: Case, nudge_at: datetime | None) -> CaseRow:
    known = case.request or case.triage
    body = case.request.body if case.request else ""
    return CaseRow(
        request_id=case.request_id,
        state=case.state.value,
        version=case.version,
        created_at=case.created_at,
        updated_at=case.updated_at,
        agency=case.agency or "",
        title=case.title,
        whole=case.request is not None,
        search=characters.comparable(f"{case.title} {body}")[:MAX_SEARCH],
        category=case.category,
        confidence=case.triage.confidence if case.triage else None,
        department=case.department,
        urgency=case.urgency.value,
        urgency_rank=RANKS[case.urgency],
        pressing=0 if case.danger is None else 1 + round(_THOUSANDTHS * case.danger),
        language=case.triage.language.code if case.triage else None,
        received_at=known.received_at if known else case.created_at,
        due_at=case.due_at,
        assignee=case.assignee,
        sorted_by_person=case.sorted_by_person,
        revision=case.revision,
        instructions=case.instructions,
        request=case.request.model_dump(mode="json") if case.request else None,
        triage=case.triage.model_dump(mode="json") if case.triage else None,
        draft=case.draft.model_dump(mode="json") if case.draft else None,
        decision=case.decision.model_dump(mode="json") if case.decision else None,
        trace=case.trace,
        nudges=0,
        nudge_at=nudge_at,
    )


def _case(row: CaseRow) -> Case:
    return Case(
        request_id=row.request_id,
        state=State(row.state),
        version=row.version,
        created_at=row.created_at,
        updated_at=row.updated_at,
        request=RequestReceived.model_validate(row.request) if row.request else None,
        triage=RequestTriaged.model_validate(row.triage) if row.triage else None,
        category=row.category,
        department=row.department,
        urgency=Urgency(row.urgency),
        sorted_by_person=row.sorted_by_person,
        revision=row.revision,
        instructions=row.instructions,
        draft=DraftProposed.model_validate(row.draft) if row.draft else None,
        decision=ReplyDecided.model_validate(row.decision) if row.decision else None,
        assignee=row.assignee,
        due_at=row.due_at,
        trace=row.trace,
    )


async def add_draft(session: Session, draft: DraftProposed, now: datetime) -> bool:
    """Keeps every draft there was; says whether it was new."""
    row = DraftRow(
        draft_id=draft.draft_id, request_id=draft.request_id, revision=draft.revision, proposed_at=now, event=draft.model_dump(mode="json")
    )
    return await insert_new(session, row)


async def forget_draft(session: Session, draft: DraftProposed) -> None:
    """It was for another request of the same id."""
    await session.exec(delete(DraftRow).where(col(DraftRow.draft_id) == draft.draft_id))


async def request_in(session: Session, request_id: UUID) -> RequestReceived | None:
    """The message of a case, if there is one."""
    row = await session.get(CaseRow, request_id)
    return RequestReceived.model_validate(row.request) if row and row.request else None


async def drafts_of(session: Session, request_id: UUID) -> list[DraftProposed]:
    """Every draft of the request, the newest last."""
    rows = (await session.exec(select(DraftRow).where(DraftRow.request_id == request_id).order_by(col(DraftRow.revision)))).all()
    return [DraftProposed.model_validate(row.event) for row in rows]


async def add_decision(session: Session, decision: ReplyDecided) -> None:
    """Keeps what was decided."""
    session.add(
        DecisionRow(
            decision_id=decision.decision_id,
            request_id=decision.request_id,
            decided_at=decision.decided_at,
            event=decision.model_dump(mode="json"),
        )
    )


async def mark_recalled(session: Session, decision_id: UUID, now: datetime) -> None:
    """The decision stays on record, and that it was taken back."""
    row = await session.get(DecisionRow, decision_id)
    if row:
        row.recalled_at = now


async def decisions_of(session: Session, request_id: UUID) -> list[tuple[ReplyDecided, datetime | None]]:
    """Every decision on the request with the moment it was recalled, the newest last."""
    rows = (await session.exec(select(DecisionRow).where(DecisionRow.request_id == request_id).order_by(col(DecisionRow.decided_at)))).all()
    return [(ReplyDecided.model_validate(row.event), row.recalled_at) for row in rows]


async def add_delivery(session: Session, dispatched: ReplyDispatched, now: datetime) -> bool:
    """Keeps what dispatch said; says whether it was new."""
    row = DeliveryRow(
        decision_id=dispatched.decision_id,
        outcome=dispatched.outcome,
        request_id=dispatched.request_id,
        told_at=now,
        event=dispatched.model_dump(mode="json"),
    )
    return await insert_new(session, row)


async def deliveries_of(session: Session, request_id: UUID) -> list[ReplyDispatched]:
    """What became of each decision, the newest last."""
    rows = (await session.exec(select(DeliveryRow).where(DeliveryRow.request_id == request_id).order_by(col(DeliveryRow.told_at)))).all()
    return [ReplyDispatched.model_validate(row.event) for row in rows]


async def keep_edit(session: Session, request_id: UUID, email: str, edit: Edit) -> None:
    """Keeps the text that is being written."""
    await session.merge(
        EditRow(request_id=request_id, email=email, draft_id=edit.draft_id, subject=edit.subject, body=edit.body, saved_at=edit.saved_at)
    )


async def edit_of(session: Session, request_id: UUID, email: str) -> Edit | None:
    """The text that this person was writing."""
    row = await session.get(EditRow, (request_id, email))
    return Edit(row.draft_id, row.subject, row.body, row.saved_at) if row else None


async def forget_edits(session: Session, request_id: UUID) -> None:
    """After a decision there is nothing left to keep."""
    await session.exec(delete(EditRow).where(col(EditRow.request_id) == request_id))


# An emergency that waits for somebody is at the top of every list, the surest first, however the rest is sorted.
_ORDERS: dict[str, tuple[tuple[str, bool], ...]] = {
    "urgency": (("not_pressing", True), ("urgency_rank", True), ("due", True), ("received_at", True), ("request_id", True)),
    "due": (("not_pressing", True), ("due", True), ("received_at", True), ("request_id", True)),
    "received": (("not_pressing", True), ("received_at", True), ("request_id", True)),
    "-received": (("pressing", False), ("received_at", False), ("request_id", False)),
}
_FAR = datetime.fromisoformat("9999-01-01T00:00:00+00:00")


def _expression(name: str) -> Any:  # noqa: ANN401 - a column or a coalesce of one
    if name == "due":
        return sa.func.coalesce(col(CaseRow.due_at), sa.literal(_FAR, Moment()))
    if name == "not_pressing":
        return -col(CaseRow.pressing)
    return getattr(CaseRow, name)


def _conditions(query: Query) -> list[Any]:
    # A case is there for people once it holds the message: until then the request is the broker's alone.
    found: list[Any] = [col(CaseRow.whole)]
    for column, wanted in (
        (CaseRow.department, query.department),
        (CaseRow.category, query.category),
        (CaseRow.urgency, query.urgency),
        (CaseRow.language, query.language),
        (CaseRow.agency, query.agency),
        (CaseRow.assignee, query.assignee),
    ):
        if wanted is not None:
            found.append(col(column) == wanted)
    if query.states:
        found.append(col(CaseRow.state).in_([s.value for s in query.states]))
    found.extend(in_scope(query.scope))
    if query.text:
        found.extend(col(CaseRow.search).contains(word, autoescape=True) for word in characters.comparable(query.text).split()[:8])
    return found


def in_scope(scope: Scope) -> list[Any]:
    """The conditions on a case that leave what somebody may see: the same as `rules.in_scope`, for every query about cases."""
    conditions: list[Any] = []
    if scope.agencies:
        conditions.append(col(CaseRow.agency).in_(scope.agencies))
    if scope.departments:
        unsorted = col(CaseRow.state).in_([State.NEEDS_TRIAGE.value, State.RECEIVED.value])
        conditions.append(col(CaseRow.department).in_(scope.departments) | col(CaseRow.department).is_(None) | unsorted)
    return conditions


async def page(session: Session, query: Query) -> tuple[list[Line], str | None]:
    """One page of the queue, and the cursor of the next. A new case never shifts what was shown already."""
    if query.sort == "urgency":
        return await _page_in_turns(session, query)
    order = _ORDERS[query.sort]
    keys = [_expression(name).label(f"key_{i}") for i, (name, _) in enumerate(order)]
    columns = [getattr(CaseRow, name) for name in _LINE]
    statement = sa.select(*columns, *keys).where(*_conditions(query))
    if query.cursor:
        values = _read_cursor(query.cursor, order)
        ascending = order[0][1]
        left = sa.tuple_(*(_expression(name) for name, _ in order))
        right = sa.tuple_(*(sa.literal(v, _expression(n).type) for v, (n, _) in zip(values, order, strict=True)))
        statement = statement.where(left > right if ascending else left < right)
    statement = statement.order_by(*(k.asc() if up else k.desc() for k, (_, up) in zip(keys, order, strict=True))).limit(query.limit + 1)
    rows = await lines(session, statement)
    shown = [_line(row) for row in rows[: query.limit]]
    more = len(rows) > query.limit
    return shown, _write_cursor([getattr(rows[query.limit - 1], f"key_{i}") for i in range(len(order))]) if more else None


async def _page_in_turns(session: Session, query: Query) -> tuple[list[Line], str | None]:
    """By urgency, and within the same urgency agency by agency in turns: the first of each, then the second of each.

    Each agency's own order is that of `_ORDERS`. The cursor says how far each agency has been shown, so that what leaves the
    queue meanwhile makes nobody's case be passed over.
    """
    order = _ORDERS["urgency"]
    expressions = [_expression(name) for name, _ in order]
    keys = [expression.label(f"key_{i}") for i, expression in enumerate(expressions)]
    shown_until = _read_turns(query.cursor, order) if query.cursor else {}
    of_agency = [
        (col(CaseRow.agency) == agency)
        & (sa.tuple_(*expressions) > sa.tuple_(*(sa.literal(v, e.type) for v, e in zip(values, expressions, strict=True))))
        for agency, values in shown_until.items()
    ]
    left = sa.or_(*of_agency, col(CaseRow.agency).not_in(list(shown_until))) if shown_until else sa.true()
    # Danger is one class, sorted by certainty within each agency; all else is one class an urgency.
    in_danger, rank = (col(CaseRow.pressing) > 0).label("danger_class"), col(CaseRow.urgency_rank)
    kind = sa.case((col(CaseRow.pressing) > 0, 0), else_=rank).label("kind")
    turn = sa.func.row_number().over(partition_by=[in_danger, kind, col(CaseRow.agency)], order_by=expressions).label("turn")
    columns = [getattr(CaseRow, name) for name in _LINE]
    waiting = sa.select(*columns, *keys, in_danger, kind, turn).where(*_conditions(query), left).subquery()
    by_turns = (waiting.c.danger_class.desc(), waiting.c.kind, waiting.c.turn, *(waiting.c[f"key_{i}"] for i in range(len(order))))
    rows = await lines(session, sa.select(waiting).order_by(*by_turns).limit(query.limit + 1))
    for row in rows[: query.limit]:
        shown_until[row.agency] = [getattr(row, f"key_{i}") for i in range(len(order))]
    more = len(rows) > query.limit
    return [_line(row) for row in rows[: query.limit]], _write_turns(shown_until) if more else None


async def lines_of(session: Session, request_ids: Sequence[UUID], scope: Scope) -> dict[UUID, Line]:
    """Those of the cases that somebody may see."""
    columns = [getattr(CaseRow, name) for name in _LINE]
    conditions = _conditions(Query(scope=scope))
    rows = await lines(session, sa.select(*columns).where(col(CaseRow.request_id).in_(request_ids), *conditions))
    return {row.request_id: _line(row) for row in rows}


_LINE = (
    "request_id", "agency", "state", "title", "category", "confidence", "department", "urgency", "language", "received_at", "due_at",
    "assignee", "version", "pressing",
)  # fmt: skip


def _line(row: Any) -> Line:  # noqa: ANN401
    values = {name: getattr(row, name) for name in _LINE}
    pressing = values.pop("pressing")
    return Line(subject=values.pop("title"), danger=(pressing - 1) / _THOUSANDTHS if pressing else None, **values)


def _write_cursor(values: list[Any]) -> str:
    return _encoded([v if isinstance(v, int) else _plain(v) for v in values])


def _write_turns(shown_until: dict[str, list[Any]]) -> str:
    return _encoded({agency: [v if isinstance(v, int) else _plain(v) for v in values] for agency, values in shown_until.items()})


def _encoded(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value, separators=(",", ":")).encode()).decode().rstrip("=")


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _rank(value: int) -> int:
    if value not in RANKS.values():
        raise ValueError
    return value


def _thousandths(value: int) -> int:
    if not isinstance(value, int) or abs(value) > 1 + _THOUSANDTHS:
        raise ValueError
    return value


def _moment(value: str) -> datetime:
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None or moment.year < EARLIEST.year:
        raise ValueError
    return moment


_READERS: dict[str, Any] = {"urgency_rank": _rank, "pressing": _thousandths, "not_pressing": _thousandths, "request_id": UUID}


def _read_cursor(cursor: str, order: tuple[tuple[str, bool], ...]) -> list[Any]:
    with _of_this_listing():
        return _values(_decoded(cursor), order)


def _read_turns(cursor: str, order: tuple[tuple[str, bool], ...]) -> dict[str, list[Any]]:
    with _of_this_listing():
        return {agency: _values(values, order) for agency, values in _decoded(cursor).items()}


def _values(values: Any, order: tuple[tuple[str, bool], ...]) -> list[Any]:  # noqa: ANN401 - whatever was sent
    return [_READERS.get(name, _moment)(value) for value, (name, _) in zip(values, order, strict=True)]


def _decoded(cursor: str) -> Any:  # noqa: ANN401 - whatever was sent
    return json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))


@contextmanager
def _of_this_listing() -> Iterator[None]:
    try:
        yield
    except (ValueError, TypeError, AttributeError, OverflowError, RecursionError):
        raise InvalidInput("cursor: not one of this listing; start again without it", field="cursor") from None


async def counts(session: Session, scope: Scope = EVERYTHING, urgency: Urgency | None = None) -> dict[State, int]:
    """How many cases stand where."""
    conditions = _conditions(Query(scope=scope, urgency=urgency))
    rows = await lines(session, sa.select(col(CaseRow.state), sa.func.count()).where(*conditions).group_by(col(CaseRow.state)))
    found: dict[State, int] = {State(state): count for state, count in (tuple(row) for row in rows)}
    return {state: found.get(state, 0) for state in State}


async def standing_still(session: Session, now: datetime, limit: int) -> list[tuple[Case, int]]:
    """Cases whose next step is overdue, with how often they were nudged; held for this transaction."""
    statement = (
        select(CaseRow).where(col(CaseRow.nudge_at) <= now).order_by(col(CaseRow.nudge_at)).limit(limit).with_for_update(skip_locked=True)
    )
    return [(_case(row), row.nudges) for row in (await session.exec(statement)).all()]


async def nudged(session: Session, request_id: UUID, nudges: int, nudge_at: datetime) -> None:
    """Notes that a step was published once more."""
    row = await session.get(CaseRow, request_id)
    if row:
        row.nudges, row.nudge_at = nudges, nudge_at


async def nudge_all(session: Session, now: datetime) -> None:
    """The broker has forgotten everything: whatever waits for a step is overdue now."""
    waiting = [s.value for s in (UNDECIDED | {State.APPROVED}) - {State.AWAITING_APPROVAL, State.NEEDS_TRIAGE}]
    await session.exec(sa.update(CaseRow).where(col(CaseRow.state).in_(waiting)).values(nudge_at=now))


def pause_for(case: Case, now: datetime, first: timedelta) -> datetime | None:
    """When a case that waits for a service, and not for a person, is to be looked at again."""
    waits = case.state in (State.RECEIVED, State.DRAFTING, State.APPROVED)
    return now + first if waits else None


async def standing(session: Session, since: datetime, limit: int) -> list[tuple[UUID, State, datetime, dict[str, str]]]:
    """Cases that were nudged and have not moved since then, the longest first: id, state, last change and trace of each."""
    columns = (col(CaseRow.request_id), col(CaseRow.state), col(CaseRow.updated_at), col(CaseRow.trace))
    # What waits for a service has a moment for its next nudge, and few do: only those are read.
    still = (col(CaseRow.nudge_at).is_not(None), col(CaseRow.nudges) > 0, col(CaseRow.updated_at) <= since, col(CaseRow.whole))
    rows = await lines(session, sa.select(*columns).where(*still).order_by(col(CaseRow.updated_at)).limit(limit))
    return [(row.request_id, State(row.state), row.updated_at, row.trace) for row in rows]
