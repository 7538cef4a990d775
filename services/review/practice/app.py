"""Assembles practice: the workbench's pages on a store of its own. No broker, no relay and no dispatch are made, so nothing can leave."""

import contextlib
from collections.abc import AsyncIterator

from fastapi import FastAPI
from pydantic import SecretStr
from starlette.types import ASGIApp, Receive, Scope, Send

from services.domain import taxonomy
from services.review.app import add_pages, published_of
from services.review.practice import practice_pages
from services.review.practice.practice_commands import PracticeCommands
from services.review.web.templating import practising
from services.runtime import process, web
from services.runtime.database import Database
from services.runtime.readiness import Check
from services.runtime.settings import KafkaSettings, Settings


class Practising:
    """Marks what is shown meanwhile as practice, so that every page says so."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handles one request."""
        mark = practising.set(True)
        try:
            await self._app(scope, receive, send)
        finally:
            practising.reset(mark)


def settings_of(settings: Settings) -> Settings:
    """The same without anything that could reach the real store, a broker, a mail server or a model."""
    own = {"data_dir": settings.data_dir / "practice", "database_url": SecretStr(""), "smtp_url": SecretStr(""), "kafka": KafkaSettings()}
    return settings.model_copy(update=own)


def create(settings: Settings) -> FastAPI:
    """The practice application. `settings` are those of `settings_of`."""
    database = Database(settings.database)
    commands = PracticeCommands(database, taxonomy.load(settings.taxonomy), settings)

    @contextlib.asynccontextmanager
    async def life(_: FastAPI) -> AsyncIterator[None]:
        yield
        await database.close()

    app = web.create(
        "practice", [Check("database", process.database_ready(database))], life, edge=web.Edge(settings.pages, settings.pages_by_https)
    )
    app.include_router(practice_pages.router)
    add_pages(app, settings, commands, published_of(settings))
    app.middleware("http")(practice_pages.lead_to_feedback)
    app.add_middleware(Practising)
    return app
