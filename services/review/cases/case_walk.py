"""Reads the first cases after a place in a list, or the last before it, from an index in its order: as many as a page shows, not all.

Each agency, and within it each state, is a stream of its own: the beginnings of the streams are all that is read. Where few cases match,
or it is known which, those are read as a whole instead.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from services.review.cases.case_state import State
from services.review.cases.list_order import DESCENDING, FAR, ORDERS, Cursor, Key, Place, Sort
from services.review.cases.tables import DUE, NOT_PRESSING, WHOLE, CaseRow
from services.runtime.database import Moment, Session, lines

MOST_GATHERED = 1_000


@dataclass(frozen=True)
class Stream:
    """Cases that one index holds in the order of the list. The order by due date is that by urgency, urgency by urgency."""

    agency: str
    state: State
    pressing: bool | None = None
    rank: int | None = None


def key_columns() -> list[Any]:
    """The columns of a `Key`."""
    due = sa.func.coalesce(col(CaseRow.due_at), sa.literal(FAR, Moment())).label("due")
    rest = (col(CaseRow.pressing), col(CaseRow.urgency_rank), due, col(CaseRow.received_at))
    return [col(CaseRow.request_id), col(CaseRow.agency), *rest]


def _key(row: sa.Row[Any]) -> Key:
    return Key(row.request_id, row.agency, row.pressing, row.urgency_rank, row.due, row.received_at)


async def gathered(session: Session, conditions: Sequence[Any], most: int = MOST_GATHERED) -> list[Key] | None:
    """All cases that match; None where these are more."""
    rows = await lines(session, sa.select(*key_columns()).where(*conditions).limit(most + 1))
    return [_key(row) for row in rows] if len(rows) <= most else None


async def walked(
    session: Session, conditions: Sequence[Any], states: Sequence[State], agencies: Sequence[str], sort: Sort, cursor: Cursor, limit: int
) -> list[Key]:
    """The first cases beyond the cursor of each agency, one more than `limit`."""
    streams = list(_streams(states, agencies, sort))
    keys: list[Key] = []
    for first in range(0, len(streams), 60):
        parts = [_part(stream, conditions, sort, cursor, limit + 1) for stream in streams[first : first + 60] if _has_more(stream, cursor)]
        if parts:
            keys += [_key(row) for row in await lines(session, sa.union_all(*(sa.select(part.subquery()) for part in parts)))]
    return keys


def _has_more(stream: Stream, cursor: Cursor) -> bool:
    return not cursor.back or cursor.until(stream.agency) is not None


def _streams(states: Sequence[State], agencies: Sequence[str], sort: Sort) -> Iterator[Stream]:
    for agency, state in product(agencies, states):
        if sort in ("urgency", "-received"):
            yield Stream(agency, state)
            continue
        yield Stream(agency, state, pressing=True, rank=0)
        for rank in range(4) if sort == "due" else (None,):
            yield Stream(agency, state, pressing=False, rank=rank)


def _part(stream: Stream, conditions: Sequence[Any], sort: Sort, cursor: Cursor, limit: int) -> sa.Select[Any]:
    where = [WHOLE, col(CaseRow.agency) == stream.agency, col(CaseRow.state) == stream.state.value]
    names = ORDERS[sort]
    if sort in ("due", "received"):
        rest = ("due", "received_at", "request_id") if sort == "due" else ("received_at", "request_id")
        names = ("not_pressing", *rest) if stream.pressing else rest
        if stream.pressing:
            where.append(sa.text("review_cases.pressing > 0"))
        else:
            where.append(sa.literal_column("0") == NOT_PRESSING if sort == "due" else col(CaseRow.pressing) == sa.literal_column("0"))
        if sort == "due":
            where.append(col(CaseRow.urgency_rank) == stream.rank)
    expressions = [_EXPRESSIONS[name] for name in names]
    until = cursor.until(stream.agency)
    if until is not None:
        side = _side(expressions, names, until, sort, back=cursor.back)
        where.append(side)
    down = (sort in DESCENDING) is not cursor.back
    order = [expression.desc() if down else expression.asc() for expression in expressions]
    return sa.select(*key_columns()).where(*where, *conditions).order_by(*order).limit(limit)


def _side(expressions: Sequence[Any], names: Sequence[str], until: Place, sort: Sort, *, back: bool) -> Any:  # noqa: ANN401 - a condition
    if len(names) < len(until):  # this stream has no danger in it: all of it is after danger, and before nothing of it
        danger, *rest = until
        if danger:
            return sa.false() if back else sa.true()
        until = tuple(rest)
    place = sa.tuple_(*expressions)
    border = sa.tuple_(*(sa.literal(value, expression.type) for value, expression in zip(until, expressions, strict=True)))
    if sort in DESCENDING:
        return place >= border if back else place < border
    return place <= border if back else place > border


_EXPRESSIONS: dict[str, Any] = {
    "not_pressing": NOT_PRESSING,
    "pressing": col(CaseRow.pressing),
    "urgency_rank": col(CaseRow.urgency_rank),
    "due": DUE,
    "received_at": col(CaseRow.received_at),
    "request_id": col(CaseRow.request_id),
}


async def agencies_of_cases(session: Session) -> list[str]:
    """Every agency that has a case: the index is asked for the next one until there is none."""
    column = col(CaseRow.agency)
    following = sa.select(sa.func.min(column).label("name")).where(WHOLE).cte("agencies", recursive=True)
    after = sa.select(column).where(WHOLE, column > following.c.name).order_by(column).limit(1).scalar_subquery()
    names = following.union_all(sa.select(after).where(following.c.name.is_not(None)))
    return [row.name for row in await lines(session, sa.select(names.c.name).where(names.c.name.is_not(None)))]
