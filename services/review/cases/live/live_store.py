"""Database queries of live updates: what the log holds after a number, and the cases that it is about."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from services.review.cases.tables import CaseRow
from services.runtime.database import Session, lines

_SHOWN = (
    "request_id", "version", "agency", "everybodys", "state", "title", "category", "confidence", "department", "urgency", "language",
    "assignee", "pressing",
)  # fmt: skip


async def cases_shown(session: Session, request_ids: Collection[UUID]) -> Sequence[Any]:
    """What a line of the queue shows of those cases, in one query; what holds no message yet is nobody's to see."""
    if not request_ids:
        return []
    columns = [getattr(CaseRow, name) for name in _SHOWN]
    return await lines(session, sa.select(*columns).where(col(CaseRow.request_id).in_(request_ids), col(CaseRow.whole)))
