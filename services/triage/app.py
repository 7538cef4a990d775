"""Puts the triage process together."""

import contextlib
from collections.abc import AsyncIterator
from functools import partial

from fastapi import FastAPI

from schemas import requests_received
from schemas.requests_received import RequestReceived
from services.domain import taxonomy
from services.runtime import process, web
from services.runtime.batch_consumer import Batches
from services.runtime.broker import kafka_broker
from services.runtime.readiness import Check
from services.runtime.retry import Health
from services.runtime.settings import Settings
from services.runtime.worker_process import WorkerProcess
from services.triage import handlers
from services.triage.bounded_decisions import BoundedDecisions

WORKER = "services.triage.worker"


def create(settings: Settings) -> FastAPI:
    """The application; its worker has loaded the classifier, or trained it, before the first record is read."""
    health = Health()
    broker = kafka_broker(handlers.SERVICE, settings, health)
    broker.include_router(handlers.route)

    @contextlib.asynccontextmanager
    async def life(_: FastAPI) -> AsyncIterator[None]:
        worker = WorkerProcess(WORKER, settings)
        decisions = BoundedDecisions(worker, taxonomy.load(settings.taxonomy), settings.triage_seconds)
        batches = Batches(RequestReceived, decisions.decide, handlers.SERVICE, health, broker, handlers.agency_of, handlers.BATCH)
        broker.context.set_global("batches", batches)
        health.trials[requests_received.TOPIC] = partial(handlers.try_reference_requests, decisions.check)
        async with worker.running(), process.running(broker, settings.kafka):
            yield

    app = web.create(
        handlers.SERVICE,
        [Check("kafka", process.kafka_ready(broker, health))],
        life,
        edge=web.Edge(metrics_token=settings.metrics_token.get_secret_value()),
    )
    process.add_samples(app.state.samples, handlers.SERVICE, settings, broker)
    return app
