"""Assembles the dispatch process: consumers, mail and webhook workers, outbox."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Coroutine
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI

from services.dispatch import delivery_metrics, delivery_readiness, handlers, mail_accounts, store, webhook_client
from services.dispatch.mail_delivery import SERVICE, Deliveries, Patience
from services.dispatch.polling_worker import Worker
from services.dispatch.webhook_delivery import Webhooks
from services.runtime import clock, metrics, process, web
from services.runtime.broker import kafka_broker, publish
from services.runtime.database import Database
from services.runtime.outbox import Relay
from services.runtime.readiness import Check
from services.runtime.record_signing import DatabaseSeal
from services.runtime.retry import Health, persist
from services.runtime.settings import Settings

if TYPE_CHECKING:
    from services.runtime.file_store import FileStore

AT_ONCE = 8  # mails, and as many webhooks: more and a small mail server begins to refuse


def create(settings: Settings) -> FastAPI:
    """The application; a setting that no mail can be sent with stops it here."""
    accounts = mail_accounts.accounts(settings)
    patience = Patience(settings.delivery_attempts, timedelta(seconds=settings.delivery_pause_seconds))
    health = Health()
    database = Database(settings.database)
    broker = kafka_broker(SERVICE, settings, health, DatabaseSeal(database, handlers.GUARDED))
    broker.include_router(handlers.route)
    relay = Relay(database, SERVICE, lambda record: publish(broker, record))
    deliveries = Deliveries(database, relay, accounts, patience, health, lambda: _file_store(settings))

    @contextlib.asynccontextmanager
    async def life(_: FastAPI) -> AsyncIterator[None]:
        async with webhook_client.client(settings.webhook_private_nets) as client:
            webhooks = Webhooks(database, relay, client, patience, health, settings.webhook_private_nets)
            mails = Worker(deliveries.claim, deliveries.deliver, at_once=AT_ONCE)
            tellings = Worker(webhooks.claim, webhooks.tell, at_once=AT_ONCE)

            def wake() -> None:
                relay.wake()
                mails.wake()
                tellings.wake()

            broker.context.set_global("database", database)
            broker.context.set_global("wake", wake)

            async def mail() -> None:
                await persist(lambda: _release(database), health)
                await mails.run()

            beside: list[Coroutine[Any, Any, None]] = [relay.run(), mail(), tellings.run()]
            async with process.running(broker, settings.kafka, database=database, beside=beside):
                try:
                    yield
                finally:
                    # Side by side: one after the other, a hanging mail server and a hanging database would take longer than
                    # whoever stops this process waits before it kills it.
                    await asyncio.gather(broker.stop(), mails.drain(), tellings.drain(), return_exceptions=True)

    app = web.create(
        SERVICE,
        [
            Check("kafka", process.kafka_ready(broker, health)),
            Check("database", process.database_ready(database)),
            Check("mail server", delivery_readiness.ready(database, "reply")),
            Check("webhooks", delivery_readiness.ready(database, "webhook"), blocks=False),
        ],
        life,
        edge=web.Edge(metrics_token=settings.metrics_token.get_secret_value()),
    )
    process.add_samples(app.state.samples, SERVICE, settings, broker, database)
    app.state.samples.add("deliveries", delivery_metrics.waiting(database), [metrics.DELIVERIES_WAITING, metrics.DELIVERY_OLDEST])
    app.state.database = database
    return app


def _file_store(settings: Settings) -> "FileStore":
    from services.runtime.file_store import file_store  # its library takes 9 MB, and few replies have files

    return file_store(settings.files_url, settings.data_dir)


async def _release(database: Database) -> None:
    if database.is_sqlite:  # one machine and one process of each service: nobody else can hold a lease
        async with database.transaction() as session:
            await store.release(session, clock.now())
