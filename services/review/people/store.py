"""All database queries of people, sessions, devices and tokens."""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import col, delete, select, update

from services.review.people import passwords
from services.review.people.rules import EVERYTHING, Person, Role, Scope, check_email, check_roles, check_scope
from services.review.people.tables import DeviceRow, PersonRow, SessionRow, TokenRow
from services.runtime.database import Session
from services.runtime.errors import Conflict, NotFound, NotSignedIn

DEVICE_FORGOTTEN_AFTER = timedelta(days=180)


@dataclass(frozen=True)
class Door:
    """The stored credentials that a sign-in is compared with. `device` names the browser where that person has signed in with it before."""

    email: str
    password_hash: str | None
    device: str | None


async def add_person(
    session: Session,
    email: str,
    role: Role,
    now: datetime,
    *,
    name: str | None = None,
    scope: Scope = EVERYTHING,
    also: tuple[Role, ...] = (),
) -> str:
    """Returns the new person's password: it is shown once and kept only as a hash. Whoever was removed starts anew."""
    address = check_email(email)
    others = check_roles(role, also)
    check_scope((role, *others), scope)
    former = await session.get(PersonRow, address, with_for_update=True)
    if former and former.active:
        raise Conflict(f"{address} is known already: issue a token, or add another address", field="email")
    password = passwords.new_password()
    row = PersonRow(
        email=address,
        name=name or (former.name if former else address.partition("@")[0].replace(".", " ").title()),
        role=role.value,
        also=[other.value for other in others],
        departments=list(scope.departments),
        agencies=list(scope.agencies),
        password_hash=passwords.hash_password(password),
        created_at=former.created_at if former else now,
    )
    await session.merge(row)
    return password


async def person(session: Session, email: str) -> Person:
    """Somebody who may act here. Raises NotFound where there is no such person, or they were removed."""
    return _person(await _active(session, email))


async def people(session: Session, *, removed: bool = True) -> list[Person]:
    """Everybody, by address. Also those who were removed, since what they did keeps their name, unless they are not wanted."""
    query = select(PersonRow).order_by(col(PersonRow.email))
    return [_person(row) for row in (await session.exec(query if removed else query.where(col(PersonRow.active)))).all()]


async def remove_person(session: Session, email: str, now: datetime) -> Person:
    """Ends their sessions and tokens, and lets them in no more. Raises NotFound."""
    row = await _active(session, email)
    row.active = False
    await _end_sessions(session, row.email)
    await revoke_tokens(session, row.email, now)
    return _person(row)


async def end_sessions(session: Session, email: str) -> int:
    """Signs them out of every browser, and forgets the browsers; returns how many sessions there were. Raises NotFound."""
    return await _end_sessions(session, (await _active(session, email)).email)


async def revoke_tokens(session: Session, email: str, now: datetime) -> int:
    """Ends all tokens of that address; returns how many."""
    good = update(TokenRow).where(col(TokenRow.email) == email, col(TokenRow.revoked_at).is_(None))
    return int((await session.exec(good.values(revoked_at=now))).rowcount)


async def issue_token(session: Session, email: str, now: datetime) -> str:
    """A token acts as its person. Raises NotFound where there is no such person."""
    row = await _active(session, email)
    token = passwords.new_token("pt")
    session.add(TokenRow(token_hash=passwords.hash_token(token), email=row.email, created_at=now))
    return token


async def by_token(session: Session, token: str) -> Person:
    """Whom a program acts as. Raises NotSignedIn."""
    row = await session.get(TokenRow, passwords.hash_token(token))
    person = await session.get(PersonRow, row.email) if row and not row.revoked_at else None
    if not person or not person.active:
        raise NotSignedIn("the token is not known or no longer good: issue one with `parvis tokens issue EMAIL`")
    return _person(person)


async def door(session: Session, email: str, device: str | None) -> Door:
    """To be compared before `sign_in` and outside its transaction: that takes long on purpose."""
    address = email.strip().lower()
    row = await session.get(PersonRow, address)
    browser = await session.get(DeviceRow, passwords.hash_token(device)) if device else None
    return Door(
        address,
        row.password_hash if row and row.active else None,
        browser.token_hash if browser and browser.email == address else None,
    )


async def sign_in(session: Session, proven: Door, now: datetime, lasts: timedelta) -> str | None:
    """A new session's token, or nothing where the hash that the password was found to fit is no longer theirs."""
    row = await session.get(PersonRow, proven.email, with_for_update=True)
    if not row or not row.active or proven.password_hash != row.password_hash:
        return None
    token = passwords.new_token("ps")
    session.add(SessionRow(token_hash=passwords.hash_token(token), email=row.email, csrf=secrets.token_urlsafe(32), expires_at=now + lasts))
    await session.exec(delete(SessionRow).where(col(SessionRow.expires_at) < now))
    return token


async def keep_device(session: Session, email: str, device: str | None, now: datetime) -> str:
    """The token of the browser that this person signed in with: the one that it has, or a new one."""
    token = device or passwords.new_token("pb")
    await session.exec(delete(DeviceRow).where(col(DeviceRow.seen_at) < now - DEVICE_FORGOTTEN_AFTER))
    await session.merge(DeviceRow(token_hash=passwords.hash_token(token), email=email, seen_at=now))
    return token


async def by_session(session: Session, token: str, now: datetime) -> tuple[Person, str] | None:
    """Who sits at the browser, and the word that its forms must carry."""
    row = await session.get(SessionRow, passwords.hash_token(token))
    person = await session.get(PersonRow, row.email) if row and row.expires_at > now else None
    return (_person(person), row.csrf) if row and person and person.active else None


async def of_sessions(session: Session, token_hashes: Collection[str], now: datetime) -> dict[str, Person]:
    """Who sits at each of those browsers, by the hash of the session's token: one query for many, which prolongs none of them."""
    signed_in = (
        select(SessionRow.token_hash, PersonRow)
        .join(PersonRow, col(PersonRow.email) == col(SessionRow.email))
        .where(col(SessionRow.token_hash).in_(token_hashes), col(SessionRow.expires_at) > now, col(PersonRow.active))
    )
    return {token_hash: _person(row) for token_hash, row in (await session.exec(signed_in)).all()}


async def names_of(session: Session, emails: Collection[str]) -> dict[str, str]:
    """The names of those people, also of who was removed."""
    if not emails:
        return {}
    return dict((await session.exec(select(PersonRow.email, PersonRow.name).where(col(PersonRow.email).in_(emails)))).all())


async def sign_out(session: Session, token: str) -> None:
    """Ends the session."""
    await session.exec(delete(SessionRow).where(col(SessionRow.token_hash) == passwords.hash_token(token)))


async def _end_sessions(session: Session, email: str) -> int:
    await session.exec(delete(DeviceRow).where(col(DeviceRow.email) == email))
    return int((await session.exec(delete(SessionRow).where(col(SessionRow.email) == email))).rowcount)


async def _active(session: Session, email: str) -> PersonRow:
    address = check_email(email)
    row = await session.get(PersonRow, address, with_for_update=True)
    if not row or not row.active:
        raise NotFound(f"there is no {address}: add them first with `parvis people add {address} --role ROLE`", field="email")
    return row


def _person(row: PersonRow) -> Person:
    return Person(
        row.email, row.name, Role(row.role), tuple(row.departments), tuple(row.agencies), tuple(Role(other) for other in row.also)
    )
