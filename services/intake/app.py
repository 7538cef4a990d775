"""Puts the intake process together."""

import contextlib
import functools
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import TYPE_CHECKING

from fastapi import FastAPI

from services.domain import taxonomy
from services.intake import api, documented, handlers, intake_metrics
from services.intake.incoming_files import IncomingFiles
from services.intake.open311 import routes as open311
from services.intake.quota import Quotas
from services.intake.reconciler import Reconciler
from services.runtime import api_docs, metrics, process, web
from services.runtime.broker import kafka_broker, publish
from services.runtime.database import Database
from services.runtime.file_scanner import file_scanner
from services.runtime.line_budget import Budget
from services.runtime.outbox import Relay
from services.runtime.readiness import Check
from services.runtime.record_signing import DatabaseSeal
from services.runtime.retry import Health
from services.runtime.settings import Settings

if TYPE_CHECKING:
    from services.runtime.file_store import FileStore


def create(settings: Settings) -> FastAPI:
    """The application. It takes requests even while Kafka is away: they wait in the database."""
    health = Health()
    database = Database(settings.database)
    broker = kafka_broker(handlers.SERVICE, settings, health, DatabaseSeal(database, handlers.GUARDED))
    broker.include_router(handlers.route)
    broker.context.set_global("database", database)
    relay = Relay(database, handlers.SERVICE, lambda record: publish(broker, record))
    patience = timedelta(seconds=settings.reconcile_seconds)
    reconciler = Reconciler(database, relay, patience, settings.kafka)

    @contextlib.asynccontextmanager
    async def life(_: FastAPI) -> AsyncIterator[None]:
        async with process.running(broker, settings.kafka, database=database, beside=[relay.run(), reconciler.run()]):
            yield

    edge = web.Edge(settings.intake, settings.intake.is_https, settings.metrics_token.get_secret_value())
    # A 202 needs only the database: what must leave waits in the journal while Kafka is away.
    app = web.create(
        handlers.SERVICE,
        [Check("database", process.database_ready(database)), Check("kafka", process.kafka_ready(broker, health), blocks=False)],
        life,
        most_bytes=web.MAX_BODY_BYTES,
        but_below=["/forms/"] if settings.forms else [],
        edge=edge,
    )
    process.add_samples(app.state.samples, handlers.SERVICE, settings, broker, database)
    app.state.samples.add("journal", intake_metrics.journal(database), [metrics.JOURNAL_WAITING, metrics.JOURNAL_OLDEST])
    app.state.database, app.state.relay, app.state.patience = database, relay, patience
    app.state.signing_keys_kept = set()
    app.state.trusted_proxies, app.state.refused_keys = settings.trusted_proxies, Budget()
    app.state.files = IncomingFiles(lambda: _file_store(settings), file_scanner(settings.files_scanner))
    app.state.quotas = Quotas(settings.quota_per_minute, settings.quota_burst)
    # Read now and understood when Open311 first asks for it: its public holidays take half a second and 26 MB.
    file = settings.taxonomy or taxonomy.DEFAULT
    app.state.taxonomy = functools.cache(functools.partial(taxonomy.parse, taxonomy.read_text(file), str(file)))
    app.state.taxonomy_changeset = taxonomy.changed_at(file).strftime("%Y-%m-%d %H:%M")
    app.state.open311_contact = settings.open311_contact
    app.include_router(api.routes)
    app.include_router(open311.routes)
    if settings.api_docs:
        app.include_router(api_docs.routes("Parvis: the API for agencies"))
    if settings.forms or settings.asks_citizens:
        _add_forms(app, settings)
    documented.finish(app, open311.PREFIX)
    return app


def _file_store(settings: Settings) -> "FileStore":
    from services.runtime.file_store import file_store  # its library takes 9 MB, and not every intake is sent files

    return file_store(settings.files_url, settings.data_dir)


def _add_forms(app: FastAPI, settings: Settings) -> None:
    """The pages for citizens. What they stand on is loaded only where there are any."""
    from services.intake.answers import pages as answers
    from services.intake.web_form import branding, pages, throttle

    limits = throttle.Limits(settings.forms_hourly_per_address, settings.forms_hourly_per_agency)
    app.state.web_forms = pages.WebForms(
        branding.of_forms(settings.forms_branding, settings.forms),
        app.state.files,
        throttle.Throttle(limits),
        settings.language,
    )
    app.add_exception_handler(pages.NoPage, pages.show_other)
    app.include_router(pages.routes)
    if settings.asks_citizens:
        app.include_router(answers.routes)
