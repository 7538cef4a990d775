"""Every query of the quality page."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import col

from services.review.cases.store import in_scope
from services.review.cases.tables import CaseRow, DecisionRow
from services.review.people.rules import Scope
from services.review.quality.rules import Decided, Mail
from services.runtime.database import Session, lines


async def decided_since(session: Session, since: datetime, scope: Scope) -> list[Decided]:
    """Every decision since then in that scope that was not recalled, with its case's category as it is now."""
    # Only the kind is taken out of the event: the letters themselves stay where they are.
    kind = col(DecisionRow.event)["decision"].as_string().label("kind")
    statement = (
        sa.select(kind, col(CaseRow.category), col(CaseRow.received_at), col(DecisionRow.decided_at))
        .join(CaseRow, col(CaseRow.request_id) == col(DecisionRow.request_id))
        .where(col(DecisionRow.decided_at) >= since, col(DecisionRow.recalled_at).is_(None), *in_scope(scope))
    )
    return [Decided(row.kind, row.category, row.received_at, row.decided_at) for row in await lines(session, statement)]


async def mail_between(session: Session, since: datetime, until: datetime, scope: Scope) -> Mail:
    """What came in then in that scope, by its category as it is now."""
    count, sure = sa.func.count(), sa.func.sum(col(CaseRow.confidence))
    statement = (
        sa.select(col(CaseRow.category), count, sure)
        .where(col(CaseRow.received_at) >= since, col(CaseRow.received_at) < until, col(CaseRow.category).is_not(None))
        .where(*in_scope(scope))
        .group_by(col(CaseRow.category))
    )
    found = [tuple(row) for row in await lines(session, statement)]
    total = sum(number for _, number, _ in found)
    return Mail({name: number for name, number, _ in found}, sum(share or 0.0 for _, _, share in found) / total if total else None)
