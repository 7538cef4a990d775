"""Admits or refuses a request from Kafka by its agency: known, not revoked, and signed where it has to be."""

from schemas.requests_received import RequestReceived
from services.domain import agency_signing_key
from services.review.agencies import rules, store
from services.runtime import clock, record_provenance
from services.runtime.database import Session
from services.runtime.settings import KafkaSettings


async def admit(session: Session, request: RequestReceived, kafka: KafkaSettings) -> None:
    """Raises the reason for a refusal. A record that a service of ours signed was checked before; any other is checked here."""
    source = record_provenance.current()
    if source.vouched:
        return
    standing = await store.standing(session, request.agency, clock.now())
    rules.admit(standing, source.value, source.headers.get(agency_signing_key.HEADER), all_sign=kafka.all_sign)
