"""Consumes triaged requests and requests for another draft, and publishes proposed drafts."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated

from faststream import Context
from faststream.kafka import KafkaBroker, KafkaMessage, KafkaRouter
from opentelemetry import trace

from schemas import drafts_requested, requests_triaged
from schemas.drafts_proposed import DraftProposed
from schemas.drafts_requested import DraftRequested
from schemas.requests_triaged import RequestTriaged
from services.domain import message_parts, wish_for_person
from services.domain.taxonomy import Taxonomy
from services.drafting import draft_metrics, letter_folder, passage_choice, redraft, rules, switch, wishes
from services.drafting.answerability import TriagedAs
from services.drafting.draft import Draft, ReplyContext
from services.drafting.letter import letter_of
from services.drafting.letter_templates import Templates
from services.drafting.model_client import Drafter, word
from services.drafting.passage_index import Knowledge, SearchHit
from services.drafting.wishes import Instruction
from services.runtime import clock, kafka_records, telemetry
from services.runtime.batch_consumer import handle_concurrently
from services.runtime.broker import consumer, router
from services.runtime.retry import Health

SERVICE = "drafting"
FURTHER = 20  # among which another article is looked for where a person asks for one
PASSAGES = 4  # more would crowd out the citizen's own words, and a person has to read them beside the draft

BrokerDep = Annotated[KafkaBroker, Context("broker")]
HealthDep = Annotated[Health, Context("health")]
DrafterDep = Annotated[Drafter, Context("drafter")]
KnowledgeDep = Annotated[Knowledge, Context("knowledge")]
TaxonomyDep = Annotated[Taxonomy, Context("taxonomy")]
TemplatesDep = Annotated[Templates | None, Context("templates", default=None)]


def routes(at_once: int) -> KafkaRouter:
    """Subscribe to both topics with one consumer that has no more than so many drafts in hand."""
    route = router()
    topics = (requests_triaged.TOPIC, drafts_requested.TOPIC)
    route.subscriber(*topics, batch=True, max_records=at_once, batch_timeout_ms=100, **consumer(SERVICE))(on_records)
    return route


async def on_records(
    message: KafkaMessage,
    drafter: DrafterDep,
    knowledge: KnowledgeDep,
    taxonomy: TaxonomyDep,
    templates: TemplatesDep,
    health: HealthDep,
    broker: BrokerDep,
) -> None:
    """Give each record to the handler of its topic."""

    async def triaged(value: bytes | None) -> DraftProposed | None:
        return await on_request_triaged(kafka_records.read_event(value, RequestTriaged), drafter, knowledge, taxonomy, templates)

    async def requested(value: bytes | None) -> DraftProposed:
        return await on_draft_requested(kafka_records.read_event(value, DraftRequested), drafter, knowledge, taxonomy, templates)

    handles = {requests_triaged.TOPIC: triaged, drafts_requested.TOPIC: requested}
    await handle_concurrently(message, handles, service=SERVICE, health=health, broker=broker)


async def on_request_triaged(
    triaged: RequestTriaged, drafter: Drafter, knowledge: Knowledge, taxonomy: Taxonomy, templates: Templates | None = None
) -> DraftProposed | None:
    """Drafts revision 1 of what was routed; the rest waits for a person's correction."""
    request = rules.first_draft_of(triaged)
    return await propose(request, drafter, knowledge, taxonomy, templates) if request else None


async def on_draft_requested(
    request: DraftRequested, drafter: Drafter, knowledge: Knowledge, taxonomy: Taxonomy, templates: Templates | None = None
) -> DraftProposed:
    """Drafts again, as a person or a correction asks."""
    return await propose(request, drafter, knowledge, taxonomy, templates)


async def propose(
    request: DraftRequested, drafter: Drafter, knowledge: Knowledge, taxonomy: Taxonomy, templates: Templates | None = None
) -> DraftProposed:
    """Searches, drafts and checks: each a step of the request's trace."""
    triaged = request.triaged
    templates = templates or letter_folder.shipped()
    wished = wishes.read(request.instructions)
    asked_in = redraft.language_asked(wished, request, templates.languages)
    context = rules.reply_context(triaged, taxonomy, knowledge.published, templates, asked_in, taxonomy.day(clock.now()))
    context, hits = await _retrieved(request, wished, knowledge, context)
    draft = await _written(request, hits, context, drafter)
    quoted = [citation.passage_id for citation in draft.citations]
    suggested = [] if context.lead else passage_choice.suggested(hits, quoted, letter_of(triaged))
    proposal = rules.proposed(request, draft, [hit.passage for hit in hits], context, suggested)
    draft_metrics.count(draft, proposal)
    telemetry.note(
        trace.get_current_span(),
        {
            "parvis.revision": request.revision,
            "parvis.checks_failed": sum(not check.passed for check in proposal.checks),
            "parvis.language": proposal.language,
            "parvis.category": triaged.category,
            "parvis.agency": triaged.agency,
        },
    )
    return proposal


async def _retrieved(
    request: DraftRequested, wished: Instruction, knowledge: Knowledge, context: ReplyContext
) -> tuple[ReplyContext, list[SearchHit]]:
    """What the knowledge has, and the context with what a person asked to be different of it."""
    triaged = request.triaged
    knowledge = knowledge.by_words_alone if wish_for_person.not_solved(triaged) else knowledge
    with telemetry.step("drafting.retrieve") as span:
        # An encoder may be asked for over the network: meanwhile other requests go on.
        several = letter_of(triaged) == "several" and not context.lead
        hits = await asyncio.to_thread(look_up, triaged, knowledge, several=several)
        if request.instructions:
            further = await asyncio.to_thread(search, triaged, knowledge, FURTHER)
            context, hits = rules.as_asked(request, wished, hits, further, knowledge.passages, context)
        telemetry.note(span, {"parvis.passages": len(hits)})
    return replace(context, doubtful=frozenset(hit.passage.passage_id for hit in hits if hit.doubtful)), hits


async def _written(request: DraftRequested, hits: Sequence[SearchHit], context: ReplyContext, drafter: Drafter) -> Draft:
    with telemetry.step("drafting.write") as span:
        writer = drafter if rules.a_model_may_draft(request.triaged) else switch.without_model(drafter)
        draft = await writer.draft(request, hits, context)
        telemetry.note(span, {"parvis.drafted_by": draft.drafted_by, "parvis.attempts": draft.attempts or None})
        if draft.fault:
            telemetry.note(span, {"parvis.reason": word(draft.fault)})
            telemetry.worth_keeping(span, "fallback")
    return draft


def look_up(triaged: RequestTriaged, knowledge: Knowledge, *, several: bool) -> list[SearchHit]:
    """What the knowledge has for a request; for each of several matters by itself, where more than one is answered."""
    if several:
        apart = [hit for text in message_parts.matters(triaged) for hit in knowledge.search(text, triaged.language.code, None, 1)]
        if answered := passage_choice.each_of_several(apart):
            return answered
    return knowledge.with_context(search(triaged, knowledge, PASSAGES))


def search(triaged: RequestTriaged, knowledge: Knowledge, limit: int) -> list[SearchHit]:
    """What the knowledge has for the whole of a request."""
    letter = TriagedAs(triaged.category, triaged.confidence, triaged.letter, triaged.letter_confidence or 0.0)
    return knowledge.search(rules.question(triaged), triaged.language.code, limit=limit, triaged=letter)
