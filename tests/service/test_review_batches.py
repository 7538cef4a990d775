"""Review takes many records in one transaction: each keeps its own fate, and agencies their turns."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from faststream.kafka import TestKafkaBroker
from pydantic import SecretStr
from sqlalchemy.exc import OperationalError
from sqlmodel import SQLModel

from schemas import requests_received
from services.domain import taxonomy
from services.local import agency_provisioning
from services.review import handlers
from services.review.audit import store as audit
from services.review.cases import case_state, store
from services.review.cases.case_state import Case
from services.review.cases.commands import CaseCommands
from services.review.ops import store as ops
from services.runtime import batch_consumer, clock, retry
from services.runtime.broker import kafka_broker
from services.runtime.database import Database, Session
from services.runtime.retry import Health
from services.runtime.settings import KafkaSettings, Settings
from tests.builders import a_request

TOPIC = requests_received.TOPIC


class CountedDatabase(Database):
    """Counts what is committed."""

    commits = 0

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Session]:
        async with super().transaction() as session:
            yield session
        self.commits += 1


class Desk:
    """Review with Kafka in memory."""

    def __init__(self, settings: Settings) -> None:
        self.database = CountedDatabase(settings.database)
        self.commands = CaseCommands(self.database, taxonomy.load(), settings)
        self.health = Health()
        self.broker = kafka_broker("review", settings, self.health)
        self.broker.include_router(handlers.route)
        self.broker.context.set_global("transactions", handlers.transactions(self.commands, self.health, self.broker))

    async def gets(self, *requests: dict[str, Any] | bytes) -> None:
        values = [request if isinstance(request, bytes) else json.dumps(request).encode() for request in requests]
        await self.broker.publish_batch(*values, topic=TOPIC)

    async def cases(self, *requests: dict[str, Any]) -> list[Case]:
        async with self.database.reading() as session:
            return [await store.look(session, UUID(request["request_id"])) for request in requests]

    async def letters(self) -> list[str]:
        async with self.database.reading() as session:
            return [letter.letter.error_type for letter in await ops.letters(session)]


@pytest.fixture
async def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Desk]:
    monkeypatch.setattr(retry, "PAUSES", (0.0,))
    monkeypatch.setattr(retry, "OUTAGE_PAUSE", 0.0)
    url = f"sqlite+aiosqlite:///{tmp_path / 'parvis.db'}"
    made = Desk(Settings(data_dir=tmp_path, database_url=SecretStr(url), kafka=KafkaSettings(bootstrap="127.0.0.1:1")))
    async with made.database.engine.begin() as connection:
        await connection.run_sync(SQLModel.metadata.create_all)
    async with made.database.transaction() as session:
        for agency in ("alpha", "beta"):
            await agency_provisioning.add(session, agency, agency, clock.now())
    made.database.commits = 0
    monkeypatch.setattr(batch_consumer, "LONGEST_TRANSACTION", 600.0)
    async with TestKafkaBroker(made.broker):
        yield made
    await made.database.close()


async def test_forty_requests_are_one_transaction_and_each_has_its_case_and_its_line_in_the_log(desk: Desk) -> None:
    requests = [a_request(agency="alpha") for _ in range(40)]
    await desk.gets(*requests)
    assert desk.database.commits == 1
    assert {case.agency for case in await desk.cases(*requests)} == {"alpha"}
    async with desk.database.reading() as session:
        for request in requests:
            assert [entry.action for entry in await audit.of_request(session, UUID(request["request_id"]))] == ["received"]


async def test_what_fails_is_undone_alone_and_the_others_of_its_batch_stay(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def with_request(case: Case, event: Any, now: Any) -> Case:
        if event.body == "trap":
            raise RuntimeError("bug")
        return ORIGINAL(case, event, now)

    monkeypatch.setattr(case_state, "with_request", with_request)
    good, trap, unknown = [a_request(agency="alpha") for _ in range(9)], a_request(agency="alpha", body="trap"), a_request(agency="gamma")
    await desk.gets(*good[:3], trap, b"{not json", *good[3:6], unknown, good[0] | {"body": "other words"}, *good[6:])
    assert len(await desk.cases(*good)) == 9
    assert sorted(await desk.letters()) == ["AgencyUnknown", "ContentDiffers", "InvalidRecord", "RuntimeError"]
    with pytest.raises(Exception, match="no request"):
        await desk.cases(trap)


ORIGINAL = case_state.with_request


async def test_the_same_batch_once_more_changes_nothing(desk: Desk) -> None:
    requests = [a_request(agency="alpha") for _ in range(5)]
    await desk.gets(*requests)
    first = await desk.cases(*requests)
    await desk.gets(*requests, *requests)
    assert await desk.cases(*requests) == first


async def test_a_database_that_goes_away_in_a_batch_is_waited_for_and_nothing_is_a_dead_letter(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    faults: list[Exception] = [OperationalError("insert", {}, Exception("gone"))] * 3

    async def case_or_new(*arguments: Any) -> Case:
        if faults:
            raise faults.pop()
        return await CASE_OR_NEW(*arguments)

    monkeypatch.setattr(store, "case_or_new", case_or_new)
    requests = [a_request(agency="alpha") for _ in range(5)]
    await desk.gets(*requests)
    assert len(await desk.cases(*requests)) == 5
    assert (await desk.letters(), desk.health.waiting_for) == ([], None)


CASE_OR_NEW = store.case_or_new


async def test_a_transaction_that_takes_long_ends_and_the_next_goes_on_with_the_rest(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch_consumer, "LONGEST_TRANSACTION", 0.0)
    requests = [a_request(agency="alpha") for _ in range(7)]
    await desk.gets(*requests)
    assert desk.database.commits == 7
    assert len(await desk.cases(*requests)) == 7


async def test_another_agency_is_served_in_the_first_transaction_of_a_long_batch(desk: Desk) -> None:
    committed: list[list[str]] = []

    async def work(_: Any, record: Any) -> None:
        committed[-1].append(handlers.lane(record))

    transactions = handlers.transactions(desk.commands, desk.health, desk.broker)

    @asynccontextmanager
    async def begin() -> AsyncIterator[Session]:
        committed.append([])
        async with desk.database.transaction() as session:
            yield session

    object.__setattr__(transactions, "work", work)
    object.__setattr__(transactions, "begin", begin)
    desk.broker.context.set_global("transactions", transactions)
    await desk.gets(*[a_request(agency="alpha") for _ in range(120)], a_request(agency="beta"))
    assert [len(part) for part in committed] == [50, 50, 21]
    assert [number for number, part in enumerate(committed) if "beta" in part] == [0]
