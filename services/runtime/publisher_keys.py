"""Keys of agencies that publish to Kafka directly."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Field, SQLModel, col, select, update

from services.runtime.database import Moment, Session, insert_new


class PublisherKeyRow(SQLModel, table=True):
    """What verifies an agency's signature: it follows from the API key, which can't be told from it."""

    __tablename__ = "review_agency_keys"

    signing_key: str = Field(primary_key=True)
    agency: str = Field(index=True)
    prefix: str
    revoked_at: datetime | None = Field(default=None, sa_type=Moment)


async def keep(session: Session, agency: str, signing_key: str, prefix: str) -> bool:
    """Signatures by this key are the agency's from now on; says whether it was new."""
    return await insert_new(session, PublisherKeyRow(signing_key=signing_key, agency=agency, prefix=prefix))


async def is_kept(session: Session, signing_key: str) -> bool:
    """Whether it is known whose it is."""
    return await session.get(PublisherKeyRow, signing_key) is not None


async def good(session: Session, agency: str) -> Sequence[str]:
    """Those of the agency that were not revoked."""
    keys = select(PublisherKeyRow.signing_key).where(PublisherKeyRow.agency == agency, col(PublisherKeyRow.revoked_at).is_(None))
    return (await session.exec(keys)).all()


async def all_good(session: Session) -> Sequence[tuple[str, str]]:
    """Each agency with each of its keys that were not revoked."""
    keys = select(PublisherKeyRow.agency, PublisherKeyRow.signing_key).where(col(PublisherKeyRow.revoked_at).is_(None))
    return (await session.exec(keys)).all()


async def revoke(session: Session, agency: str, now: datetime, *, prefix: str | None = None) -> None:
    """Ends the agency's keys that begin like this, or all."""
    keys = update(PublisherKeyRow).where(col(PublisherKeyRow.agency) == agency, col(PublisherKeyRow.revoked_at).is_(None))
    if prefix is not None:
        keys = keys.where(col(PublisherKeyRow.prefix) == prefix)
    await session.exec(keys.values(revoked_at=now))
