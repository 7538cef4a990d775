"""An intake with the form for citizens, and a citizen's browser."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr
from sqlmodel import SQLModel, col, select

from schemas.requests_received import RequestReceived
from services.intake import app, store
from services.intake.tables import JournalRow
from services.runtime import clock
from services.runtime.outbox import OutboxRow
from services.runtime.settings import KafkaSettings, Settings

FORM = "/forms/belrive"
LAMP = {"message": "The lamp on Elm Street is out.\r\nSince Monday.", "email": "ana@example.org"}


def settings(data: Path, **more: Any) -> Settings:
    url = SecretStr(f"sqlite+aiosqlite:///{data / 'parvis.db'}")
    return Settings(data_dir=data, database_url=url, kafka=KafkaSettings(bootstrap="127.0.0.1:1"), **{"forms": ("belrive", "nyon"), **more})


async def an_intake(data: Path, **more: Any) -> FastAPI:
    application = app.create(settings(data, **more))
    async with application.state.database.engine.begin() as connection:
        await connection.run_sync(SQLModel.metadata.create_all)
    async with application.state.database.transaction() as session:
        await store.add_agency(session, "belrive", "City of Belrive", clock.now())
        await store.add_agency(session, "nyon", "Ville de Nyon", clock.now())
    return application


def browser(intake: FastAPI, address: str = "127.0.0.1", **headers: str) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(intake, client=(address, 1234))
    return httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1", headers=headers)


@pytest.fixture
async def intake(tmp_path: Path) -> AsyncIterator[FastAPI]:
    application = await an_intake(tmp_path)
    yield application
    await application.state.database.close()


@pytest.fixture
async def citizen(intake: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with browser(intake) as client:
        yield client


async def opened(citizen: httpx.AsyncClient, address: str = FORM) -> str:
    """The id of a form that was opened."""
    page = await citizen.get(address)
    assert page.status_code == 200
    return id_on(page)


def id_on(page: httpx.Response) -> str:
    match = re.search(r'name="id" value="([0-9a-f]{32})"', page.text)
    assert match
    return match[1]


def reference_on(page: httpx.Response) -> str:
    match = re.search(r"[3-9A-Z]{5}-[3-9A-Z]{5}-[3-9A-Z]{5}", page.text)
    assert match
    return match[0]


async def requests_of(intake: FastAPI) -> list[RequestReceived]:
    async with intake.state.database.reading() as session:
        rows = (await session.exec(select(JournalRow).order_by(col(JournalRow.accepted_at)))).all()
        left = (await session.exec(select(OutboxRow))).all()
    assert len(left) == len(rows), "each request in the journal leaves for Kafka once"
    return [RequestReceived.model_validate_json(row.event) for row in rows]
