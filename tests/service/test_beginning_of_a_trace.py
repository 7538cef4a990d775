"""One request has one beginning, whoever publishes it: with a trace of its own, with none, one by one or in a batch."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from uuid import UUID, uuid4

import pytest
from faststream.kafka import KafkaBroker
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import Link

from schemas import dead_letters, requests_received
from schemas.requests_received import RequestReceived
from schemas.values import Event
from services.runtime import telemetry
from services.runtime.batch_consumer import Batches
from services.runtime.broker import processing, processing_batch
from services.runtime.errors import InvalidRecord
from services.runtime.retry import Health, once
from services.runtime.span_store import LocalTraces
from services.runtime.trace_summaries import TraceQuery
from tests.harness.recorded_spans import Recorded, failure, recorded

__all__ = ["recorded"]  # a fixture

AT = 1_764_000_000_000


@dataclass
class ARecord:
    """A record of Kafka's, as a publisher wrote it."""

    value: bytes
    headers: tuple[tuple[str, bytes], ...] = ()
    topic: str = requests_received.TOPIC
    partition: int = 0
    offset: int = 7
    timestamp: int = AT
    key: bytes | None = None


def a_record(request_id: UUID, **changes: object) -> ARecord:
    return ARecord(f'{{"request_id": "{request_id}"}}'.encode(), **changes)  # type: ignore[arg-type]  # any of its fields


def spans_of(recorded: Recorded, request_id: UUID) -> list[ReadableSpan]:
    return [span for span in recorded.all if (span.attributes or {}).get("parvis.request_id") == str(request_id)]


def test_what_brings_no_trace_begins_with_its_sending_and_both_readers_continue_it(recorded: Recorded) -> None:
    request_id = uuid4()
    with processing(a_record(request_id), request_id, service="review"):
        pass
    with processing(a_record(request_id), request_id, service="triage", tells_of_sending=True):
        pass

    spans = spans_of(recorded, request_id)

    assert {span.context.trace_id for span in spans} == {telemetry.trace_id_of(request_id)}
    [root] = [span for span in spans if span.parent is None]
    assert (root.name, root.start_time) == (f"send {requests_received.TOPIC}", AT * 1_000_000)
    assert {span.parent.span_id for span in spans if span.parent} == {root.context.span_id}
    assert len(spans) == 3


def test_a_publishers_own_trace_is_joined_and_nothing_of_ours_begins_one(recorded: Recorded) -> None:
    request_id = uuid4()
    theirs = (("traceparent", b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),)
    for service in ("triage", "review"):
        with processing(a_record(request_id, headers=theirs), request_id, service=service, tells_of_sending=service == "triage"):
            pass

    spans = spans_of(recorded, request_id)

    assert {f"{span.context.trace_id:032x}" for span in spans} == {"4bf92f3577b34da6a3ce929d0e0e4736"}
    assert [f"{span.parent.span_id:016x}" for span in spans if span.parent] == ["00f067aa0ba902b7"] * 2


def test_who_works_on_a_record_again_after_a_kill_tells_of_the_same_span_and_who_tries_again_of_another(
    recorded: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    request_id = uuid4()
    record, other = a_record(request_id), a_record(request_id, offset=8)

    def works(on: ARecord, service: str = "triage") -> int:
        with processing(on, request_id, service=service) as span:
            return span.get_span_context().span_id

    first, tried_again = works(record), works(record)
    assert len({first, tried_again, works(other), works(record, "review")}) == 4

    monkeypatch.setattr(telemetry, "_begun", {})  # as in the next life of the process

    assert works(record) == first
    assert works(record) not in (first, tried_again)
    assert len(spans_of(recorded, request_id)) == 6


@pytest.mark.parametrize("late", [False, True])
def test_what_failed_in_one_life_and_went_well_in_the_next_is_no_failure(
    recorded: Recorded, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, *, late: bool
) -> None:
    request_id, store = uuid4(), LocalTraces(tmp_path / "traces.db")
    with pytest.raises(ConnectionError), processing(a_record(request_id), request_id, service="triage"):
        raise ConnectionError
    monkeypatch.setattr(telemetry, "_begun", {})  # as in the next life of the process
    with processing(a_record(request_id), request_id, service="triage") as again:
        telemetry.note(again, {"parvis.attempt": 2})
    first, second = spans_of(recorded, request_id)
    assert first.context.span_id == second.context.span_id

    # Of two processes the one whose step ended first may tell of it last.
    for telling in (second, first) if late else (first, second):
        store.export([telling])

    [kept] = store.spans_of(f"{telemetry.trace_id_of(request_id):032x}")
    assert (kept.status, kept.reason, kept.events, kept.attributes["parvis.attempt"]) == ("unset", "", [], 2)
    assert kept.ended == second.end_time
    assert [trace.failed for trace in store.search(TraceQuery())] == [False]


def test_what_went_well_in_one_life_and_was_undone_fails_in_the_next(
    recorded: Recorded, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    request_id, store = uuid4(), LocalTraces(tmp_path / "traces.db")
    with processing(a_record(request_id), request_id, service="triage"):
        pass  # its transaction is rolled back after its span ended
    monkeypatch.setattr(telemetry, "_begun", {})
    with pytest.raises(ConnectionError), processing(a_record(request_id), request_id, service="triage"):
        raise ConnectionError

    store.export(spans_of(recorded, request_id))

    assert [span.status for span in store.spans_of(f"{telemetry.trace_id_of(request_id):032x}")] == ["error"]
    assert [trace.failed for trace in store.search(TraceQuery(failed=True))] == [True]


def test_what_a_process_has_begun_is_not_remembered_without_end(recorded: Recorded, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telemetry, "_begun", {})
    monkeypatch.setattr(telemetry, "REMEMBERED", 3)
    for offset in range(9):
        with processing(a_record(uuid4(), offset=offset), uuid4(), service="triage"):
            pass

    assert len(recorded.all) == 9
    assert len(telemetry._begun) == 3


def test_a_batch_and_what_it_did_for_each_are_linked_both_ways(recorded: Recorded) -> None:
    records = [a_record(uuid4()) for _ in range(3)]
    with processing_batch(records, "triage") as batch:
        for record in records:
            with processing(record, uuid4(), [Link(batch.get_span_context())], service="triage") as span:
                batch.add_link(span.get_span_context())

    [of_batch] = [span for span in recorded.all if (span.attributes or {}).get("messaging.batch.message_count") == 3]
    others = [span for span in recorded.all if span is not of_batch]
    assert {link.context.span_id for link in of_batch.links} == {span.context.span_id for span in others}
    assert all([link.context.span_id for link in span.links] == [of_batch.context.span_id] for span in others)
    assert dict(others[0].attributes or {}) | {"parvis.request_id": ""} == {
        "parvis.request_id": "",
        "messaging.system": "kafka",
        "messaging.operation.type": "process",
        "messaging.operation.name": "process",
        "messaging.destination.name": requests_received.TOPIC,
        "messaging.destination.partition.id": "0",
        "messaging.consumer.group.name": "parvis.triage",
        "messaging.kafka.offset": 7,
    }


async def test_a_record_that_is_given_up_has_failed_and_leads_to_its_dead_letter(
    recorded: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.runtime.retry.PAUSES", (0.0,))
    letters = []

    async def publish(_: KafkaBroker, letter: dead_letters.DeadLetter) -> None:
        letters.append(letter)

    monkeypatch.setattr("services.runtime.dead_letters.publish", publish)
    request_id = uuid4()
    record = a_record(request_id)

    async def attempt() -> None:
        raise ValueError("Ines Marlow lives at 12 Elm Street")

    with processing(record, request_id, service="review"):
        await once(attempt, record, service="review", health=Health(), broker=KafkaBroker())

    [processed] = recorded.named(f"process {requests_received.TOPIC}")
    [letter] = recorded.named(f"send {dead_letters.TOPIC}")
    assert failure(processed) == ("ERROR", "ValueError", ["ValueError"] * 5)
    assert failure(letter) == ("ERROR", "ValueError", ["ValueError"])
    assert (letter.attributes or {})["parvis.dead_letter"] == str(letters[0].letter_id)
    assert letter.parent
    assert letter.parent.span_id == processed.context.span_id
    assert "Ines" not in recorded.text


async def test_what_triage_cannot_read_has_one_beginning_as_well_and_all_that_became_of_it_follows_from_that(
    recorded: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def publish(_: KafkaBroker, letter: dead_letters.DeadLetter) -> None:
        """Nobody is there."""

    async def decide(_: Sequence[RequestReceived]) -> list[Event]:
        return []

    monkeypatch.setattr("services.runtime.dead_letters.publish", publish)
    request_id = uuid4()
    record = a_record(request_id)
    batches = Batches(RequestReceived, decide, "triage", Health(), KafkaBroker())

    await batches.handle(SimpleNamespace(raw_message=(record,)))  # type: ignore[arg-type]  # as much of a message as is read
    with processing(record, request_id, service="review"):
        await once(_refuses, record, service="review", health=Health(), broker=KafkaBroker())

    spans = spans_of(recorded, request_id)
    assert [span.name for span in spans if span.parent is None] == [f"send {requests_received.TOPIC}"]
    assert {span.context.trace_id for span in spans} == {telemetry.trace_id_of(request_id)}
    assert {span.parent.span_id for span in spans if span.parent} <= {span.context.span_id for span in spans}
    assert len([span for span in spans if span.name == f"send {dead_letters.TOPIC}"]) == 2


async def _refuses() -> None:
    raise InvalidRecord("channel: by pigeon is none")
