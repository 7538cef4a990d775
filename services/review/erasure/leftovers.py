"""Looks through every column of every table for what was erased, and says where it still stands and why."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from services.review.erasure.citizens_tables import STAYS
from services.review.erasure.identity import Identity
from services.review.erasure.store import Tables
from services.runtime.database import Session, lines

MOST = 20
"""Requests that are named of one column."""


@dataclass(frozen=True)
class Leftover:
    """A column in which something is left. `requests` are whose it is, where the table says; `ours` whether any was to be erased."""

    column: str
    rows: int
    requests: tuple[str, ...] = ()
    ours: bool = False
    why: str = ""


async def look(session: Session, identity: Identity, request_ids: Collection[UUID]) -> list[Leftover]:
    """Reads all tables. On a large database this takes minutes; it writes nothing."""
    if not identity.words:
        return []
    tables = await Tables.of(session, all_of_them=True)
    words = [word.lower() for word in identity.as_kept()]
    left = []
    for table in tables.all:
        for column in table.columns:
            if (text := _as_text(column, session)) is not None:
                left += await _in_column(
                    session, tables, table, column, sa.or_(*(text.contains(word, autoescape=True) for word in words)), request_ids
                )
    return left


def _as_text(column: sa.Column[Any], session: Session) -> sa.ColumnElement[str] | None:
    """The column in small letters; None where it can hold no words."""
    if isinstance(column.type, sa.Numeric | sa.Integer | sa.Boolean | sa.DateTime | sa.Date | sa.Uuid | sa.Float):
        return None
    if isinstance(column.type, sa.LargeBinary) and session.get_bind().dialect.name == "postgresql":
        return sa.func.lower(sa.func.encode(column, "escape"))
    return sa.func.lower(sa.cast(column, sa.Text))


async def _in_column(
    session: Session,
    tables: Tables,
    table: sa.Table,
    column: sa.Column[Any],
    holds: sa.ColumnElement[bool],
    request_ids: Collection[UUID],
) -> list[Leftover]:
    [count] = [row[0] for row in await lines(session, sa.select(sa.func.count()).select_from(table).where(holds))]
    if not count:
        return []
    name, key = f"{table.name}.{column.name}", table.c.get("request_id")
    if key is None:
        return [Leftover(name, count, ours=name not in STAYS, why=STAYS.get(name, ""))]
    rows = await lines(session, sa.select(key).where(holds).distinct())
    ours = {tables.key(key, request_id) for request_id in request_ids}
    others = tuple(sorted(str(UUID(str(row[0]))) for row in rows if row[0] and row[0] not in ours))
    is_ours = any(row[0] in ours for row in rows) and name not in STAYS
    why = STAYS.get(name) or ("" if is_ours else "other requests, which were not to be erased")
    return [Leftover(name, count, others[:MOST], is_ours, why)]
