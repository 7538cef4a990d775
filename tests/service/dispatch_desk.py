"""Dispatch without Kafka, in front of a mail server of its own: for tests of mails and of leases."""

import tempfile
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlmodel import SQLModel, col, select, update

from schemas.replies_decided import ReplyDecided
from schemas.replies_dispatched import ReplyDispatched
from schemas.values import Person
from services.dispatch import handlers, mail_message, smtp
from services.dispatch.mail_accounts import MailAccount, MailAccounts
from services.dispatch.mail_delivery import Deliveries, Patience
from services.dispatch.mailer import Mailer
from services.dispatch.polling_worker import Worker
from services.dispatch.rules import Delivery
from services.dispatch.tables import DeliveryRow
from services.runtime import clock
from services.runtime.database import Database
from services.runtime.file_store import file_store
from services.runtime.kafka_records import Outgoing
from services.runtime.outbox import OutboxRow, Relay
from services.runtime.retry import Health
from tests.harness.mail_server import MailServer

CITY = mail_message.Sender("City Hall", "no-reply@city.example")


@pytest.fixture
async def office() -> AsyncIterator[MailServer]:
    async with MailServer().on_this_loop() as office:
        yield office


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'parvis.db'}")
    async with database.engine.begin() as connection:
        await connection.run_sync(SQLModel.metadata.create_all)
    yield database
    await database.close()


class Desk:
    """Dispatch without Kafka: decisions are handed in, and what it says is read from its outbox."""

    def __init__(self, database: Database, mailer: Mailer, attempts: int = 3, accounts: MailAccounts | None = None) -> None:
        self.database = database
        self.data = Path(tempfile.mkdtemp())

        async def nowhere(_: Outgoing) -> None:
            pass

        patience = Patience(attempts, timedelta(seconds=1))
        self.deliveries = Deliveries(
            database,
            Relay(database, "dispatch", nowhere),
            accounts or MailAccounts(MailAccount(CITY, mailer), {}),
            patience,
            Health(),
            lambda: file_store("", self.data),
        )
        self.worker: Worker[Delivery] = Worker(self.deliveries.claim, self.deliveries.deliver, at_once=4)

    async def gets(self, reply: ReplyDecided) -> None:
        await handlers.on_reply_decided(reply, self.database, self.worker.wake)

    async def works(self) -> None:
        await self.worker.finish()

    async def waits_for_the_next_attempt(self) -> None:
        async with self.database.transaction() as session:
            await session.exec(update(DeliveryRow).where(col(DeliveryRow.next_attempt_at).is_not(None)).values(next_attempt_at=clock.now()))

    async def dies(self, reply: ReplyDecided, state: str) -> None:
        """Leaves the delivery as a process that was killed would, its lease over."""
        async with self.database.transaction() as session:
            row = await session.get(DeliveryRow, reply.decision_id)
            assert row is not None
            row.state, row.attempts, row.leased_until = state, 1, clock.now() - timedelta(seconds=1)
            row.message_id = f"<{reply.decision_id}@city.example>"

    async def said(self) -> list[ReplyDispatched]:
        return await told_by(self.database)

    async def row(self, reply: ReplyDecided) -> DeliveryRow:
        async with self.database.reading() as session:
            row = await session.get(DeliveryRow, reply.decision_id)
        assert row is not None
        return row


async def told_by(database: Database) -> list[ReplyDispatched]:
    """What dispatch tells, from its outbox."""
    async with database.reading() as session:
        rows = (await session.exec(select(OutboxRow).order_by(col(OutboxRow.id)))).all()
    return [ReplyDispatched.model_validate_json(row.value) for row in rows]


def a_reply(**change: Any) -> ReplyDecided:
    said = {
        "decision_id": uuid4(),
        "request_id": uuid4(),
        "agency": "springfield",
        "decision": "approved",
        "decided_by": "anna@city.example",
        "decided_at": datetime(2026, 11, 24, 12, tzinfo=UTC),
        "subject": "Your street lamp",
        "body": "We mend it on Monday.\n.\n..and that is all",
        "recipient": Person(name="Ana", email="ana@example.org"),
    }
    return ReplyDecided.model_validate({**said, **change})


@pytest.fixture
def desk(database: Database, office: MailServer) -> Desk:
    return Desk(database, smtp.SmtpMailer(smtp.server(f"smtp://127.0.0.1:{office.port}"), CITY))
