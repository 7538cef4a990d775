"""A real HTTP server of intake in a thread, on a database of its own and without Kafka, for clients that wait while they ask."""

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from sqlmodel import SQLModel

from services.intake import api_keys, app, store
from services.runtime import clock, http_server
from services.runtime.settings import KafkaSettings, Settings
from tests.harness.waiting import until

AGENCY = "springfield"


@dataclass(frozen=True)
class IntakeServer:
    """Where it is, and the key of its agency."""

    url: str
    key: str


@contextlib.contextmanager
def intake_server(data: Path, **more: Any) -> Iterator[IntakeServer]:
    """Serves until the block ends. `more` are further settings."""
    url = f"sqlite+aiosqlite:///{data / 'parvis.db'}"
    application = app.create(Settings(data_dir=data, database_url=SecretStr(url), kafka=KafkaSettings(bootstrap="127.0.0.1:1"), **more))
    database = application.state.database
    server = http_server.server(application, "127.0.0.1", 0, 20.0)
    server.config.lifespan = "off"  # it would look for Kafka
    keys: list[str] = []

    async def serve() -> None:
        async with database.engine.begin() as connection:
            await connection.run_sync(SQLModel.metadata.create_all)
        async with database.transaction() as session:
            await store.add_agency(session, AGENCY, AGENCY.title(), clock.now())
            keys.append(await api_keys.issue(session, AGENCY, clock.now()))
        await server.serve()
        await database.close()

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    try:
        until(lambda: server.started, "the server listens")
        port = server.servers[0].sockets[0].getsockname()[1]
        yield IntakeServer(f"http://127.0.0.1:{port}", keys[0])
    finally:
        server.should_exit = True
        thread.join()
