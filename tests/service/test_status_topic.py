"""What becomes of a record on Kafka is told to its agency: on the topic of statuses, and by `GET /v1/refusals`."""

import base64
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from faststream.kafka import KafkaBroker, TestKafkaBroker
from opentelemetry.trace import NonRecordingSpan, SpanContext
from pydantic import SecretStr
from sqlmodel import SQLModel, col, select

from schemas import requests_received, requests_status
from schemas.dead_letters import DeadLetter
from schemas.replies_decided import ReplyDecided
from schemas.replies_dispatched import ReplyDispatched
from schemas.requests_received import RequestReceived
from schemas.requests_status import RequestStatusChanged
from services.domain import agency_signing_key
from services.intake import api_keys, app, handlers, store
from services.runtime import clock, dead_letters, kafka_records, publisher_keys, record_provenance, telemetry
from services.runtime.broker import kafka_broker
from services.runtime.database import Database
from services.runtime.errors import InvalidRecord
from services.runtime.outbox import OutboxRow
from services.runtime.retry import Health
from services.runtime.settings import KafkaSettings, Settings
from tests import case_builders
from tests.builders import a_request

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


class Intake:
    """Intake with Kafka in memory, and what it says on the topic of statuses."""

    def __init__(self, broker: KafkaBroker, settings: Settings, database: Database) -> None:
        self.broker, self.settings, self.database = broker, settings, database
        self.offset = 0

    async def adds(self, agency: str) -> str:
        async with self.database.transaction() as session:
            await store.add_agency(session, agency, agency, NOON)
            key = await api_keys.issue(session, agency, NOON)
            await publisher_keys.keep(session, agency, agency_signing_key.signing_key(key), key[:11])
        return key

    async def hears(self, event: Any) -> None:
        await self.broker.publish(event, topic=event.topic)

    async def hears_that_review_could_not_read(self, value: bytes, *, key: bytes = b"", headers: dict[str, str] | None = None) -> None:
        """The dead letter that review makes of such a record."""
        self.offset += 1
        try:
            kafka_records.read_event(value, RequestReceived)
        except InvalidRecord as error:
            record = Record(value, key, self.offset, [(name, text.encode()) for name, text in (headers or {}).items()])
            await self.hears_of(dead_letters.dead_letter(record, "review", error, attempts=1, first_failed_at=clock.now()))
        else:
            pytest.fail("review would have read it")

    async def hears_of(self, letter: DeadLetter, *, vouched: bool = True) -> None:
        with record_provenance.handling(record_provenance.Origin(vouched=vouched)):
            await handlers.on_dead_letter(letter, self.database)

    async def published(self) -> list[RequestStatusChanged]:
        rows = select(OutboxRow).where(OutboxRow.topic == requests_status.TOPIC).order_by(col(OutboxRow.id))
        async with self.database.reading() as session:
            waiting = (await session.exec(rows)).all()
        assert all(row.key == json.loads(row.value)["request_id"] for row in waiting)
        return [RequestStatusChanged.model_validate_json(row.value) for row in waiting]

    async def states(self) -> list[str]:
        return [event.state for event in await self.published()]

    async def refusals(self, key: str, **query: Any) -> dict[str, Any]:
        return await self._answers(key, "/v1/refusals", **query)

    async def shows(self, key: str, request_id: str) -> dict[str, Any]:
        return await self._answers(key, f"/v1/requests/{request_id}")

    async def _answers(self, key: str, path: str, **query: Any) -> dict[str, Any]:
        application = app.create(self.settings)
        headers = {"Authorization": f"Bearer {key}"}
        async with httpx.AsyncClient(transport=httpx.ASGITransport(application), base_url="http://127.0.0.1", headers=headers) as agency:
            answer = await agency.get(path, params=query)
        await application.state.database.close()
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body


class Record:
    topic, partition, timestamp = requests_received.TOPIC, 3, 0

    def __init__(self, value: bytes, key: bytes, offset: int, headers: list[tuple[str, bytes | None]]) -> None:
        self.value, self.key, self.offset, self.headers = value, key, offset, headers


@pytest.fixture
async def intake(tmp_path: Path) -> AsyncIterator[Intake]:
    settings = Settings(
        data_dir=tmp_path,
        database_url=SecretStr(f"sqlite+aiosqlite:///{tmp_path / 'parvis.db'}"),
        kafka=KafkaSettings(bootstrap="127.0.0.1:1"),
    )
    database = Database(settings.database)
    async with database.engine.begin() as connection:
        await connection.run_sync(SQLModel.metadata.create_all)
    broker = kafka_broker("intake", settings, Health())
    broker.include_router(handlers.route)
    broker.context.set_global("database", database)
    async with TestKafkaBroker(broker):
        yield Intake(broker, settings, database)
    await database.close()


def decided(request_id: UUID, decision_id: UUID, at: datetime = NOON) -> ReplyDecided:
    return ReplyDecided(
        request_id=request_id, decision_id=decision_id, agency="belrive", decision="approved", decided_by="anna", decided_at=at,
        subject="Your lamp", body="Dear Ines Marlow",
    )  # fmt: skip


def delivered(request_id: UUID, decision_id: UUID) -> ReplyDispatched:
    return ReplyDispatched(
        request_id=request_id, decision_id=decision_id, agency="belrive", outcome="delivered", channel="smtp", attempts=1
    )


async def test_an_agency_hears_on_kafka_where_its_request_stands_until_the_reply_was_sent(intake: Intake) -> None:
    request_id, decision_id = uuid4(), uuid4()
    events = [case_builders.triaged(request_id=request_id), decided(request_id, decision_id), delivered(request_id, decision_id)]
    for event in events:
        await intake.hears(event)
    published = await intake.published()
    assert [event.state for event in published] == ["drafting", "approved", "sent"]
    assert {(event.request_id, event.agency) for event in published} == {(request_id, "belrive")}
    assert published[0].at < published[1].at < published[2].at
    assert all(event.trace_id for event in published)
    assert "Ines" not in str(published)


async def test_what_is_heard_twice_is_said_once_and_a_replay_does_not_go_back(intake: Intake) -> None:
    request_id, decision_id = uuid4(), uuid4()
    events = [case_builders.triaged(request_id=request_id), decided(request_id, decision_id), delivered(request_id, decision_id)]
    for event in [*events, events[-1], *events]:
        await intake.hears(event)
    assert await intake.states() == ["drafting", "approved", "sent"]


async def test_a_delivery_that_is_heard_of_before_the_agency_is_known_is_said_once_it_is(intake: Intake) -> None:
    request_id, decision_id = uuid4(), uuid4()
    await intake.hears(delivered(request_id, decision_id).model_copy(update={"agency": None}))
    assert await intake.states() == []
    await intake.hears(case_builders.triaged(request_id=request_id))
    assert [(event.state, event.agency) for event in await intake.published()] == [("sent", "belrive")]


async def test_a_record_with_bad_fields_is_shown_to_its_agency_with_each_field_and_without_a_word_of_it(intake: Intake) -> None:
    key, others = await intake.adds("belrive"), await intake.adds("shelbyville")
    request = a_request(body="") | {"channel": "Ines Marlow's pigeon"}
    await intake.hears_that_review_could_not_read(json.dumps(request).encode(), key=request["request_id"].encode())

    [shown] = (await intake.refusals(key))["items"]
    assert (shown["kind"], shown["request_id"], shown["key"]) == ("unreadable", request["request_id"], request["request_id"])
    assert (shown["topic"], shown["partition"], shown["offset"]) == (requests_received.TOPIC, 3, 1)
    assert {fault["field"] for fault in shown["errors"]} == {"channel", "body"}
    assert "Ines" not in json.dumps(shown)
    assert (await intake.refusals(others))["items"] == []

    [event] = await intake.published()
    assert (str(event.request_id), event.state, event.refusal) == (request["request_id"], "refused", "unreadable")
    assert event.detail
    assert "channel: " in event.detail


async def test_what_is_refused_is_told_in_the_trace_that_its_publisher_began(intake: Intake) -> None:
    key = await intake.adds("belrive")
    theirs = SpanContext(0x4BF92F3577B34DA6A3CE929D0E0E4736, 0xF067AA0BA902B7, is_remote=True)
    request = a_request(body="")

    with telemetry.inside(NonRecordingSpan(theirs)):
        await intake.hears_that_review_could_not_read(json.dumps(request).encode())

    assert [event.trace_id for event in await intake.published()] == [f"{theirs.trace_id:032x}"]
    shown = await intake.shows(key, request["request_id"])
    assert (shown["state"], shown["trace_id"]) == ("refused", f"{theirs.trace_id:032x}")


async def test_the_same_record_refused_twice_is_shown_and_said_once(intake: Intake) -> None:
    key = await intake.adds("belrive")
    value = json.dumps(a_request(body="")).encode()
    await intake.hears_that_review_could_not_read(value)
    await intake.hears_that_review_could_not_read(value)
    assert len((await intake.refusals(key))["items"]) == len(await intake.published()) == 1


async def test_a_refused_record_of_a_request_that_goes_on_says_so_and_leaves_the_state_as_it_is(intake: Intake) -> None:
    await intake.adds("belrive")
    request = a_request(body="")
    await intake.hears(case_builders.triaged(request_id=UUID(request["request_id"])))
    await intake.hears_that_review_could_not_read(json.dumps(request).encode())
    assert [(event.state, event.refusal) for event in await intake.published()] == [("drafting", None), ("drafting", "unreadable")]


async def test_bytes_that_are_no_json_are_shown_to_whoever_signed_them(intake: Intake) -> None:
    key, value = await intake.adds("belrive"), b'{"agency": "belrive", "body": "Ines Marlow'
    signature = agency_signing_key.sign(agency_signing_key.signing_key(key), value)
    await intake.hears_that_review_could_not_read(value, key=b"Ines Marlow", headers={agency_signing_key.HEADER: signature})
    [shown] = (await intake.refusals(key))["items"]
    assert (shown["request_id"], shown["key"], shown["errors"][0]["field"]) == (None, None, "")
    assert "the value is not JSON" in shown["errors"][0]["message"]
    assert "Ines" not in json.dumps(shown)
    assert await intake.published() == []


@pytest.mark.parametrize("headers", [{}, {agency_signing_key.HEADER: "v1,bm90aGluZw=="}], ids=["unsigned", "wrongly signed"])
async def test_bytes_that_are_no_json_and_that_nobody_signed_are_shown_to_nobody(intake: Intake, headers: dict[str, str]) -> None:
    key = await intake.adds("belrive")
    await intake.hears_that_review_could_not_read(b'{"agency": "belrive"', headers=headers)
    assert (await intake.refusals(key))["items"] == []


async def test_a_record_that_names_another_agency_is_shown_to_whoever_signed_it_and_not_to_the_other(intake: Intake) -> None:
    key, others = await intake.adds("belrive"), await intake.adds("shelbyville")
    value = json.dumps(a_request(agency="shelbyville", body="")).encode()
    signature = agency_signing_key.sign(agency_signing_key.signing_key(key), value)
    await intake.hears_that_review_could_not_read(value, headers={agency_signing_key.HEADER: signature})
    assert len((await intake.refusals(key))["items"]) == 1
    assert (await intake.refusals(others))["items"] == []


async def test_a_dead_letter_that_no_service_of_ours_signed_is_shown_to_nobody(intake: Intake) -> None:
    key = await intake.adds("belrive")
    record = Record(json.dumps(a_request(body="")).encode(), b"", 7, [])
    letter = dead_letters.dead_letter(record, "review", InvalidRecord("body: no"), attempts=1, first_failed_at=NOON)
    await intake.hears_of(letter, vouched=False)
    assert (await intake.refusals(key))["items"] == []


async def test_refusals_are_read_page_by_page_the_newest_first(intake: Intake) -> None:
    key = await intake.adds("belrive")
    for number in range(5):
        value = base64.b64encode(json.dumps(a_request(body="")).encode()).decode()
        at = NOON + timedelta(seconds=number // 2)
        await intake.hears_of(
            DeadLetter(
                letter_id=uuid4(), service="review", topic=requests_received.TOPIC, partition=0, offset=number, key=None, headers=[],
                value=value, error_type="InvalidRecord", error_message="body: empty", attempts=1, first_failed_at=at, last_failed_at=at,
            )
        )  # fmt: skip
    pages: list[list[int]] = []
    cursor = None
    while not pages or cursor:
        page = await intake.refusals(key, limit=2, **({"cursor": cursor} if cursor else {}))
        pages.append([item["offset"] for item in page["items"]])
        cursor = page["next_cursor"]
    assert [len(page) for page in pages] == [2, 2, 1]
    offsets = [offset for page in pages for offset in page]
    assert sorted(offsets) == [0, 1, 2, 3, 4]
    assert offsets[0] == 4
    assert {*offsets[1:3]} == {2, 3}
