"""Delivery on a real Kafka: members come, go, hang and fall, brokers die; nothing is lost, and one request's events keep their order."""

import asyncio
import contextlib
import re
from collections import defaultdict
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from kafka import TopicPartition

from services.runtime import broker as delivery
from services.runtime import kafka_admin, kafka_state
from services.runtime.broker import kafka_broker, publish
from services.runtime.kafka_admin import Sender
from services.runtime.kafka_records import Outgoing
from services.runtime.retry import Health, persist
from services.runtime.settings import KafkaSettings, Settings
from tests.harness.embedded_broker import member
from tests.harness.kafka_cluster import KafkaCluster
from tests.harness.waiting import until_async
from tests.real.conftest import settings_of


@pytest.fixture
def settings(kafka: KafkaCluster) -> KafkaSettings:
    return settings_of(kafka.environment)


@pytest.fixture
async def topic(settings: KafkaSettings, unique: str) -> str:
    """With six partitions."""
    name = f"parvis.{unique}.v1"
    await asyncio.to_thread(kafka_admin.create_topics, settings, [name], 6)
    return name


@pytest.fixture
async def sender(settings: KafkaSettings) -> AsyncIterator[Sender]:
    sender = Sender(settings)
    yield sender
    await asyncio.to_thread(sender.close)


def events(requests: int, each: int) -> list[tuple[bytes, bytes]]:
    """So many events of so many requests, mixed: keys and values."""
    return [(b"request %d" % request, b'{"number": %d}' % number) for number in range(each) for request in range(requests)]


def in_order(records: list[Any]) -> dict[bytes, list[int]]:
    """The numbers of each request in the order in which they were first worked on."""
    numbers: dict[bytes, list[int]] = defaultdict(list)
    for record in records:
        number = int(re.findall(rb"\d+", record.value)[0])
        if number not in numbers[record.key]:
            numbers[record.key].append(number)
    return dict(numbers)


async def test_the_services_producer_is_idempotent_and_waits_for_every_copy(
    settings: KafkaSettings, topic: str, kafka: KafkaCluster, unique: str
) -> None:
    producer = kafka_broker(unique, Settings(kafka=settings), Health())
    await producer.start()
    try:
        for number in range(12):
            await publish(producer, Outgoing(topic, b"key %d" % number, b"{}"))
    finally:
        await producer.stop()
    with contextlib.closing(kafka.admin()) as admin:
        producers = str(admin.describe_producers([TopicPartition(topic, partition) for partition in range(6)]))
    # A broker only knows a producer by its number and counts its records where that producer is idempotent.
    assert re.search(r"producer_id=\d+", producers), producers


async def test_members_that_come_and_go_lose_nothing_and_keep_the_order_of_each_request(
    settings: KafkaSettings, topic: str, sender: Sender, unique: str
) -> None:
    sent = events(requests=20, each=15)
    worked: list[Any] = []

    async def work(record: Any) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asyncio.Event().wait(), 0.005)
        worked.append(record)

    async def visitor() -> None:
        for _ in range(5):
            async with member(settings, unique, topic, work=work) as consumer:
                with contextlib.suppress(AssertionError):
                    await until_async(lambda: len(consumer.seen) >= 10, "some records", seconds=3)

    async with member(settings, unique, topic, work=work):
        for key, value in sent[: len(sent) // 2]:
            sender.send_raw(topic, key, value, [])
        visits = asyncio.gather(visitor(), visitor())
        for key, value in sent[len(sent) // 2 :]:
            await asyncio.to_thread(sender.send_raw, topic, key, value, [])
        await visits
        await until_async(lambda: sum(map(len, in_order(worked).values())) == len(sent), "every event was worked on")

    assert all(numbers == sorted(numbers) for numbers in in_order(worked).values())
    # At least once: a record in hand while its partition moves is worked on by both, so by no more than members and moves can hold.
    assert len(worked) - len(sent) <= 60


async def test_what_is_in_hand_is_finished_before_a_member_leaves(settings: KafkaSettings, topic: str, sender: Sender, unique: str) -> None:
    may_end = asyncio.Event()
    done: list[Any] = []

    async def work(record: Any) -> None:
        await may_end.wait()
        done.append(record)

    sender.send_raw(topic, b"a", b'{"number": 1}', [])
    async with member(settings, unique, topic, work=work) as first:
        await until_async(lambda: bool(first.seen), "the first member has it in hand")
        asyncio.get_running_loop().call_later(0.5, may_end.set)
    assert len(done) == 1
    sender.send_raw(topic, b"a", b'{"number": 2}', [])
    async with member(settings, unique, topic) as second:
        await until_async(lambda: bool(second.seen), "the next one is given to the second member")
    assert [record.value for record in second.seen] == [b'{"number": 2}']


async def test_a_member_that_hangs_leaves_in_time_and_another_does_its_work(
    settings: KafkaSettings, topic: str, sender: Sender, unique: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "DRAIN_SECONDS", 1.0)
    sender.send_raw(topic, b"a", b'{"number": 1}', [])

    async def hangs(_: Any) -> None:
        await asyncio.Event().wait()

    began = 0.0
    async with member(settings, unique, topic, work=hangs) as first:
        await until_async(lambda: bool(first.seen), "it is in hand")
        began = asyncio.get_running_loop().time()
    assert asyncio.get_running_loop().time() - began < 6
    async with member(settings, unique, topic) as second:
        await until_async(lambda: bool(second.seen), "the other one has it")
    assert second.seen[0].value == first.seen[0].value


def resident() -> int:
    """This process's memory in MiB."""
    status = Path("/proc/self/status").read_text()
    return int(re.findall(r"VmRSS:\s+(\d+)", status)[0]) // 1024


async def test_slow_work_makes_lag_and_not_memory(settings: KafkaSettings, topic: str, sender: Sender, unique: str) -> None:
    letter = b'{"body": "' + b"x" * 200_000 + b'"}'
    for number in range(600):  # 120 MB
        await asyncio.to_thread(sender.send_raw, topic, b"key %d" % number, letter, [])
    may_end = asyncio.Event()

    async def slow(_: Any) -> None:
        await may_end.wait()

    before = resident()
    async with member(settings, unique, topic, work=slow) as consumer:
        await until_async(lambda: bool(consumer.seen), "one is in hand")
        with contextlib.suppress(AssertionError):
            await until_async(lambda: resident() - before > 40, "it fetches ahead into memory", seconds=3)
        grown = resident() - before
        assert len(consumer.seen) == 1
        may_end.set()
    assert grown <= 40, f"{grown} MiB fetched ahead"


async def test_a_named_member_gets_its_partitions_back_without_a_rebalance(
    settings: KafkaSettings, topic: str, unique: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def partitions(joined: Any) -> set[int]:
        consumer = next(iter(joined.broker.subscribers)).consumer
        return {each.partition for each in consumer.assignment()} if consumer else set()

    monkeypatch.setenv("PARVIS_KAFKA_INSTANCE", "steady")
    async with member(settings, unique, topic) as steady:
        monkeypatch.setenv("PARVIS_KAFKA_INSTANCE", "restarted")
        async with member(settings, unique, topic) as restarted:
            await until_async(lambda: len(partitions(steady)) == len(partitions(restarted)) == 3, "they share six partitions")
            held, steady_before = partitions(restarted), partitions(steady)
        assert partitions(steady) == steady_before
        async with member(settings, unique, topic) as again:
            await until_async(lambda: partitions(again) == held, "it has the same partitions as before")
            assert partitions(steady) == steady_before


# kafka-python lets go of the socket of a broker that refuses without closing it.
@pytest.mark.filterwarnings("ignore:Exception ignored in. <socket:pytest.PytestUnraisableExceptionWarning")
@pytest.mark.kafka
async def test_a_leader_that_is_killed_takes_nothing_along(unique: str) -> None:
    with KafkaCluster(3) as cluster:
        settings = settings_of(cluster.environment)
        topic = f"parvis.{unique}.v1"
        configs = {"min.insync.replicas": "2"}
        with contextlib.closing(cluster.admin()) as admin:
            admin.create_topics({topic: {"num_partitions": 3, "replication_factor": 3, "configs": configs}}, wait_for_metadata=True)
            admin.create_topics({f"{topic}.single": {"num_partitions": 6, "replication_factor": 1}}, wait_for_metadata=True)
        producer = kafka_broker(unique, Settings(kafka=settings), Health())
        await producer.start()
        try:
            async with member(settings, unique, topic) as consumer:
                for number in range(150):
                    if number == 50:
                        leader = await asyncio.to_thread(cluster.leader, topic)
                        await asyncio.to_thread(cluster.kill, leader)
                    value = b'{"number": %d}' % number
                    await persist(partial(publish, producer, Outgoing(topic, b"key %d" % (number % 9), value)), Health())
                await until_async(lambda: sum(map(len, in_order(consumer.seen).values())) == 150, "every record is there")
        finally:
            await producer.stop()
        assert all(numbers == sorted(numbers) for numbers in in_order(consumer.seen).values())
        assert leader not in {cluster.leader(topic, partition) for partition in range(3)}
        state = await asyncio.to_thread(kafka_state.state_of, settings, [topic, f"{topic}.single"])
        assert state.leaderless
        assert all(place.startswith(f"{topic}.single/") for place in state.leaderless)
