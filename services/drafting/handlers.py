"""Triaged requests and wishes for another draft in, proposed drafts out."""

from typing import Annotated

from faststream import Context
from faststream.kafka import KafkaRouter
from opentelemetry import trace

from schemas import drafts_proposed, drafts_requested, requests_triaged
from schemas.drafts_proposed import DraftProposed
from schemas.drafts_requested import DraftRequested
from schemas.requests_triaged import RequestTriaged
from services.domain.taxonomy import Taxonomy
from services.drafting import rules
from services.drafting.knowledge import Knowledge
from services.drafting.model_client import Drafter
from services.runtime import telemetry
from services.runtime.broker import by_topic, consumer, router

SERVICE = "drafting"
PASSAGES = 4  # more would crowd out the citizen's own words, and a person has to read them beside the draft

DrafterDep = Annotated[Drafter, Context("drafter")]
KnowledgeDep = Annotated[Knowledge, Context("knowledge")]
TaxonomyDep = Annotated[Taxonomy, Context("taxonomy")]


def routes(workers: int) -> KafkaRouter:
    """The subscriptions: each worker is a consumer of its own, so no more drafts than that are ever in hand.

    FastStream's own `max_workers` takes one topic only where a record is acknowledged after its work.
    """
    route = router()
    for _ in range(workers):
        subscriber = route.subscriber(requests_triaged.TOPIC, drafts_requested.TOPIC, **consumer(SERVICE))
        publisher = route.publisher(drafts_proposed.TOPIC)
        publisher(subscriber(on_request_triaged, filter=by_topic(requests_triaged.TOPIC)))
        publisher(subscriber(on_draft_requested, filter=by_topic(drafts_requested.TOPIC)))
    return route


async def on_request_triaged(
    triaged: RequestTriaged, drafter: DrafterDep, knowledge: KnowledgeDep, taxonomy: TaxonomyDep
) -> DraftProposed | None:
    """Drafts revision 1 of what was routed; the rest waits for a person's correction."""
    request = rules.first_draft_of(triaged)
    return await propose(request, drafter, knowledge, taxonomy) if request else None


async def on_draft_requested(request: DraftRequested, drafter: DrafterDep, knowledge: KnowledgeDep, taxonomy: TaxonomyDep) -> DraftProposed:
    """Drafts again, as a person or a correction asks."""
    return await propose(request, drafter, knowledge, taxonomy)


async def propose(request: DraftRequested, drafter: Drafter, knowledge: Knowledge, taxonomy: Taxonomy) -> DraftProposed:
    """Looks up, writes, checks: each a step of the request's trace."""
    triaged = request.triaged
    desk = rules.desk(triaged, taxonomy)
    with telemetry.tracer.start_as_current_span("drafting.retrieve") as span:
        found = knowledge.search(rules.question(triaged), triaged.language.code, triaged.category, PASSAGES)
        telemetry.note(span, **{"parvis.passages": len(found)})
    with telemetry.tracer.start_as_current_span("drafting.model") as span:
        draft = await drafter.draft(request, found, desk)
        telemetry.note(span, **{"parvis.drafted_by": draft.drafted_by, "parvis.model": draft.model, "parvis.reason": draft.fault})
        if draft.attempts:
            usage = draft.usage
            telemetry.note(
                span,
                **{
                    "parvis.attempts": draft.attempts,
                    "parvis.input_tokens": usage.input_tokens,
                    "parvis.output_tokens": usage.output_tokens,
                },
            )
    proposal = rules.proposed(request, draft, [one.passage for one in found], desk)
    span = trace.get_current_span()
    failed = sum(not check.passed for check in proposal.checks)
    telemetry.note(span, **{"parvis.revision": request.revision, "parvis.checks_failed": failed})
    telemetry.note(span, **{"parvis.language": proposal.language, "parvis.category": triaged.category})
    return proposal
