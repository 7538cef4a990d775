"""What stops a consumer: a release of ours that does not work, and never what one publisher sends."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, get_args
from uuid import UUID, uuid4

import pytest
from aiokafka.errors import KafkaConnectionError
from faststream.kafka import KafkaBroker, KafkaMessage, TestKafkaBroker
from pydantic import SecretStr
from sqlmodel import SQLModel

from schemas import dead_letters, requests_received, requests_triaged
from schemas.dead_letters import DeadLetter
from schemas.requests_received import RequestReceived
from schemas.requests_triaged import RequestTriaged
from schemas.values import Channel
from services.domain import reference_requests, taxonomy
from services.local import agency_provisioning
from services.review import handlers as review
from services.review.cases import store
from services.review.cases.commands import CaseCommands
from services.runtime import clock, kafka_records, retry
from services.runtime.batch_consumer import Batches
from services.runtime.broker import consumer, kafka_broker, router
from services.runtime.database import Database
from services.runtime.errors import InvalidRecord, NotFound
from services.runtime.retry import Health, persist
from services.runtime.settings import KafkaSettings, Settings
from services.triage import handlers as triage
from tests import case_builders
from tests.builders import a_request

TOPIC = requests_received.TOPIC

Decide = Callable[[Sequence[RequestReceived]], Awaitable[list[RequestTriaged]]]


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retry, "PAUSES", (0.0,))
    monkeypatch.setattr(retry, "OUTAGE_PAUSE", 0.0)


class Held(Exception):
    """The consumer waits at a record for a better release."""


async def _decide(requests: Sequence[RequestReceived]) -> list[RequestTriaged]:
    return [case_builders.triaged(request_id=request.request_id, agency=request.agency) for request in requests]


async def _is_broken(_: Sequence[RequestReceived]) -> list[RequestTriaged]:
    raise RuntimeError("bug")


class Readings(Health):
    """Ends the consumer where it would wait."""

    def hold(self, record: kafka_records.Received, error: BaseException) -> None:
        raise Held(f"{record.topic}/{record.offset}") from error


class Triage:
    """Triage as it is put together, with a classifier of the test's own; ends with `Held` where it would stop."""

    def __init__(self, settings: Settings, decide: Decide = _decide) -> None:
        self.health = Readings()
        self.letters: list[DeadLetter] = []
        self.sorted: list[RequestTriaged] = []
        self.broker: KafkaBroker = kafka_broker("triage", settings, self.health)
        route = router()
        batches = Batches(RequestReceived, decide, "triage", self.health, self.broker, triage.agency_of)
        self.health.trials[TOPIC] = partial(triage.try_reference_requests, decide)

        @route.subscriber(TOPIC, batch=True, **consumer("triage"))
        async def on_requests(message: KafkaMessage) -> None:
            await batches.handle(message)

        @route.subscriber(dead_letters.TOPIC, **consumer("letters"))
        async def on_letter(letter: DeadLetter) -> None:
            self.letters.append(letter)

        @route.subscriber(requests_triaged.TOPIC, **consumer("sorted"))
        async def on_sorted(event: RequestTriaged) -> None:
            self.sorted.append(event)

        self.broker.include_router(route)

    async def get(self, value: bytes) -> None:
        await self.broker.publish_batch(value, topic=TOPIC)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    url = f"sqlite+aiosqlite:///{tmp_path / 'parvis.db'}"
    return Settings(data_dir=tmp_path, database_url=SecretStr(url), kafka=KafkaSettings(bootstrap="127.0.0.1:1", ephemeral=True))


def as_bytes(request: dict[str, Any]) -> bytes:
    return json.dumps(request).encode()


async def many(publish: Callable[[bytes], Awaitable[None]], count: int, *, agencies: int = 1) -> None:
    for number in range(count):
        await publish(as_bytes(a_request(agency=f"agency-{number % agencies}")))


RUBBISH: list[Callable[[int], bytes]] = [
    lambda _: b"{not json",
    lambda n: as_bytes({"request_id": str(uuid4()), "agency": f"agency-{n}", "channel": "web"}),  # as many agencies as records
    lambda _: as_bytes(a_request(agency="flood", body="")),
]


@pytest.mark.parametrize("rubbish", RUBBISH)
async def test_two_hundred_unreadable_requests_are_dead_letters_and_other_agencies_are_served(
    settings: Settings, rubbish: Callable[[int], bytes]
) -> None:
    desk = Triage(settings)
    async with TestKafkaBroker(desk.broker):
        for number in range(200):
            await desk.get(rubbish(number))
        await desk.get(as_bytes(a_request(agency="calm")))
    assert len(desk.letters) == 200
    assert [event.agency for event in desk.sorted] == ["calm"]


async def test_requests_of_one_publisher_that_our_code_can_not_work_on_stop_nobody_else(settings: Settings) -> None:
    async def fails_at_floods(requests: Sequence[RequestReceived]) -> list[RequestTriaged]:
        if any(request.agency == "flood" for request in requests):
            raise RuntimeError("bug")
        return await _decide(requests)

    desk = Triage(settings, fails_at_floods)
    async with TestKafkaBroker(desk.broker):
        for _ in range(60):
            await desk.get(as_bytes(a_request(agency="flood")))
        await desk.get(as_bytes(a_request(agency="calm")))
    assert len(desk.letters) == 60
    assert [event.agency for event in desk.sorted] == ["calm"]


async def test_a_release_that_reads_no_request_any_more_stops_before_the_topic_is_empty(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def reads_nothing(value: bytes | None, model: type[Any]) -> Any:  # noqa: ARG001
        raise InvalidRecord("case_number: Field required")

    desk = Triage(settings)
    monkeypatch.setattr(kafka_records, "read_event", reads_nothing)
    async with TestKafkaBroker(desk.broker):
        with pytest.raises(Held):
            await many(desk.get, 200, agencies=5)
    assert len(desk.letters) < 40


async def test_a_release_that_can_not_sort_stops_before_the_topic_is_empty(settings: Settings) -> None:
    desk = Triage(settings, _is_broken)
    async with TestKafkaBroker(desk.broker):
        with pytest.raises(Held):
            await many(desk.get, 200)
    assert len(desk.letters) < 40


class Review:
    """Review as it is put together; ends with `Held` where it would stop."""

    def __init__(self, settings: Settings) -> None:
        self.database = Database(settings.database)
        self.commands = CaseCommands(self.database, taxonomy.load(), settings)
        self.health = Readings()
        self.health.trials[TOPIC] = partial(review.try_reference_requests, self.commands)
        self.broker = kafka_broker("review", settings, self.health)
        self.broker.include_router(review.route)
        self.broker.context.set_global("transactions", review.transactions(self.commands, self.health, self.broker))

    async def get(self, value: bytes) -> None:
        await self.broker.publish(value, topic=TOPIC)

    async def has(self, request_id: UUID) -> bool:
        async with self.database.reading() as session:
            try:
                return (await store.look(session, request_id)).request is not None
            except NotFound:
                return False


@pytest.fixture
async def desk_of_review(settings: Settings) -> AsyncIterator[Review]:
    desk = Review(settings)
    async with desk.database.engine.begin() as connection:
        await connection.run_sync(SQLModel.metadata.create_all)
    async with desk.database.transaction() as session:
        await agency_provisioning.add(session, "agency-0", "Calm", clock.now())
    async with TestKafkaBroker(desk.broker):
        yield desk
    await desk.database.close()


async def test_review_serves_others_behind_unreadable_requests_and_keeps_nothing_of_the_reference(desk_of_review: Review) -> None:
    for _ in range(60):
        await desk_of_review.get(b"{not json")
    request = a_request(agency="agency-0")
    await desk_of_review.get(as_bytes(request))
    assert await desk_of_review.has(UUID(request["request_id"]))
    for value in reference_requests.values():
        assert not await desk_of_review.has(UUID(json.loads(value)["request_id"]))


async def test_review_stops_where_its_release_takes_nothing_in(desk_of_review: Review, monkeypatch: pytest.MonkeyPatch) -> None:
    def is_broken(*_: object) -> None:
        raise RuntimeError("bug")

    monkeypatch.setattr("services.review.cases.case_state.with_request", is_broken)
    with pytest.raises(Held):
        await many(desk_of_review.get, 200)


async def test_unreadable_records_on_a_topic_of_our_own_stop_its_consumer(desk_of_review: Review) -> None:
    async def unreadable(_: bytes) -> None:
        await desk_of_review.broker.publish(b"{not json", topic=requests_triaged.TOPIC)

    with pytest.raises(Held, match="triaged"):
        await many(unreadable, 200)


def test_every_reference_request_is_read_by_this_release() -> None:
    requests = [kafka_records.read_event(value, RequestReceived) for value in reference_requests.values()]
    assert {request.channel for request in requests} == {*get_args(Channel)}
    assert not any(request.dropped for request in requests)
    used = {name for request in requests for name, value in request.model_dump().items() if value}
    assert used == RequestReceived.model_fields.keys() - {"dropped"}


async def test_while_one_of_two_waits_goes_on_readiness_tells_it() -> None:
    health = Health(chance=lambda: 0.0)
    back = {"database": False, "broker": False}
    turns = asyncio.Semaphore(0)

    async def needs(server: str) -> None:
        if not back[server]:
            turns.release()
            raise ConnectionError if server == "database" else KafkaConnectionError

    database, broker = (asyncio.create_task(persist(partial(needs, server), health)) for server in back)
    for _ in range(2):
        await turns.acquire()
    back["database"] = True
    await database
    assert health.waiting_for == "KafkaConnectionError"
    back["broker"] = True
    await broker
    assert health.waiting_for is None


async def test_a_wait_that_is_broken_off_is_over() -> None:
    health = Health(chance=lambda: 0.0)
    faults: list[Exception] = [ConnectionError(), RuntimeError("bug")]

    async def attempt() -> None:
        raise faults.pop(0)

    with pytest.raises(RuntimeError):
        await persist(attempt, health)
    assert health.waiting_for is None
