"""What other services tell becomes what an agency may see, and what stands still is published again."""

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
from pydantic import SecretStr
from sqlmodel import SQLModel, col, delete, select

from schemas import replies_decided, replies_dispatched, requests_received, requests_triaged
from schemas.dead_letters import DeadLetter
from schemas.replies_decided import ReplyDecided
from schemas.replies_dispatched import ReplyDispatched
from schemas.requests_received import RequestReceived
from schemas.requests_triaged import RequestTriaged
from services.intake import acceptance, api_keys, app, handlers, store
from services.intake.acceptance import Caller, Sent
from services.intake.reconciler import Reconciler
from services.intake.rules import Status
from services.intake.tables import JournalRow
from services.runtime import record_provenance, telemetry
from services.runtime.broker import kafka_broker
from services.runtime.database import Database
from services.runtime.kafka_records import Outgoing
from services.runtime.outbox import OutboxRow, Relay
from services.runtime.retry import Health
from services.runtime.settings import KafkaSettings, Settings
from services.triage.ignored_fields import left_out
from tests.builders import a_request

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
PATIENCE = timedelta(minutes=2)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'parvis.db'}")
    async with database.engine.begin() as connection:
        await connection.run_sync(SQLModel.metadata.create_all)
    yield database
    await database.close()


@pytest.fixture
async def broker(database: Database, tmp_path: Path) -> AsyncIterator[KafkaBroker]:
    settings = Settings(data_dir=tmp_path, database_url=SecretStr(database.url), kafka=KafkaSettings(bootstrap="127.0.0.1:1"))
    broker = kafka_broker("intake", settings, Health())
    broker.include_router(handlers.route)
    broker.context.set_global("database", database)
    async with TestKafkaBroker(broker):
        yield broker


@pytest.fixture
def reconciler(database: Database) -> Reconciler:
    async def nowhere(_: Outgoing) -> None:
        pass

    return Reconciler(database, Relay(database, "intake", nowhere), PATIENCE, KafkaSettings(ephemeral=True, epoch="second"), lambda: 0.5)


async def accepted(database: Database, body: str = "The lamp is out", now: datetime = NOON) -> UUID:
    async with database.transaction() as session:
        sent = [Sent({"channel": "web", "body": body})]
        [outcome] = await acceptance.accept_all(session, Caller("springfield"), sent, now, PATIENCE)
    assert isinstance(outcome, acceptance.Accepted)
    return outcome.request_id


def triaged(request_id: UUID, **change: Any) -> RequestTriaged:
    fields = {
        "request_id": request_id,
        "agency": "springfield",
        "channel": "web",
        "received_at": NOON,
        "language": {"code": "en", "confidence": 1},
        "redacted": {"body": "the lamp"},
        "category": "street_lighting",
        "confidence": 0.9,
        "department": "roads",
        "urgency": "normal",
        "outcome": "routed",
        "model_version": "1",
    }
    return RequestTriaged.model_validate({**fields, **change})


async def status_of(database: Database, request_id: UUID, agency: str = "springfield") -> Status:
    async with database.reading() as session:
        status = await store.status_of(session, request_id, agency)
    assert status is not None
    return status


async def outgoing(database: Database) -> list[OutboxRow]:
    async with database.reading() as session:
        return list((await session.exec(select(OutboxRow).order_by(col(OutboxRow.id)))).all())


async def publications(database: Database) -> int:
    """How many requests wait to leave; takes all that waits away."""
    count = len([row for row in await outgoing(database) if row.topic == requests_received.TOPIC])
    async with database.transaction() as session:
        await session.exec(delete(OutboxRow))
    return count


async def test_a_request_is_followed_from_acceptance_to_delivery(broker: KafkaBroker, database: Database) -> None:
    request_id = await accepted(database)
    decision = uuid4()

    await broker.publish(triaged(request_id), topic=requests_triaged.TOPIC)
    assert (await status_of(database, request_id)).state == "drafting"
    decided = ReplyDecided(
        request_id=request_id, decision_id=decision, decision="edited", decided_by="anna", decided_at=NOON, subject="S", body="B"
    )
    await broker.publish(decided, topic=replies_decided.TOPIC)
    assert (await status_of(database, request_id)).reply_body == "B"
    sent = ReplyDispatched(request_id=request_id, decision_id=decision, outcome="delivered", channel="smtp", attempts=1)
    await broker.publish(sent, topic=replies_dispatched.TOPIC)
    assert (await status_of(database, request_id)).state == "sent"


async def test_a_request_that_came_by_kafka_has_a_status_too(broker: KafkaBroker, database: Database) -> None:
    request_id = uuid4()
    await broker.publish(triaged(request_id, outcome="needs_triage"), topic=requests_triaged.TOPIC)
    status = await status_of(database, request_id)
    assert (status.agency, status.state, status.category) == ("springfield", "needs_triage", "street_lighting")


async def test_what_could_not_be_used_of_a_request_that_came_by_kafka_is_told_to_its_agency_without_a_word_of_it(
    broker: KafkaBroker, database: Database, tmp_path: Path
) -> None:
    sent = a_request(
        agency="springfield",
        language="Ines Marlow",
        citizen={"name": "Ines Marlow", "email": "Ines Marlow"},
        location={"latitude": "north"},
        metadata={"Ines Marlow": ["12 Elm Street"]},
    )
    request = RequestReceived.model_validate(sent)
    told = left_out(request.dropped)
    assert "Ines" not in str(told)
    await broker.publish(triaged(request.request_id, left_out=told), topic=requests_triaged.TOPIC)

    intake = app.create(Settings(data_dir=tmp_path, database_url=SecretStr(database.url), kafka=KafkaSettings(bootstrap="127.0.0.1:1")))
    async with database.transaction() as session:
        await store.add_agency(session, "springfield", "Springfield", NOON)
        key = await api_keys.issue(session, "springfield", NOON)
    headers = {"Authorization": f"Bearer {key}"}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(intake), base_url="http://127.0.0.1", headers=headers) as agency:
        seen = (await agency.get(f"/v1/requests/{request.request_id}")).json()["dropped"]
    await intake.state.database.close()
    assert {note["field"]: note["message"] for note in seen} == {
        "language": "give a BCP 47 tag, as fr-FR",
        "citizen.email": "give one address, as ana@example.org",
        "location.latitude": "give degrees as a number from -90 to 90",
        "metadata.*": "it could not be used",
    }


async def test_a_request_that_came_by_kafka_and_is_posted_as_well_is_the_same_request(broker: KafkaBroker, database: Database) -> None:
    request_id = uuid4()
    await broker.publish(triaged(request_id), topic=requests_triaged.TOPIC)
    sent = [Sent({"request_id": str(request_id), "channel": "web", "body": "The lamp is out"})] * 2
    async with database.transaction() as session:
        outcomes = await acceptance.accept_all(session, Caller("springfield"), sent, NOON, PATIENCE)
    assert [outcome.request_id for outcome in outcomes if isinstance(outcome, acceptance.Accepted)] == [request_id] * 2
    assert (await status_of(database, request_id)).state == "drafting"
    assert await publications(database) == 1


async def test_a_trace_that_the_publisher_began_is_the_one_that_the_status_tells(broker: KafkaBroker, database: Database) -> None:
    request_id, begun = uuid4(), "4bf92f3577b34da6a3ce929d0e0e4736"
    decided = ReplyDecided(request_id=request_id, decision_id=uuid4(), decision="closed", decided_by="anna", decided_at=NOON)
    with telemetry.request_span("sort", request_id, parent={"traceparent": f"00-{begun}-00f067aa0ba902b7-01"}):
        await broker.publish(triaged(request_id), topic=requests_triaged.TOPIC)
    await broker.publish(decided, topic=replies_decided.TOPIC)
    assert (await status_of(database, request_id)).trace_id == begun


async def test_two_agencies_that_used_one_id_see_each_its_own_request(broker: KafkaBroker, database: Database) -> None:
    request_id, decision = await accepted(database), uuid4()
    await broker.publish(triaged(request_id, agency="shelbyville", category="taxes"), topic=requests_triaged.TOPIC)
    theirs = ReplyDecided(
        request_id=request_id, decision_id=decision, decision="edited", decided_by="anna", decided_at=NOON, agency="shelbyville",
        subject="To Homer Nahasapeemapetilon", body="Dear Homer",
    )  # fmt: skip
    await broker.publish(theirs, topic=replies_decided.TOPIC)
    sent = ReplyDispatched(
        request_id=request_id, decision_id=decision, outcome="delivered", channel="smtp", attempts=1, agency="shelbyville"
    )
    await broker.publish(sent, topic=replies_dispatched.TOPIC)

    ours, others = await status_of(database, request_id), await status_of(database, request_id, "shelbyville")
    assert (ours.state, ours.category, ours.reply_body) == ("received", None, None)
    assert (others.state, others.category, others.reply_body) == ("sent", "taxes", "Dear Homer")


async def test_triage_of_another_agencys_request_settles_nothing_in_our_journal(
    broker: KafkaBroker, database: Database, reconciler: Reconciler
) -> None:
    request_id = await accepted(database)
    await broker.publish(triaged(request_id, agency="shelbyville"), topic=requests_triaged.TOPIC)
    await publications(database)
    assert await reconciler.publish_due(NOON + PATIENCE) == 1


def a_refusal(request_id: UUID, error_type: str, agency: str = "springfield", body: str = "The lamp is out") -> DeadLetter:
    """As review tells of a request that it did not accept."""
    request = {"request_id": str(request_id), "agency": agency, "channel": "web", "received_at": NOON.isoformat(), "body": body}
    return DeadLetter(
        letter_id=uuid4(), service="review", topic=requests_received.TOPIC, partition=0, offset=7, key=None, headers=[],
        value=base64.b64encode(json.dumps(request).encode()).decode(), error_type=error_type, error_message="request_id: conflict",
        attempts=1, first_failed_at=NOON, last_failed_at=NOON,
    )  # fmt: skip


async def refused(database: Database, letter: DeadLetter, *, vouched: bool = True) -> None:
    with record_provenance.handling(record_provenance.Origin(vouched=vouched)):
        await handlers.on_dead_letter(letter, database)


async def test_a_request_that_lost_its_id_to_another_agency_is_a_conflict_and_is_not_published_for_ever(
    database: Database, reconciler: Reconciler
) -> None:
    request_id = await accepted(database)
    await refused(database, a_refusal(request_id, "IdTaken"))
    await publications(database)
    assert (await status_of(database, request_id)).state == "conflict"
    assert await reconciler.publish_due(NOON + timedelta(days=1)) == 0
    async with database.reading() as session:
        [shown] = await store.refusals(session, request_id, "springfield")
        assert await store.refusals(session, request_id, "shelbyville") == []
    assert (shown.kind, shown.detail) == ("conflict", "request_id: conflict")


async def test_a_conflict_within_an_agency_leaves_its_first_request_as_it_is(broker: KafkaBroker, database: Database) -> None:
    request_id = await accepted(database)
    await broker.publish(triaged(request_id), topic=requests_triaged.TOPIC)
    await refused(database, a_refusal(request_id, "ContentDiffers", body="The bin is full"))
    assert (await status_of(database, request_id)).state == "drafting"
    async with database.reading() as session:
        assert len(await store.refusals(session, request_id, "springfield")) == 1


async def test_a_request_by_http_that_came_second_is_a_conflict(database: Database) -> None:
    request_id = await accepted(database)
    await refused(database, a_refusal(request_id, "ContentDiffers"))  # the very content that is in the journal
    assert (await status_of(database, request_id)).state == "conflict"


@pytest.mark.parametrize("error_type", ["NotSigned", "WrongSignature", "AgencyRevoked"])
async def test_a_copy_by_kafka_that_is_refused_for_its_sender_leaves_the_request_by_http_as_it_is(
    database: Database, reconciler: Reconciler, error_type: str
) -> None:
    request_id = await accepted(database)
    await publications(database)
    await refused(database, a_refusal(request_id, error_type))  # the very content that is in the journal
    assert (await status_of(database, request_id)).state == "received"
    assert await reconciler.publish_due(NOON + timedelta(days=1)) == 1, "it may still have been lost"


@pytest.mark.parametrize("error_type", ["InvalidRecord", "RuntimeError"])
async def test_other_dead_letters_are_no_refusals(database: Database, error_type: str) -> None:
    request_id = await accepted(database)
    await refused(database, a_refusal(request_id, error_type))
    assert (await status_of(database, request_id)).state == "received"


async def test_a_refusal_that_review_never_spoke_of_changes_nothing(database: Database) -> None:
    request_id = await accepted(database)
    await refused(database, a_refusal(request_id, "IdTaken"), vouched=False)
    assert (await status_of(database, request_id)).state == "received"


async def test_what_is_triaged_is_not_published_again(broker: KafkaBroker, database: Database, reconciler: Reconciler) -> None:
    request_id = await accepted(database)
    await broker.publish(triaged(request_id), topic=requests_triaged.TOPIC)
    await publications(database)
    assert await reconciler.publish_due(NOON + timedelta(days=1)) == 0


async def test_what_stands_still_is_published_again_as_the_same_bytes(database: Database, reconciler: Reconciler) -> None:
    await accepted(database)
    assert await reconciler.publish_due(NOON + timedelta(seconds=119)) == 0
    assert await reconciler.publish_due(NOON + PATIENCE) == 1
    first, again = await outgoing(database)
    assert (first.value, first.headers["ce_id"], first.key) == (again.value, again.headers["ce_id"], again.key)


async def test_what_is_published_again_stays_in_the_trace_it_began(database: Database, reconciler: Reconciler) -> None:
    request_id = await accepted(database)
    theirs = "0af7651916cd43dd8448eb211c80319c"
    async with database.transaction() as session:
        row = await session.get(JournalRow, (request_id, "springfield"))
        assert row is not None
        row.trace = {"traceparent": f"00-{theirs}-b7ad6b7169203331-01"}
    await publications(database)
    await reconciler.publish_due(NOON + PATIENCE)
    [again] = await outgoing(database)
    assert again.headers["traceparent"].split("-")[1] == theirs


async def settled(database: Database, request_id: UUID, at: datetime) -> None:
    async with database.transaction() as session:
        await store.settle(session, request_id, "springfield", at)


async def test_what_waits_no_longer_than_everything_lately_did_is_in_its_turn(database: Database, reconciler: Reconciler) -> None:
    slow, lost = await accepted(database, "first"), await accepted(database, "second")
    await settled(database, slow, NOON + timedelta(minutes=10))
    await accepted(database, "third", NOON + timedelta(minutes=9))

    assert await reconciler.publish_due(NOON + timedelta(minutes=12)) == 0, "a longer queue would only make all wait longer"
    assert await reconciler.publish_due(NOON + timedelta(minutes=20)) == 1
    async with database.reading() as session:
        [published_twice] = (await session.exec(select(JournalRow.request_id).where(JournalRow.publishes == 2))).all()
    assert published_twice == lost, "twice as long as what was slow"


async def test_what_the_broker_has_forgotten_is_not_put_off(broker: KafkaBroker, database: Database, reconciler: Reconciler) -> None:
    slow = await accepted(database, "first")
    await settled(database, slow, NOON + timedelta(minutes=10))
    end = ReplyDecided(request_id=slow, decision_id=uuid4(), decision="closed", decided_by="anna", decided_at=NOON)
    await broker.publish(end, topic=replies_decided.TOPIC)
    await accepted(database, "second", NOON + timedelta(minutes=9))
    now = NOON + timedelta(minutes=10)

    assert await reconciler.take_up(now) == 1
    assert await reconciler.publish_due(now) == 1


async def test_the_pauses_between_publications_grow(database: Database, reconciler: Reconciler) -> None:
    await accepted(database)
    moments = [minute for minute in range(1, 181) if await reconciler.publish_due(NOON + timedelta(minutes=minute))]
    assert moments == [2, 6, 14, 30, 62, 122]


async def test_a_broker_that_forgot_everything_is_told_all_that_is_open_at_once(
    broker: KafkaBroker, database: Database, reconciler: Reconciler
) -> None:
    open_one, lately, long_ago, decided = [await accepted(database, body) for body in ("a", "b", "c", "d")]
    for request_id in (lately, long_ago, decided):
        await broker.publish(triaged(request_id), topic=requests_triaged.TOPIC)
    end = ReplyDecided(request_id=decided, decision_id=uuid4(), decision="closed", decided_by="anna", decided_at=NOON)
    await broker.publish(end, topic=replies_decided.TOPIC)
    async with database.transaction() as session:
        row = await session.get(JournalRow, (long_ago, "springfield"))
        assert row is not None
        assert row.settled_at is not None
        row.settled_at -= timedelta(hours=2)
    await publications(database)

    assert await reconciler.take_up(NOON) == 2
    assert await reconciler.take_up(NOON) == 0  # once a life of the broker, however often the service starts
    assert await reconciler.publish_due(NOON) == 2
    assert {UUID(row.key) for row in await outgoing(database)} == {open_one, lately}
