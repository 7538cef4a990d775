"""Puts the triage process together."""

import contextlib
from collections.abc import AsyncIterator

from fastapi import FastAPI

from services.domain import taxonomy
from services.runtime import process, web
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
        context = broker.context
        context.set_global("taxonomy", kinds)
        context.set_global("health", health)
        context.set_global("classifier", model_store.default_classifier(settings.models, kinds))
        async with process.running(broker):
            yield

    return web.create(handlers.SERVICE, [process.kafka_ready(broker, health)], life)
