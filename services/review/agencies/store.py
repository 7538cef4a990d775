"""All database queries about agencies that may publish."""

from datetime import datetime

from sqlmodel import col, update

from services.review.agencies.rules import Standing
from services.review.agencies.tables import AgencyRow
from services.runtime import publisher_keys
from services.runtime.database import Session, insert_new


async def standing(session: Session, slug: str, now: datetime) -> Standing | None:
    """The registration of the agency; None where it was never added."""
    row = await session.get(AgencyRow, slug)
    if row is None:
        return None
    return Standing(slug, row.signs, row.revoked_at is not None, tuple(await publisher_keys.good(session, slug, now)))


async def admit(
    session: Session,
    slug: str,
    *,
    signing_key: str | None = None,
    prefix: str = "",
    expires_at: datetime | None = None,
    signs: bool | None = None,
) -> None:
    """Lets the agency publish from now on, also where it was revoked; `signs` changes whether it has to sign."""
    await insert_new(session, AgencyRow(slug=slug))
    changes: dict[str, object] = {"revoked_at": None} | ({} if signs is None else {"signs": signs})
    await session.exec(update(AgencyRow).where(col(AgencyRow.slug) == slug).values(**changes))
    if signing_key:
        await publisher_keys.keep(session, slug, signing_key, prefix, expires_at)


async def end_key_by(session: Session, slug: str, prefix: str, moment: datetime) -> None:
    """What the key that begins like this has signed is taken until then and no longer."""
    await publisher_keys.end_by(session, slug, prefix, moment)


async def revoke(session: Session, slug: str, now: datetime, *, prefix: str | None = None, agency_too: bool) -> None:
    """Ends the keys that begin like this, or all; `agency_too` refuses the agency's records from now on."""
    await publisher_keys.revoke(session, slug, now, prefix=prefix)
    if agency_too:
        await session.exec(update(AgencyRow).where(col(AgencyRow.slug) == slug).values(revoked_at=now))
