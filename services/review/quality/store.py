"""Reads the decisions and the mail of a period for the quality page."""

from datetime import datetime
from typing import cast

from schemas.replies_decided import Decision
from services.review.cases import statistics_store
from services.review.people.rules import Scope
from services.review.quality.rules import Decided, Mail
from services.runtime.database import Session


async def decided_since(session: Session, since: datetime, scope: Scope) -> list[Decided]:
    """Every decision since then in that scope that was not recalled, with its case's category as it is now."""
    cases = await statistics_store.decided_since(session, since, scope)
    return [Decided(cast("Decision", case.kind), case.category, case.received_at, case.decided_at) for case in cases]


async def mail_between(session: Session, since: datetime, until: datetime, scope: Scope) -> Mail:
    """What came in then in that scope, by its category as it is now."""
    counts = await statistics_store.received_between(session, since, until, scope)
    total = sum(number for _, number, _ in counts)
    return Mail({name: number for name, number, _ in counts}, sum(confidence for _, _, confidence in counts) / total if total else None)
