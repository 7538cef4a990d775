"""Adds and revokes agencies in the tables of all services, in one transaction."""

from datetime import datetime

from services.domain import agency_signing_key
from services.intake import store as intake
from services.review.agencies import store as review
from services.review.agencies.provisioning import AgencyKeys
from services.runtime.database import Session


async def add(session: Session, code: str, name: str, now: datetime, *, signs: bool | None = None) -> str:
    """Adds the agency, or takes it back; returns a new API key, which is kept nowhere."""
    await intake.add_agency(session, code, name, now)
    key = await intake.issue_key(session, code, now)
    await review.admit(session, code, signing_key=agency_signing_key.signing_key(key), prefix=key[: intake.SHOWN], signs=signs)
    return key


async def revoke(session: Session, code: str, now: datetime, *, prefix: str | None = None) -> int:
    """Ends its keys, or the one that begins like this; one without any is refused on Kafka too. Returns how many ended."""
    ended = await intake.revoke_keys(session, code, now, prefix=prefix)
    left = next(agency.keys for agency in await intake.agencies(session) if agency.slug == code)
    await review.revoke(session, code, now, prefix=prefix and prefix[: intake.SHOWN], agency_too=not left)
    return ended


def for_pages() -> AgencyKeys:
    """What review's pages keep agencies and their keys by."""
    return AgencyKeys(intake.agencies, add, revoke)
