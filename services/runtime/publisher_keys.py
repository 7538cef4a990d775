"""Keys of agencies that publish to Kafka directly."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement
from sqlmodel import Field, SQLModel, col, or_, select, update

from services.runtime.database import Moment, Session, insert_new


class PublisherKeyRow(SQLModel, table=True):
    """What verifies an agency's signature: it follows from the API key, which can't be told from it."""

    __tablename__ = "review_agency_keys"

    signing_key: str = Field(primary_key=True)
    agency: str = Field(index=True)
    prefix: str
    expires_at: datetime | None = Field(default=None, sa_type=Moment)
    revoked_at: datetime | None = Field(default=None, sa_type=Moment)


async def keep(session: Session, agency: str, signing_key: str, prefix: str, expires_at: datetime | None = None) -> bool:
    """Signatures by this key are the agency's from now on, until its end; says whether it was new."""
    return await insert_new(session, PublisherKeyRow(signing_key=signing_key, agency=agency, prefix=prefix, expires_at=expires_at))


async def is_kept(session: Session, signing_key: str) -> bool:
    """Whether it is known whose it is."""
    return await session.get(PublisherKeyRow, signing_key) is not None


async def good(session: Session, agency: str, now: datetime) -> Sequence[str]:
    """Those of the agency that are neither revoked nor at their end."""
    return (await session.exec(select(PublisherKeyRow.signing_key).where(PublisherKeyRow.agency == agency, _good(now)))).all()


async def all_good(session: Session, now: datetime) -> Sequence[tuple[str, str]]:
    """Each agency with each of its keys that are neither revoked nor at their end."""
    return (await session.exec(select(PublisherKeyRow.agency, PublisherKeyRow.signing_key).where(_good(now)))).all()


async def end_by(session: Session, agency: str, prefix: str, moment: datetime) -> None:
    """The agency's key that begins like this is good until then and no longer; one that ends earlier keeps its end."""
    key = update(PublisherKeyRow).where(col(PublisherKeyRow.agency) == agency, col(PublisherKeyRow.prefix) == prefix)
    later = or_(col(PublisherKeyRow.expires_at).is_(None), col(PublisherKeyRow.expires_at) > moment)
    await session.exec(key.where(later).values(expires_at=moment))


async def revoke(session: Session, agency: str, now: datetime, *, prefix: str | None = None) -> None:
    """Ends the agency's keys that begin like this, or all."""
    keys = update(PublisherKeyRow).where(col(PublisherKeyRow.agency) == agency, col(PublisherKeyRow.revoked_at).is_(None))
    if prefix is not None:
        keys = keys.where(col(PublisherKeyRow.prefix) == prefix)
    await session.exec(keys.values(revoked_at=now))


def _good(now: datetime) -> ColumnElement[bool]:
    return col(PublisherKeyRow.revoked_at).is_(None) & or_(col(PublisherKeyRow.expires_at).is_(None), col(PublisherKeyRow.expires_at) > now)
