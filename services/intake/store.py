"""Every query of intake."""

import hashlib
import re
import secrets
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import cast
from uuid import UUID, uuid4

from pydantic import TypeAdapter, ValidationError
from sqlmodel import col, delete, func, or_, select, update

from schemas.requests_received import RequestReceived
from schemas.values import AgencySlug
from services.intake.rules import State, Status
from services.intake.tables import AgencyRow, ApiKeyRow, IdempotencyRow, JournalRow, StatusRow
from services.runtime.database import Session, insert_all_new, insert_new
from services.runtime.errors import InvalidInput, NotFound

KEY_BYTES = 32
SHOWN = 11  # `pk_` and eight characters: enough to tell keys apart, useless to guess the rest


@dataclass(frozen=True)
class Remembered:
    """What an Idempotency-Key stands for."""

    key: str
    request_id: UUID
    digest: str


@dataclass(frozen=True)
class Entry:
    """One line of the journal, to publish again."""

    request_id: UUID
    event: str
    trace: dict[str, str]
    publishes: int


@dataclass(frozen=True)
class Key:
    """What may be told of a key."""

    prefix: str
    created_at: datetime


@dataclass(frozen=True)
class Agency:
    """Somebody who may publish, with the keys that are good now, the oldest first."""

    slug: str
    name: str
    keys: tuple[Key, ...]


async def add_agency(session: Session, slug: str, name: str, now: datetime) -> bool:
    """Adds the agency; says whether it was new. Raises InvalidInput where no request could name it."""
    try:
        TypeAdapter(AgencySlug).validate_python(slug)
    except ValidationError:
        close = "-".join(re.findall("[a-z0-9]+", slug.lower()))[:64].rstrip("-") or "my-city"
        raise InvalidInput(
            f"code: {slug!r} can't be an agency's code, which has up to 64 lower-case letters, digits and dashes, with no dash at "
            f"either end; {close!r} would do, and --name takes what people call it",
            field="code",
        ) from None
    return await insert_new(session, AgencyRow(slug=slug, name=name, created_at=now))


async def agencies(session: Session) -> list[Agency]:
    """All of them, by code."""
    keys = select(ApiKeyRow).where(col(ApiKeyRow.revoked_at).is_(None)).order_by(col(ApiKeyRow.created_at))
    good = (await session.exec(keys)).all()
    rows = (await session.exec(select(AgencyRow).order_by(AgencyRow.slug))).all()
    return [Agency(row.slug, row.name, tuple(Key(key.prefix, key.created_at) for key in good if key.agency == row.slug)) for row in rows]


async def issue_key(session: Session, slug: str, now: datetime) -> str:
    """A new key of the agency. This is the only time that it can be seen: its hash is kept."""
    if await session.get(AgencyRow, slug) is None:
        raise InvalidInput(f"there is no agency {slug}: add it first", field="agency")
    token = f"pk_{secrets.token_urlsafe(KEY_BYTES)}"
    session.add(ApiKeyRow(id=uuid4(), agency=slug, prefix=token[:SHOWN], hash=_hash(token), created_at=now))
    await session.flush()
    return token


async def revoke_keys(session: Session, slug: str, now: datetime, *, prefix: str | None = None) -> int:
    """Ends the agency's keys, or the one that begins like this; returns how many. Raises where there is no such agency or key."""
    if await session.get(AgencyRow, slug) is None:
        raise NotFound(f"there is no agency {slug}; `parvis agencies list` shows them", field="code")
    if prefix is not None and len(prefix) < SHOWN:
        raise InvalidInput(f"key: give at least the first {SHOWN} characters of the key", field="key")
    keys = update(ApiKeyRow).where(col(ApiKeyRow.agency) == slug, col(ApiKeyRow.revoked_at).is_(None))
    if prefix is not None:
        keys = keys.where(col(ApiKeyRow.prefix) == prefix[:SHOWN])
    ended = int((await session.exec(keys.values(revoked_at=now))).rowcount)
    if prefix is not None and not ended:
        raise NotFound(f"no key of {slug} that is good begins with {prefix[:SHOWN]}; `parvis agencies list` shows them", field="key")
    return ended


async def agency_of(session: Session, token: str) -> str | None:
    """Whose key this is. Found by its hash, so that timing says nothing of any key."""
    found = select(ApiKeyRow.agency).where(ApiKeyRow.hash == _hash(token), col(ApiKeyRow.revoked_at).is_(None))
    return (await session.exec(found)).one_or_none()


def _hash(token: str) -> str:
    # 256 random bits need no slow hash.
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


async def remember(session: Session, agency: str, said: Sequence[Remembered], now: datetime) -> dict[str, Remembered]:
    """What each Idempotency-Key stands for: what is said now, or what it was first used for."""
    found = {one.key: one for one in said}
    rows = [IdempotencyRow(agency=agency, **asdict(found[key]), created_at=now) for key in sorted(found)]
    if rows and await insert_all_new(session, rows) < len(rows):
        known = select(IdempotencyRow).where(IdempotencyRow.agency == agency, col(IdempotencyRow.key).in_(found))
        found |= {row.key: Remembered(row.key, row.request_id, row.digest) for row in (await session.exec(known)).all()}
    return found


async def forget(session: Session, agency: str, keys: Collection[str]) -> None:
    """The keys were never used."""
    if keys:
        await session.exec(delete(IdempotencyRow).where(col(IdempotencyRow.agency) == agency, col(IdempotencyRow.key).in_(keys)))


NOBODYS = ""
"""The agency of a request of which only later events are known yet: no key asks for it."""


async def claim(session: Session, request_ids: Collection[UUID], agency: str, now: datetime) -> dict[UUID, str]:
    """Makes each request this agency's unless it is somebody's; returns whose each is."""
    rows = [StatusRow(request_id=one, agency=agency, state="received", updated_at=now) for one in sorted(set(request_ids))]
    if not rows or await insert_all_new(session, rows) == len(rows):
        return dict.fromkeys(request_ids, agency)
    # What became of a reply may be told before whose it is.
    nobodys = update(StatusRow).where(col(StatusRow.request_id).in_(request_ids), col(StatusRow.agency) == NOBODYS)
    await session.exec(nobodys.values(agency=agency))
    owners = select(StatusRow.request_id, StatusRow.agency).where(col(StatusRow.request_id).in_(request_ids))
    return dict((await session.exec(owners)).all())


async def contents(session: Session, request_ids: Collection[UUID]) -> dict[UUID, str]:
    """The digest of each request's content, of those that are in the journal."""
    if not request_ids:
        return {}
    known = select(JournalRow.request_id, JournalRow.content).where(col(JournalRow.request_id).in_(request_ids))
    return dict((await session.exec(known)).all())


def journal(session: Session, request: RequestReceived, content: str, trace: dict[str, str], *, now: datetime, patience: timedelta) -> None:
    """Writes a new request down, to be published again unless there is a sign of life within `patience`."""
    row = JournalRow(
        request_id=request.request_id,
        agency=request.agency,
        event=request.model_dump_json(exclude_none=True),
        content=content,
        trace=trace,
        accepted_at=now,
        next_publish_at=now + patience,
        publishes=1,
    )
    session.add(row)


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
    return Entry(row.request_id, row.event, row.trace, row.publishes)
