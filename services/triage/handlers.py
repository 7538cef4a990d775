"""Requests in, triaged requests out, a batch at a time."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated

from faststream import Context
from faststream.kafka import KafkaMessage

from schemas import requests_received
from schemas.requests_received import RequestReceived
from services.domain import reference_requests
from services.runtime import kafka_records
from services.runtime.batch_consumer import Batches
from services.runtime.broker import consumer, router

SERVICE = "triage"
BATCH = 64  # records decided at once; with 20,000 characters each still in a second
FETCH = 256  # records in hand, so that agencies can take turns: four seconds of work at most, which a process that is told to stop has

route = router()

BatchesDep = Annotated[Batches[RequestReceived], Context("batches")]


@route.subscriber(requests_received.TOPIC, batch=True, max_records=FETCH, batch_timeout_ms=100, **consumer(SERVICE))
async def on_requests_received(message: KafkaMessage, batches: BatchesDep) -> None:
    """Each becomes a `RequestTriaged`."""
    await batches.handle(message)


def agency_of(request: RequestReceived) -> str:
    """Whose turn it is."""
    return request.agency


async def try_reference_requests(decide: Callable[[Sequence[RequestReceived]], Awaitable[object]]) -> None:
    """Whether this release reads and sorts what every release does."""
    await decide([kafka_records.read_event(value, RequestReceived) for value in reference_requests.values()])
