"""Queries of deliveries that were tried and wait for their next attempt, for whoever runs Parvis."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from services.dispatch.tables import DeliveryRow, WebhookDeliveryRow
from services.domain.waiting_deliveries import Reason, WaitingDelivery, WaitingSummary, Work
from services.runtime.database import Session, lines
from services.runtime.errors import NotFound

OF_THE_SERVER: tuple[Reason, ...] = ("no_answer", "unreachable", "dropped", "tls", "credentials", "not_written")
"""What no other mail would have fared better with: once one goes out, all are worth trying again."""

OF_ONE_MAIL: tuple[Reason, ...] = ("busy", "file_missing", "closed_address")
"""What keeps no other mail from going out."""
AT_MOST_EVERY = timedelta(minutes=1)


@dataclass(frozen=True)
class Agencies:
    """Whose mails leave by one server: those named, or with `but` all others."""

    names: frozenset[str]
    but: bool = False

    def condition(self) -> sa.ColumnElement[bool]:
        """Of a row of deliveries."""
        agency = sa.func.coalesce(col(DeliveryRow.agency), "")
        return agency.not_in(self.names) if self.but else agency.in_(self.names)


Table = type[DeliveryRow] | type[WebhookDeliveryRow]


async def waiting(session: Session, *, agencies: Sequence[str] = (), limit: int = 50) -> list[WaitingDelivery]:
    """The oldest first; of these agencies alone, where any are given."""
    rows: list[WaitingDelivery] = []
    for table, work in ((DeliveryRow, col(DeliveryRow.kind)), (WebhookDeliveryRow, sa.literal("webhook"))):
        columns = ("decision_id", "request_id", "agency", "attempts", "reason", "next_attempt_at")
        wanted = sa.select(work.label("work"), col(table.created_at).label("since"), *(col(getattr(table, name)) for name in columns))
        oldest = wanted.where(*_tried(table), *_of(table, agencies)).order_by(col(table.created_at)).limit(limit)
        rows += [WaitingDelivery(**{**row._asdict(), "reason": row.reason or "other"}) for row in await lines(session, oldest)]
    return sorted(rows, key=lambda row: row.since)[:limit]


async def summaries(session: Session, *, agencies: Sequence[str] = ()) -> list[WaitingSummary]:
    """How many wait for which reason; the longest wait first."""
    rows = []
    for table, work in ((DeliveryRow, col(DeliveryRow.kind)), (WebhookDeliveryRow, sa.literal("webhook"))):
        groups = (work, col(table.reason))
        counted = sa.select(*groups, sa.func.count(), sa.func.min(col(table.created_at))).where(*_tried(table), *_of(table, agencies))
        rows += [tuple(row) for row in await lines(session, counted.group_by(*groups))]
    waits = [WaitingSummary(cast("Work", work), cast("Reason", reason or "other"), count, since) for work, reason, count, since in rows]
    return sorted(waits, key=lambda summary: summary.since)


async def try_now(session: Session, now: datetime, decision_id: UUID | None = None, *, agencies: Sequence[str] = ()) -> int:
    """Makes what waits due now: the mail and the message of one decision, or all of it. Returns how many. Raises NotFound."""
    count = 0
    for table in (DeliveryRow, WebhookDeliveryRow):
        chosen = [*_tried(table), *_of(table, agencies), col(table.state) == "pending"]
        chosen += [col(table.decision_id) == decision_id] if decision_id else []
        count += (await session.exec(sa.update(table).where(*chosen).values(next_attempt_at=now))).rowcount
    if decision_id and not count:
        raise NotFound("it does not wait any more: it went out, or has ended", field="decision_id")
    return count


async def try_mails_now(session: Session, now: datetime, agencies: Agencies, most_attempts: int) -> None:
    """Makes mails of these agencies due that wait for their server, which has just taken one.

    None of them more than once a minute, and only while tries are left that have their pauses: a server that takes one mail and not
    another must not use them all up.
    """
    waits = [*_tried(DeliveryRow), col(DeliveryRow.state) == "pending", col(DeliveryRow.reason).in_(OF_THE_SERVER), agencies.condition()]
    patient = [col(DeliveryRow.updated_at) <= now - AT_MOST_EVERY, col(DeliveryRow.attempts) <= most_attempts // 2]
    later = sa.update(DeliveryRow).where(*waits, *patient, col(DeliveryRow.next_attempt_at) > now)
    await session.exec(later.values(next_attempt_at=now))


def _tried(table: Table) -> list[Any]:
    """By the index of `next_attempt_at`, which what has ended has none of. A first attempt that is being made has failed nowhere yet."""
    failed = col(table.reason).is_not(None) | (col(table.state) == "pending")  # of a process that knew no reasons
    states = ("pending", "sending", "transmitting")
    return [col(table.next_attempt_at).is_not(None), col(table.attempts) > 0, col(table.state).in_(states), failed]


def _of(table: Table, agencies: Sequence[str]) -> list[Any]:
    return [col(table.agency).in_(agencies)] if agencies else []
