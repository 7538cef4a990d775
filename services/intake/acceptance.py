"""One request taken in: journal, idempotency and the outgoing event are rows of the caller's transaction, all or none."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from opentelemetry.trace import SpanKind

from services.intake import rules, store
from services.runtime import outbox, telemetry
from services.runtime.database import Session
from services.runtime.errors import Conflict, InvalidInput

SERVICE = "intake"


class ContentDiffers(Conflict):
    """The agency used this request id before, for something else."""

    title = "This request_id was used for another request"


class IdTaken(Conflict):
    """Somebody else's request: says no more than that."""

    title = "This request_id is taken"


class KeyReused(InvalidInput):
    """An Idempotency-Key stands for one body only."""

    title = "The Idempotency-Key was used for another request"


@dataclass(frozen=True)
class Sent:
    """What came in: decoded JSON, from whom, under which Idempotency-Key, and with which trace headers."""

    value: object
    agency: str
    key: str | None = None
    headers: dict[str, str] | None = None
    route: str = "/v1/requests"


async def accept(session: Session, sent: Sent, now: datetime, patience: timedelta) -> UUID:
    """The id of the request: a new one that leaves with this transaction, or the one that it was before.

    `patience` is how long to wait for a sign of life before it is published again.
    """
    if not isinstance(sent.value, dict):
        raise InvalidInput('a JSON object is expected, as {"channel": "web", "body": "..."}')
    request = rules.accept(sent.value, sent.agency, now, uuid4())
    if sent.key is not None:
        said = store.Remembered(request.request_id, rules.digest_of(sent.value))
        known = await store.remember(session, sent.agency, sent.key, said, now)
        if known.digest != said.digest:
            raise KeyReused("this key came with another body before: use a new key for a new request", field="Idempotency-Key")
        if known is not said:
            return known.request_id
    if await store.claim(session, request.request_id, sent.agency, now) != sent.agency:
        raise IdTaken("choose another random UUID, or leave request_id out", field="request_id")
    with telemetry.request_span(
        "accept request",
        request.request_id,
        kind=SpanKind.SERVER,
        links=telemetry.link_to(sent.headers or {}),
    ) as span:
        telemetry.note(span, {"http.request.method": "POST", "http.route": sent.route})
        content = rules.content_of(request)
        if await store.journal(session, request, content, telemetry.current_headers(), now=now, next_publish_at=now + patience):
            await outbox.add(session, SERVICE, request)
        elif (await store.entry(session, request.request_id)).content != content:
            raise ContentDiffers("its content was different; use a new request_id for a new request", field="request_id")
    return request.request_id
