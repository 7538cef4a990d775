"""Puts the drafting process together."""

import contextlib
from collections.abc import AsyncIterator

from fastapi import FastAPI

from services.domain import taxonomy
from services.drafting import handlers, passage_index
from services.drafting.model_client import Drafter, ModelDrafter, TemplateDrafter
from services.runtime import process, web
from services.runtime.broker import kafka_broker
from services.runtime.retry import Health
from services.runtime.settings import Settings

TEMPLATES_AT_ONCE = 16  # each takes a millisecond or two; together they are acknowledged once


def create(settings: Settings) -> FastAPI:
    """Make the application; knowledge is read before the first record is."""
    health = Health()
    broker = kafka_broker(handlers.SERVICE, settings, health)
    broker.include_router(handlers.routes(settings.llm.at_once if settings.llm.configured else TEMPLATES_AT_ONCE))

    @contextlib.asynccontextmanager
    async def life(_: FastAPI) -> AsyncIterator[None]:
        context = broker.context
        context.set_global("health", health)
        context.set_global("taxonomy", taxonomy.load(settings.taxonomy))
        context.set_global("knowledge", passage_index.load(settings.knowledge_dir))
        writer = drafter(settings)
        context.set_global("drafter", writer)
        try:
            async with process.running(broker, settings.kafka):
                yield
        finally:
            await writer.close()

    return web.create(
        handlers.SERVICE,
        [process.kafka_ready(broker, health)],
        life,
        edge=web.Edge(metrics_token=settings.metrics_token.get_secret_value()),
    )


def drafter(settings: Settings) -> Drafter:
    """Choose the model where one is configured; its SDK is only loaded then."""
    return ModelDrafter(settings.llm) if settings.llm.configured else TemplateDrafter()
