"""Database queries of identities: who a person is at a provider, and which ways back were used."""

from datetime import datetime

from sqlmodel import col, delete, select

from services.review.people.single_sign_on.flow import LASTS, Flow
from services.review.people.single_sign_on.identity import Identity, NotSignedOn, Trouble
from services.review.people.store import active_row
from services.review.people.tables import IdentityRow, PersonRow, UsedFlowRow
from services.runtime.database import Session, insert_new
from services.runtime.errors import Conflict, NotFound


async def use(session: Session, flow: Flow, now: datetime) -> None:
    """Notes that the way back was taken. Raises NotSignedOn where it was before, in whichever process."""
    await session.exec(delete(UsedFlowRow).where(col(UsedFlowRow.used_at) < now - 2 * LASTS))
    if not await insert_new(session, UsedFlowRow(mark=flow.mark, used_at=now)):
        raise NotSignedOn(Trouble.STALE, "the way back was used before")


async def person_behind(session: Session, identity: Identity, now: datetime) -> tuple[str, bool]:
    """The address of whoever that is here, and whether they were linked just now by a verified address. Raises NotSignedOn."""
    row = await session.get(IdentityRow, (identity.issuer, identity.subject))
    if row:
        person = await session.get(PersonRow, row.email)
        if not person or not person.active:
            raise NotSignedOn(Trouble.UNKNOWN, "was removed", email=row.email)
        return row.email, False
    if not identity.email:
        raise NotSignedOn(Trouble.NO_ADDRESS, "no verified address", subject=identity.subject)
    person = await session.get(PersonRow, identity.email, with_for_update=True)
    if not person or not person.active:
        raise NotSignedOn(Trouble.UNKNOWN, "nobody here has that address", email=identity.email, subject=identity.subject)
    linked = await subject_of(session, identity.email, identity.issuer)
    if linked == identity.subject:  # by another window, a moment ago
        return identity.email, False
    if linked:
        raise NotSignedOn(Trouble.TAKEN, "the person is somebody else there", email=identity.email, subject=identity.subject)
    session.add(IdentityRow(issuer=identity.issuer, subject=identity.subject, email=identity.email, linked_at=now))
    return identity.email, True


async def subject_of(session: Session, email: str, issuer: str) -> str | None:
    """Who that person is at the provider; None where they were never linked."""
    theirs = select(IdentityRow.subject).where(IdentityRow.email == email, IdentityRow.issuer == issuer)
    return (await session.exec(theirs)).first()


async def is_linked(session: Session, email: str) -> bool:
    """Whether that person is known at any provider."""
    return (await session.exec(select(IdentityRow.subject).where(IdentityRow.email == email))).first() is not None


async def link(session: Session, email: str, issuer: str, subject: str, now: datetime) -> str:
    """Says who that person is at the provider, in place of what was known; returns their address. Raises NotFound, Conflict."""
    row = await active_row(session, email)
    other = await session.get(IdentityRow, (issuer, subject))
    if other and other.email != row.email:
        raise Conflict(f"that subject is {other.email} already: unlink them first", field="subject")
    await unlink(session, row.email)
    session.add(IdentityRow(issuer=issuer, subject=subject, email=row.email, linked_at=now))
    return row.email


async def unlink(session: Session, email: str) -> int:
    """Forgets who that person is elsewhere: the next verified address links anew. Returns how many links there were."""
    return int((await session.exec(delete(IdentityRow).where(col(IdentityRow.email) == email))).rowcount)


async def must_unlink(session: Session, email: str) -> None:
    """The same. Raises NotFound where there was none."""
    if not await unlink(session, email):
        raise NotFound(f"{email} is not linked to single sign-on", field="email")
