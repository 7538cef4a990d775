"""How a Kafka fares as its clients see it: topics that are missing, partitions without a leader, how far each group is behind."""

import contextlib
import time
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from services.runtime.kafka_connection import connection
from services.runtime.settings import SERVICES, KafkaSettings

if TYPE_CHECKING:  # its client takes 10 MB, and review asks for it with the first page of operations only
    from kafka import KafkaAdminClient, TopicPartition

BOOTSTRAP_MS = 3_000
REQUEST_MS = 5_000
FETCH_SECONDS = 2.0


class Lag(BaseModel):
    """How many records of a topic wait for a consumer group, and in how many partitions."""

    group: str
    topic: str
    records: int
    partitions: int


class KafkaState(BaseModel):
    """`error`: why nothing can be told; all else is empty then. `leaderless`: `topic/partition`."""

    error: str = ""
    brokers: int = 0
    missing: list[str] = []
    leaderless: list[str] = []
    lags: list[Lag] = []


def state_of(kafka: KafkaSettings, topics: Collection[str]) -> KafkaState:
    """Asks the broker about these topics, for some seconds at most. Raises nothing: what goes wrong is `error`."""
    from kafka import KafkaAdminClient
    from kafka.errors import KafkaError

    try:
        admin = KafkaAdminClient(**connection(kafka), bootstrap_timeout_ms=BOOTSTRAP_MS, request_timeout_ms=REQUEST_MS)
    except (KafkaError, OSError) as error:
        return KafkaState(error=f"{kafka.bootstrap} does not answer ({type(error).__name__})")
    try:
        return _asked(admin, topics, kafka)
    except (KafkaError, OSError) as error:
        return KafkaState(error=f"{kafka.bootstrap} answers, and not to what it is asked ({type(error).__name__})")
    finally:
        admin.close()


def _asked(admin: "KafkaAdminClient", topics: Collection[str], kafka: KafkaSettings) -> KafkaState:
    there = sorted(set(topics) & set(admin.list_topics()))
    described: list[dict[str, Any]] = admin.describe_topics(there) if there else []
    leaderless = {
        (topic["name"], partition["partition_index"])
        for topic in described
        for partition in topic["partitions"]
        if partition["leader_id"] < 0
    }
    return KafkaState(
        brokers=len(admin.describe_cluster()["brokers"]),
        missing=sorted(set(topics) - set(there)),
        leaderless=[f"{name}/{partition}" for name, partition in sorted(leaderless)],
        lags=_lags(admin, leaderless, kafka),
    )


def _lags(admin: "KafkaAdminClient", leaderless: Collection[tuple[str, int]], kafka: KafkaSettings) -> list[Lag]:
    """Of each of our groups by topic, as far as anything was committed; a partition without a leader can't be asked."""
    from kafka.admin import OffsetSpec
    from kafka.errors import AuthorizationError

    committed: dict[str, Any] = {}
    for service in SERVICES:
        with contextlib.suppress(AuthorizationError):  # of a group that this user may not look at nothing is known
            committed |= admin.list_group_offsets({f"parvis.{service}": None})
    partitions = {p for offsets in committed.values() for p in offsets if (p.topic, p.partition) not in leaderless}
    ends: dict[TopicPartition, int] = {}
    if partitions and kafka.ephemeral:
        least = {p: min(max(of[p].offset, 0) for of in committed.values() if p in of) for p in partitions}
        ends = _ends_by_fetching(kafka, least)
    elif partitions:
        ends = {p: end.offset for p, end in admin.list_partition_offsets(dict.fromkeys(partitions, OffsetSpec.LATEST)).items()}
    behind: dict[tuple[str, str], list[int]] = {}
    for group, offsets in committed.items():
        for partition, offset in offsets.items():
            if partition in ends:
                waiting = max(ends[partition] - max(offset.offset, 0), 0)
                behind.setdefault((group, partition.topic), []).append(waiting)
    return [
        Lag(group=group, topic=topic, records=sum(waits), partitions=sum(map(bool, waits)))
        for (group, topic), waits in sorted(behind.items())
    ]


def _ends_by_fetching(kafka: KafkaSettings, offsets: Mapping["TopicPartition", int]) -> dict["TopicPartition", int]:
    """Where each partition ends, of these with the offset to fetch from; of one that does not answer in time nothing.

    The embedded broker, asked for the end, says where its last batch begins. With the records themselves it says the true end.
    """
    from kafka import KafkaConsumer

    ends: dict[TopicPartition, int] = {}
    consumer = KafkaConsumer(
        **connection(kafka), group_id=None, enable_auto_commit=False, max_partition_fetch_bytes=1, fetch_max_wait_ms=100
    )
    try:
        consumer.assign(list(offsets))
        for partition, offset in offsets.items():
            consumer.seek(partition, offset)
        ends_at = time.monotonic() + FETCH_SECONDS
        while len(ends) < len(offsets) and time.monotonic() < ends_at:
            consumer.poll(timeout_ms=100)
            for partition in offsets.keys() - ends.keys():
                if (end := consumer.highwater(partition)) is not None:
                    ends[partition] = end
                    consumer.pause(partition)
    finally:
        consumer.close(autocommit=False)
    return ends
