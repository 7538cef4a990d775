"""Every query of intake."""

import hashlib
import secrets
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import cast
from uuid import UUID, uuid4

from sqlmodel import col, func, or_, select, update

from schemas.requests_received import RequestReceived
from services.intake.rules import State, Status
from services.intake.tables import AgencyRow, ApiKeyRow, IdempotencyRow, JournalRow, StatusRow
from services.runtime.database import Session, insert_new
from services.runtime.errors import InvalidInput, NotFound

KEY_BYTES = 32
SHOWN = 11  # `pk_` and eight characters: enough to tell keys apart, useless to guess the rest


@dataclass(frozen=True)
class Remembered:
    """What an Idempotency-Key stood for before."""

    request_id: UUID
    digest: str


@dataclass(frozen=True)
class Entry:
    """One line of the journal."""

    request_id: UUID
    agency: str
    event: str
    content: str
    trace: dict[str, str]
    publishes: int


async def add_agency(session: Session, slug: str, name: str, now: datetime) -> bool:
    """Adds the agency; says whether it was new."""
    return await insert_new(session, AgencyRow(slug=slug, name=name, created_at=now))


async def agencies(session: Session) -> list[str]:
    """The slugs of all agencies, in order."""
    return list((await session.exec(select(AgencyRow.slug).order_by(AgencyRow.slug))).all())


async def issue_key(session: Session, slug: str, now: datetime) -> str:
    """A new key of the agency. This is the only time that it can be seen: its hash is kept."""
    if await session.get(AgencyRow, slug) is None:
        raise InvalidInput(f"there is no agency {slug}: add it first", field="agency")
    token = f"pk_{secrets.token_urlsafe(KEY_BYTES)}"
    session.add(ApiKeyRow(id=uuid4(), agency=slug, prefix=token[:SHOWN], hash=_hash(token), created_at=now))
    await session.flush()
    return token


async def revoke_keys(session: Session, prefix: str, now: datetime) -> int:
    """Ends the keys that begin like this; returns how many."""
    if len(prefix) < SHOWN:
        raise InvalidInput(f"give at least the first {SHOWN} characters of the key", field="prefix")
    keys = update(ApiKeyRow).where(col(ApiKeyRow.prefix) == prefix[:SHOWN], col(ApiKeyRow.revoked_at).is_(None))
    return int((await session.exec(keys.values(revoked_at=now))).rowcount)


async def agency_of(session: Session, token: str) -> str | None:
    """Whose key this is. Found by its hash, so that timing says nothing of any key."""
    found = select(ApiKeyRow.agency).where(ApiKeyRow.hash == _hash(token), col(ApiKeyRow.revoked_at).is_(None))
    return (await session.exec(found)).one_or_none()


def _hash(token: str) -> str:
    # 256 random bits need no slow hash.
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


async def remember(session: Session, agency: str, key: str, said: Remembered, now: datetime) -> Remembered:
    """What the Idempotency-Key stands for: `said`, or what it was first used for."""
    row = IdempotencyRow(agency=agency, key=key, request_id=said.request_id, digest=said.digest, created_at=now)
    if await insert_new(session, row):
        return said
    known = (await session.exec(select(IdempotencyRow).where(IdempotencyRow.agency == agency, IdempotencyRow.key == key))).one()
    return Remembered(known.request_id, known.digest)


async def claim(session: Session, request_id: UUID, agency: str, now: datetime) -> str:
    """Makes the request this agency's unless it is somebody's; returns whose it is."""
    if await insert_new(session, StatusRow(request_id=request_id, agency=agency, state="received", updated_at=now)):
        return agency
    return (await session.exec(select(StatusRow.agency).where(StatusRow.request_id == request_id))).one()


async def journal(
    session: Session, request: RequestReceived, content: str, trace: dict[str, str], *, now: datetime, next_publish_at: datetime
) -> bool:
    """Writes the request down; says whether it was new."""
    row = JournalRow(
        request_id=request.request_id,
        agency=request.agency,
        event=request.model_dump_json(exclude_none=True),
        content=content,
        trace=trace,
        accepted_at=now,
        next_publish_at=next_publish_at,
        publishes=1,
    )
    return await insert_new(session, row)


async def entry(session: Session, request_id: UUID) -> Entry:
    """The request as it was written down."""
    row = await session.get(JournalRow, request_id)
    if row is None:
        raise NotFound(f"no request {request_id}")
    return _entry(row)


async def due(session: Session, now: datetime, limit: int) -> list[Entry]:
    """Unsettled requests that have waited long enough, oldest first, locked for this transaction."""
    rows = (
        select(JournalRow)
        .where(col(JournalRow.next_publish_at) <= now)
        .order_by(col(JournalRow.next_publish_at))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return [_entry(row) for row in (await session.exec(rows)).all()]


async def published_again(session: Session, request_id: UUID, next_publish_at: datetime) -> None:
    """Counts the publication, and says when to look again."""
    row = update(JournalRow).where(col(JournalRow.request_id) == request_id)
    await session.exec(row.values(publishes=JournalRow.publishes + 1, next_publish_at=next_publish_at))


async def settle(session: Session, request_id: UUID, now: datetime) -> None:
    """The request was triaged: it is on its way, and need not be published again."""
    row = update(JournalRow).where(col(JournalRow.request_id) == request_id, col(JournalRow.settled_at).is_(None))
    await session.exec(row.values(settled_at=now, next_publish_at=None))


async def make_due(session: Session, now: datetime, recent: timedelta) -> int:
    """Everything that a broker without a memory may have forgotten is due now; returns how many.

    Settled requests too, where they were among the last of this service's former life and are not decided: whoever
    makes a case of them may not have read them yet. Twice is the same as once.
    """
    last = (await session.exec(select(func.max(JournalRow.settled_at)))).one()
    undecided = select(StatusRow.request_id).where(col(StatusRow.decision_id).is_(None))
    lately = col(JournalRow.settled_at) >= last - recent if last else col(JournalRow.settled_at).is_(None)
    rows = update(JournalRow).where(or_(col(JournalRow.settled_at).is_(None), lately), col(JournalRow.request_id).in_(undecided))
    return int((await session.exec(rows.values(next_publish_at=now, settled_at=None))).rowcount)


async def status_of(session: Session, request_id: UUID, *, lock: bool = False) -> Status | None:
    """What is known of the request."""
    query = select(StatusRow).where(StatusRow.request_id == request_id)
    row = (await session.exec(query.with_for_update() if lock else query)).one_or_none()
    return None if row is None else Status(**{**row.model_dump(), "state": cast("State", row.state)})


async def save(session: Session, status: Status, now: datetime) -> None:
    """Keeps what is known now."""
    values = {**asdict(status), "updated_at": now}
    await session.exec(update(StatusRow).where(col(StatusRow.request_id) == status.request_id).values(**values))


def _entry(row: JournalRow) -> Entry:
    return Entry(row.request_id, row.agency, row.event, row.content, row.trace, row.publishes)
