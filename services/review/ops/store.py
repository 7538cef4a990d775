"""All database queries of dead letters."""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from schemas.dead_letters import DeadLetter
from services.review.cases.statistics_store import ids_in
from services.review.ops.subject import Subject
from services.review.ops.tables import DeadLetterRow
from services.review.people.rules import EVERYTHING, Scope
from services.runtime.database import Session, insert_new, lines
from services.runtime.errors import Conflict, NotFound

QUARANTINED_AFTER = 3
"""Replays: what has failed so often again is replayed alone, by its id."""


@dataclass(frozen=True)
class Letter:
    """A dead letter with what became of it: waiting, replayed or discarded."""

    letter: DeadLetter
    services: tuple[str, ...]
    state: str
    settled_at: datetime | None
    settled_by: str | None
    replays: int


@dataclass(frozen=True)
class Cause:
    """What a letter failed with, to put those together that failed alike."""

    letter_id: UUID
    topic: str
    services: tuple[str, ...]
    error_type: str
    error_message: str
    first_failed_at: datetime
    last_failed_at: datetime
    replays: int


@dataclass(frozen=True)
class Head:
    """The summary of a letter for lists. The record itself, which may be a megabyte of somebody's words, stays where it is."""

    letter_id: UUID
    topic: str
    partition: int
    offset: int
    services: tuple[str, ...]
    error_type: str
    error_message: str
    attempts: int
    first_failed_at: datetime
    last_failed_at: datetime
    state: str
    settled_by: str | None
    replays: int


async def keep(session: Session, letter: DeadLetter, subject: Subject | None = None) -> None:
    """The same bytes failing in another service, or once more after a replay, are the same letter, and wait again."""
    row = DeadLetterRow(
        letter_id=letter.letter_id,
        topic=letter.topic,
        agency=subject.agency if subject else None,
        request_id=subject.request_id if subject else None,
        services=[letter.service],
        error_type=letter.error_type,
        error_message=letter.error_message,
        first_failed_at=letter.first_failed_at,
        last_failed_at=letter.last_failed_at,
        event=letter.model_dump(mode="json"),
    )
    if await insert_new(session, row):
        return
    kept = await session.get(DeadLetterRow, letter.letter_id, with_for_update=True)
    if not kept:
        return
    kept.services = sorted({*kept.services, letter.service})
    if kept.state == "replayed" and kept.settled_at and letter.first_failed_at > kept.settled_at:
        kept.state = "waiting"
    kept.last_failed_at = max(kept.last_failed_at, letter.last_failed_at)


async def letters(session: Session, *, state: str | None = "waiting", topic: str | None = None, limit: int = 1000) -> list[Letter]:
    """The newest first."""
    query = select(DeadLetterRow).where(*_conditions(state, topic)).order_by(col(DeadLetterRow.last_failed_at).desc()).limit(limit)
    return [_letter(row) for row in (await session.exec(query)).all()]


async def count(session: Session, state: str | None = "waiting", topic: str | None = None, scope: Scope = EVERYTHING) -> int:
    """How many there are."""
    [row] = await lines(session, sa.select(sa.func.count()).select_from(DeadLetterRow).where(*_conditions(state, topic), *_in_scope(scope)))
    return int(row[0])


async def oldest_waiting(session: Session) -> tuple[int, datetime | None]:
    """How many letters wait, and when the first of them failed last."""
    waiting = sa.select(sa.func.count().label("letters"), sa.func.min(col(DeadLetterRow.last_failed_at)).label("oldest"))
    [row] = await lines(session, waiting.where(*_conditions("waiting", None)))
    return row.letters, row.oldest


async def heads(
    session: Session, state: str | None = "waiting", topic: str | None = None, limit: int = 1000, scope: Scope = EVERYTHING
) -> list[Head]:
    """The newest first, without the records."""
    columns = [col(getattr(DeadLetterRow, name)) for name in _HEAD]
    placed = [col(DeadLetterRow.event)[name].as_integer().label(name) for name in ("partition", "offset", "attempts")]
    wanted = (*_conditions(state, topic), *_in_scope(scope))
    newest = sa.select(*columns, *placed).where(*wanted).order_by(col(DeadLetterRow.last_failed_at).desc()).limit(limit)
    return [Head(**{**row._asdict(), "services": tuple(row.services)}) for row in await lines(session, newest)]


async def causes(session: Session, limit: int, scope: Scope = EVERYTHING) -> list[Cause]:
    """Where and with what the letters that wait have failed, the newest first: nothing of a record is read."""
    columns = [col(getattr(DeadLetterRow, field.name)) for field in fields(Cause)]
    newest = sa.select(*columns).where(*_conditions("waiting", None), *_in_scope(scope))
    rows = await lines(session, newest.order_by(col(DeadLetterRow.last_failed_at).desc()).limit(limit))
    return [Cause(**{**row._asdict(), "services": tuple(row.services)}) for row in rows]


async def record(session: Session, letter_id: UUID) -> DeadLetter | None:
    """The letter with its record, to look at: whoever settles it meanwhile is not held up."""
    rows = await lines(session, sa.select(col(DeadLetterRow.event)).where(col(DeadLetterRow.letter_id) == letter_id))
    return DeadLetter.model_validate(rows[0].event) if rows else None


async def ids(
    session: Session,
    *,
    state: str | None = "waiting",
    topic: str | None = None,
    error: str | None = None,
    limit: int = 500,
    after: UUID | None = None,
    quarantined: bool = True,
    scope: Scope = EVERYTHING,
) -> list[UUID]:
    """One page of them, what failed first first; the next page is `after` the last of this one, whatever has become of it.

    Without `quarantined` those are left out that were replayed so often that the cause is not mended.
    """
    order = (col(DeadLetterRow.first_failed_at), col(DeadLetterRow.letter_id))
    page = sa.select(col(DeadLetterRow.letter_id)).where(*_conditions(state, topic), *_in_scope(scope)).order_by(*order).limit(limit)
    if not quarantined:
        page = page.where(col(DeadLetterRow.replays) < QUARANTINED_AFTER)
    if error:
        page = page.where(col(DeadLetterRow.error_message).contains(error, autoescape=True) | (col(DeadLetterRow.error_type) == error))
    if after:
        failed = sa.select(order[0]).where(order[1] == after).scalar_subquery()
        page = page.where(sa.tuple_(*order) > sa.tuple_(failed, sa.literal(after, sa.Uuid())))
    return [row.letter_id for row in await lines(session, page)]


_HEAD = (
    "letter_id", "topic", "services", "error_type", "error_message", "first_failed_at", "last_failed_at", "state", "settled_by", "replays",
)  # fmt: skip


def _conditions(state: str | None, topic: str | None) -> list[Any]:
    return [column == wanted for column, wanted in ((col(DeadLetterRow.state), state), (col(DeadLetterRow.topic), topic)) if wanted]


def _in_scope(scope: Scope) -> list[Any]:
    """What a limited person may see: what is nobody's case that we know is not theirs."""
    if scope.departments:
        return [col(DeadLetterRow.request_id).in_(ids_in(scope))]
    return [col(DeadLetterRow.agency).in_(scope.agencies)] if scope.agencies else []


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
