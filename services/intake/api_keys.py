"""Database queries of agencies' API keys: issued on terms, found by what is sent, replaced, revoked."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import date, datetime
from uuid import uuid4

from sqlalchemy import ColumnElement
from sqlmodel import col, or_, select, update

from services.domain.agency_keys import NO_LIMITS, SHOWN, Key, KeyScope, KeyTerms
from services.intake.tables import AgencyRow, ApiKeyRow
from services.runtime.database import Session
from services.runtime.errors import InvalidInput, NotFound

KEY_BYTES = 32


async def issue(session: Session, agency: str, now: datetime, terms: KeyTerms = NO_LIMITS) -> str:
    """A new key of the agency. This is the only time that it can be seen: its hash is kept. Raises NotFound."""
    await must_be_there(session, agency)
    token = f"pk_{secrets.token_urlsafe(KEY_BYTES)}"
    row = ApiKeyRow(
        id=uuid4(),
        agency=agency,
        prefix=token[:SHOWN],
        hash=_hash(token),
        label=terms.label,
        scopes=list(terms.scopes),
        created_at=now,
        expires_at=terms.expires_at,
    )
    session.add(row)
    await session.flush()
    return token


async def good(session: Session, now: datetime) -> Sequence[Key]:
    """All keys that are neither revoked nor at their end, the oldest first."""
    rows = (await session.exec(select(ApiKeyRow).where(_good(now)).order_by(col(ApiKeyRow.created_at)))).all()
    return [_key(row) for row in rows]


async def key_of(session: Session, token: str, now: datetime, *, lock: bool = False) -> Key | None:
    """The good key that was sent. Looked up by its hash, so that timing says nothing of any key. `lock`: it is not revoked meanwhile."""
    statement = select(ApiKeyRow).where(ApiKeyRow.hash == _hash(token), _good(now))
    row = (await session.exec(statement.with_for_update(read=True) if lock else statement)).one_or_none()
    return _key(row) if row else None


async def note_use(session: Session, token: str, day: date) -> None:
    """The key was used on that day."""
    await session.exec(update(ApiKeyRow).where(col(ApiKeyRow.hash) == _hash(token)).values(used_on=day))


async def chosen(session: Session, agency: str, now: datetime, prefix: str | None) -> Key:
    """The good key of the agency that begins like this; without a beginning, its only one. Raises NotFound and InvalidInput."""
    await must_be_there(session, agency)
    wanted = _shown(prefix) if prefix is not None else None
    keys = [key for key in await good(session, now) if key.agency == agency and wanted in (None, key.prefix)]
    if not keys:
        raise _no_such_key(agency, wanted)
    if len(keys) > 1:
        raise InvalidInput(f"key: {agency} has several: say which, {', '.join(key.prefix for key in keys)}", field="key")
    return keys[0]


async def end_by(session: Session, key: Key, moment: datetime) -> None:
    """The key is good until then and no longer; one that ends earlier keeps its end."""
    row = update(ApiKeyRow).where(col(ApiKeyRow.agency) == key.agency, col(ApiKeyRow.prefix) == key.prefix)
    later = or_(col(ApiKeyRow.expires_at).is_(None), col(ApiKeyRow.expires_at) > moment)
    await session.exec(row.where(later).values(expires_at=moment))


async def revoke(session: Session, agency: str, now: datetime, *, prefix: str | None = None) -> int:
    """Ends the agency's keys, or the one that begins like this; returns how many. Raises where there is no such agency or key."""
    await must_be_there(session, agency)
    keys = update(ApiKeyRow).where(col(ApiKeyRow.agency) == agency, _good(now))
    if prefix is not None:
        keys = keys.where(col(ApiKeyRow.prefix) == _shown(prefix))
    ended = int((await session.exec(keys.values(revoked_at=now))).rowcount)
    if prefix is not None and not ended:
        raise _no_such_key(agency, _shown(prefix))
    return ended


async def must_be_there(session: Session, agency: str) -> None:
    """Raises NotFound where nobody has added the agency.

    It is held until the transaction ends: a key that is issued while all are revoked comes before or after that, never beside it.
    """
    if await session.get(AgencyRow, agency, with_for_update=True) is None:
        raise NotFound(f"there is no agency {agency}; `parvis agencies list` shows them", field="code")


def _no_such_key(agency: str, prefix: str | None) -> NotFound:
    which = f"that is good begins with {prefix}" if prefix else "is good"
    return NotFound(f"no key of {agency} {which}; `parvis agencies list` shows them", field="key")


def _shown(prefix: str) -> str:
    if len(prefix) < SHOWN:
        raise InvalidInput(f"key: give at least the first {SHOWN} characters of the key", field="key")
    return prefix[:SHOWN]


def _good(now: datetime) -> ColumnElement[bool]:
    return col(ApiKeyRow.revoked_at).is_(None) & or_(col(ApiKeyRow.expires_at).is_(None), col(ApiKeyRow.expires_at) > now)


def _key(row: ApiKeyRow) -> Key:
    terms = KeyTerms(row.label, tuple(KeyScope(scope) for scope in row.scopes), row.expires_at)
    return Key(row.agency, row.prefix, terms, row.created_at, row.used_on)


def _hash(token: str) -> str:
    # 256 random bits need no slow hash.
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
