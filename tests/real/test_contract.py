"""What Parvis relies on in Kafka: the embedded broker and a real Apache Kafka behave alike."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator

import pytest

from services.runtime import kafka_admin, kafka_state
from services.runtime.kafka_admin import Sender
from services.runtime.kafka_state import Lag, state_of
from services.runtime.settings import KafkaSettings
from tests.harness.embedded_broker import embedded, member
from tests.harness.kafka_cluster import KafkaCluster
from tests.harness.waiting import until_async
from tests.real.conftest import settings_of


@pytest.fixture(scope="module", params=["embedded", pytest.param("real", marks=pytest.mark.kafka)])
def broker(request: pytest.FixtureRequest) -> Iterator[KafkaSettings]:
    """One after the other."""
    if request.param == "embedded":
        with embedded() as settings:
            yield settings
    else:
        cluster: KafkaCluster = request.getfixturevalue("kafka")
        yield settings_of(cluster.environment)


@pytest.fixture
async def topic(broker: KafkaSettings, unique: str) -> str:
    """With three partitions."""
    name = f"parvis.{unique}.v1"
    assert await asyncio.to_thread(kafka_admin.create_topics, broker, [name], 3) == [name]
    return name


@pytest.fixture
async def sender(broker: KafkaSettings) -> AsyncIterator[Sender]:
    sender = Sender(broker)
    yield sender
    await asyncio.to_thread(sender.close)


def numbered(number: int) -> bytes:
    return b'{"number": %d}' % number


async def test_a_record_comes_back_with_its_key_and_headers_as_they_were_sent(
    broker: KafkaSettings, topic: str, sender: Sender, unique: str
) -> None:
    headers = [("ce_id", b"1"), ("traceparent", b"00-x"), ("not text", b"\xff\xfe"), ("ce_id", b"2"), ("nothing", None)]
    sender.send_raw(topic, b"key \xff", numbered(1), headers)
    async with member(broker, unique, topic) as consumer:
        await until_async(lambda: bool(consumer.seen), "the record is there")
    record = consumer.seen[0]
    assert (record.key, record.value) == (b"key \xff", numbered(1))
    assert list(record.headers_as_sent) == [*headers[:-1], ("nothing", b"")]


async def test_records_of_one_key_stay_in_order_and_a_new_group_begins_at_the_earliest(
    broker: KafkaSettings, topic: str, sender: Sender, unique: str
) -> None:
    for number in range(60):
        sender.send_raw(topic, b"key %d" % (number % 6), numbered(number), [])
    async with member(broker, unique, topic) as consumer:
        await until_async(lambda: len(consumer.seen) == 60, "every record is there")
    for key in {record.key for record in consumer.seen}:
        values = [record.value for record in consumer.seen if record.key == key]
        assert values == sorted(values, key=lambda value: int(value.split()[1][:-1]))
        assert len({record.partition for record in consumer.seen if record.key == key}) == 1


async def test_a_group_goes_on_where_it_left_off_and_another_one_reads_all(
    broker: KafkaSettings, topic: str, sender: Sender, unique: str
) -> None:
    sender.send_raw(topic, b"a", numbered(1), [])
    async with member(broker, unique, topic) as first:
        await until_async(lambda: len(first.seen) == 1, "the first record is there")
    sender.send_raw(topic, b"a", numbered(2), [])
    async with member(broker, unique, topic) as second:
        await until_async(lambda: bool(second.seen), "the second record is there")
    assert [record.value for record in second.seen] == [numbered(2)]
    async with member(broker, f"{unique}-too", topic) as other:
        await until_async(lambda: len(other.seen) == 2, "both are there")


async def test_a_record_whose_work_was_not_done_comes_again(broker: KafkaSettings, topic: str, sender: Sender, unique: str) -> None:
    sender.send_raw(topic, b"a", numbered(1), [])

    async def dies(_: object) -> None:
        raise asyncio.CancelledError  # as when the process is ended in the middle

    async with member(broker, unique, topic, work=dies) as first:
        await until_async(lambda: bool(first.seen), "the first member has it")
    async with member(broker, unique, topic) as second:
        await until_async(lambda: bool(second.seen), "the second member gets it again")
    assert second.seen[0].offset == first.seen[0].offset


async def test_members_of_a_group_share_the_work(broker: KafkaSettings, topic: str, sender: Sender, unique: str) -> None:
    async with member(broker, unique, topic) as first, member(broker, unique, topic) as second:
        number = 0
        while not (first.seen and second.seen):
            assert number < 3000
            sender.send_raw(topic, b"key %d" % number, numbered(number), [])
            number += 1
            with contextlib.suppress(AssertionError):
                await until_async(lambda: bool(first.seen and second.seen), "both have some", seconds=0.05)
        await until_async(lambda: len(first.seen) + len(second.seen) >= number, "every record was given to somebody")


async def test_the_lag_of_a_group_is_what_waits(
    broker: KafkaSettings, topic: str, sender: Sender, monkeypatch: pytest.MonkeyPatch, unique: str
) -> None:
    monkeypatch.setattr(kafka_state, "SERVICES", (unique,))
    sender.send_raw(topic, b"a", numbered(1), [])
    async with member(broker, unique, topic) as consumer:
        await until_async(lambda: bool(consumer.seen), "the record is there")
    for number in (2, 3):
        sender.send_raw(topic, b"a", numbered(number), [])
    state = await asyncio.to_thread(state_of, broker, [topic, "parvis.none"])
    assert state.lags == [Lag(group=f"parvis.{unique}", topic=topic, records=2, partitions=1)]
    assert (state.error, state.missing, state.leaderless) == ("", ["parvis.none"], [])


async def test_a_record_as_big_as_they_may_be_goes_through(broker: KafkaSettings, topic: str, sender: Sender, unique: str) -> None:
    value = b'"' + b"x" * 1_000_000 + b'"'  # far more than a consumer asks for at once
    sender.send_raw(topic, b"a", value, [])
    sender.send_raw(topic, b"a", numbered(2), [])
    async with member(broker, unique, topic) as consumer:
        await until_async(lambda: len(consumer.seen) == 2, "the big record and the next one are there")
    assert consumer.seen[0].value == value
