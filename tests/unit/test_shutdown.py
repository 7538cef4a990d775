"""Who ends has the time that whoever stops it allows."""

import asyncio
import time
from pathlib import Path

import pytest
import sqlalchemy as sa
from faststream.kafka import KafkaBroker
from pydantic import SecretStr

from services.dispatch import app, polling_worker
from services.dispatch.polling_worker import Worker
from services.local import supervisor, topic_provisioning
from services.local.supervisor import Child, Supervisor
from services.runtime import broker, process, telemetry, worker_process
from services.runtime.database import Database
from services.runtime.settings import KafkaSettings, Settings

CONNECTIONS_SECONDS = 5  # uvicorn's, in services.cli.up


def test_the_times_fit_into_each_other() -> None:
    assert polling_worker.DRAIN_SECONDS <= broker.DRAIN_SECONDS
    assert CONNECTIONS_SECONDS + process.IDLE_SECONDS + broker.DRAIN_SECONDS + worker_process.STOP_SECONDS < supervisor.STOP_SECONDS


async def test_a_worker_that_is_drained_ends_what_it_has_and_begins_nothing() -> None:
    waiting, done = [1, 2, 3], list[int]()
    begun, may_end = asyncio.Event(), asyncio.Event()

    async def claim(_: int) -> list[int]:
        return [waiting.pop(0)]

    async def work(number: int) -> None:
        begun.set()
        await may_end.wait()
        done.append(number)

    clerk = Worker(claim, work, at_once=1)
    running = asyncio.create_task(clerk.run())
    await begun.wait()
    draining = asyncio.create_task(clerk.drain())
    await asyncio.sleep(0)
    may_end.set()
    await draining
    await running

    assert (done, waiting) == ([1], [2, 3])


async def test_what_hangs_is_left_when_its_time_is_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(polling_worker, "DRAIN_SECONDS", 0.05)
    begun, left = asyncio.Event(), asyncio.Event()

    async def claim(_: int) -> list[int]:
        return [1]

    async def hangs(_: int) -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            left.set()

    clerk = Worker(claim, hangs, at_once=1)
    running = asyncio.create_task(clerk.run())
    await begun.wait()
    await clerk.drain()
    await left.wait()
    await running


async def test_dispatch_ends_its_consumer_and_its_workers_side_by_side(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    consumer_ends, workers_end = asyncio.Event(), asyncio.Event()

    async def nothing_comes(_: KafkaBroker) -> None:
        await asyncio.Event().wait()

    async def stop(_: KafkaBroker) -> None:
        consumer_ends.set()
        await workers_end.wait()

    async def drain(_: object) -> None:
        await consumer_ends.wait()
        workers_end.set()

    monkeypatch.setattr(KafkaBroker, "start", nothing_comes)
    monkeypatch.setattr(KafkaBroker, "stop", stop)
    monkeypatch.setattr(Worker, "drain", drain)
    monkeypatch.setattr(telemetry, "shut_down", lambda: None)
    url = SecretStr(f"sqlite+aiosqlite:///{tmp_path / 'parvis.db'}")
    dispatch = app.create(Settings(data_dir=tmp_path, database_url=url, kafka=KafkaSettings(bootstrap="127.0.0.1:1")))

    async with dispatch.router.lifespan_context(dispatch):
        pass


async def test_a_transaction_that_is_open_when_the_process_ends_is_committed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def nothing_comes(_: KafkaBroker) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(KafkaBroker, "start", nothing_comes)
    monkeypatch.setattr(telemetry, "shut_down", lambda: None)
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'parvis.db'}")
    open_, committed = asyncio.Event(), list[bool]()

    async def writes_once() -> None:
        async with database.transaction() as session:
            open_.set()
            for _ in range(20):
                await (await session.connection()).execute(sa.text("select 1"))
        committed.append(True)
        await asyncio.Event().wait()

    async with process.running(
        KafkaBroker("127.0.0.1:1"), KafkaSettings(bootstrap="127.0.0.1:1"), database=database, beside=[writes_once()]
    ):
        await open_.wait()

    assert committed


def test_services_have_as_long_when_their_broker_has_died(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deadlines: list[float] = []

    class Recorded(Child):
        def stop(self, deadline: float) -> None:
            deadlines.append(deadline)

        def start(self) -> None:
            pass

    monkeypatch.setattr(topic_provisioning, "make_so", lambda _: None)
    monkeypatch.setattr(Supervisor, "_launch_broker", lambda _: None)
    machine = Supervisor(Settings(data_dir=tmp_path), 8000)
    machine.children = [Recorded(name, [], {}, tmp_path / "log", 1) for name in ("review", "dispatch")]

    before = time.monotonic()
    machine._restart_all()
    after = time.monotonic()

    assert [before <= deadline - supervisor.STOP_SECONDS <= after for deadline in deadlines] == [True, True]
