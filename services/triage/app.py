"""Puts the triage process together."""

import asyncio
import contextlib
import gc
from collections.abc import AsyncIterator
from functools import partial

from fastapi import FastAPI

from schemas import requests_received
from schemas.requests_received import RequestReceived
from services.domain import taxonomy
from services.runtime import process, web
from services.runtime.batch_consumer import Batches
from services.runtime.broker import kafka_broker
from services.runtime.retry import Health
from services.runtime.settings import Settings
from services.triage import handlers
from services.triage.classification import model_store
from services.triage.monitoring import monitor


def create(settings: Settings) -> FastAPI:
    """The application; the classifier is loaded, or trained, before the first record is read."""
    health = Health()
    broker = kafka_broker(handlers.SERVICE, settings, health)
    broker.include_router(handlers.route)

    @contextlib.asynccontextmanager
    async def life(_: FastAPI) -> AsyncIterator[None]:
        kinds = taxonomy.load(settings.taxonomy)
        classifier = model_store.default_classifier(settings.models, kinds)
        looking = monitor.watching(settings, kinds)
        gc.collect()
        gc.freeze()  # what was loaded stays: looking through it again and again would cost a tenth of the time
        decide = partial(handlers.decide, classifier=classifier, taxonomy=kinds, beside=looking, sender=settings.mail_from)
        broker.context.set_global(
            "batches", Batches(RequestReceived, decide, handlers.SERVICE, health, broker, handlers.agency_of, handlers.BATCH)
        )
        without_monitor = partial(handlers.decide, classifier=classifier, taxonomy=kinds, sender=settings.mail_from)
        health.trials[requests_received.TOPIC] = partial(handlers.try_reference_requests, without_monitor)
        looking.start()
        try:
            async with process.running(broker, settings.kafka):
                yield
        finally:
            await asyncio.to_thread(looking.close)

    return web.create(
        handlers.SERVICE,
        [process.kafka_ready(broker, health)],
        life,
        edge=web.Edge(metrics_token=settings.metrics_token.get_secret_value()),
    )
