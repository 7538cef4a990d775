"""Dispatch without Kafka beside an agency's own system, which keeps what it is told."""

import asyncio
import tempfile
from datetime import timedelta
from pathlib import Path

import httpx
import standardwebhooks
from sqlmodel import col, update

from schemas.replies_decided import ReplyDecided
from schemas.replies_dispatched import ReplyDispatched
from services.dispatch import handlers, mail_message
from services.dispatch.file_mailer import FileMailer
from services.dispatch.mail_accounts import MailAccount, MailAccounts
from services.dispatch.mail_delivery import Deliveries, Patience
from services.dispatch.polling_worker import Worker
from services.dispatch.tables import WebhookDeliveryRow
from services.dispatch.webhook_delivery import Webhooks
from services.runtime import clock
from services.runtime.database import Database
from services.runtime.file_store import file_store
from services.runtime.kafka_records import Outgoing
from services.runtime.outbox import Relay
from services.runtime.retry import Health
from tests.service.dispatch_desk import told_by


class AgencySystem:
    """Answers with what it is told to, and keeps what it got."""

    def __init__(self) -> None:
        self.connections = 0
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.answers: list[str] = []
        self.url = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        headers = {n.lower(): v for n, v in (line.split(": ", 1) for line in head.split("\r\n")[1:] if line)}
        self.got.append((headers, await reader.readexactly(int(headers["content-length"]))))
        answer = self.answers.pop(0) if self.answers else "204 No Content"
        if answer != "drop":
            writer.write(f"HTTP/1.1 {answer}\r\nlocation: {self.url}/elsewhere\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".encode())
            await writer.drain()
        writer.close()
        await writer.wait_closed()

    def is_genuine(self, secret: str) -> bool:
        headers, body = self.got[-1]
        standardwebhooks.Webhook(secret).verify(body, headers)  # raises where it is not
        return True


class Desk:
    """Dispatch without Kafka, writing its mails to files."""

    def __init__(self, database: Database, client: httpx.AsyncClient, mails: Path) -> None:
        self.database = database
        self.mails = mails

        async def nowhere(_: Outgoing) -> None:
            pass

        relay = Relay(database, "dispatch", nowhere)
        patience = Patience(3, timedelta(seconds=1))
        deliveries = Deliveries(
            database,
            relay,
            MailAccounts(MailAccount(mail_message.Sender("", "a@city.example"), FileMailer(mails)), {}),
            patience,
            Health(),
            lambda: file_store("", Path(tempfile.gettempdir())),
        )
        webhooks = self.webhooks = Webhooks(database, relay, client, patience, Health())
        self.mailing = Worker(deliveries.claim, deliveries.deliver, at_once=4)
        self.telling = Worker(webhooks.claim, webhooks.tell, at_once=4)

    async def gets(self, reply: ReplyDecided) -> None:
        await handlers.on_reply_decided(reply, self.database, self.telling.wake)

    async def works(self, times: int = 1) -> None:
        for _ in range(times):
            await self.telling.finish()
            await self.mailing.finish()
            async with self.database.transaction() as session:
                later = update(WebhookDeliveryRow).where(col(WebhookDeliveryRow.next_attempt_at).is_not(None))
                await session.exec(later.values(next_attempt_at=clock.now()))

    async def said(self) -> list[ReplyDispatched]:
        return await told_by(self.database)

    async def telling_of(self, reply: ReplyDecided) -> WebhookDeliveryRow:
        async with self.database.reading() as session:
            row = await session.get(WebhookDeliveryRow, reply.decision_id)
        assert row is not None
        return row
