"""Assembles the review process: pages, API, consumers, outbox and reconciler."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial
from pathlib import Path

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

from schemas import requests_received
from schemas.drafting_switched import Spent
from services.domain import knowledge_folder, taxonomy
from services.review import handlers
from services.review.agencies import acknowledgement_pages, admin_pages, agency_pages
from services.review.agencies.provisioning import AgencyKeys
from services.review.audit.sealer import sealer_of
from services.review.automation import store as automation
from services.review.cases import api as cases_api
from services.review.cases import case_samples, practice_entry, statistics_store
from services.review.cases import pages as cases_pages
from services.review.cases import store as cases
from services.review.cases.acknowledgements import acknowledgement_store
from services.review.cases.attachments import attachment_pages, reply_file_pages
from services.review.cases.attachments.image_preview import ImagePreviews
from services.review.cases.attention_checks import check_pages
from services.review.cases.canned_replies import canned_reply_api, canned_reply_pages
from services.review.cases.commands import SERVICE, CaseCommands
from services.review.cases.daily_figures import daily_store
from services.review.cases.emerging import matter_pages
from services.review.cases.emerging.watching import Watch
from services.review.cases.groups import answer_pages, group_pages, grouper
from services.review.cases.live import live_pages
from services.review.cases.live.change_feed import ChangeFeed
from services.review.cases.notes import note_pages
from services.review.cases.page import flow_pages
from services.review.cases.page.published_pages import PublishedPages, published_pages
from services.review.cases.queue import bulk_pages, counts_store, live_hits, saved_view_pages
from services.review.cases.related import contact_upkeep, link_pages
from services.review.cases.search import search_upkeep
from services.review.cases.second_look import look_pages
from services.review.cases.writing import writing_pages
from services.review.erasure.sweep import Sweep
from services.review.learning import api as learning_api
from services.review.learning import pages as learning_pages
from services.review.ops import api as ops_api
from services.review.ops import (
    audit_api,
    audit_pages,
    automation_api,
    automation_pages,
    delivery_pages,
    letter_sample,
    replay_pages,
    safeguards_api,
    safeguards_pages,
    trace_pages,
)
from services.review.ops import pages as ops_pages
from services.review.ops.overview import Deliveries, OverviewReader
from services.review.people import account_pages, break_glass, session_cookie
from services.review.people import pages as people_pages
from services.review.people.refusal_log import Refusals
from services.review.people.second_factor import code_pages, factor_key, second_factor_pages
from services.review.people.second_factor.second_step import SecondSteps
from services.review.people.session_store import Lasting
from services.review.people.sign_in import SignIns
from services.review.people.single_sign_on import single_sign_on_pages
from services.review.people.single_sign_on.sign_on import SignOns
from services.review.quality import care_pages, gap_pages
from services.review.quality import pages as quality_pages
from services.review.quality import store as quality
from services.review.quality.pictures import picture_pages
from services.review.transparency import agency_words
from services.review.transparency import pages as transparency_pages
from services.review.web import errors, forms, translation
from services.runtime import api_docs, broker_epoch, clock, encoder_backends, http_server, metrics, process, telemetry, web
from services.runtime.broker import kafka_broker, publish
from services.runtime.database import Database, Session
from services.runtime.metric_samples import Samples
from services.runtime.outbox import Relay
from services.runtime.readiness import Check
from services.runtime.record_signing import DatabaseSeal
from services.runtime.reloading import Reloaded
from services.runtime.retry import Health
from services.runtime.settings import Settings
from services.runtime.span_store import LocalTraces

log = logging.getLogger(__name__)

STATIC = Path(__file__).parent / "web" / "static"


def create(settings: Settings, agency_keys: AgencyKeys | None = None, deliveries: Deliveries | None = None) -> FastAPI:
    """The application with its pages and API, its consumers, the outbox relay and the reconciler."""
    health = Health()
    database = Database(settings.database)
    seal = DatabaseSeal(database, handlers.GUARDED)
    broker = kafka_broker(SERVICE, settings, health, seal)
    broker.include_router(handlers.route)
    relay = Relay(database, SERVICE, lambda record: publish(broker, record))
    commands = CaseCommands(database, taxonomy.load(settings.taxonomy), settings, relay.wake)

    watch = Watch(encoder_backends.of_matters(settings))

    scanner = commands.scanner  # built now: a setting that names none stops the start
    log.info("files are %s for viruses", "scanned" if scanner else "not scanned")

    published = published_of(settings)

    health.trials[requests_received.TOPIC] = partial(handlers.try_reference_requests, commands)

    @contextlib.asynccontextmanager
    async def life(_: FastAPI) -> AsyncIterator[None]:
        broker.context.set_global("transactions", handlers.transactions(commands, health, broker, seal))
        async with process.running(
            broker,
            settings.kafka,
            database=database,
            beside=[
                relay.run(),
                keep_moving(commands),
                published.watch(),
                sealer_of(database, settings).run(),
                grouper.run(database, watch),
                *([overview.watch()] if (overview := app.state.overview) else []),
            ],
        ):
            yield

    # Pages and decisions need only the database: what must leave waits in the outbox while Kafka is away.
    edge = web.Edge(settings.pages, settings.pages_by_https, settings.metrics_token.get_secret_value())
    checks = [Check("database", process.database_ready(database)), Check("kafka", process.kafka_ready(broker, health), blocks=False)]
    app = web.create(SERVICE, checks, life, edge=edge)
    add_samples(app.state.samples, commands)
    process.add_samples(app.state.samples, SERVICE, settings, broker, database)
    add_pages(app, settings, commands, published, agency_keys, deliveries)
    return app


def add_pages(
    app: FastAPI,
    settings: Settings,
    commands: CaseCommands,
    published: Reloaded[PublishedPages],
    agency_keys: AgencyKeys | None = None,
    deliveries: Deliveries | None = None,
) -> None:
    """Gives the application the workbench: its pages and API, and what they stand on."""
    database = commands.database
    app.state.database = database
    app.state.commands = commands
    app.state.settings = settings
    app.state.agency_keys = agency_keys
    app.state.deliveries = deliveries
    app.state.overview = OverviewReader(settings, database, deliveries, clock.now()) if deliveries else None
    app.state.published = published
    app.state.image_previews = ImagePreviews()
    app.state.change_feed = ChangeFeed(database, commands.taxonomy)
    http_server.before_the_end.append(app.state.change_feed.close)
    app.state.refusals = Refusals(database, clock.now)
    lasting = Lasting(timedelta(hours=settings.session_hours), timedelta(minutes=settings.session_idle_minutes))
    app.state.sign_ins = SignIns(database, app.state.refusals, lasting, settings)
    app.state.second_steps = SecondSteps(database, app.state.refusals, app.state.sign_ins, factor_key.key_of(settings))
    app.state.sign_ons = sign_ons_of(settings, database, app.state.refusals, lasting)
    app.state.traces = None if telemetry.exports() else LocalTraces(settings.traces)
    app.middleware("http")(forms.guard_headers)
    app.middleware("http")(session_cookie.drop_old_ones)
    calendar = commands.taxonomy.calendar
    app.middleware("http")(translation.answering(settings.language, calendar.time_zone if calendar else "UTC"))
    app.include_router(cases_api.router)
    app.include_router(canned_reply_api.router)
    app.include_router(link_pages.api)
    app.include_router(ops_api.router)
    app.include_router(automation_api.router)
    app.include_router(safeguards_api.router)
    app.include_router(safeguards_pages.router)
    app.include_router(audit_api.router)
    app.include_router(learning_api.router)
    for pages_of_sign_in in (single_sign_on_pages, code_pages, second_factor_pages):
        app.include_router(pages_of_sign_in.router)
    api_docs.say_bearer(app, "a token of yours: `parvis tokens issue EMAIL`, or your account's page")
    if settings.api_docs:
        app.include_router(api_docs.routes("Parvis: the API of the workbench"))
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    case_pages = (
        bulk_pages,
        attachment_pages,
        reply_file_pages,
        canned_reply_pages,
        group_pages,
        matter_pages,
        answer_pages,
        look_pages,
        check_pages,
        note_pages,
        link_pages,
        saved_view_pages,
        writing_pages,
        live_pages,
        live_hits,
        cases_pages,
        flow_pages,
        practice_entry,
    )
    account = (people_pages, account_pages, admin_pages, agency_pages, acknowledgement_pages)
    figures = (quality_pages, care_pages, picture_pages, gap_pages, learning_pages)
    app.state.agency_words = agency_words.read(settings.transparency)
    app.state.kept_facts = transparency_pages.KeptFacts()
    app.include_router(transparency_pages.router)
    operations = (ops_pages, delivery_pages, replay_pages, trace_pages, audit_pages, automation_pages)
    for pages in (*account, *case_pages, *operations, *figures):
        app.include_router(pages.router)
    app.state.viewer_of = people_pages.viewer_of
    errors.show_errors_as_pages(app)


def add_samples(samples: Samples, commands: CaseCommands) -> None:
    """The figures of cases and dead letters that are computed when they are asked for."""
    metrics.take_taxonomy(commands.taxonomy.categories, commands.taxonomy.departments)
    samples.add("cases", case_samples.of(commands.database, commands.taxonomy.departments), case_samples.STATES)
    letters = [metrics.DEAD_LETTERS_WAITING, metrics.DEAD_LETTER_OLDEST]
    samples.add("dead letters", letter_sample.of(commands.database), letters)


def sign_ons_of(settings: Settings, database: Database, refusals: Refusals, lasting: Lasting) -> SignOns | None:
    """Single sign-on, where there is a provider."""
    if not settings.oidc.configured:
        return None
    # Only now: its libraries take a tenth of a second and some megabytes.
    from services.review.people.single_sign_on.provider import Provider

    return SignOns(database, refusals, lasting, Provider(settings.oidc, clock.now), settings.oidc.issuer)


def published_of(settings: Settings) -> Reloaded[PublishedPages]:
    """What drafting quotes from, read from the same folder: here it only tells whether a waiting draft still says what is published."""
    folder = settings.knowledge_dir or knowledge_folder.SAMPLE_CITY
    return Reloaded("knowledge", lambda: knowledge_folder.stamp(folder), lambda: published_pages(knowledge_folder.read(folder)))


async def keep_moving(commands: CaseCommands) -> None:
    """Runs the reconciler: republishes the step of cases that stand still; of all at once where the broker lost its records.

    Between its rounds what people changed of drafts is noted for the quality page, days are added up for its pictures, and cases of before
    the index are indexed; once a day what is kept for too long is erased.
    """
    pause = min(commands.settings.reconcile_seconds / 4, 15.0)
    taken_up = counted = False
    sweep = Sweep(commands.database, commands.settings)
    while True:
        try:
            if not taken_up:
                async with commands.database.transaction() as session:
                    spent: list[Spent] = []
                    if await broker_epoch.is_new_epoch(session, SERVICE, commands.settings.kafka):
                        await cases.nudge_all(session, clock.now())
                        await acknowledgement_store.nudge_all(session, clock.now())
                        spent = await spent_today(session, commands)
                    for address in await break_glass.without_effect(session, commands.settings.oidc):
                        log.warning(break_glass.warning(address))
                    await automation.announce(session, await automation.standing(session), spent)
                taken_up = True
            while await commands.nudge():  # by the hundred, so that no transaction is long
                continue
            await quality.note_all_edits(commands.database)
            await commands.forget_what_is_old()
            if not counted:
                await mend_counts(commands.database)
                counted = True
            await counts_store.fold_all(commands.database)
            await daily_store.add_up_all(commands.database, commands.taxonomy, clock.now())
            await search_upkeep.index_all(commands.database)
            await contact_upkeep.keep_all(commands.database)
            await sweep.run_if_due(clock.now())
        except Exception as error:
            log.warning("reconciler: %s", type(error).__name__, exc_info=error)
        await asyncio.sleep(pause)


async def mend_counts(database: Database) -> None:
    """Puts right at each start what a process of the former release did not count."""
    async with database.transaction() as session:
        if wrong := await counts_store.mend(session):
            log.warning("counts of cases: %s were wrong and are right now", wrong)


async def spent_today(session: Session, commands: CaseCommands) -> list[Spent]:
    """What drafts have cost each agency today, which the broker has forgotten."""
    now, day = clock.now(), commands.taxonomy.day
    spending = await statistics_store.spending_since(session, commands.taxonomy.midnight(now))
    return [Spent(agency=s.agency, day=day(now), tokens=s.tokens, cost=s.cost, seconds=s.seconds) for s in spending if s.agency]
