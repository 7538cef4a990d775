"""Topics from code to broker, the lag of each group, and plain sending: by kafka-python, for the command line."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from kafka import KafkaAdminClient, KafkaProducer

from services.runtime.broker import MAX_RECORD_BYTES, tls_context
from services.runtime.records import Outgoing
from services.runtime.settings import SERVICES, KafkaSettings


def connection(kafka: KafkaSettings) -> dict[str, Any]:
    """The same connection as the services', in kafka-python's words."""
    options: dict[str, Any] = {"bootstrap_servers": kafka.bootstrap.split(","), "security_protocol": kafka.security_protocol}
    context = tls_context(kafka)
    if context:
        options["ssl_context"] = context
    if kafka.security_protocol.startswith("SASL"):
        options |= {
            "sasl_mechanism": kafka.security_mechanism,
            "sasl_plain_username": kafka.security_username,
            "sasl_plain_password": kafka.security_password.get_secret_value(),
        }
    return options


def create_topics(kafka: KafkaSettings, names: Sequence[str], partitions: int, replication: int = 1) -> list[str]:
    """Makes the topics that are not there; returns their names."""
    admin = KafkaAdminClient(**connection(kafka))
    try:
        missing = [name for name in names if name not in set(admin.list_topics())]
        if missing:
            admin.create_topics({name: {"num_partitions": partitions, "replication_factor": replication} for name in missing})
        return missing
    finally:
        admin.close()


@dataclass(frozen=True)
class Lag:
    """How far a consumer group is behind on one topic, in records."""

    group: str
    topic: str
    committed: int
    end: int

    @property
    def records(self) -> int:
        """What waits."""
        return max(self.end - self.committed, 0)


def lags(kafka: KafkaSettings) -> list[Lag]:
    """The lag of each of our groups by topic, as far as anything was committed."""
    from kafka.admin import OffsetSpec

    admin = KafkaAdminClient(**connection(kafka))
    try:
        groups = [f"parvis.{service}" for service in SERVICES]
        committed = admin.list_group_offsets(dict.fromkeys(groups))
        partitions = {p for offsets in committed.values() for p in offsets}
        ends = admin.list_partition_offsets(dict.fromkeys(partitions, OffsetSpec.LATEST)) if partitions else {}
        found: dict[tuple[str, str], list[int]] = {}
        for group, offsets in committed.items():
            for partition, offset in offsets.items():
                total = found.setdefault((group, partition.topic), [0, 0])
                total[0] += max(offset.offset, 0)
                total[1] += ends[partition].offset
        return [Lag(group, topic, done, end) for (group, topic), (done, end) in sorted(found.items())]
    finally:
        admin.close()


class Sender:
    """Sends records and waits until the broker has them all."""

    def __init__(self, kafka: KafkaSettings) -> None:
        self._producer = KafkaProducer(
            **connection(kafka), acks="all", max_request_size=MAX_RECORD_BYTES, enable_idempotence=not kafka.ephemeral
        )

    def send(self, outgoing: Iterable[Outgoing]) -> int:
        """Returns how many were sent; raises the broker's error for the first that was not."""
        futures = [
            self._producer.send(o.topic, key=o.key, value=o.value, headers=[(k, v.encode()) for k, v in o.headers.items()])
            for o in outgoing
        ]
        self._producer.flush()
        for future in futures:
            future.get(timeout=30)
        return len(futures)

    def send_raw(self, topic: str, key: bytes | None, value: bytes | None, headers: list[tuple[str, bytes | None]]) -> None:
        """Sends bytes as they are."""
        self._producer.send(topic, key=key, value=value, headers=headers).get(timeout=30)

    def close(self) -> None:
        """Lets go of the connection."""
        self._producer.close()
