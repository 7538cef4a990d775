"""Reads what stands in topics since a moment, and sets a consumer group back to it: for a database that is older than Kafka."""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from datetime import datetime

from kafka import KafkaAdminClient, KafkaConsumer, TopicPartition
from kafka.errors import KafkaError, NoError
from kafka.structs import OffsetAndMetadata

from services.runtime.errors import Conflict
from services.runtime.kafka_admin import administration
from services.runtime.kafka_connection import connection
from services.runtime.kafka_records import Received
from services.runtime.settings import KafkaSettings

POLL_MS = 500
MISSED_AFTER_SECONDS = 20.0
PAUSE_SECONDS = 1.0


def read_since(kafka: KafkaSettings, topics: Sequence[str], since: datetime) -> Iterator[Received]:
    """Every record of these topics from that moment to now; each partition in its order."""
    with closing(KafkaConsumer(**connection(kafka), enable_auto_commit=False)) as consumer:
        starts = _starts(consumer, topics, since)
        ends = consumer.end_offsets(list(starts))
        consumer.assign(list(starts))
        for partition, offset in starts.items():
            consumer.seek(partition, offset)
        while any(consumer.position(partition) < ends[partition] for partition in starts):
            for records in consumer.poll(timeout_ms=POLL_MS).values():
                yield from (record for record in records if record.timestamp >= since.timestamp() * 1000)


def rewind(kafka: KafkaSettings, group: str, topics: Sequence[str], since: datetime) -> int:
    """Sets the group back to that moment, never forward; returns how many records it will read again.

    Raises Conflict while it has members: one that was killed is missed after ten seconds, and waited for.
    """
    with closing(KafkaConsumer(**connection(kafka), enable_auto_commit=False)) as consumer:
        starts = _starts(consumer, topics, since)
    with administration(kafka) as admin:
        committed = {partition: kept.offset for partition, kept in admin.list_group_offsets({group: None})[group].items()}
        back = {partition: offset for partition, offset in starts.items() if offset < committed.get(partition, 0)}
        until = time.monotonic() + MISSED_AFTER_SECONDS
        while back and not _is_set(admin, group, back):
            if time.monotonic() > until:
                raise Conflict(f"{group} has members: stop every process of it first")
            time.sleep(PAUSE_SECONDS)
    return sum(committed[partition] - offset for partition, offset in back.items())


def _is_set(admin: KafkaAdminClient, group: str, offsets: Mapping[TopicPartition, int]) -> bool:
    """Whether the broker took them, which it does only of a group without members."""
    try:
        answers = admin.alter_group_offsets(group, {partition: OffsetAndMetadata(offset, "", -1) for partition, offset in offsets.items()})
    except KafkaError:
        return False
    return all(answer is NoError for answer in answers.values())


def _starts(consumer: KafkaConsumer, topics: Sequence[str], since: datetime) -> dict[TopicPartition, int]:
    """Where the first record since then stands in each partition; its end where there is none."""
    partitions = [TopicPartition(topic, number) for topic in topics for number in sorted(consumer.partitions_for_topic(topic) or ())]
    ends = consumer.end_offsets(partitions)
    times = consumer.offsets_for_times(dict.fromkeys(partitions, int(since.timestamp() * 1000)))
    return {partition: times[partition].offset if times.get(partition) else ends[partition] for partition in partitions}
