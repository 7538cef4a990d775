"""Requests in, triaged requests out, a batch at a time."""

import asyncio
from collections.abc import Sequence
from typing import Annotated

from faststream import Context
from faststream.kafka import KafkaMessage

from schemas import requests_received
from schemas.requests_received import RequestReceived
from schemas.requests_triaged import RequestTriaged
from services.domain.taxonomy import Taxonomy
from services.runtime import telemetry
from services.runtime.broker import consumer, router
from services.runtime.consumers import Batches
from services.triage import rules
from services.triage.monitoring.monitor import DecisionMonitor
from services.triage.rules import Classifier

SERVICE = "triage"
BATCH = 64  # records; with 20,000 characters each still decided in a second

route = router()

BatchesDep = Annotated[Batches[RequestReceived], Context("batches")]


@route.subscriber(requests_received.TOPIC, batch=True, max_records=BATCH, batch_timeout_ms=100, **consumer(SERVICE))
async def on_requests_received(message: KafkaMessage, batches: BatchesDep) -> None:
    """Each becomes a `RequestTriaged`."""
    await batches.handle(message)


async def decide(
    requests: Sequence[RequestReceived], classifier: Classifier, taxonomy: Taxonomy, beside: DecisionMonitor | None = None
) -> list[RequestTriaged]:
    """The rules' answer, worked out in a thread, so that heartbeats go on. What looks on gets it when nothing can be changed any more."""
    with telemetry.step("triage.decide"):
        decided = await asyncio.to_thread(rules.triage, requests, classifier, taxonomy)
    if beside:
        beside.offer(decided)
    return decided
