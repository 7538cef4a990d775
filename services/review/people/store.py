"""Every query about people."""

import secrets
from datetime import datetime, timedelta

from sqlmodel import col, delete, select

from services.review.people import passwords
from services.review.people.rules import Person, Role, check_email
from services.review.people.tables import PersonRow, SessionRow, TokenRow
from services.runtime.database import Session
from services.runtime.errors import Conflict, NotFound, NotSignedIn

TRIES = 8
LOCKED_FOR = timedelta(minutes=5)


async def add_person(
    session: Session, email: str, role: Role, now: datetime, *, name: str | None = None, departments: tuple[str, ...] = ()
) -> str:
    """Returns the new person's password: it is shown once and kept only as a hash."""
    address = check_email(email)
    if await session.get(PersonRow, address):
        raise Conflict(f"{address} is known already: issue a token, or add another address", field="email")
    password = passwords.new_password()
    session.add(
        PersonRow(
            email=address,
            name=name or address.partition("@")[0].replace(".", " ").title(),
            role=role.value,
            departments=list(departments),
            password_hash=passwords.hash_password(password),
            created_at=now,
        )
    )
    return password


async def people(session: Session) -> list[Person]:
    """Everybody, by address."""
    return [_person(row) for row in (await session.exec(select(PersonRow).order_by(col(PersonRow.email)))).all()]


async def issue_token(session: Session, email: str, now: datetime) -> str:
    """A token acts as its person. Raises NotFound where there is no such person."""
    address = check_email(email)
    if not await session.get(PersonRow, address):
        raise NotFound(f"there is no {address}: add them first with `parvis people add {address} --role ROLE`", field="email")
    token = passwords.new_token("pt")
    session.add(TokenRow(token_hash=passwords.hash_token(token), email=address, created_at=now))
    return token


async def by_token(session: Session, token: str) -> Person:
    """Whom a program acts as. Raises NotSignedIn."""
    row = await session.get(TokenRow, passwords.hash_token(token))
    person = await session.get(PersonRow, row.email) if row and not row.revoked_at else None
    if not person or not person.active:
        raise NotSignedIn("the token is not known or no longer good: issue one with `parvis tokens issue EMAIL`")
    return _person(person)


async def sign_in(session: Session, email: str, password: str, now: datetime, lasts: timedelta) -> str | None:
    """A new session's token, or nothing where the address and the password do not fit or are locked for a while."""
    row = await session.get(PersonRow, email.strip().lower(), with_for_update=True)
    fits = passwords.matches(password[:1000], row.password_hash if row else None)
    if not row or not row.active or (row.locked_until and row.locked_until > now):
        return None
    if not fits:
        row.failed_sign_ins += 1
        if row.failed_sign_ins >= TRIES:
            row.failed_sign_ins, row.locked_until = 0, now + LOCKED_FOR
        return None
    row.failed_sign_ins, row.locked_until = 0, None
    token = passwords.new_token("ps")
    session.add(SessionRow(token_hash=passwords.hash_token(token), email=row.email, csrf=secrets.token_urlsafe(32), expires_at=now + lasts))
    await session.exec(delete(SessionRow).where(col(SessionRow.expires_at) < now))
    return token


async def by_session(session: Session, token: str, now: datetime) -> tuple[Person, str] | None:
    """Who sits at the browser, and the word that its forms must carry."""
    row = await session.get(SessionRow, passwords.hash_token(token))
    person = await session.get(PersonRow, row.email) if row and row.expires_at > now else None
    return (_person(person), row.csrf) if row and person and person.active else None


async def sign_out(session: Session, token: str) -> None:
    """Ends the session."""
    await session.exec(delete(SessionRow).where(col(SessionRow.token_hash) == passwords.hash_token(token)))


def _person(row: PersonRow) -> Person:
    return Person(row.email, row.name, Role(row.role), tuple(row.departments))
