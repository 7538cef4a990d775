"""Database queries of case lists: filters, orders, keyset pages, counts and choices, within a person's scope."""

import base64
import dataclasses
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict
from sqlmodel import col

from schemas.drafts_proposed import Citation
from schemas.values import EARLIEST, Urgency
from services.review.cases import search_store
from services.review.cases.case_state import State
from services.review.cases.published_pages import Change, PublishedPages, doubts
from services.review.cases.search_document import facet
from services.review.cases.search_store import Hits
from services.review.cases.tables import AWAITED, CaseRow
from services.review.people.rules import EVERYTHING, Scope
from services.runtime.database import Moment, Session, lines
from services.runtime.errors import InvalidInput

RANKS = {urgency: rank for rank, urgency in enumerate(Urgency)}
THOUSANDTHS = 1000  # whole numbers: a cursor that holds a fraction might not find its place again
Sort = Literal["urgency", "due", "received", "-received"]


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
    source_change: Change | None = None
    """What became of a page that its draft quotes, while the draft waits."""


@dataclass(frozen=True)
class Query:
    """The filters, order and page of a list, and the person's scope."""

    states: tuple[State, ...] = ()
    department: str | None = None
    scope: Scope = EVERYTHING
    category: str | None = None
    urgency: Urgency | None = None
    language: str | None = None
    agency: str | None = None
    assignee: str | None = None
    unassigned: bool = False
    urgent: bool = False
    overdue_since: datetime | None = None
    """Only what is waited for and was due before that moment."""
    text: str | None = None
    hits: Hits | None = None
    """The cases that hold `text`, once they are looked for."""
    sort: Sort = "urgency"
    cursor: str | None = None
    limit: int = 50


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


def conditions_of(query: Query) -> list[Any]:
    """The conditions of a list, for whoever counts it."""
    return _conditions(query)


def _conditions(query: Query) -> list[Any]:
    # A case is there for people once it holds the message: until then the request is the broker's alone.
    conditions: list[Any] = [col(CaseRow.whole)]
    for column, wanted in (
        (CaseRow.department, query.department),
        (CaseRow.category, query.category),
        (CaseRow.urgency, query.urgency),
        (CaseRow.language, query.language),
        (CaseRow.agency, query.agency),
        (CaseRow.assignee, query.assignee),
    ):
        if wanted is not None:
            conditions.append(col(column) == wanted)
    if query.unassigned:
        conditions.append(col(CaseRow.assignee).is_(None))
    if query.urgent:
        conditions.append(col(CaseRow.urgency).in_((Urgency.EMERGENCY.value, Urgency.HIGH.value)))
    if query.overdue_since:
        conditions += [col(CaseRow.due_at) < query.overdue_since, AWAITED]
    if query.states:
        conditions.append(col(CaseRow.state).in_([s.value for s in query.states]))
    if query.hits is not None:
        conditions.append(col(CaseRow.request_id).in_(query.hits.request_ids))
    conditions.extend(in_scope(query.scope))
    return conditions


def facets_of(query: Query) -> list[list[str]]:
    """The filters and the scope of a list as the search index knows them."""
    facets = [[facet("state", state.value) for state in query.states]] if set(query.states) != set(State) else []
    wanted = {
        "department": query.department,
        "category": query.category,
        "urgency": query.urgency,
        "language": query.language,
        "agency": query.agency,
        "assignee": query.assignee,
    }
    facets += [[facet(kind, value)] for kind, value in wanted.items() if value is not None]
    facets.append([facet("agency", agency) for agency in query.scope.agencies])
    if query.scope.departments:
        theirs = [facet("department", department) for department in (*query.scope.departments, None)]
        facets.append([*theirs, facet("everybodys", "yes")])
    return [any_of for any_of in facets if any_of]


async def searched(session: Session, query: Query) -> Query:
    """The same query with the cases that hold its words."""
    if not query.text:
        return query
    return dataclasses.replace(query, hits=await search_store.hits(session, query.text, facets_of(query)))


def in_scope(scope: Scope) -> list[Any]:
    """The conditions on a case that leave what somebody may see: the same as `rules.in_scope`, for every query about cases."""
    conditions: list[Any] = []
    if scope.agencies:
        conditions.append(col(CaseRow.agency).in_(scope.agencies))
    if scope.departments:
        conditions.append(col(CaseRow.department).in_(scope.departments) | col(CaseRow.department).is_(None) | col(CaseRow.everybodys))
    return conditions


async def page(session: Session, query: Query) -> tuple[list[Line], str | None]:
    """One page of the queue, and the cursor of the next. A new case never shifts what was shown already."""
    if query.text and query.hits is None:
        query = await searched(session, query)
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
    """The lines of the given cases that are in scope."""
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
    return Line(subject=values.pop("title"), danger=(pressing - 1) / THOUSANDTHS if pressing else None, **values)


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
    if not isinstance(value, int) or abs(value) > 1 + THOUSANDTHS:
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


async def citations_of(session: Session, request_ids: Sequence[UUID]) -> dict[UUID, list[Citation]]:
    """What the current drafts of cases that wait for a decision rest on."""
    cited = col(CaseRow.draft)["citations"].label("citations")
    waiting = [State.AWAITING_APPROVAL.value, State.NEEDS_TRIAGE.value]
    conditions = (col(CaseRow.request_id).in_(request_ids), col(CaseRow.state).in_(waiting), col(CaseRow.draft).is_not(None))
    rows = await lines(session, sa.select(col(CaseRow.request_id), cited).where(*conditions))
    return {row.request_id: [Citation.model_validate(citation) for citation in row.citations or []] for row in rows}


async def with_source_changes(session: Session, shown: Sequence[Line], published: PublishedPages | None, today: date) -> list[Line]:
    """The same lines, marked where a page that the waiting draft quotes says something else now."""
    citations = await citations_of(session, [line.request_id for line in shown])
    changes = {request_id: doubt.change for request_id, cited in citations.items() for doubt in doubts(cited, published, today)[:1]}
    return [line.model_copy(update={"source_change": changes.get(line.request_id)}) for line in shown]


async def languages(session: Session, scope: Scope = EVERYTHING) -> list[str]:
    """Every language of the cases that somebody may see: the index is asked for the next one, then whether such a case is theirs."""
    column = col(CaseRow.language)
    following = sa.select(sa.func.min(column).label("code")).cte("languages", recursive=True)
    after = sa.select(column).where(column > following.c.code).order_by(column).limit(1).scalar_subquery()
    codes = following.union_all(sa.select(after).where(following.c.code.is_not(None)))
    theirs = sa.exists().where(column == codes.c.code, *_conditions(Query(scope=scope)))
    rows = await lines(session, sa.select(codes.c.code).where(codes.c.code.is_not(None), theirs))
    return [row.code for row in rows]


async def counts(session: Session, scope: Scope = EVERYTHING, urgency: Urgency | None = None) -> dict[State, int]:
    """The number of cases by state."""
    conditions = _conditions(Query(scope=scope, urgency=urgency))
    rows = await lines(session, sa.select(col(CaseRow.state), sa.func.count()).where(*conditions).group_by(col(CaseRow.state)))
    count_of: dict[State, int] = {State(state): count for state, count in (tuple(row) for row in rows)}
    return {state: count_of.get(state, 0) for state in State}
