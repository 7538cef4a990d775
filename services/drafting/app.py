"""Puts the drafting process together."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

from fastapi import FastAPI
from faststream import ContextRepo

from schemas import drafting_switched, drafts_proposed
from services.domain import knowledge_folder, taxonomy
from services.domain.taxonomy import Taxonomy
from services.drafting import handlers, letter_folder, passage_index
from services.drafting.budget import Budget, BudgetedDrafter
from services.drafting.letter_templates import Templates
from services.drafting.model_client import LONGEST_WAIT, Drafter, ModelDrafter, TemplateDrafter
from services.drafting.passage_index import Knowledge
from services.drafting.switch import Switch, SwitchedDrafter
from services.runtime import clock, encoder_backends, process, web
from services.runtime.broker import kafka_broker
from services.runtime.readiness import Ask, Check
from services.runtime.reloading import Reloaded
from services.runtime.retry import Health
from services.runtime.settings import LlmSettings, Settings
from services.runtime.topic_follower import Follower

TEMPLATES_AT_ONCE = 16  # each takes a millisecond or two; together they are acknowledged once


ROUNDS = 4
"""Batches begin when the one before has ended, so one holds several rounds of drafts: the endpoint then waits less often."""
LONGEST_BATCH = 540.0  # seconds: Kafka gives the records of a process that takes ten minutes to another one


def records_in_hand(llm: LlmSettings) -> int:
    """How many records one batch has, so that it ends in time however slow the model is."""
    if not llm.configured:
        return TEMPLATES_AT_ONCE
    longest_draft = llm.timeout_seconds * llm.attempts + LONGEST_WAIT * (llm.attempts - 1)
    return llm.at_once * max(1, min(ROUNDS, int(LONGEST_BATCH // longest_draft)))


def create(settings: Settings) -> FastAPI:
    """Make the application; knowledge is read before the first record is."""
    health = Health()
    broker = kafka_broker(handlers.SERVICE, settings, health)
    broker.include_router(handlers.routes(records_in_hand(settings.llm)))
    asked = drafter(settings)
    checks = [Check("kafka", process.kafka_ready(broker, health))]
    if isinstance(asked, ModelDrafter):
        checks.append(Check("model", _model_ready(asked, settings.llm), blocks=False))

    @contextlib.asynccontextmanager
    async def life(_: FastAPI) -> AsyncIterator[None]:
        context = broker.context
        context.set_global("health", health)
        categories = taxonomy.load(settings.taxonomy)
        context.set_global("taxonomy", categories)
        knowledge = knowledge_of(settings, categories, context)
        knowledge.start()
        letters = letters_of(settings, categories, context)
        letters.start()
        switch = Switch()
        rules = Follower(settings.kafka, drafting_switched.TOPIC, switch.take)
        followers = [rules]
        bounded = asked
        if settings.llm.configured and settings.llm.limited:
            budget = Budget(settings.llm, categories.day, clock.now, earlier=lambda: switch.spent)
            spending = Follower(settings.kafka, drafts_proposed.TOPIC, budget.take, budget.begin, lambda: categories.midnight(clock.now()))
            followers.append(spending)
            bounded = BudgetedDrafter(asked, budget)
        writer = SwitchedDrafter(
            bounded,
            switch,
            [follower.caught_up for follower in followers],
            forgetful=settings.kafka.ephemeral,
            turns=asyncio.Semaphore(settings.llm.at_once) if settings.llm.configured else contextlib.nullcontext(),
        )
        context.set_global("drafter", writer)
        try:
            beside = [knowledge.watch(), letters.watch(), *(follower.run() for follower in followers)]
            async with process.running(broker, settings.kafka, beside=beside):
                yield
        finally:
            await writer.close()

    app = web.create(
        handlers.SERVICE,
        checks,
        life,
        edge=web.Edge(metrics_token=settings.metrics_token.get_secret_value()),
    )
    process.add_samples(app.state.samples, handlers.SERVICE, settings, broker)
    return app


def _model_ready(asked: ModelDrafter, settings: LlmSettings) -> Ask:
    from services.drafting.model_health import ModelHealth  # here, since a process without a model has no need of an HTTP client

    return ModelHealth(asked, settings).check


def knowledge_of(settings: Settings, categories: Taxonomy, context: ContextRepo) -> Reloaded[Knowledge]:
    """The knowledge that drafts are written from: another one for the next draft as soon as the folder, or what holds today, is another."""
    folder = settings.knowledge_dir or knowledge_folder.SAMPLE_CITY
    encoder = encoder_backends.of(settings)  # it keeps the vectors of what has not changed
    return Reloaded(
        "knowledge",
        stamp=lambda: (knowledge_folder.stamp(folder), categories.day(clock.now())),
        read=lambda: passage_index.load(folder, categories.day(clock.now()), encoder),
        use=lambda knowledge: context.set_global("knowledge", knowledge),
    )


def letters_of(settings: Settings, categories: Taxonomy, context: ContextRepo) -> Reloaded[Templates]:
    """The letters of drafts without a model: others for the next draft as soon as the agency's folder is another."""
    folder = settings.templates_dir
    return Reloaded(
        "the letters",
        stamp=lambda: letter_folder.stamp(folder) if folder else None,
        read=lambda: letter_folder.read(folder, categories.names),
        use=lambda letters: context.set_global("templates", letters),
    )


def drafter(settings: Settings) -> Drafter:
    """Choose the model where one is configured; its SDK is only loaded then."""
    return ModelDrafter(settings.llm) if settings.llm.configured else TemplateDrafter()
