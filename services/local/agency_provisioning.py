"""Adds and revokes agencies in the tables of all services, in one transaction."""

from datetime import datetime
from urllib.parse import urlsplit

from services.dispatch import store as dispatch
from services.domain import agency_signing_key
from services.domain.agency_keys import NO_LIMITS, SHOWN, KeyScope, KeyTerms
from services.intake import api_keys
from services.intake import store as intake
from services.review.agencies import store as review
from services.review.agencies.provisioning import AgencyKeys, AgencyWebhooks
from services.runtime.database import Session
from services.runtime.errors import InvalidInput


async def add(session: Session, code: str, name: str, now: datetime, *, signs: bool | None = None, terms: KeyTerms = NO_LIMITS) -> str:
    """Adds the agency, or takes it back; returns a new API key, which is kept nowhere."""
    await intake.add_agency(session, code, name, now)
    key = await api_keys.issue(session, code, now, terms)
    if terms.allows(KeyScope.SEND):
        signing_key = agency_signing_key.signing_key(key)
        await review.admit(session, code, signing_key=signing_key, prefix=key[:SHOWN], expires_at=terms.expires_at, signs=signs)
    return key


async def replace_key(session: Session, code: str, now: datetime, until: datetime, *, prefix: str | None = None) -> tuple[str, str]:
    """Issues a key on the terms of another, which stays good until then: time to change programs without a gap.

    Returns the new key, and how the former begins. Without a prefix it is the only one that the agency has.
    """
    former = await api_keys.chosen(session, code, now, prefix)
    if former.terms.expires_at:
        raise InvalidInput(
            f"key: {former.prefix} ends anyway, or was just replaced: issue a further key, and end one that nobody has",
            field="key",
        )
    key = await add(session, code, code, now, terms=former.terms)
    await api_keys.end_by(session, former, until)
    await review.end_key_by(session, code, former.prefix, until)
    return key, former.prefix


async def revoke(session: Session, code: str, now: datetime, *, prefix: str | None = None) -> int:
    """Ends its keys, or the one that begins like this; returns how many ended.

    An agency without one that may send is refused on Kafka too; to one without any nothing is sent by webhook any more.
    """
    ended = await api_keys.revoke(session, code, now, prefix=prefix)
    left = [key.terms for key in await api_keys.good(session, now) if key.agency == code]
    may_send = any(terms.allows(KeyScope.SEND) for terms in left)
    await review.revoke(session, code, now, prefix=prefix and prefix[:SHOWN], agency_too=not may_send)
    if not left:
        await dispatch.remove_webhook(session, code)
    return ended


async def webhook_host(session: Session, code: str) -> str | None:
    """Where the agency's webhook is: only its host, since the path or the query may be the agency's own secret. None: it has none."""
    webhook = await dispatch.webhook_of(session, code)
    return urlsplit(webhook.url).hostname if webhook else None


def for_pages() -> AgencyKeys:
    """What review's pages keep agencies and their keys by."""
    return AgencyKeys(
        intake.agencies, add, replace_key, revoke, AgencyWebhooks(webhook_host, dispatch.webhook_records, dispatch.send_webhook_again)
    )
