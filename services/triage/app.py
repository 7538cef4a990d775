"""Puts the triage process together."""

import contextlib
from collections.abc import AsyncIterator
from functools import partial

from fastapi import FastAPI

from schemas.requests_received import RequestReceived
from services.domain import taxonomy
from services.runtime import process, web
from services.runtime.batches import Batches
from services.runtime.broker import Health, kafka_broker
from services.runtime.settings import Settings
from services.triage import handlers, model_store


def create(settings: Settings) -> FastAPI:
    """The application; the classifier is loaded, or trained, before the first record is read."""
    health = Health()
    broker = kafka_broker(handlers.SERVICE, settings, health)
    broker.include_router(handlers.route)

    @contextlib.asynccontextmanager
    async def life(_: FastAPI) -> AsyncIterator[None]:
        kinds = taxonomy.load(settings.taxonomy)
        classifier = model_store.default_classifier(settings.models, kinds)
        decide = partial(handlers.decide, classifier=classifier, taxonomy=kinds)
        broker.context.set_global("batches", Batches(RequestReceived, decide, handlers.SERVICE, health, broker))
        async with process.running(broker):
            yield

    return web.create(handlers.SERVICE, [process.kafka_ready(broker, health)], life)
