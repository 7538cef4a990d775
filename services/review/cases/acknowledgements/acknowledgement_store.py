"""Database queries of agencies that acknowledge what comes in, and of receipts."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from pydantic import BaseModel
from sqlmodel import col, func, select, update

from schemas.acknowledgements_decided import AcknowledgementDecided
from schemas.acknowledgements_dispatched import AcknowledgementDispatched, AcknowledgementOutcome
from services.review.cases.acknowledgements.acknowledgement import Acknowledging
from services.review.cases.acknowledgements.acknowledgement_tables import AcknowledgementRow, AcknowledgingRow
from services.runtime.database import Session, insert_new, lines


class Acknowledgement(BaseModel):
    """What became of a receipt; without an outcome it is on its way."""

    decided_by: str
    decided_at: datetime
    outcome: AcknowledgementOutcome | None
    detail: str
    told_at: datetime | None


@dataclass(frozen=True)
class Tally:
    """How many receipts were mailed and how many failed; of the last that failed, whose it was and why."""

    mailed: int
    failed: int
    last: UUID | None
    reason: str
    """May hold the citizen's address."""


async def acknowledging(session: Session, agency: str) -> Acknowledging | None:
    """What was last decided for the agency; None where nothing ever was."""
    row = await session.get(AcknowledgingRow, agency)
    return None if row is None else Acknowledging(row.agency, row.name, row.active, row.texts, row.decided_by, row.decided_at, row.seen)


async def keep(session: Session, decided: Acknowledging) -> None:
    """Replaces what was decided for the agency before."""
    await session.merge(
        AcknowledgingRow(
            agency=decided.agency,
            name=decided.name,
            active=decided.active,
            texts=dict(decided.texts),
            decided_by=decided.decided_by,
            decided_at=decided.decided_at,
            seen={language: dict(words) for language, words in decided.seen.items()},
        )
    )


async def lately(session: Session, mailbox: bytes, since: datetime) -> int:
    """How many receipts a mailbox was sent since then."""
    count = select(func.count()).where(col(AcknowledgementRow.mailbox) == mailbox, col(AcknowledgementRow.decided_at) >= since)
    return (await session.exec(count)).one()


async def forget_mailboxes(session: Session, before: datetime) -> None:
    """Empties whom receipts of before went to: they are counted no more."""
    row = update(AcknowledgementRow).where(col(AcknowledgementRow.mailbox).is_not(None), col(AcknowledgementRow.decided_at) < before)
    await session.exec(row.values(mailbox=None))


async def add(session: Session, decided: AcknowledgementDecided, mailbox: bytes, now: datetime, nudge_at: datetime) -> bool:
    """Keeps a receipt; returns whether the request had none."""
    row = AcknowledgementRow(
        acknowledgement_id=decided.acknowledgement_id,
        request_id=decided.request_id,
        agency=decided.agency or "",
        mailbox=mailbox,
        decided_by=decided.decided_by,
        decided_at=now,
        event=decided.model_dump(mode="json"),
        nudge_at=nudge_at,
    )
    return await insert_new(session, row)


async def conclude(session: Session, dispatched: AcknowledgementDispatched, now: datetime) -> bool:
    """Notes what became of it; returns whether that is news. A doubt gives way to what is certain, and to nothing else."""
    outcome = col(AcknowledgementRow.outcome)
    unknown = outcome.is_(None) if dispatched.outcome == "uncertain" else outcome.is_(None) | (outcome == "uncertain")
    row = update(AcknowledgementRow).where(col(AcknowledgementRow.acknowledgement_id) == dispatched.acknowledgement_id, unknown)
    values = {
        "outcome": dispatched.outcome,
        "detail": dispatched.detail,
        "told_at": dispatched.dispatched_at or now,
        "event": sa.null(),
        "nudge_at": None,
    }
    return bool((await session.exec(row.values(**values))).rowcount)


async def tally(session: Session, agency: str, since: datetime) -> Tally:
    """What became of the agency's receipts since then, as it was told."""
    theirs = (col(AcknowledgementRow.agency) == agency, col(AcknowledgementRow.told_at) >= since)
    outcome = col(AcknowledgementRow.outcome)
    counts = await lines(session, sa.select(outcome, func.count().label("receipts")).where(*theirs).group_by(outcome))
    counted = {row.outcome: row.receipts for row in counts}
    failed = select(AcknowledgementRow).where(*theirs, outcome == "failed").order_by(col(AcknowledgementRow.told_at).desc()).limit(1)
    last = (await session.exec(failed)).first()
    return Tally(counted.get("delivered", 0), counted.get("failed", 0), last.request_id if last else None, last.detail if last else "")


async def of_request(session: Session, request_id: UUID) -> Acknowledgement | None:
    """The receipt of a request, if it got one."""
    row = (await session.exec(select(AcknowledgementRow).where(col(AcknowledgementRow.request_id) == request_id))).first()
    return None if row is None else Acknowledgement.model_validate(row, from_attributes=True)


async def requests_of(session: Session, acknowledgement_ids: Collection[UUID]) -> dict[UUID, UUID]:
    """The requests of these receipts, by receipt."""
    if not acknowledgement_ids:
        return {}
    columns = (col(AcknowledgementRow.acknowledgement_id), col(AcknowledgementRow.request_id))
    rows = await lines(session, sa.select(*columns).where(col(AcknowledgementRow.acknowledgement_id).in_(acknowledgement_ids)))
    return {row.acknowledgement_id: row.request_id for row in rows}


async def overdue(session: Session, now: datetime, limit: int) -> list[tuple[AcknowledgementDecided, int]]:
    """Receipts of which nobody has told what became of them, with how often they were published again; held for this transaction."""
    statement = (
        select(AcknowledgementRow)
        .where(col(AcknowledgementRow.nudge_at) <= now)
        .order_by(col(AcknowledgementRow.nudge_at))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    rows = (await session.exec(statement)).all()
    return [(AcknowledgementDecided.model_validate(row.event), row.nudges) for row in rows if row.event]


async def nudged(session: Session, acknowledgement_id: UUID, nudges: int, nudge_at: datetime) -> None:
    """Notes that it was published once more."""
    row = update(AcknowledgementRow).where(col(AcknowledgementRow.acknowledgement_id) == acknowledgement_id)
    await session.exec(row.values(nudges=nudges, nudge_at=nudge_at))


async def nudge_all(session: Session, now: datetime) -> None:
    """Makes all that are on their way overdue, since the broker lost its records."""
    await session.exec(update(AcknowledgementRow).where(col(AcknowledgementRow.nudge_at).is_not(None)).values(nudge_at=now))
