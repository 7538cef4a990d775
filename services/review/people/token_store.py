"""Database queries of API tokens: issued with a scope and an end, listed with their last use, ended."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import col, select, update

from services.review.people import passwords
from services.review.people.powers import TokenScope, powers_within
from services.review.people.rules import Person
from services.review.people.store import person_of
from services.review.people.tables import PersonRow, TokenRow
from services.runtime.database import Session
from services.runtime.errors import NotFound, NotSignedIn

NOTED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True)
class Token:
    """A token as it may be shown; `mark` names it and opens nothing. Without scopes it does all that its person may."""

    mark: str
    label: str
    scopes: tuple[TokenScope, ...]
    created_at: datetime
    expires_at: datetime | None
    used_at: datetime | None


@dataclass(frozen=True)
class Acting:
    """Whom a program acts as, and whether the token's use is to be written down."""

    person: Person
    is_to_note: bool


async def acting(session: Session, token: str, now: datetime) -> Acting:
    """Whom a program acts as, with the powers that are left within the token's scopes. Raises NotSignedIn."""
    row = await session.get(TokenRow, passwords.hash_token(token))
    person = await session.get(PersonRow, row.email) if row and not row.revoked_at else None
    if not row or not person or not person.active or (row.expires_at and row.expires_at <= now):
        raise NotSignedIn("the token is not known or no longer good: issue one with `parvis tokens issue EMAIL`")
    only = powers_within([TokenScope(scope) for scope in row.scopes]) if row.scopes else None
    return Acting(person_of(person, only), row.used_at is None or now - row.used_at >= NOTED_EVERY)


async def note_use(session: Session, token: str, now: datetime) -> None:
    """The token was used."""
    await session.exec(update(TokenRow).where(col(TokenRow.token_hash) == passwords.hash_token(token)).values(used_at=now))


async def of_person(session: Session, email: str, now: datetime) -> list[Token]:
    """Their tokens that are good, the newest first."""
    good = select(TokenRow).where(TokenRow.email == email, col(TokenRow.revoked_at).is_(None))
    rows = (await session.exec(good.order_by(col(TokenRow.created_at).desc()))).all()
    return [_token(row) for row in rows if not row.expires_at or row.expires_at > now]


async def revoke(session: Session, email: str, now: datetime, *, mark: str | None = None) -> int:
    """Ends their token of that mark, or all; returns how many. Raises NotFound where there is none of that mark."""
    good = select(TokenRow).where(TokenRow.email == email, col(TokenRow.revoked_at).is_(None)).with_for_update()
    ended = [row for row in (await session.exec(good)).all() if mark in (None, mark_of(row.token_hash))]
    if mark is not None and not ended:
        raise NotFound(f"no good token of {email} is named {mark}", field="token")
    for row in ended:
        row.revoked_at = now
    return len(ended)


def mark_of(token_hash: str) -> str:
    """A name for the token that may stand in a page."""
    return hashlib.sha256(f"token {token_hash}".encode()).hexdigest()[:16]


def _token(row: TokenRow) -> Token:
    scopes = tuple(TokenScope(scope) for scope in row.scopes or ())
    return Token(mark_of(row.token_hash), row.label or "", scopes, row.created_at, row.expires_at, row.used_at)
