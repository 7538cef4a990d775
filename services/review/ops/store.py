"""Every query about dead letters."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import col, select

from schemas.dead_letters import DeadLetter
from services.review.ops.tables import DeadLetterRow
from services.runtime.database import Session, insert_new
from services.runtime.errors import Conflict, NotFound


@dataclass(frozen=True)
class Letter:
    """A dead letter with what became of it: waiting, replayed or discarded."""

    letter: DeadLetter
    services: tuple[str, ...]
    state: str
    settled_at: datetime | None
    settled_by: str | None
    replays: int


async def keep(session: Session, letter: DeadLetter) -> None:
    """The same bytes failing in another service, or once more after a replay, are the same letter, and wait again."""
    row = DeadLetterRow(
        letter_id=letter.letter_id,
        topic=letter.topic,
        services=[letter.service],
        error_type=letter.error_type,
        error_message=letter.error_message,
        first_failed_at=letter.first_failed_at,
        last_failed_at=letter.last_failed_at,
        event=letter.model_dump(mode="json"),
    )
    if await insert_new(session, row):
        return
    known = await session.get(DeadLetterRow, letter.letter_id, with_for_update=True)
    if not known:
        return
    known.services = sorted({*known.services, letter.service})
    if known.state == "replayed" and known.settled_at and letter.first_failed_at > known.settled_at:
        known.state = "waiting"
    known.last_failed_at = max(known.last_failed_at, letter.last_failed_at)


async def letters(session: Session, *, state: str | None = "waiting", topic: str | None = None, limit: int = 1000) -> list[Letter]:
    """The newest first."""
    query = select(DeadLetterRow).order_by(col(DeadLetterRow.last_failed_at).desc()).limit(limit)
    if state:
        query = query.where(DeadLetterRow.state == state)
    if topic:
        query = query.where(DeadLetterRow.topic == topic)
    return [_letter(row) for row in (await session.exec(query)).all()]


async def letter(session: Session, letter_id: UUID) -> Letter:
    """One of them. Raises NotFound."""
    return _letter(await _row(session, letter_id))


async def settle(session: Session, letter_id: UUID, state: str, by: str, now: datetime) -> Letter:
    """Marks it replayed or discarded, once. Raises Conflict where it is already, so that no replay happens twice."""
    row = await _row(session, letter_id)
    if row.state != "waiting":
        raise Conflict(f"dead letter {letter_id} was {row.state} by {row.settled_by} already")
    row.state, row.settled_by, row.settled_at = state, by, now
    row.replays += state == "replayed"
    return _letter(row)


async def _row(session: Session, letter_id: UUID) -> DeadLetterRow:
    row = await session.get(DeadLetterRow, letter_id, with_for_update=True)
    if not row:
        raise NotFound(f"there is no dead letter {letter_id}; `parvis dead-letters list` shows those that wait")
    return row


def _letter(row: DeadLetterRow) -> Letter:
    return Letter(DeadLetter.model_validate(row.event), tuple(row.services), row.state, row.settled_at, row.settled_by, row.replays)
