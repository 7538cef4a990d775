"""Drafting in memory: what it publishes for what comes in."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from faststream.kafka import KafkaBroker, TestKafkaBroker

from schemas import drafts_proposed
from schemas.drafts_proposed import DraftProposed
from schemas.drafts_requested import DraftRequested
from schemas.requests_triaged import DetectedLanguage, RequestTriaged
from schemas.values import Event, Redacted, Urgency
from services.domain import taxonomy
from services.drafting import handlers, knowledge, rules
from services.drafting.model_client import TemplateDrafter
from services.runtime.broker import Health, consumer, kafka_broker
from services.runtime.settings import Settings

REQUEST_ID = UUID("5f0c3a52-6d4e-4f6e-9f52-0f3c9d8f1a11")


def a_triaged(**changes: Any) -> RequestTriaged:
    fields: dict[str, Any] = {
        "request_id": REQUEST_ID,
        "agency": "belrive",
        "channel": "email",
        "received_at": datetime(2026, 11, 24, 9, tzinfo=UTC),
        "language": DetectedLanguage(code="en", confidence=0.99),
        "redacted": Redacted(subject="Bin not collected", body="Our grey bin was not collected on Monday. When do you come back?"),
        "category": "waste_collection",
        "confidence": 0.97,
        "department": "environment",
        "urgency": Urgency.NORMAL,
        "outcome": "routed",
        "model_version": "test",
    }
    return RequestTriaged(**(fields | changes))


@dataclass
class Drafting:
    """The service in memory, and what it published."""

    broker: KafkaBroker
    proposed: list[DraftProposed]

    async def reads(self, event: Event) -> list[DraftProposed]:
        """Everything it has proposed after reading the event as well."""
        await self.broker.publish(event, topic=event.topic)
        return self.proposed


@pytest.fixture
async def drafting() -> AsyncIterator[Drafting]:
    broker = kafka_broker(handlers.SERVICE, Settings(), Health())
    broker.include_router(handlers.routes(workers=2))
    broker.context.set_global("taxonomy", taxonomy.load())
    broker.context.set_global("knowledge", knowledge.load())
    broker.context.set_global("drafter", TemplateDrafter())
    proposed: list[DraftProposed] = []

    @broker.subscriber(drafts_proposed.TOPIC, **consumer("review"))
    async def on_draft_proposed(draft: DraftProposed) -> None:
        proposed.append(draft)

    async with TestKafkaBroker(broker):
        yield Drafting(broker, proposed)


async def test_a_routed_request_is_drafted_once_as_revision_1(drafting: Drafting) -> None:
    (draft,) = await drafting.reads(a_triaged())

    assert (draft.request_id, draft.revision, draft.drafted_by) == (REQUEST_ID, 1, "template")
    assert draft.draft_id == rules.draft_id(REQUEST_ID, 1)
    assert draft.citations[0].url in draft.body


async def test_what_a_person_must_sort_first_gets_no_draft(drafting: Drafting) -> None:
    assert await drafting.reads(a_triaged(outcome="needs_triage")) == []


async def test_a_wish_for_another_draft_is_drafted_whatever_the_triage_was(drafting: Drafting) -> None:
    wish = DraftRequested(request_id=REQUEST_ID, revision=2, triaged=a_triaged(outcome="needs_triage"))

    (draft,) = await drafting.reads(wish)

    assert (draft.revision, draft.draft_id) == (2, rules.draft_id(REQUEST_ID, 2))


async def test_the_same_record_twice_proposes_the_same_draft(drafting: Drafting) -> None:
    await drafting.reads(a_triaged())
    first, second = await drafting.reads(a_triaged())

    assert first == second
