"""Requests in, triaged requests out, a batch at a time."""

import asyncio
from collections.abc import Sequence
from typing import Annotated

from faststream import Context
from faststream.kafka import KafkaBroker, KafkaMessage

from schemas import requests_received
from schemas.requests_received import RequestReceived
from schemas.requests_triaged import RequestTriaged
from services.domain.taxonomy import Taxonomy
from services.runtime import telemetry
from services.runtime.batches import in_batch
from services.runtime.broker import Health, consumer, router
from services.triage import rules
from services.triage.rules import Classifier

SERVICE = "triage"
BATCH = 64  # records; with 20,000 characters each still decided in a second

route = router()

BrokerDep = Annotated[KafkaBroker, Context("broker")]
HealthDep = Annotated[Health, Context("health")]
ClassifierDep = Annotated[Classifier, Context("classifier")]
TaxonomyDep = Annotated[Taxonomy, Context("taxonomy")]


@route.subscriber(requests_received.TOPIC, batch=True, max_records=BATCH, batch_timeout_ms=100, **consumer(SERVICE))
async def on_requests_received(
    message: KafkaMessage, classifier: ClassifierDep, taxonomy: TaxonomyDep, health: HealthDep, broker: BrokerDep
) -> None:
    """Decides on the batch in a thread, so that heartbeats go on."""

    async def decide(requests: Sequence[RequestReceived]) -> list[RequestTriaged]:
        with telemetry.tracer.start_as_current_span("triage.decide"):
            return await asyncio.to_thread(rules.triage, requests, classifier, taxonomy)

    await in_batch(message, RequestReceived, decide, service=SERVICE, health=health, broker=broker)
