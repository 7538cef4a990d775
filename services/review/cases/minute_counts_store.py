"""Queries of how much came in each minute: for whoever runs Parvis."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlmodel import col

from services.review.cases.queue.case_lists import in_scope
from services.review.cases.tables import WHOLE, CaseRow, DraftRow
from services.review.people.rules import Scope
from services.runtime.database import Session, lines

Counts = Mapping[int, int]
"""How many, by the minute since 1970; of a minute without any nothing."""


class _Minute(sa.sql.functions.FunctionElement[int]):
    """The minute since 1970 of a moment, as each database says it."""

    type = sa.BigInteger()
    inherit_cache = True


@compiles(_Minute)
def _on_postgresql(element: _Minute, compiler: Any, **options: Any) -> str:  # noqa: ANN401 - SQLAlchemy's
    return f"cast(floor(extract(epoch from {compiler.process(element.clauses, **options)}) / 60) as bigint)"


@compiles(_Minute, "sqlite")
def _on_sqlite(element: _Minute, compiler: Any, **options: Any) -> str:  # noqa: ANN401 - SQLAlchemy's
    return f"(cast(strftime('%s', {compiler.process(element.clauses, **options)}) as integer) / 60)"


async def received(session: Session, since: datetime, until: datetime, scope: Scope) -> Counts:
    """The requests by when they came in here, whenever the citizen may have sent them."""
    came_in = col(CaseRow.created_at)
    minute: Any = _Minute(came_in).label("minute")
    query = sa.select(minute, sa.func.count().label("requests")).where(came_in >= since, came_in < until, WHOLE, *in_scope(scope))
    return {row.minute: row.requests for row in await lines(session, query.group_by(minute))}


async def drafted(session: Session, since: datetime, until: datetime, scope: Scope) -> Mapping[str, Counts]:
    """The drafts by when they were proposed, for each that writes them: `model`, `template`."""
    proposed_at = col(DraftRow.proposed_at)
    minute: Any = _Minute(proposed_at).label("minute")
    writer = col(DraftRow.event)["drafted_by"].as_string().label("writer")
    query = sa.select(writer, minute, sa.func.count().label("drafts")).where(proposed_at >= since, proposed_at < until)
    if scope.agencies or scope.departments:
        query = query.join(CaseRow, col(CaseRow.request_id) == col(DraftRow.request_id)).where(*in_scope(scope))
    counts: dict[str, dict[int, int]] = {}
    for row in await lines(session, query.group_by(writer, minute)):
        counts.setdefault(row.writer or "", {})[row.minute] = row.drafts
    return counts
