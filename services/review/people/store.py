"""Database queries of people, their passwords and known browsers."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import col, delete, select, update

from services.review.people import passwords
from services.review.people.powers import Power, TokenScope
from services.review.people.rules import EVERYTHING, Person, Role, Scope, check_email, check_roles, check_scope
from services.review.people.tables import DeviceRow, HalfSignInRow, IdentityRow, PersonRow, SecondFactorRow, SessionRow, TokenRow
from services.runtime.database import Session
from services.runtime.errors import Conflict, NotFound

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
    must_change: bool = False,
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
        must_change_password=must_change,
    )
    await session.merge(row)
    return password


async def person(session: Session, email: str) -> Person:
    """Somebody who may act here. Raises NotFound where there is no such person, or they were removed."""
    return person_of(await active_row(session, email))


async def people(session: Session, *, removed: bool = True) -> list[Person]:
    """Everybody, by address. Also those who were removed, since what they did keeps their name, unless they are not wanted."""
    query = select(PersonRow).order_by(col(PersonRow.email))
    return [person_of(row) for row in (await session.exec(query if removed else query.where(col(PersonRow.active)))).all()]


async def names(session: Session) -> dict[str, str]:
    """What each address is called, also of those who were removed."""
    return {person.email: person.name for person in await people(session)}


async def remove_person(session: Session, email: str, now: datetime) -> Person:
    """Ends their sessions and tokens, and lets them in no more. Raises NotFound."""
    row = await active_row(session, email)
    row.active = False
    # What waits for a code goes first: it could become a session meanwhile.
    for kept in (HalfSignInRow, SessionRow, DeviceRow, IdentityRow, SecondFactorRow):
        await session.exec(delete(kept).where(col(kept.email) == row.email))
    await revoke_tokens(session, row.email, now)
    return person_of(row)


async def revoke_tokens(session: Session, email: str, now: datetime) -> int:
    """Ends all tokens of that address; returns how many."""
    good = update(TokenRow).where(col(TokenRow.email) == email, col(TokenRow.revoked_at).is_(None))
    return int((await session.exec(good.values(revoked_at=now))).rowcount)


async def issue_token(
    session: Session,
    email: str,
    now: datetime,
    *,
    label: str = "",
    scopes: Sequence[TokenScope] = (),
    expires_at: datetime | None = None,
) -> str:
    """A token acts as its person, within its scopes and until its end. Raises NotFound where there is no such person."""
    row = await active_row(session, email)
    token = passwords.new_token("pt")
    session.add(
        TokenRow(
            token_hash=passwords.hash_token(token),
            email=row.email,
            created_at=now,
            label=" ".join(label.split())[:80],
            scopes=[scope.value for scope in dict.fromkeys(scopes)] or None,
            expires_at=expires_at,
        )
    )
    return token


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


async def still_fits(session: Session, proven: Door) -> bool:
    """Whether the hash that the password was found to fit is theirs still."""
    row = await session.get(PersonRow, proven.email, with_for_update=True)
    return bool(row and row.active and proven.password_hash == row.password_hash)


async def set_password(session: Session, email: str, password_hash: str, *, must_change: bool = False) -> None:
    """Replaces the password by its hash; a sign-in that waits for a code was begun with the former one, and ends. Raises NotFound."""
    row = await active_row(session, email)
    await session.exec(delete(HalfSignInRow).where(col(HalfSignInRow.email) == row.email))
    row.password_hash, row.must_change_password = password_hash, must_change


async def change_rights(session: Session, email: str, role: Role, also: tuple[Role, ...], scope: Scope) -> Person:
    """Gives them another role and other limits, at once. Raises NotFound, InvalidInput."""
    row = await active_row(session, email)
    others = check_roles(role, also)
    check_scope((role, *others), scope)
    row.role, row.also = role.value, [other.value for other in others]
    row.departments, row.agencies = list(scope.departments), list(scope.agencies)
    return person_of(row)


async def keep_device(session: Session, email: str, device: str | None, now: datetime) -> str:
    """The token of the browser that this person signed in with: the one that it has, or a new one."""
    token = device or passwords.new_token("pb")
    await session.exec(delete(DeviceRow).where(col(DeviceRow.seen_at) < now - DEVICE_FORGOTTEN_AFTER))
    await session.merge(DeviceRow(token_hash=passwords.hash_token(token), email=email, seen_at=now))
    return token


async def names_of(session: Session, emails: Collection[str]) -> dict[str, str]:
    """The names of those people, also of who was removed."""
    if not emails:
        return {}
    return dict((await session.exec(select(PersonRow.email, PersonRow.name).where(col(PersonRow.email).in_(emails)))).all())


async def active_row(session: Session, email: str) -> PersonRow:
    """The row of somebody who may act here, held for this transaction. Raises NotFound."""
    address = check_email(email)
    row = await session.get(PersonRow, address, with_for_update=True)
    if not row or not row.active:
        raise NotFound(f"there is no {address}: add them first with `parvis people add {address} --role ROLE`", field="email")
    return row


def person_of(row: PersonRow, only: frozenset[Power] | None = None) -> Person:
    """The person of that row; `only` leaves them a part of their powers, as a token has."""
    also = tuple(Role(other) for other in row.also)
    scope = (tuple(row.departments), tuple(row.agencies))
    return Person(row.email, row.name, Role(row.role), *scope, also, only, row.must_change_password, row.language, row.time_zone)


async def set_reading(session: Session, email: str, language: str, time_zone: str) -> None:
    """In which language and zone the pages speak to them from now on. Raises NotFound."""
    row = await active_row(session, email)
    row.language, row.time_zone = language, time_zone
