"""Figures that are computed when somebody asks: of open cases, emergencies, dead letters, the journal, the outbox, deliveries and lag."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa
from prometheus_client import REGISTRY

from schemas.values import Urgency
from services.dispatch import delivery_metrics
from services.dispatch import store as deliveries
from services.dispatch.rules import Delivery
from services.dispatch.tables import DeliveryRow
from services.intake import acceptance, intake_metrics
from services.intake.acceptance import Caller, Sent
from services.local import agency_provisioning
from services.review.cases import case_samples, statistics_store, store
from services.review.cases.case_state import State
from services.review.ops import letter_sample
from services.review.ops import store as letters
from services.runtime import clock, dead_letters, kafka_state, metrics, outbox_sample
from services.runtime.consumer_lag import ConsumerLag
from services.runtime.database import Database
from services.runtime.errors import InvalidRecord
from services.runtime.kafka_admin import create_topics
from tests.case_builders import CITY, REQUEST_ID, a_case_to_decide, received, triaged
from tests.harness.embedded_broker import embedded, member
from tests.harness.running_stack import publish
from tests.harness.waiting import until_async
from tests.unit.test_records import ARecord

LATE = timedelta(hours=3)


@pytest.fixture(autouse=True)
def departments() -> None:
    metrics.take_taxonomy(CITY.categories, CITY.departments)


def value(series: str, **labels: str) -> float | None:
    return REGISTRY.get_sample_value(series, labels)


async def keep(database: Database, state: State, **facts: object) -> None:
    """A case that was received three hours ago."""
    at = clock.now() - LATE
    request_id = uuid4()
    case = a_case_to_decide().model_copy(
        update={
            "request_id": request_id,
            "request": received(request_id=str(request_id), received_at=at.isoformat()),
            "triage": triaged(request_id=request_id, received_at=at),
            "draft": None,
            "state": state,
            "due_at": clock.now() + LATE,
            **facts,
        }
    )
    async with database.transaction() as session:
        await store.save(session, case, None)


async def test_open_cases_are_told_by_state_and_department_and_what_has_ended_is_not(database: Database) -> None:
    await keep(database, State.AWAITING_APPROVAL)
    await keep(database, State.AWAITING_APPROVAL, due_at=clock.now() - LATE)
    await keep(database, State.APPROVED)
    await keep(database, State.SENT)
    await keep(database, State.CLOSED)

    await case_samples.of(database, CITY.departments)()

    assert value("parvis_cases", state="awaiting_approval", department="streets") == 2
    assert value("parvis_cases", state="approved", department="streets") == 1
    assert value("parvis_cases_overdue", department="streets") == 1
    assert sum(s.value for family in metrics.CASES._gauge.collect() for s in family.samples) == 3
    assert value("parvis_case_oldest_seconds", state="awaiting_approval", department="streets") == pytest.approx(
        LATE.total_seconds(), abs=60
    )


async def test_an_emergency_is_told_until_somebody_has_seen_to_it(database: Database) -> None:
    await keep(database, State.AWAITING_APPROVAL, urgency=Urgency.EMERGENCY)
    await keep(database, State.SENT, urgency=Urgency.EMERGENCY)

    await case_samples.of(database, CITY.departments)()

    assert value("parvis_emergencies_waiting") == 1
    assert value("parvis_emergency_oldest_seconds") == pytest.approx(LATE.total_seconds(), abs=60)


async def test_no_sample_reads_all_cases(database: Database) -> None:
    statements: list[str] = []
    async with database.reading() as session:
        connection = await session.connection()
        sa.event.listen(connection.sync_connection, "before_cursor_execute", lambda *arguments: statements.append(arguments[2]))
        await statistics_store.open_cases(session, clock.now(), CITY.departments)
        await statistics_store.pinned_for_danger(session)
    assert len(statements) >= 3
    async with database.reading() as session:
        for statement in statements[:3]:
            values = tuple("x" for _ in range(statement.count("?")))
            plan = await (await session.connection()).exec_driver_sql(f"explain query plan {statement}", values)
            steps = [str(row[-1]) for row in plan]
            assert not any("SCAN review_cases" in step and "USING" not in step for step in steps), steps


async def test_accepted_requests_of_which_nothing_was_heard_are_told(database: Database) -> None:
    async with database.transaction() as session:
        await agency_provisioning.add(session, "belrive", "Belrive", clock.now())
    before = value("parvis_requests_total", way="batch", outcome="invalid") or 0
    sent = [Sent({"channel": "web", "body": "The lamp is out."}), Sent({"channel": "web"})]

    await acceptance.accept(database, Caller("belrive", "/v1/requests/batch"), sent, timedelta(minutes=1))
    await intake_metrics.journal(database)()
    await outbox_sample.of(database, "intake")()

    assert value("parvis_requests_total", way="batch", outcome="invalid") == before + 1
    assert value("parvis_journal_waiting") == 1
    assert value("parvis_outbox_waiting", service="intake") == 1
    oldest = value("parvis_outbox_oldest_seconds", service="intake")
    assert oldest is not None
    assert 0 <= oldest < 60


async def test_deliveries_are_told_by_what_they_wait_for(database: Database) -> None:
    now = clock.now()
    async with database.transaction() as session:
        for attempts, due, channel in ((0, now + LATE, "none"), (0, now, "none"), (2, now + LATE, "none"), (0, None, "webhook")):
            delivery = Delivery(uuid4(), uuid4(), "belrive", "{}", {}, "pending", channel, attempts, "Mr Example", "", None)  # type: ignore[arg-type]
            await deliveries.add_delivery(session, delivery, due=due, now=now - LATE)
        ended = Delivery(uuid4(), uuid4(), "belrive", "{}", {}, "delivered", "smtp", 1, "", "", now)
        await deliveries.add_delivery(session, ended, due=None, now=now - LATE)

    await delivery_metrics.waiting(database)()

    reasons = ("not due", "first attempt", "tried again", "webhook")
    assert {reason: value("parvis_deliveries_waiting", kind="reply", reason=reason) for reason in reasons} == dict.fromkeys(reasons, 1)
    assert value("parvis_delivery_oldest_seconds", kind="reply", reason="tried again") == pytest.approx(LATE.total_seconds(), abs=60)


@pytest.mark.parametrize("state", ["pending", "sending"])
async def test_what_is_tried_once_more_still_waits_for_the_same(database: Database, state: str) -> None:
    now = clock.now()
    delivery = Delivery(uuid4(), uuid4(), "belrive", "{}", {}, state, "smtp", 2, "Mr Example", "", None)  # type: ignore[arg-type]
    async with database.transaction() as session:
        await deliveries.add_delivery(session, delivery, due=now, now=now - LATE)
        await session.exec(sa.update(DeliveryRow).values(reason="dropped", state=state))

    await delivery_metrics.waiting(database)()

    assert value("parvis_deliveries_waiting", kind="reply", reason="dropped") == 1


async def test_dead_letters_are_told_until_they_are_settled(database: Database) -> None:
    record = ARecord()
    letter = dead_letters.dead_letter(record, "triage", InvalidRecord("no"), attempts=1, first_failed_at=clock.now())
    async with database.transaction() as session:
        await letters.keep(session, letter)
    await letter_sample.of(database)()
    assert value("parvis_dead_letters_waiting") == 1

    async with database.transaction() as session:
        await letters.settle(session, letter.letter_id, "discarded", "anna@city.example", clock.now())
    await letter_sample.of(database)()
    assert value("parvis_dead_letters_waiting") == 0


async def test_lag_is_told_with_the_age_of_what_stands_there() -> None:
    """A group that gets on with nothing: each look finds the same record, and it is older."""
    topic = "parvis.requests.received.v1"

    def of_the_group(state: metrics.State) -> list[float]:
        samples = [sample for family in state._gauge.collect() for sample in family.samples]
        return [sample.value for sample in samples if sample.labels["group"] == "parvis.triage" and sample.labels["topic"] == topic]

    with embedded() as kafka:
        create_topics(kafka, [topic], 1)
        goes_on = asyncio.Event()

        async def stands_still(_: object) -> None:
            await goes_on.wait()

        async with member(kafka, "triage", topic, work=stands_still) as stuck:
            await asyncio.to_thread(publish, kafka.bootstrap, topic, [{"request_id": str(REQUEST_ID)}])
            lag = ConsumerLag(stuck.broker, "triage", kafka)

            async def is_counted() -> bool:
                await lag.sample()
                return sum(of_the_group(metrics.LAG)) > 0

            await until_async(is_counted, "what waits is counted")
            await lag.sample()
            first = max(of_the_group(metrics.OLDEST_UNREAD))
            await lag.sample()

            assert 0 < first < max(of_the_group(metrics.OLDEST_UNREAD)) < 600
            goes_on.set()


async def test_each_record_of_a_batch_is_counted_as_lag() -> None:
    """Whether a consumer has fetched the batch, or it came while the one before is worked on."""
    topic = "parvis.requests.received.v1"

    def counted() -> float:
        samples = [sample for family in metrics.LAG._gauge.collect() for sample in family.samples]
        return sum(sample.value for sample in samples if sample.labels["topic"] == topic)

    def batch() -> list[dict[str, str]]:
        return [{"request_id": str(uuid4())} for _ in range(3)]

    with embedded() as kafka:
        create_topics(kafka, [topic], 1)
        goes_on = asyncio.Event()

        async def stands_still(_: object) -> None:
            await goes_on.wait()

        async with member(kafka, "triage", topic, work=stands_still) as stuck:
            lag = ConsumerLag(stuck.broker, "triage", kafka)
            for waiting in (3, 6):
                await asyncio.to_thread(publish, kafka.bootstrap, topic, batch())
                await until_async(lambda: bool(stuck.seen), "the first record is in hand")

                async def all_are_counted(waiting: int = waiting) -> bool:
                    await lag.sample()
                    return counted() == waiting

                await until_async(all_are_counted, f"{waiting} records are counted")
            goes_on.set()
            await until_async(lambda: len(stuck.seen) == 6, "all are worked on")
            await until_async(lambda: all_done(lag, counted), "nothing is left")


async def test_the_lag_that_operations_shows_counts_each_record_of_a_batch() -> None:
    topic, others = "parvis.requests.received.v1", "parvis.requests.triaged.v1"
    with embedded() as kafka:
        create_topics(kafka, [topic, others], 1)
        goes_on = asyncio.Event()

        async def stands_still(_: object) -> None:
            await goes_on.wait()

        def shown() -> int:
            state = kafka_state.state_of(kafka, [topic, others])
            assert not state.error
            return sum(lag.records for lag in state.lags if lag.topic == topic)

        async with member(kafka, "triage", topic) as quick:
            await asyncio.to_thread(publish, kafka.bootstrap, topic, [{"request_id": str(uuid4())}])
            await until_async(lambda: bool(quick.seen), "one is done, so that the group is known")
        async with member(kafka, "triage", topic, work=stands_still) as stuck:
            for waiting in (3, 13):
                await asyncio.to_thread(publish, kafka.bootstrap, topic, [{"request_id": str(uuid4())} for _ in range(waiting)])
            await until_async(lambda: bool(stuck.seen), "the first record is in hand")
            assert await asyncio.to_thread(shown) == 16
            goes_on.set()
            await until_async(lambda: len(stuck.seen) == 16, "all are worked on")
            await until_async(lambda: nothing_left(shown), "nothing is left")


async def nothing_left(shown: Callable[[], int]) -> bool:
    return await asyncio.to_thread(shown) == 0


async def all_done(lag: ConsumerLag, counted: Callable[[], float]) -> bool:
    await lag.sample()
    return counted() == 0
