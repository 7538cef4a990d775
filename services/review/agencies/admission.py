"""Before a request becomes a case it is asked whether it comes from whom it says."""

from schemas.requests_received import RequestReceived
from services.domain import agency_signing_key
from services.review.agencies import rules, store
from services.runtime import record_provenance
from services.runtime.database import Session
from services.runtime.settings import KafkaSettings


async def admit(session: Session, request: RequestReceived, kafka: KafkaSettings) -> None:
    """Raises the reason why not. What intake or review signed has been looked at before; all else speaks for itself."""
    source = record_provenance.current()
    if source.vouched:
        return
    standing = await store.standing(session, request.agency)
    rules.admit(standing, source.value, source.headers.get(agency_signing_key.HEADER), all_sign=kafka.all_sign)
