"""Follows a whole topic in every process for itself, without a consumer group: what it says holds for all of them."""

import asyncio
import logging
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import UnknownTopicOrPartitionError

from services.runtime.backoff import jittered
from services.runtime.kafka_connection import connection
from services.runtime.settings import KafkaSettings

log = logging.getLogger(__name__)

PAUSE = 1.0
POLL_MS = 1_000

Take = Callable[[bytes | None, datetime], None]


@dataclass
class Follower:
    """`take` gets each record's value and time, from `since` or the beginning; `begin` is called first, and again where it starts anew.

    `caught_up` is set once everything that stood in the topic at the start was taken.
    """

    kafka: KafkaSettings
    topic: str
    take: Take
    begin: Callable[[], None] = lambda: None
    since: Callable[[], datetime] | None = None
    caught_up: asyncio.Event = field(default_factory=asyncio.Event)
    chance: Callable[[], float] = random.random

    async def run(self) -> None:
        """Follows until it is cancelled."""
        reason = ""
        while True:
            try:
                await self._follow()
            except UnknownTopicOrPartitionError:
                # A topic of a newer release than the broker's topics: there is nothing in it to wait for.
                self.caught_up.set()
                words = "is not there: run `parvis topics apply`"
            except Exception as error:  # noqa: BLE001 - whatever it was, the next try may go better
                self.caught_up.clear()
                words = f"can't be followed ({type(error).__name__}), trying on"
            if words != reason:
                log.warning("%s %s", self.topic, words)
                reason = words
            await asyncio.sleep(jittered(PAUSE, self.chance))

    async def _follow(self) -> None:
        consumer = AIOKafkaConsumer(self.topic, group_id=None, auto_offset_reset="earliest", **connection(self.kafka))
        try:
            await consumer.start()
            partitions: set[TopicPartition] = consumer.assignment()
            if not partitions:
                raise UnknownTopicOrPartitionError
            self.begin()
            ends: dict[TopicPartition, int] = await consumer.end_offsets(partitions)
            if self.since:
                await self._skip(consumer, partitions)
            while True:
                if not self.caught_up.is_set() and await _is_past(consumer, ends):
                    self.caught_up.set()
                for records in (await consumer.getmany(timeout_ms=POLL_MS)).values():
                    for record in records:
                        self.take(record.value, datetime.fromtimestamp(record.timestamp / 1000, UTC))
        finally:
            await consumer.stop()

    async def _skip(self, consumer: Any, partitions: set[TopicPartition]) -> None:  # noqa: ANN401 - aiokafka has no types
        """Passes over what is older; a broker that forgets has little, and does not know times."""
        if self.since is None or self.kafka.ephemeral:
            return
        moment = int(self.since().timestamp() * 1000)
        offsets = await consumer.offsets_for_times(dict.fromkeys(partitions, moment))
        later = {partition: offset.offset for partition, offset in offsets.items() if offset}
        ends = await consumer.end_offsets(partitions)
        for partition in partitions:
            consumer.seek(partition, later.get(partition, ends[partition]))


async def _is_past(consumer: Any, ends: dict[TopicPartition, int]) -> bool:  # noqa: ANN401
    for partition, end in ends.items():
        if end and await consumer.position(partition) < end:
            return False
    return True
