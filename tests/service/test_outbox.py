"""Events that leave with a transaction."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from schemas.requests_received import TOPIC
from services.migrations.upgrade import upgrade
from services.runtime import clock, kafka_records, outbox
from services.runtime.database import Database
from services.runtime.outbox import OutboxRow, Relay
from tests.case_builders import received, triaged


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    url = f"sqlite+aiosqlite:///{tmp_path / 'parvis.db'}"
    upgrade(url)
    database = Database(url)
    yield database
    await database.close()


async def waiting(database: Database) -> list[OutboxRow]:
    async with database.reading() as session:
        return list((await session.exec(select(OutboxRow))).all())


async def add(database: Database, *references: str) -> None:
    async with database.transaction() as session:
        for reference in references:
            await outbox.add(session, "review", received(subject=reference), reference=reference)


async def test_an_event_of_a_transaction_that_fails_never_leaves(database: Database) -> None:
    async def fails_after_adding() -> None:
        async with database.transaction() as session:
            await outbox.add(session, "review", received())
            raise InterruptedError

    with pytest.raises(InterruptedError):
        await fails_after_adding()
    assert await waiting(database) == []


async def test_what_can_not_be_sent_stays_and_what_was_sent_does_not_leave_again(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "SEND_SECONDS", 0.2)
    sent: list[bytes] = []

    async def send(record: kafka_records.Outgoing) -> None:
        if b"refused" in record.value:
            raise ConnectionError
        if b"hangs" in record.value:
            await asyncio.Event().wait()
        sent.append(record.value)

    await add(database, "one", "refused", "two", "hangs")
    assert await Relay(database, "review", send).send_due() == 2
    assert len(sent) == 2
    assert sorted(row.reference for row in await waiting(database)) == ["hangs", "refused"]


async def test_a_reply_that_may_have_left_before_a_kill_can_not_be_recalled(database: Database) -> None:
    await add(database, "decision")
    async with database.transaction() as session:
        await outbox.lease(session, "review", clock.now())
    async with database.transaction() as session:
        await outbox.release(session, "review", clock.now())
    async with database.transaction() as session:
        assert not await outbox.recall(session, "review", "decision", TOPIC)
    async with database.transaction() as session:
        assert await outbox.lease(session, "review", clock.now() + timedelta(seconds=1))


async def test_what_waits_for_its_moment_can_be_recalled(database: Database) -> None:
    async with database.transaction() as session:
        later = clock.now() + timedelta(hours=1)
        await outbox.add(session, "review", received(), available_at=later, reference="decision")
    async with database.transaction() as session:
        assert await outbox.waits(session, "review", "decision")
        assert await outbox.recall(session, "review", "decision", TOPIC)
    assert await waiting(database) == []


@pytest.mark.parametrize("first", ["is leaving", "has left"])
async def test_of_what_leaves_together_nothing_is_recalled_once_the_first_began_to(database: Database, first: str) -> None:
    later = clock.now() + timedelta(hours=1)
    async with database.transaction() as session:
        await outbox.add(session, "review", received(), available_at=clock.now(), reference="decision")
        await outbox.add(session, "review", triaged(), available_at=later, reference="decision")
    async with database.transaction() as session:
        [row] = await outbox.lease(session, "review", clock.now())
        if first == "has left":
            await session.delete(row)
    left = len(await waiting(database))
    async with database.transaction() as session:
        assert not await outbox.recall(session, "review", "decision", TOPIC)
    assert len(await waiting(database)) == left
