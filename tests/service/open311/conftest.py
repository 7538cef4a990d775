"""Intake with one agency, a client with its key, and one with none."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr
from sqlmodel import SQLModel

from services.intake import app
from services.runtime.database import Database
from services.runtime.settings import KafkaSettings, Settings
from tests.service.open311.city import a_client, a_key


@pytest.fixture
async def intake(tmp_path: Path) -> AsyncIterator[FastAPI]:
    url = f"sqlite+aiosqlite:///{tmp_path / 'parvis.db'}"
    application = app.create(Settings(data_dir=tmp_path, database_url=SecretStr(url), kafka=KafkaSettings(bootstrap="127.0.0.1:1")))
    async with application.state.database.engine.begin() as connection:
        await connection.run_sync(SQLModel.metadata.create_all)
    yield application
    await application.state.database.close()


@pytest.fixture
def database(intake: FastAPI) -> Database:
    database: Database = intake.state.database
    return database


@pytest.fixture
async def key(database: Database) -> str:
    return await a_key(database, "springfield")


@pytest.fixture
async def city(intake: FastAPI, key: str) -> AsyncIterator[httpx.AsyncClient]:
    async with a_client(intake, key) as client:
        yield client


@pytest.fixture
async def stranger(intake: FastAPI, key: str) -> AsyncIterator[httpx.AsyncClient]:
    assert key
    async with a_client(intake) as client:
        yield client
