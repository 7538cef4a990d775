"""How far this process's consumers are behind, and how old the oldest record is that waits."""

import asyncio
import time
from collections.abc import Callable, Collection, Sequence
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from faststream.kafka import KafkaBroker

from services.runtime import clock, metrics
from services.runtime.kafka_connection import connection
from services.runtime.settings import KafkaSettings

FETCH_MS = 1_000


class ConsumerLag:
    """Asks about the partitions that are assigned to this process: those of all its instances together are the whole group's.

    What came since the last look is younger than that. Only for what stood there already is a record fetched, to see how old it is.
    """

    def __init__(self, broker: KafkaBroker, service: str, kafka: KafkaSettings, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._broker = broker
        self._service = service
        self._group = f"parvis.{service}"
        self._kafka = kafka
        self._monotonic = monotonic
        self._ends: dict[TopicPartition, int] = {}
        self._looked_at = float("-inf")

    async def sample(self) -> None:
        """Sets lag and age of each partition that has a leader, and says which have none. Raises what Kafka says."""
        consumers = [consumer for s in self._broker.subscribers if (consumer := getattr(s, "consumer", None)) is not None]
        leaderless = await self._leaderless({topic for consumer in consumers for topic in consumer.subscription()})
        offsets: dict[TopicPartition, tuple[int, int]] = {}
        for consumer in consumers:
            offsets |= await _offsets(consumer, leaderless)
        behind = {partition: done for partition, (done, end) in offsets.items() if done < end}
        standing = {partition: done for partition, done in behind.items() if done < self._ends.get(partition, done + 1)}
        ages, ends = await self._looked_into(standing) if standing else ({}, {})
        since_last_look = self._monotonic() - self._looked_at
        for state in (metrics.LAG, metrics.OLDEST_UNREAD, metrics.LEADERLESS):
            state.clear()
        for partition in leaderless:
            metrics.LEADERLESS.set(1, service=self._service, topic=partition.topic, partition=str(partition.partition))
        for partition, (done, end) in offsets.items():
            labels = {"group": self._group, "topic": partition.topic, "partition": str(partition.partition)}
            metrics.LAG.set(max(end, ends.get(partition, 0)) - done if partition in behind else 0, **labels)
            age = ages.get(partition, since_last_look if partition in behind else 0.0)
            metrics.OLDEST_UNREAD.set(age, **labels)
        self._ends = {partition: end for partition, (_, end) in offsets.items()}
        self._looked_at = self._monotonic()

    async def _leaderless(self, topics: set[str]) -> set[TopicPartition]:
        described = await self._broker.config.admin_client.describe_topics(sorted(topics)) if topics else []
        return {TopicPartition(t["topic"], p["partition"]) for t in described for p in t["partitions"] if p["leader"] < 0}

    async def _looked_into(self, offsets: dict[TopicPartition, int]) -> tuple[dict[TopicPartition, float], dict[TopicPartition, int]]:
        """How old the record at each of these offsets is, or the next one that is there; and where each partition ends by that answer."""
        reader = AIOKafkaConsumer(group_id=None, enable_auto_commit=False, max_partition_fetch_bytes=1, **connection(self._kafka))
        ages: dict[TopicPartition, float] = {}
        ends: dict[TopicPartition, int] = {}
        try:
            await reader.start()
            reader.assign(list(offsets))
            for partition, offset in offsets.items():
                reader.seek(partition, offset)
            ends_at = self._monotonic() + FETCH_MS / 1000
            while len(ages) < len(offsets) and self._monotonic() < ends_at:
                for partition, records in (await reader.getmany(timeout_ms=FETCH_MS // 5)).items():
                    if records and partition not in ages:
                        ages[partition] = max(clock.now().timestamp() - records[0].timestamp / 1000, 0.0)
                        ends[partition] = reader.highwater(partition) or 0
                        reader.pause(partition)
        finally:
            await reader.stop()
        return ages, ends


async def _offsets(consumer: Any, leaderless: Collection[TopicPartition]) -> dict[TopicPartition, tuple[int, int]]:  # noqa: ANN401 - aiokafka has no types
    """What is acknowledged, and the end, of each partition that the consumer has. What was never acknowledged begins at the beginning.

    The embedded broker answers the question for the end with the first record of the last batch, and so leaves out the rest of that batch.
    With the records themselves it says the true end, which the consumer knows of what it has fetched.
    """
    # Of one that nobody leads nobody can tell the end: asking would take the figures of all others along.
    partitions: Sequence[TopicPartition] = [partition for partition in consumer.assignment() if partition not in leaderless]
    if not partitions:
        return {}
    ends = await consumer.end_offsets(partitions)
    done = await asyncio.gather(*(consumer.committed(partition) for partition in partitions))
    unread = [partition for partition, offset in zip(partitions, done, strict=True) if offset is None]
    beginnings = await consumer.beginning_offsets(unread) if unread else {}
    held = consumer.assignment()  # what was taken away meanwhile has another consumer now, and no such end here
    return {
        p: (beginnings[p] if offset is None else offset, max(ends[p], consumer.highwater(p) or 0))
        for p, offset in zip(partitions, done, strict=True)
        if p in held
    }
