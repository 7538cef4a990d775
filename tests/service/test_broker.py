"""How records come in and go out, over FastStream's broker in memory."""

import asyncio
import base64
import contextlib
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from aiokafka.errors import KafkaConnectionError, KafkaTimeoutError, NotLeaderForPartitionError
from faststream import AckPolicy
from faststream.kafka import KafkaBroker, TestKafkaBroker
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from pydantic import ValidationError
from sqlalchemy.exc import OperationalError

from schemas import dead_letters, requests_received
from schemas.dead_letters import DeadLetter
from schemas.requests_received import RequestReceived
from services.runtime import broker as runtime_broker
from services.runtime import clock, kafka_records, process, retry, telemetry
from services.runtime.broker import consumer, kafka_broker, router
from services.runtime.dead_letters import dead_letter
from services.runtime.errors import InvalidRecord
from services.runtime.retry import Health
from services.runtime.settings import SERVICES, KafkaSettings, Settings
from tests.case_builders import received


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retry, "PAUSES", (0.0,))
    monkeypatch.setattr(retry, "OUTAGE_PAUSE", 0.0)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path, kafka=KafkaSettings(bootstrap="127.0.0.1:1", ephemeral=True))


class Desk:
    """A service of the test's own: fails as it is told to, and keeps what it is given."""

    def __init__(self, settings: Settings) -> None:
        self.health = Health()
        self.faults: list[Exception] = []
        self.seen: list[RequestReceived] = []
        self.letters: list[DeadLetter] = []
        self.broker: KafkaBroker = kafka_broker("desk", settings, self.health)
        route = router()

        @route.subscriber(requests_received.TOPIC, **consumer("desk"))
        async def on_request(event: RequestReceived) -> None:
            if self.faults:
                raise self.faults.pop(0)
            self.seen.append(event)

        @route.subscriber(dead_letters.TOPIC, **consumer("letters"))
        async def on_letter(letter: DeadLetter) -> None:
            self.letters.append(letter)

        self.broker.include_router(route)

    async def get(self, value: bytes, headers: dict[str, str] | None = None) -> None:
        await self.broker.publish(value, topic=requests_received.TOPIC, key=b"k", headers=headers or {})


@pytest.fixture
async def desk(settings: Settings) -> AsyncIterator[Desk]:
    desk = Desk(settings)
    async with TestKafkaBroker(desk.broker):
        yield desk


def value() -> bytes:
    return received().model_dump_json().encode()


async def test_a_record_is_handled_once(desk: Desk) -> None:
    await desk.get(value())
    assert desk.seen == [received()]
    assert desk.letters == []


async def test_an_unreadable_record_is_a_dead_letter_at_once(desk: Desk) -> None:
    await desk.get(b"{not json")
    (letter,) = desk.letters
    assert (letter.service, letter.attempts, letter.error_type) == ("desk", 1, "InvalidRecord")


async def test_a_record_that_keeps_failing_is_a_dead_letter_after_five_attempts_and_the_next_is_handled(desk: Desk) -> None:
    desk.faults = [RuntimeError("bug")] * 5
    await desk.get(value())
    (letter,) = desk.letters
    assert letter.attempts == 5
    await desk.get(value())
    assert desk.seen == [received()]


async def test_a_database_that_is_away_is_waited_for_however_long(desk: Desk) -> None:
    desk.faults = [OperationalError("select", {}, Exception("gone"))] * 50
    await desk.get(value())
    assert desk.seen == [received()]
    assert desk.letters == []
    assert desk.health.waiting_for is None


async def test_a_release_that_reads_nothing_stops_at_a_record_that_stays_where_it_is(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    ready = process.kafka_ready(desk.broker, desk.health)
    answers: list[str | None] = []

    async def ends_the_process(_: float) -> None:
        answers.append(await ready())
        raise asyncio.CancelledError

    monkeypatch.setattr(asyncio, "sleep", ends_the_process)

    async def publish_all() -> None:
        for _ in range(200):
            await desk.get(b"{not json")

    with pytest.raises(asyncio.CancelledError):
        await publish_all()

    assert len(desk.letters) < 40
    assert requests_received.TOPIC in (answers[0] or "")


@dataclass
class Confirming:
    """A broker that confirms later: `confirms` is the outcome of each record, `refuses` the number of the one that it does not take."""

    confirms: list[Exception | None]
    refuses: int | None = None

    def __post_init__(self) -> None:
        self.sent: list[asyncio.Future[None]] = []

    async def publish(self, *_: object, **__: object) -> asyncio.Future[None]:
        if len(self.sent) == self.refuses:
            raise ValueError("too large")
        confirmed = asyncio.get_running_loop().create_future()
        outcome = self.confirms[len(self.sent)]
        asyncio.get_running_loop().call_later(0.01, *((confirmed.set_exception, outcome) if outcome else (confirmed.set_result, None)))
        self.sent.append(confirmed)
        return confirmed


@pytest.mark.parametrize(
    ("confirms", "refuses", "raised"),
    [
        ([None, None, None], None, None),
        ([None, KafkaTimeoutError("1"), KafkaConnectionError("2")], None, KafkaTimeoutError),
        ([None, None, None], 2, ValueError),
        ([None, KafkaTimeoutError("1"), None], 2, KafkaTimeoutError),
    ],
    ids=["all well", "two fail", "one is not taken", "one fails before one that is not taken"],
)
async def test_what_became_of_every_record_is_settled_before_the_first_failure_is_raised(
    confirms: list[Exception | None], refuses: int | None, raised: type[Exception] | None
) -> None:
    slow = Confirming(confirms, refuses)
    records = [kafka_records.outgoing(received(), "intake") for _ in confirms]
    with pytest.raises(raised) if raised else contextlib.nullcontext():
        await runtime_broker.publish_all(slow, records)  # type: ignore[arg-type]
    assert all(confirmed.done() for confirmed in slow.sent)
    assert len(slow.sent) == (len(confirms) if refuses is None else refuses)


async def test_what_is_mended_goes_on_by_itself_and_what_was_kept_is_worked_on(desk: Desk) -> None:
    desk.faults = list[Exception]([RuntimeError("bug")] * 5 * 60)
    for _ in range(60):
        await desk.get(value())
    assert len(desk.letters) < 40
    assert len(desk.seen) == 60 - len(desk.letters)
    assert not desk.health.held


def _services() -> Iterator[tuple[str, Any]]:
    settings = Settings(kafka=KafkaSettings(bootstrap="127.0.0.1:1"))
    for name in SERVICES:
        broker = kafka_broker(name, settings, Health())
        handlers = import_module(f"services.{name}.handlers")
        route = handlers.route if hasattr(handlers, "route") else handlers.routes(1)
        broker.include_router(route)
        yield name, broker


def test_every_consumer_acknowledges_after_the_work_and_starts_at_the_earliest_record() -> None:
    checked = 0
    for name, broker in _services():
        for subscriber in broker.subscribers:
            assert subscriber.ack_policy is AckPolicy.NACK_ON_ERROR, name
            assert subscriber.group_id == f"parvis.{name}"
            assert subscriber._connection_args["auto_offset_reset"] == "earliest"
            assert subscriber._connection_args["enable_auto_commit"] is False
            checked += 1
    assert checked >= len(SERVICES)


@pytest.mark.parametrize("error", [KafkaTimeoutError(), KafkaConnectionError(), NotLeaderForPartitionError(), ConnectionResetError()])
def test_what_is_away_for_now_is_waited_for(error: Exception) -> None:
    assert retry.is_outage(error)


async def test_an_event_that_our_own_code_makes_wrongly_is_a_bug_and_not_a_bad_record(desk: Desk) -> None:
    try:
        RequestReceived.model_validate({})
    except ValidationError as error:
        desk.faults = [error] * 2
    await desk.get(value())
    assert desk.letters == []
    assert desk.seen == [received()]


async def test_a_record_with_headers_that_are_no_text_is_handled_and_a_letter_has_them_as_they_came() -> None:
    record = ARecord()
    await runtime_broker._parse(record, _as_it_is)
    letter = dead_letter(record, "desk", InvalidRecord("no JSON"), attempts=1, first_failed_at=clock.now())
    assert [(h.key, h.value and base64.b64decode(h.value)) for h in letter.headers] == [("x", b"\xff"), ("x", b"2"), ("y", None)]


async def _as_it_is(record: Any) -> Any:
    return record


@dataclass
class ARecord:
    topic: str = requests_received.TOPIC
    partition: int = 0
    offset: int = 0
    timestamp: int = 0
    key: bytes | None = b"k"
    value: bytes | None = b"{"
    headers: Any = (("x", b"\xff"), ("x", b"2"), ("y", None))


def test_a_step_of_ours_never_keeps_the_text_of_an_error(spans: InMemorySpanExporter) -> None:
    with contextlib.suppress(ValueError), telemetry.request_span("outer", None), telemetry.step("inner"):
        raise ValueError("Ines Marlow lives at 12 Elm Street")
    spans_text = " ".join(span.to_json() for span in spans.get_finished_spans())
    assert "ValueError" in spans_text
    assert "Ines" not in spans_text


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> InMemorySpanExporter:
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(telemetry, "tracer", provider.get_tracer("test"))
    return exporter


def test_no_service_makes_a_span_past_the_telemetry_module() -> None:
    root = Path(retry.__file__).parents[1]
    raw = [p.name for p in root.rglob("*.py") if p.name != "telemetry.py" and re.search(r"start_as_current_span|use_span\(", p.read_text())]
    assert raw == []
