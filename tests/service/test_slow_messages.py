"""A message that takes too long is set aside for a person, the batch goes on, and the process stays awake meanwhile."""

import asyncio
import io
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator
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
from services.domain import placeholders
from services.runtime import telemetry, web
from services.runtime.batch_consumer import Batches
from services.runtime.readiness import Check
from services.runtime.retry import Health, is_outage
from services.runtime.settings import Settings
from services.runtime.worker_main import HEAD, Channel, Stopped, limited
from services.runtime.worker_process import Patience, WorkerCannotStart, WorkerProcess
from services.triage import app, bounded_decisions
from services.triage.bounded_decisions import LEAST_SECONDS, MOST_ENDS, Allowance, BoundedDecisions
from services.triage.set_aside import REASON
from services.triage.worker import Figures
from tests.case_builders import CITY, received
from tests.harness.hostile_worker import Setup
from tests.harness.waiting import until, until_async
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
        await until_async(self.stands_still, "the message stands still")
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
        await until_async(patience.stands_still, "the message stands still")
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(web.create("triage", [Check("kafka", ready)], life)), base_url="http://127.0.0.1"
        ) as client:
            answer = await client.get("/readyz")
        assert (answer.status_code, deciding.done()) == (200, False)
        patience.over.set()
        events = await deciding

    assert set_aside_in(events) == [4]


async def test_a_worker_that_is_killed_in_a_batch_costs_nothing(tmp_path: Path) -> None:
    async with a_worker(tmp_path) as worker:
        deciding = asyncio.create_task(decided(worker, nine_and("is killed once")))
        await until_async((tmp_path / "killed").exists, "the worker was killed")
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


@pytest.mark.parametrize("ending", ["ends the worker", "a library that never ends"])
async def test_messages_that_come_one_by_one_are_read_again_after_some_that_ended_the_worker(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: str
) -> None:
    monkeypatch.setattr(bounded_decisions, "MOST_ENDS", 1)

    async with a_worker(tmp_path) as worker:
        decisions = BoundedDecisions(worker, CITY, SECONDS)
        for body, version in ((ending, placeholders.UNREAD), ("a message", "of the test"), (ending, placeholders.UNREAD)):
            [event] = await decisions.decide(saying(body))
            assert RequestTriaged.model_validate_json(event.value).model_version == version


async def test_what_only_the_end_of_the_worker_stops_is_too_slow_and_the_worker_ends_no_more_often_than_it_may(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounded_decisions, "MOST_ENDS", 1)

    def counted() -> list[float]:
        reasons = ("too slow", "the worker ended", "not tried")
        return [REGISTRY.get_sample_value("parvis_triage_set_aside_total", {"reason": reason}) or 0 for reason in reasons]

    before = counted()
    async with a_worker(tmp_path) as worker:
        await decided(worker, saying(*["a library that never ends"] * 3))

    assert [now - then for now, then in zip(counted(), before, strict=True)] == [1, 0, 2]


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


def test_what_looks_on_beside_it_takes_nothing_of_a_messages_time() -> None:
    ended = threading.Event()

    def looks_on() -> None:
        while not ended.is_set():
            sum(range(1000))

    threading.Thread(target=looks_on, daemon=True).start()
    try:
        with limited(1.5):
            reads_for(1.0)
        with pytest.raises(Stopped), limited(1.5):
            reads_for(float("inf"))
    finally:
        ended.set()


def reads_for(seconds: float) -> None:
    """So much processor time of this thread."""
    ends_at = time.thread_time() + seconds
    while time.thread_time() < ends_at:
        sum(range(1000))


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
    (tmp_path / "model.npz").write_bytes(b"nothing")
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


def test_a_worker_runs_no_code_of_the_folder_that_the_service_was_started_in(tmp_path: Path) -> None:
    (tmp_path / "calendar.py").write_text("raise SystemExit('this is somebody else')")
    program = (
        "import asyncio, pathlib\n"
        "from services.runtime.worker_process import WorkerProcess\n"
        f"from {WORKER} import Setup\n"
        "async def main():\n"
        f"    async with WorkerProcess({WORKER!r}, Setup(pathlib.Path())).running():\n"
        "        print('started')\n"
        "asyncio.run(main())\n"
    )
    checkout = str(Path(__file__).parents[2])
    service = subprocess.run(
        [sys.executable, "-P", "-c", program],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": checkout},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (service.stdout.strip(), service.returncode) == ("started", 0), service.stderr


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
