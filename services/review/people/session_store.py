"""Database queries of browser sessions: beginning, using, listing and ending them."""

import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from sqlmodel import col, delete, select

from services.review.people import passwords
from services.review.people.rules import Person
from services.review.people.store import person_of
from services.review.people.tables import DeviceRow, HalfSignInRow, PersonRow, SessionRow
from services.runtime.database import Session

NOTED_EVERY = timedelta(minutes=1)
"""A session's last use is written at most so often."""
LONGEST_NOTE = 200


class Way(StrEnum):
    """How somebody came in."""

    PASSWORD = "password"  # noqa: S105 - the word itself
    SINGLE_SIGN_ON = "single sign-on"


@dataclass(frozen=True)
class Lasting:
    """How long a session lasts: at most, and without being used."""

    at_most: timedelta
    idle: timedelta

    def until(self, now: datetime, ends_at: datetime) -> datetime:
        """The moment at which it ends if it is not used again."""
        return min(ends_at, now + self.idle)


@dataclass(frozen=True)
class Open:
    """A session as its person may see it; `mark` names it and opens nothing."""

    mark: str
    began_at: datetime | None
    seen_at: datetime | None
    address: str
    browser: str


@dataclass(frozen=True)
class Present:
    """Who sits at a browser, the word that its forms carry, and whether its last use is to be written down."""

    person: Person
    csrf: str
    is_to_note: bool


async def begin(
    session: Session,
    email: str,
    now: datetime,
    lasting: Lasting,
    address: str,
    browser: str,
    *,
    by: Way = Way.PASSWORD,
    factor_due: bool = False,
) -> str:
    """A new session's token. Those that are over are forgotten."""
    token = passwords.new_token("ps")
    ends_at = now + lasting.at_most
    session.add(
        SessionRow(
            token_hash=passwords.hash_token(token),
            email=email,
            csrf=secrets.token_urlsafe(32),
            expires_at=lasting.until(now, ends_at),
            ends_at=ends_at,
            began_at=now,
            seen_at=now,
            address=address[:LONGEST_NOTE],
            browser=browser[:LONGEST_NOTE],
            by=by.value,
            factor_due=factor_due,
        )
    )
    await session.exec(delete(SessionRow).where(col(SessionRow.expires_at) < now))
    return token


async def present(session: Session, token: str, now: datetime) -> Present | None:
    """Who sits at that browser; nobody where the session is over."""
    row = await session.get(SessionRow, passwords.hash_token(token))
    person = await session.get(PersonRow, row.email) if row and row.expires_at > now else None
    if not row or not person or not person.active:
        return None
    return Present(_at(row, person), row.csrf, row.seen_at is not None and now - row.seen_at >= NOTED_EVERY)


async def note_use(session: Session, token: str, now: datetime, lasting: Lasting) -> None:
    """The session was used: it lasts on, up to its end. One that is over stays over."""
    row = await session.get(SessionRow, passwords.hash_token(token), with_for_update=True)
    if row and row.ends_at and row.expires_at > now:
        row.seen_at, row.expires_at = now, lasting.until(now, row.ends_at)


async def is_good(session: Session, token: str, now: datetime) -> bool:
    """Whether the session is not over; asking does not prolong it."""
    return await present(session, token, now) is not None


async def of_sessions(session: Session, token_hashes: Collection[str], now: datetime) -> dict[str, Person]:
    """Who sits at each of those browsers, by the hash of the session's token: one query for many, which prolongs none of them."""
    signed_in = (
        select(SessionRow.token_hash, PersonRow)
        .join(PersonRow, col(PersonRow.email) == col(SessionRow.email))
        .where(col(SessionRow.token_hash).in_(token_hashes), col(SessionRow.expires_at) > now, col(PersonRow.active))
    )
    return {token_hash: person_of(row) for token_hash, row in (await session.exec(signed_in)).all()}


async def way_of(session: Session, token: str) -> Way | None:
    """How whoever has that session came in; None where it is over."""
    row = await session.get(SessionRow, passwords.hash_token(token))
    return _way(row) if row else None


def _way(row: SessionRow) -> Way:
    return Way(row.by or Way.PASSWORD)


def _at(row: SessionRow, person: PersonRow) -> Person:
    """Who came in by the provider's word has no password to choose first."""
    who = replace(person_of(person), must_set_second_factor=row.factor_due)
    return replace(who, must_change_password=False) if _way(row) is Way.SINGLE_SIGN_ON else who


async def has_second_factor(session: Session, token: str) -> None:
    """The session goes on: what had to be set up first is."""
    row = await session.get(SessionRow, passwords.hash_token(token), with_for_update=True)
    if row:
        row.factor_due = False


async def of_person(session: Session, email: str, now: datetime) -> list[Open]:
    """Their sessions that are not over, the last used first."""
    rows = (await session.exec(select(SessionRow).where(SessionRow.email == email, col(SessionRow.expires_at) > now))).all()
    shown = [Open(mark_of(row.token_hash), row.began_at, row.seen_at, row.address or "", row.browser or "") for row in rows]
    return sorted(shown, key=lambda each: (each.seen_at is not None, each.seen_at and each.seen_at.timestamp()), reverse=True)


async def sign_out(session: Session, token: str) -> None:
    """Ends the session."""
    await session.exec(delete(SessionRow).where(col(SessionRow.token_hash) == passwords.hash_token(token)))


async def end(session: Session, email: str, *, mark: str | None = None, but: str | None = None) -> int:
    """Ends the person's session of that mark, or all but that of the token `but`; returns how many.

    With all of them end the sign-ins that still wait for a code: first, so that one which becomes a session meanwhile is seen below.
    """
    if mark is None:
        await session.exec(delete(HalfSignInRow).where(col(HalfSignInRow.email) == email))
    kept = passwords.hash_token(but) if but else None
    rows = (await session.exec(select(SessionRow.token_hash).where(SessionRow.email == email))).all()
    ended = [token_hash for token_hash in rows if token_hash != kept and mark in (None, mark_of(token_hash))]
    if ended:
        await session.exec(delete(SessionRow).where(col(SessionRow.token_hash).in_(ended)))
    return len(ended)


async def end_all(session: Session, email: str) -> int:
    """Signs them out of every browser, and forgets the browsers; returns how many sessions there were."""
    await session.exec(delete(DeviceRow).where(col(DeviceRow.email) == email))
    return await end(session, email)


def mark_of(token_hash: str) -> str:
    """A name for the session that may stand in a page."""
    return hashlib.sha256(f"session {token_hash}".encode()).hexdigest()[:16]
