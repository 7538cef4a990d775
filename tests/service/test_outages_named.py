"""Who is refused because a server is away is told which; where a disk is full, that it is the disk."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from aiokafka.errors import KafkaConnectionError
from sqlalchemy.exc import OperationalError

from services.runtime.database import Database
from services.runtime.retry import is_outage, outage_of


async def failure_of(database: Database, *statements: str) -> OperationalError:
    async def run() -> None:
        async with database.engine.begin() as connection:
            for statement in statements:
                await connection.execute(sa.text(statement))

    with pytest.raises(OperationalError) as failed:
        await run()
    await database.close()
    return failed.value


async def test_a_full_disk_is_named_as_that(tmp_path: Path) -> None:
    """SQLite refuses a page more than it may have with the very code of a full disk."""
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'full.db'}")

    error = await failure_of(database, "pragma max_page_count = 2", "create table letters (a text)", "create table more (a text)")

    assert is_outage(error)
    assert outage_of(error).detail.startswith("the disk of the database is full")


async def test_a_database_that_is_away_is_named_as_that() -> None:
    error = await failure_of(Database("postgresql+psycopg://nobody:secret@127.0.0.1:1/parvis"), "select 1")

    assert outage_of(error).detail == "the database does not answer now: try again in a moment; nothing was changed"


def test_kafka_is_named() -> None:
    assert outage_of(KafkaConnectionError("broker.city.example")).detail.startswith("Kafka does not answer now")
