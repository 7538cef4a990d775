"""Requests in, triaged requests out, a batch at a time."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated

from faststream import Context
from faststream.kafka import KafkaMessage

from schemas import requests_received
from schemas.requests_received import RequestReceived
from schemas.requests_triaged import RequestTriaged
from services.domain import reference_requests
from services.domain.taxonomy import Taxonomy
from services.runtime import kafka_records, telemetry
from services.runtime.batch_consumer import Batches
from services.runtime.broker import consumer, router
from services.triage import rules
from services.triage.monitoring.monitor import DecisionMonitor
from services.triage.rules import Classifier

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


async def decide(
    requests: Sequence[RequestReceived],
    classifier: Classifier,
    taxonomy: Taxonomy,
    beside: DecisionMonitor | None = None,
    sender: str = "",
) -> list[RequestTriaged]:
    """The rules' answer, worked out in a thread, so that heartbeats go on. What looks on gets it when nothing can be changed any more."""
    with telemetry.step("triage.decide"):
        decided = await asyncio.to_thread(rules.triage, requests, classifier, taxonomy, sender)
    if beside:
        beside.offer(decided)
    return decided


async def try_reference_requests(decide: Callable[[Sequence[RequestReceived]], Awaitable[Sequence[RequestTriaged]]]) -> None:
    """Whether this release reads and sorts what every release does."""
    await decide([kafka_records.read_event(value, RequestReceived) for value in reference_requests.values()])
