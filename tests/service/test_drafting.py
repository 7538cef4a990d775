"""Drafting in memory: what it publishes for what comes in."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, get_args
from uuid import UUID

import pytest
from faststream.kafka import KafkaBroker, TestKafkaBroker
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from schemas import dead_letters, drafts_proposed, drafts_requested, requests_triaged
from schemas.dead_letters import DeadLetter
from schemas.drafts_proposed import DraftProposed
from schemas.drafts_requested import DraftRequested
from schemas.requests_triaged import DetectedLanguage, RequestTriaged
from schemas.values import Event, Redacted, Urgency
from services.domain import knowledge_folder, taxonomy
from services.domain.placeholders import WHOLE_MESSAGE
from services.drafting import handlers, passage_index, rules
from services.drafting.draft import Draft
from services.drafting.model_client import TemplateDrafter
from services.runtime import broker as runtime_broker
from services.runtime import telemetry
from services.runtime.broker import consumer, kafka_broker
from services.runtime.retry import Health
from services.runtime.settings import Settings
from services.triage.set_aside import set_aside
from tests.case_builders import CITY, received

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
    dead: list[DeadLetter]

    async def reads(self, event: Event) -> list[DraftProposed]:
        """Everything it has proposed after reading the event as well."""
        await self.broker.publish(event, topic=event.topic)
        return self.proposed


@pytest.fixture(autouse=True)
def tuples(monkeypatch: pytest.MonkeyPatch) -> None:
    """A batch as it comes from Kafka: the test broker makes a list of it where the real client gives a tuple."""
    parse = runtime_broker._parse

    async def parse_as_sent(record: Any, original: Any) -> Any:
        return await parse(tuple(record) if isinstance(record, list) else record, original)

    monkeypatch.setattr(runtime_broker, "_parse", parse_as_sent)


@pytest.fixture
async def drafting() -> AsyncIterator[Drafting]:
    health = Health()
    broker = kafka_broker(handlers.SERVICE, Settings(), health)
    broker.include_router(handlers.routes(at_once=4))
    broker.context.set_global("health", health)
    broker.context.set_global("taxonomy", taxonomy.load())
    broker.context.set_global("knowledge", passage_index.load())
    broker.context.set_global("drafter", TemplateDrafter())
    proposed: list[DraftProposed] = []
    dead: list[DeadLetter] = []

    @broker.subscriber(drafts_proposed.TOPIC, **consumer("review"))
    async def on_draft_proposed(draft: DraftProposed) -> None:
        proposed.append(draft)

    @broker.subscriber(dead_letters.TOPIC, **consumer("ops"))
    async def on_dead_letter(letter: DeadLetter) -> None:
        dead.append(letter)

    async with TestKafkaBroker(broker):
        yield Drafting(broker, proposed, dead)


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> InMemorySpanExporter:
    """Every span that ends, with ids as production makes them."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider(id_generator=telemetry._Ids())
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(telemetry, "tracer", provider.get_tracer("parvis"))
    return exporter


async def test_a_routed_request_is_drafted_once_as_revision_1(drafting: Drafting) -> None:
    (draft,) = await drafting.reads(a_triaged())

    assert (draft.request_id, draft.revision, draft.drafted_by) == (REQUEST_ID, 1, "template")
    assert draft.draft_id == rules.draft_id(REQUEST_ID, 1)
    assert draft.citations[0].url in draft.body


async def test_each_citation_tells_which_state_of_the_passage_it_is_of(drafting: Drafting) -> None:
    digests = {passage.passage_id: passage.digest for passage in knowledge_folder.read(knowledge_folder.SAMPLE_CITY)}
    (draft,) = await drafting.reads(a_triaged())
    assert [citation.digest for citation in draft.citations] == [digests[citation.passage_id] for citation in draft.citations]


async def test_what_may_answer_is_suggested_and_quoted_when_a_person_says_so(drafting: Drafting) -> None:
    asked = a_triaged(redacted=Redacted(subject=None, body="Can I leave my cardboard beside the bin when it is full?"))
    (first,) = await drafting.reads(asked)
    suggested = [citation.passage_id for citation in first.suggested]
    assert suggested
    assert not set(suggested) & {citation.passage_id for citation in first.citations}

    wish = DraftRequested(request_id=REQUEST_ID, revision=2, triaged=asked, instructions=f"Quote passage {suggested[0]}")
    *_, second = await drafting.reads(wish)

    assert [citation.passage_id for citation in second.citations] == [suggested[0]]


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


async def test_a_record_that_cannot_be_read_goes_to_dead_letters_alone(drafting: Drafting) -> None:
    await drafting.broker.publish(b'{"request_id": 7}', topic=drafts_requested.TOPIC)

    assert [letter.topic for letter in drafting.dead] == [drafts_requested.TOPIC]
    assert len(await drafting.reads(a_triaged())) == 1


async def test_a_drafts_steps_are_spans_of_the_requests_own_trace(drafting: Drafting, spans: InMemorySpanExporter) -> None:
    await drafting.reads(a_triaged())

    trace_id = f"{telemetry.trace_id_of(REQUEST_ID):032x}"
    exported = [json.loads(span.to_json()) for span in spans.get_finished_spans()]
    root = next(step_span for step_span in exported if step_span["name"] == f"process {requests_triaged.TOPIC}")
    for step in ("drafting.retrieve", "drafting.write"):
        (span,) = (step_span for step_span in exported if step_span["name"] == step)
        assert (span["context"]["trace_id"], span["parent_id"]) == (f"0x{trace_id}", root["context"]["span_id"])
    assert all(set(step_span["attributes"]) <= set(get_args(telemetry.Attribute)) for step_span in exported)
    assert "grey bin" not in json.dumps(exported)


class NeverAsked:
    """A model that must not see what nobody has read."""

    async def draft(self, *_: object) -> Draft:
        raise AssertionError("a message without a word is nothing to ask a model about")

    async def close(self) -> None:
        pass


@pytest.mark.parametrize("urgency", [Urgency.HIGH, Urgency.EMERGENCY])
async def test_a_message_that_was_set_aside_unread_gets_the_template_and_no_model(urgency: Urgency) -> None:
    aside = set_aside(received(body="Ines Marlow wrote 20,000 characters", subject="Ines Marlow"), CITY)
    assert await handlers.on_request_triaged(aside, NeverAsked(), passage_index.load(), CITY) is None

    by_a_person = aside.model_copy(update={"category": "waste_collection", "department": "environment", "urgency": urgency})
    wish = DraftRequested(request_id=aside.request_id, revision=2, triaged=by_a_person)
    draft = await handlers.on_draft_requested(wish, NeverAsked(), passage_index.load(), CITY)

    assert draft.drafted_by == "template"
    assert WHOLE_MESSAGE not in f"{draft.subject}{draft.body}"
    assert draft.subject.startswith("Re: ")
