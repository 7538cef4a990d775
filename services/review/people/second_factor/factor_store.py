"""Database queries of second factors, and of sign-ins that wait for one."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import col, delete

from services.review.people import passwords
from services.review.people.second_factor import one_time_codes
from services.review.people.second_factor.factor_key import FactorKey
from services.review.people.tables import HalfSignInRow, SecondFactorRow
from services.runtime.database import Session
from services.runtime.errors import InvalidInput, NotFound

SETUP_LASTS = timedelta(minutes=15)
HALF_LASTS = timedelta(minutes=5)


@dataclass(frozen=True)
class Factor:
    """A second factor as it may be shown."""

    since: datetime
    recovery_codes: int


@dataclass(frozen=True)
class Half:
    """A sign-in whose password was right, and that waits for the code."""

    email: str
    known_browser: bool


async def of_person(session: Session, email: str) -> Factor | None:
    """Their second factor, once it is confirmed."""
    row = await session.get(SecondFactorRow, email)
    return Factor(row.confirmed_at, len(row.recovery)) if row and row.confirmed_at else None


async def begin(session: Session, email: str, key: FactorKey, now: datetime) -> bytes:
    """A new secret, which counts once a code of it was typed. Raises InvalidInput where there is a factor already."""
    row = await session.get(SecondFactorRow, email, with_for_update=True)
    if row and row.confirmed_at:
        raise InvalidInput("code: there is a second factor already: take it away first", field="code")
    secret = one_time_codes.new_secret()
    await session.merge(SecondFactorRow(email=email, sealed_secret=key.seal(secret, email), begun_at=now, recovery=[]))
    return secret


async def unconfirmed(session: Session, email: str, key: FactorKey, now: datetime) -> bytes:
    """The secret that is being set up. Raises InvalidInput where none is, or for too long."""
    row = await session.get(SecondFactorRow, email)
    if not row or row.confirmed_at or now - row.begun_at > SETUP_LASTS:
        raise InvalidInput("code: that took too long: begin again", field="code")
    return key.open(row.sealed_secret, email)


async def confirm(session: Session, email: str, key: FactorKey, typed: str, now: datetime) -> list[str]:
    """From now on codes are asked for; returns the recovery codes. Raises InvalidInput where the code is not one of the secret's."""
    secret = await unconfirmed(session, email, key, now)
    step = one_time_codes.accepted_step(secret, typed, now, 0)
    row = await session.get(SecondFactorRow, email, with_for_update=True)
    if step is None or not row:
        raise InvalidInput("code: this is not the code of now: look at the app again, and at the clock of that device", field="code")
    row.confirmed_at, row.last_step = now, step
    return _renew(row, key)


async def renew_recovery_codes(session: Session, email: str, key: FactorKey) -> list[str]:
    """New recovery codes in place of the former. Raises NotFound."""
    row = await session.get(SecondFactorRow, email, with_for_update=True)
    if not row or not row.confirmed_at:
        raise NotFound("there is no second factor", field="email")
    return _renew(row, key)


async def accepts(session: Session, email: str, key: FactorKey, typed: str, now: datetime) -> str | None:
    """What was typed, "code" or "recovery code", where it is right; it is used up by that. The row is held meanwhile."""
    row = await session.get(SecondFactorRow, email, with_for_update=True)
    if not row or not row.confirmed_at:
        return None
    if one_time_codes.looks_like_one(typed):
        step = one_time_codes.accepted_step(key.open(row.sealed_secret, email), typed, now, row.last_step)
        if step is None:
            return None
        row.last_step = step
        return "code"
    used = one_time_codes.recovery_hash(key.recovery, email, typed)
    if used not in row.recovery:
        return None
    row.recovery = [kept for kept in row.recovery if kept != used]
    return "recovery code"


async def take_away(session: Session, email: str) -> bool:
    """Forgets the factor; says whether there was one."""
    await session.exec(delete(HalfSignInRow).where(col(HalfSignInRow.email) == email))
    return bool((await session.exec(delete(SecondFactorRow).where(col(SecondFactorRow.email) == email))).rowcount)


async def add_half(session: Session, email: str, *, known_browser: bool, now: datetime) -> str:
    """The token of a sign-in that waits for its code."""
    token = passwords.new_token("ph")
    await session.exec(delete(HalfSignInRow).where(col(HalfSignInRow.expires_at) < now))
    session.add(
        HalfSignInRow(token_hash=passwords.hash_token(token), email=email, known_browser=known_browser, expires_at=now + HALF_LASTS)
    )
    return token


async def half(session: Session, token: str, now: datetime) -> Half | None:
    """The sign-in that waits; None where it does so no more."""
    row = await session.get(HalfSignInRow, passwords.hash_token(token))
    return Half(row.email, row.known_browser) if row and row.expires_at > now else None


async def end_half(session: Session, token: str) -> bool:
    """It waits no more; says whether it still did: of two windows one goes on."""
    mine = delete(HalfSignInRow).where(col(HalfSignInRow.token_hash) == passwords.hash_token(token))
    return bool((await session.exec(mine)).rowcount)


def _renew(row: SecondFactorRow, key: FactorKey) -> list[str]:
    codes = one_time_codes.new_recovery_codes()
    row.recovery = [one_time_codes.recovery_hash(key.recovery, row.email, code) for code in codes]
    return codes
