"""A message that takes too long is set aside for a person, the batch goes on, and the process stays awake meanwhile."""

import asyncio
import io
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import httpx
import pytest
from prometheus_client import REGISTRY, CollectorRegistry, Gauge

from schemas import requests_received
from schemas.requests_received import RequestReceived
from schemas.requests_triaged import RequestTriaged
from schemas.values import Urgency
from services.domain import placeholders, taxonomy
from services.review.cases import case_state
from services.review.cases.case_state import State
from services.runtime import telemetry, web
from services.runtime.batch_consumer import Batches
from services.runtime.retry import Health, is_outage
from services.runtime.settings import Settings
from services.runtime.worker_loop import HEAD, Channel
from services.runtime.worker_process import Patience, WorkerCannotStart, WorkerProcess
from services.triage import app, bounded_decisions
from services.triage.bounded_decisions import LEAST_SECONDS, MOST_ENDS, Allowance, BoundedDecisions
from services.triage.set_aside import REASON, set_aside
from services.triage.worker import Figures
from tests.case_builders import CITY, NOW, a_new_case, received
from tests.harness.hostile_worker import Setup
from tests.harness.waiting import PATIENCE, until
from tests.unit.test_records import ARecord

WORKER = "tests.harness.hostile_worker"
SECONDS = 1.0  # of processor time: nothing but what never ends takes a hundredth of it
FOR_EVER = "a pattern that never ends"


def saying(*bodies: str) -> list[RequestReceived]:
    return [received(request_id=UUID(int=number), body=body) for number, body in enumerate(bodies, start=1)]


def nine_and(body: str, place: int = 4) -> list[RequestReceived]:
    bodies = [f"message {number}" for number in range(9)]
    return saying(*bodies[:place], body, *bodies[place:])


class Kafka:
    """What is sent, in its order."""

    def __init__(self) -> None:
        self.sent: list[tuple[RequestTriaged, str]] = []

    async def publish(self, value: bytes, *, headers: dict[str, str], **_: Any) -> None:
        self.sent.append((RequestTriaged.model_validate_json(value), headers["traceparent"].split("-")[1]))


@asynccontextmanager
async def a_worker(folder: Path, patience: Patience = asyncio.timeout, fault: str = "") -> AsyncIterator[WorkerProcess]:
    async with WorkerProcess(WORKER, Setup(folder, fault), patience).running() as worker:
        yield worker


async def decided(worker: WorkerProcess, requests: list[RequestReceived]) -> list[RequestTriaged]:
    events = await BoundedDecisions(worker, CITY, SECONDS).decide(requests)
    return [RequestTriaged.model_validate_json(event.value) for event in events]


async def sees(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not condition():  # noqa: ASYNC110 - another process makes it true
            await asyncio.sleep(0.02)


def set_aside_in(events: list[RequestTriaged]) -> list[int]:
    return [number for number, event in enumerate(events) if event.urgency_reasons == [REASON]]


@pytest.mark.parametrize("never_ends", [FOR_EVER, "a library that never ends", "ends the worker"])
async def test_of_ten_the_one_that_stops_the_worker_is_set_aside_and_nine_are_sorted(tmp_path: Path, never_ends: str) -> None:
    requests = nine_and(never_ends)

    async with a_worker(tmp_path) as worker:
        events = await decided(worker, requests)

    assert [event.request_id for event in events] == [request.request_id for request in requests]
    assert set_aside_in(events) == [4]
    assert {event.model_version for event in events if event.request_id != requests[4].request_id} == {"of the test"}


async def test_each_keeps_its_own_trace_and_leaves_once(tmp_path: Path) -> None:
    requests = nine_and(FOR_EVER)
    kafka = Kafka()
    traces = [f"{telemetry.trace_id_of(request.request_id):032x}" for request in requests]
    message = SimpleNamespace(
        raw_message=tuple(
            replace(
                ARecord(),
                value=request.model_dump_json().encode(),
                offset=number,
                topic=requests_received.TOPIC,
                headers=[("traceparent", f"00-{trace}-00f067aa0ba902b7-01".encode())],
            )
            for number, (request, trace) in enumerate(zip(requests, traces, strict=True))
        )
    )

    async with a_worker(tmp_path) as worker:
        decisions = BoundedDecisions(worker, CITY, SECONDS)
        batches = Batches(RequestReceived, decisions.decide, "triage", Health(), kafka)  # type: ignore[arg-type]  # sends alone
        await batches.handle(message)  # type: ignore[arg-type]  # what is read of a message

    assert [(event.request_id, trace) for event, trace in kafka.sent] == [
        (request.request_id, trace) for request, trace in zip(requests, traces, strict=True)
    ]
    assert set_aside_in([event for event, _ in kafka.sent]) == [4]


class UntilTold:
    """Patience that ends when the test says so, and only with what stands still."""

    def __init__(self, folder: Path) -> None:
        self._reading = folder / "reading"
        self.over = asyncio.Event()
        self.worker: WorkerProcess | None = None

    @asynccontextmanager
    async def __call__(self, _: float) -> AsyncIterator[None]:
        async with asyncio.timeout(None) as limit:
            ending = asyncio.create_task(self._end(limit))
            try:
                yield
            finally:
                ending.cancel()

    def stands_still(self) -> bool:
        # Of this worker, and not of one before it.
        worker = self.worker.pid if self.worker else None
        return self._reading.exists() and self._reading.read_text() == f"{worker} stands still"

    async def _end(self, limit: asyncio.Timeout) -> None:
        await sees(self.stands_still)
        await self.over.wait()
        limit.reschedule(0)


async def test_the_process_answers_while_a_message_stands_still(tmp_path: Path) -> None:
    patience = UntilTold(tmp_path)

    async def ready() -> str | None:
        return None

    @asynccontextmanager
    async def life(_: object) -> AsyncIterator[None]:
        yield

    async with a_worker(tmp_path, patience) as worker:
        patience.worker = worker
        deciding = asyncio.create_task(decided(worker, nine_and("stands still")))
        await sees(patience.stands_still)
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(web.create("triage", [ready], life)), base_url="http://127.0.0.1"
        ) as client:
            answer = await client.get("/readyz")
        assert (answer.status_code, deciding.done()) == (200, False)
        patience.over.set()
        events = await deciding

    assert set_aside_in(events) == [4]


async def test_a_worker_that_is_killed_in_a_batch_costs_nothing(tmp_path: Path) -> None:
    async with a_worker(tmp_path) as worker:
        deciding = asyncio.create_task(decided(worker, nine_and("is killed once")))
        await sees((tmp_path / "killed").exists)
        assert worker.pid
        os.kill(worker.pid, signal.SIGKILL)
        events = await deciding

    assert set_aside_in(events) == []
    assert [event.request_id.int for event in events] == list(range(1, 11))


async def test_an_error_of_the_rules_is_one_as_before_and_the_worker_goes_on(tmp_path: Path) -> None:
    async with a_worker(tmp_path) as worker:
        before = worker.pid
        with pytest.raises(Exception, match="ValueError: is a bug"):
            await decided(worker, nine_and("is a bug"))
        assert set_aside_in(await decided(worker, nine_and("a message"))) == []
        assert worker.pid == before


async def test_many_that_end_the_worker_do_not_keep_the_others_waiting_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded_decisions, "MOST_ENDS", 2)
    requests = saying(*["ends the worker"] * 6)

    async with a_worker(tmp_path) as worker:
        decisions = BoundedDecisions(worker, CITY, SECONDS)
        events = [RequestTriaged.model_validate_json(event.value) for event in await decisions.decide(requests)]
        assert set_aside_in(events) == [0, 1, 2, 3, 4, 5]
        good = await decisions.decide(saying("one", "two"))
        assert {RequestTriaged.model_validate_json(event.value).model_version for event in good} == {"of the test"}


def test_all_that_is_in_hand_ends_before_kafka_takes_the_partition_away() -> None:
    hopeless, in_parts_of = 256, 64
    allowance = Allowance(10.0)
    spent = hopeless / in_parts_of * allowance.full
    for _ in range(hopeless):
        spent += allowance.seconds
        allowance.spent()
    assert allowance.seconds == LEAST_SECONDS
    assert spent < 600 / 2
    assert in_parts_of > MOST_ENDS


async def test_a_worker_that_cannot_start_says_why(tmp_path: Path) -> None:
    with pytest.raises(WorkerCannotStart, match="the model is none") as error:
        async with a_worker(tmp_path, fault="the model is none"):
            pass
    assert error.value.field == "PARVIS_MODEL_DIR"
    with pytest.raises(WorkerCannotStart, match="ended before it could be asked"):
        async with a_worker(tmp_path, fault="ends"):
            pass


async def test_a_worker_that_does_not_come_back_is_waited_for_and_nothing_is_set_aside(tmp_path: Path) -> None:
    async with a_worker(tmp_path) as worker:
        worker._setup = Setup(tmp_path, "the model is none")
        await worker.stop()
        with pytest.raises(WorkerCannotStart, match="the model is none") as error:
            await decided(worker, saying("one", "two"))
    assert is_outage(error.value)


async def test_a_model_that_cannot_be_read_stops_the_start_of_triage(tmp_path: Path) -> None:
    (tmp_path / "model.skops").write_bytes(b"nothing")
    triage = app.create(Settings(data_dir=tmp_path, model_dir=tmp_path))
    with pytest.raises(WorkerCannotStart, match="can't be read by this version"):
        async with triage.router.lifespan_context(triage):
            pass


async def test_the_worker_ends_with_the_service(tmp_path: Path) -> None:
    async with a_worker(tmp_path) as worker:
        pid = worker.pid
        assert pid
    assert (tmp_path / "closed").exists()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_worker_does_not_outlive_a_service_that_is_killed(tmp_path: Path) -> None:
    program = (
        "import asyncio, pathlib, sys\n"
        "from services.runtime.worker_process import WorkerProcess\n"
        f"from {WORKER} import Setup\n"
        "async def main():\n"
        f"    async with WorkerProcess({WORKER!r}, Setup(pathlib.Path(sys.argv[1]))).running():\n"
        "        pathlib.Path(sys.argv[1], 'started').touch()\n"
        "        await asyncio.Event().wait()\n"
        "asyncio.run(main())\n"
    )
    service = subprocess.Popen([sys.executable, "-c", program, str(tmp_path)])
    until((tmp_path / "started").exists, "the worker has started")
    service.kill()
    service.wait()
    until((tmp_path / "closed").exists, "the worker has ended")


async def test_what_the_worker_counts_stands_beside_the_figures_of_the_service(tmp_path: Path) -> None:
    sent, own = io.BytesIO(), CollectorRegistry()
    today = Gauge("parvis_triage_today", "What was sorted", ["measure"], registry=own)
    figures = Figures(Channel(io.BytesIO(), sent), own)
    today.labels("of the worker").set(7)
    figures.tell()
    once = sent.getvalue()
    figures.tell()
    assert sent.getvalue() == once, "what has not changed is not told again"

    async with a_worker(tmp_path) as worker:
        worker._figures = once[HEAD.size :]
        assert REGISTRY.get_sample_value("parvis_triage_today", {"measure": "of the worker"}) == 7
    assert REGISTRY.get_sample_value("parvis_triage_today", {"measure": "of the worker"}) is None


@pytest.mark.parametrize(
    ("module", "unwanted"),
    [("services.triage.app", ("numpy", "sklearn")), ("services.triage.worker", ("fastapi", "faststream", "aiokafka"))],
)
def test_neither_process_loads_what_is_the_others(module: str, unwanted: tuple[str, ...]) -> None:
    program = f"import sys, {module}; print([name for name in {unwanted!r} if name in sys.modules])"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert loaded.strip() == "[]"


# --- what is said of it ------------------------------------------------------------------------------------------------------------


def test_not_a_word_of_what_was_not_read_leaves_and_review_knows_the_message() -> None:
    request = received(body="Ines Marlow, 12 Elm Street, ines@example.org", subject="About Ines Marlow")
    event = set_aside(request, CITY)
    written = event.model_dump_json()
    assert not any(word in written for word in ("Ines", "Elm", "example.org"))
    assert (event.outcome, event.urgency, event.fingerprint, event.language.code) == ("needs_triage", Urgency.HIGH, "", "und")
    assert placeholders.fits(request.subject, request.body, event.redacted)

    case = case_state.with_triage(case_state.with_request(a_new_case(), request, NOW), event, CITY, NOW)
    assert (case.state, case.urgency) == (State.NEEDS_TRIAGE, Urgency.HIGH)


def test_it_begins_under_a_category_that_the_agency_has() -> None:
    assert set_aside(received(), CITY).category in CITY.categories
    categories = {"lamps": CITY.categories["street_lighting"], "other": CITY.categories["housing"]}
    own = taxonomy.Taxonomy(version=1, departments=CITY.departments, categories=categories)
    event = set_aside(received(), own)
    assert (event.category, event.department) == ("other", own.department_of("other"))
