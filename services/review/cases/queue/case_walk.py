"""Reads the first cases after a place in a list, or the last before it, from an index in its order: as many as a page shows, not all.

Each agency, and within it each state, is a stream of its own: the beginnings of the streams are all that is read. Where few cases match,
or it is known which, those are read as a whole instead.
"""

import json
from collections.abc import Callable, Sequence
from functools import partial
from itertools import product
from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from services.review.cases.case_state import State
from services.review.cases.queue.list_order import DESCENDING, FAR, ORDERS, RANKS, Cursor, Key, Place, Sort
from services.review.cases.tables import DUE, NOT_PRESSING, WHOLE, CaseRow
from services.runtime.database import Moment, Session, lines

MOST_GATHERED = 1_000


MOST_PARTS = 60
_KINDS: dict[Sort, tuple[tuple[bool | None, int | None], ...]] = {
    "urgency": ((None, None),),
    "-received": ((None, None),),
    "received": ((True, None), (False, None)),
    "due": ((True, 0), (True, 1), *((False, rank) for rank in range(len(RANKS)))),
}
"""Whether danger (an emergency, or a doubt of high urgency), and which urgency: what one index holds in the order of the list.

The order by due is that by urgency, one by one.
"""


def key_columns() -> list[Any]:
    """The columns of a `Key`."""
    due = sa.func.coalesce(col(CaseRow.due_at), sa.literal(FAR, Moment())).label("due")
    rest = (col(CaseRow.pressing), col(CaseRow.urgency_rank), due, col(CaseRow.received_at))
    return [col(CaseRow.request_id), col(CaseRow.agency), *rest]


def _key(row: sa.Row[Any]) -> Key:
    return Key._make(row)


def key_of(row: CaseRow) -> Key:
    """The same of a row that is at hand."""
    return Key(row.request_id, row.agency, row.pressing, row.urgency_rank, row.due_at or FAR, row.received_at)


async def gathered(session: Session, conditions: Sequence[Any], most: int = MOST_GATHERED) -> list[Key] | None:
    """All cases that match; None where these are more."""
    rows = await lines(session, sa.select(*key_columns()).where(*conditions).limit(most + 1))
    return [_key(row) for row in rows] if len(rows) <= most else None


async def walked(
    session: Session, conditions: Sequence[Any], states: Sequence[State], agencies: Sequence[str], sort: Sort, cursor: Cursor, limit: int
) -> list[Key]:
    """The first cases beyond the cursor of each agency, one more than `limit`."""
    lateral = _lateral_on_sqlite if session.get_bind().dialect.name == "sqlite" else _lateral
    parts = []
    for (kind, until), streams in _alike(states, agencies, sort, cursor).items():
        parts.append(lateral(streams, partial(_part, kind, until, conditions, sort, limit + 1, back=cursor.back)))
    keys: list[Key] = []
    for first in range(0, len(parts), MOST_PARTS):
        some = [sa.select(part.subquery()) for part in parts[first : first + MOST_PARTS]]
        beginnings = sa.union_all(*some).subquery("beginnings") if len(some) > 1 else some[0].subquery("beginnings")
        keys += [_key(row) for row in await lines(session, _first(beginnings, sort, limit + 1, back=cursor.back))]
    return keys


def _first(beginnings: sa.Subquery, sort: Sort, limit: int, *, back: bool) -> sa.Select[Any]:
    """Of the beginnings of all streams those that a page may show: where agencies take turns so many of each, else so many of all."""
    columns = [-beginnings.c.pressing if name == "not_pressing" else beginnings.c[name] for name in ORDERS[sort]]
    down = (sort in DESCENDING) is not back
    order = [column.desc() if down else column.asc() for column in columns]
    keys = [beginnings.c[name] for name in Key._fields]
    if sort != "urgency":
        return sa.select(*keys).order_by(*order).limit(limit)
    turn = sa.func.row_number().over(partition_by=beginnings.c.agency, order_by=order).label("turn")
    numbered = sa.select(*keys, turn).subquery("numbered")
    return sa.select(*(numbered.c[name] for name in Key._fields)).where(numbered.c.turn <= limit)


def _lateral(streams: Sequence[tuple[str, str]], of_one: Callable[[Any, Any], sa.Select[Any]]) -> sa.Select[Any]:
    """The same part of many streams as one, which PostgreSQL plans once."""
    table = sa.values(sa.column("agency", sa.String()), sa.column("state", sa.String()), name="streams").data(list(streams))
    part = of_one(table.c.agency, table.c.state).lateral("part")
    return sa.select(*part.c).select_from(table.join(part, sa.true()))


def _lateral_on_sqlite(streams: Sequence[tuple[str, str]], of_one: Callable[[Any, Any], sa.Select[Any]]) -> sa.Select[Any]:
    """The same where no query in FROM may look at what stands before it, but an argument of json_each may."""
    table = sa.func.json_each(json.dumps(streams)).table_valued("value", name="streams")
    part = of_one(_item(table, 0), _item(table, 1)).correlate(table).subquery("part")
    rows = sa.select(sa.func.json_group_array(sa.func.json_array(*part.c))).correlate(table).scalar_subquery()
    each = sa.func.json_each(rows).table_valued("value", name="rows")
    return sa.select(*(sa.type_coerce(_item(each, place), key.type).label(key.name) for place, key in enumerate(part.c))).select_from(
        table.join(each, sa.true())
    )


def _item(table: sa.TableValuedAlias, place: int) -> sa.ColumnElement[Any]:
    return sa.func.json_extract(table.c.value, f"$[{place}]")


def _alike(
    states: Sequence[State], agencies: Sequence[str], sort: Sort, cursor: Cursor
) -> dict[tuple[tuple[bool | None, int | None], Place | None], list[tuple[str, str]]]:
    """Streams that are read from the same place on, together."""
    alike: dict[tuple[tuple[bool | None, int | None], Place | None], list[tuple[str, str]]] = {}
    for agency, state, kind in product(agencies, states, _KINDS[sort]):
        until = cursor.until(agency)
        pressing, _ = kind
        before_all_of_it = pressing is False and until is not None and until[0] != 0  # the place is among what is in danger
        if not cursor.back or (until is not None and not before_all_of_it):
            alike.setdefault((kind, until), []).append((agency, state.value))
    return alike


def _part(
    kind: tuple[bool | None, int | None],
    until: Place | None,
    conditions: Sequence[Any],
    sort: Sort,
    limit: int,
    agency: Any,  # noqa: ANN401 - a value or a column
    state: Any,  # noqa: ANN401 - a value or a column
    *,
    back: bool,
) -> sa.Select[Any]:
    pressing, rank = kind
    where = [col(CaseRow.agency) == agency, col(CaseRow.state) == state]
    names = ORDERS[sort]
    if sort in ("due", "received"):
        rest = ("due", "received_at", "request_id") if sort == "due" else ("received_at", "request_id")
        names = ("not_pressing", *rest) if pressing else rest
        if pressing:
            where += [sa.text("review_cases.pressing > 0"), sa.literal_column("0") > NOT_PRESSING]  # as either index has it
        else:
            where.append(sa.literal_column("0") == NOT_PRESSING if sort == "due" else col(CaseRow.pressing) == sa.literal_column("0"))
        if sort == "due":
            where.append(col(CaseRow.urgency_rank) == rank)
    expressions = [_EXPRESSIONS[name] for name in names]
    if until is not None:
        where.append(_side(expressions, names, until, sort, back=back))
    down = (sort in DESCENDING) is not back
    order = [expression.desc() if down else expression.asc() for expression in expressions]
    return sa.select(*key_columns()).where(*where, *conditions).order_by(*order).limit(limit)


def _side(expressions: Sequence[Any], names: Sequence[str], until: Place, sort: Sort, *, back: bool) -> Any:  # noqa: ANN401 - a condition
    if len(names) < len(until):  # this stream has no danger in it: all of it is after what is in danger
        danger, *rest = until
        if danger:
            return sa.true()
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
