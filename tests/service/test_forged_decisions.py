"""Dispatch mails what review has signed, and nothing else."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest
from faststream.kafka import KafkaBroker, TestKafkaBroker
from pydantic import SecretStr
from sqlmodel import SQLModel, select

from schemas import acknowledgements_decided, dead_letters, replies_decided
from schemas.dead_letters import DeadLetter
from schemas.replies_decided import ReplyDecided
from schemas.values import Person
from services.dispatch import handlers
from services.dispatch.tables import DeliveryRow
from services.runtime import clock, outbox
from services.runtime.broker import consumer, kafka_broker, router
from services.runtime.database import Database
from services.runtime.outbox import OutboxRow
from services.runtime.record_signing import DatabaseSeal
from services.runtime.retry import Health
from services.runtime.settings import KafkaSettings, Settings
from tests.service.test_acknowledgements import a_receipt

TOPIC = replies_decided.TOPIC


class Dispatch:
    """Dispatch with Kafka in memory."""

    def __init__(self, broker: KafkaBroker, database: Database, letters: list[DeadLetter]) -> None:
        self.broker, self.database, self.letters = broker, database, letters

    async def gets(self, value: bytes, key: str, headers: dict[str, str], topic: str = TOPIC) -> None:
        await self.broker.publish(value, topic=topic, key=key.encode(), headers=headers)

    async def deliveries(self) -> int:
        async with self.database.reading() as session:
            return len((await session.exec(select(DeliveryRow))).all())

    async def decided_in_review(self) -> OutboxRow:
        """A decision as it waits in review's outbox."""
        async with self.database.transaction() as session:
            await outbox.add(session, "review", a_decision())
        async with self.database.reading() as session:
            [row] = (await session.exec(select(OutboxRow))).all()
        return row


def a_decision() -> ReplyDecided:
    return ReplyDecided(
        request_id=uuid4(),
        decision_id=uuid4(),
        decision="approved",
        decided_by="anna@city.example",
        decided_at=clock.now(),
        agency="belrive",
        subject="Your lamp",
        body="It will be mended.",
        recipient=Person(email="ines@example.org"),
    )


@pytest.fixture
async def dispatch(tmp_path: Path) -> AsyncIterator[Dispatch]:
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'parvis.db'}")
    async with database.engine.begin() as connection:
        await connection.run_sync(SQLModel.metadata.create_all)
    settings = Settings(data_dir=tmp_path, database_url=SecretStr(database.url), kafka=KafkaSettings(bootstrap="127.0.0.1:1"))
    broker = kafka_broker("dispatch", settings, Health(), DatabaseSeal(database, handlers.GUARDED))
    broker.include_router(handlers.route)
    broker.context.set_global("database", database)
    broker.context.set_global("wake", lambda: None)
    letters: list[DeadLetter] = []
    route = router()

    @route.subscriber(dead_letters.TOPIC, **consumer("letters"))
    async def on_letter(letter: DeadLetter) -> None:
        letters.append(letter)

    broker.include_router(route)
    async with TestKafkaBroker(broker):
        yield Dispatch(broker, database, letters)
    await database.close()


async def test_what_review_decided_is_delivered(dispatch: Dispatch) -> None:
    row = await dispatch.decided_in_review()
    await dispatch.gets(row.value.encode(), row.key, row.headers)
    assert (await dispatch.deliveries(), dispatch.letters) == (1, [])


async def test_the_same_record_once_more_is_the_same_delivery(dispatch: Dispatch) -> None:
    row = await dispatch.decided_in_review()
    for _ in range(3):
        await dispatch.gets(row.value.encode(), row.key, row.headers)
    assert await dispatch.deliveries() == 1


async def test_a_decision_with_no_case_behind_it_is_a_dead_letter_and_no_mail(dispatch: Dispatch) -> None:
    forged = a_decision()
    await dispatch.gets(forged.model_dump_json().encode(), str(forged.request_id), {})
    [letter] = dispatch.letters
    assert await dispatch.deliveries() == 0
    assert (letter.error_type, "no signature" in letter.error_message) == ("NotVouchedFor", True)


@pytest.mark.parametrize(
    "change",
    [{"recipient": {"email": "thief@example.org"}}, {"body": "Pay here."}, {"decision_id": str(uuid4())}, {"agency": "beta"}],
)
async def test_a_signed_decision_that_was_altered_is_refused(dispatch: Dispatch, change: dict[str, object]) -> None:
    row = await dispatch.decided_in_review()
    await dispatch.gets(json.dumps(json.loads(row.value) | change).encode(), row.key, row.headers)
    [letter] = dispatch.letters
    assert (await dispatch.deliveries(), letter.error_type) == (0, "NotVouchedFor")
    assert "signature is wrong" in letter.error_message


async def test_a_signature_that_belongs_to_another_request_is_refused(dispatch: Dispatch) -> None:
    row = await dispatch.decided_in_review()
    await dispatch.gets(row.value.encode(), str(uuid4()), row.headers)
    assert await dispatch.deliveries() == 0


async def test_a_key_of_somebody_elses_making_signs_nothing(dispatch: Dispatch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARVIS_SIGNING_KEY", "another installation's")
    row = await dispatch.decided_in_review()
    monkeypatch.delenv("PARVIS_SIGNING_KEY")
    await dispatch.gets(row.value.encode(), row.key, row.headers)
    assert await dispatch.deliveries() == 0


async def test_a_configured_key_signs_and_what_was_signed_before_it_stays_good(dispatch: Dispatch, monkeypatch: pytest.MonkeyPatch) -> None:
    row = await dispatch.decided_in_review()
    monkeypatch.setenv("PARVIS_SIGNING_KEY", "our own")
    await dispatch.gets(row.value.encode(), row.key, row.headers)
    assert await dispatch.deliveries() == 1


async def test_a_receipt_that_nobody_decided_is_a_dead_letter_and_no_mail(dispatch: Dispatch) -> None:
    forged = a_receipt()
    await dispatch.gets(forged.model_dump_json().encode(), str(forged.request_id), {}, acknowledgements_decided.TOPIC)
    [letter] = dispatch.letters
    assert (await dispatch.deliveries(), letter.error_type) == (0, "NotVouchedFor")


async def test_a_receipt_that_review_decided_is_delivered(dispatch: Dispatch) -> None:
    async with dispatch.database.transaction() as session:
        await outbox.add(session, "review", a_receipt())
    async with dispatch.database.reading() as session:
        [row] = (await session.exec(select(OutboxRow))).all()
    await dispatch.gets(row.value.encode(), row.key, row.headers, row.topic)
    assert (await dispatch.deliveries(), dispatch.letters) == (1, [])
