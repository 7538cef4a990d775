"""Puts the process together that takes mail: mailboxes that it looks into, and an address at which it receives."""

import contextlib
from collections.abc import AsyncIterator
from datetime import timedelta

from fastapi import FastAPI

from services.domain import mail_senders
from services.intake.incoming_files import IncomingFiles
from services.intake.mail import mail_receiver, mailboxes
from services.intake.mail.mail_kind import Ours
from services.intake.mail.mail_worker import Setup
from services.intake.mail.mailbox_watch import MailboxWatch
from services.intake.mail.taking import MailTaker
from services.runtime import process, web
from services.runtime.database import Database
from services.runtime.errors import InvalidInput
from services.runtime.file_scanner import file_scanner
from services.runtime.file_store import file_store
from services.runtime.readiness import Check
from services.runtime.settings import Settings
from services.runtime.worker_process import WorkerProcess

SERVICE = "mail-in"


def _ours(settings: Settings) -> Ours:
    """The addresses that replies are sent from: a mail from one of them is our own."""
    addresses = mail_senders.addresses(settings.mail_from, settings.mail_reply_to, settings.mail_senders)
    return Ours(addresses, tuple({address.rpartition("@")[2] for address in addresses}))


def create(settings: Settings) -> FastAPI:
    """The application. It needs the database and the store of files: what it takes waits in the journal, and intake publishes it."""
    if settings.mailboxes is None:
        raise InvalidInput("PARVIS_MAILBOXES is empty: give the file that says where mail comes from", field="PARVIS_MAILBOXES")
    sources = mailboxes.read(settings.mailboxes)
    database = Database(settings.database)
    reader = WorkerProcess("services.intake.mail.mail_worker", Setup(settings.log_level, _ours(settings)), bare=True)
    patience = timedelta(seconds=settings.reconcile_seconds)
    files = IncomingFiles(lambda: file_store(settings.files_url, settings.data_dir), file_scanner(settings.files_scanner))
    taker = MailTaker(database, files, reader, patience)
    watches = [MailboxWatch(mailbox, taker, sources.receiver.most_bytes) for mailbox in sources.mailboxes]

    @contextlib.asynccontextmanager
    async def life(_: FastAPI) -> AsyncIterator[None]:
        async with contextlib.AsyncExitStack() as stack:
            await stack.enter_async_context(reader.running())
            await stack.enter_async_context(process.running(None, settings.kafka, database=database, beside=[w.run() for w in watches]))
            if sources.received:
                await stack.enter_async_context(mail_receiver.receiving(sources, taker))
            yield

    edge = web.Edge(settings.intake, settings.intake.is_https, settings.metrics_token.get_secret_value())
    checks = [Check("database", process.database_ready(database)), *(Check("mailbox", watch.ready) for watch in watches)]
    app = web.create(SERVICE, checks, life, edge=edge)
    process.add_samples(app.state.samples, SERVICE, settings, None)
    return app
