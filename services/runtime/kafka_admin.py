"""Administers Kafka from the command line by kafka-python: topics, permissions, the lag of each group, sending."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

from kafka import KafkaAdminClient, KafkaProducer
from kafka.errors import KafkaError

from services.runtime.errors import Conflict, Unavailable
from services.runtime.kafka_connection import connection
from services.runtime.kafka_records import MAX_RECORD_BYTES, Outgoing
from services.runtime.settings import KafkaSettings
from services.runtime.topic_diff import Change, TopicState


def create_topics(kafka: KafkaSettings, names: Sequence[str], partitions: int, replication: int = 1) -> list[str]:
    """Creates the missing topics; returns their names."""
    admin = KafkaAdminClient(**connection(kafka))
    try:
        missing = [name for name in names if name not in set(admin.list_topics())]
        if missing:
            admin.create_topics({name: {"num_partitions": partitions, "replication_factor": replication} for name in missing})
        return missing
    finally:
        admin.close()


@contextmanager
def administration(kafka: KafkaSettings) -> Iterator[KafkaAdminClient]:
    """An admin client, closed after the block. Raises Unavailable where the broker does not answer, Conflict where it refuses."""
    try:
        admin = KafkaAdminClient(**connection(kafka), bootstrap_timeout_ms=5_000)
    except KafkaError as error:
        raise Unavailable(f"Kafka at {kafka.bootstrap} does not answer: {error or type(error).__name__}") from None
    try:
        yield admin
    except KafkaError as error:
        raise Conflict(f"Kafka refused: {error or type(error).__name__}") from None
    finally:
        admin.close()


def brokers(kafka: KafkaSettings) -> int:
    """How many brokers the cluster has now."""
    with administration(kafka) as admin:
        return len(admin.describe_cluster()["brokers"])


def topics(kafka: KafkaSettings, names: Sequence[str]) -> dict[str, TopicState]:
    """The topics of these names that the broker has, with the settings that differ from its own defaults."""
    from kafka.admin import ConfigResource, ConfigResourceType

    with administration(kafka) as admin:
        there = sorted(set(names) & set(admin.list_topics()))
        if not there:
            return {}
        described = admin.describe_topics(there)
        configs = admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, name) for name in there])["topic"]
    return {
        topic["name"]: TopicState(
            topic["name"],
            partitions=len(topic["partitions"]),
            replication=min(len(partition["replica_nodes"]) for partition in topic["partitions"]),
            configs={name: str(config["value"]) for name, config in configs[topic["name"]].items()},
        )
        for topic in described
    }


def apply(kafka: KafkaSettings, changes: Sequence[Change], wanted: Sequence[TopicState]) -> None:
    """Carries out the changes of a plan but for those that `cannot` be done. Raises Conflict where the broker refuses."""
    from kafka.admin import ConfigResource, ConfigResourceType

    wanted_by_name = {topic.name: topic for topic in wanted}
    with administration(kafka) as admin:
        new = [wanted_by_name[change.topic] for change in changes if change.kind == "create"]
        if new:
            admin.create_topics(
                {t.name: {"num_partitions": t.partitions, "replication_factor": t.replication, "configs": dict(t.configs)} for t in new}
            )
        more = {change.topic: wanted_by_name[change.topic].partitions for change in changes if change.kind == "add partitions"}
        if more:
            admin.create_partitions(more)
        configured = [wanted_by_name[change.topic] for change in changes if change.kind == "configure"]
        if configured:
            resources = [ConfigResource(ConfigResourceType.TOPIC, t.name, configs=dict(t.configs)) for t in configured]
            refused = {name: answer for name, answer in admin.alter_configs(resources)["topic"].items() if answer != "OK"}
            if refused:
                raise Conflict("Kafka refused: " + "; ".join(f"{name}: {answer}" for name, answer in refused.items()))


@dataclass(frozen=True, order=True)
class Grant:
    """One permission of one principal, as an ACL says it: on exactly that name, from any host."""

    principal: str
    kind: Literal["topic", "group"]
    name: str
    operation: str


def grants(kafka: KafkaSettings, principals: Sequence[str]) -> set[Grant]:
    """What the broker allows those principals by name. Raises Conflict where it has no authorizer."""
    from kafka.admin import ACLFilter, ACLOperation, ACLPermissionType, ACLResourcePatternType, ResourcePatternFilter, ResourceType

    granted: set[Grant] = set()
    with administration(kafka) as admin:
        for principal in principals:
            anything = ResourcePatternFilter(ResourceType.ANY, None, ACLResourcePatternType.ANY)
            acls, _ = admin.describe_acls(ACLFilter(principal, None, ACLOperation.ANY, ACLPermissionType.ALLOW, anything))
            for acl in acls:
                pattern = acl.resource_pattern
                prefix = "" if pattern.pattern_type == ACLResourcePatternType.LITERAL else f"{pattern.pattern_type.name.lower()}:"
                granted.add(
                    Grant(principal, pattern.resource_type.name.lower(), prefix + pattern.resource_name, acl.operation.name.lower())
                )
    return granted


def grant(kafka: KafkaSettings, new: Sequence[Grant]) -> None:
    """Adds permissions. Raises Conflict where the broker refuses one of them."""
    from kafka.admin import ACL, ACLOperation, ACLPermissionType, ResourcePattern, ResourceType

    acls = [
        ACL(
            new_grant.principal,
            "*",
            ACLOperation[new_grant.operation.upper()],
            ACLPermissionType.ALLOW,
            ResourcePattern(ResourceType[new_grant.kind.upper()], new_grant.name),
        )
        for new_grant in new
    ]
    with administration(kafka) as admin:
        failed = admin.create_acls(acls)["failed"] if acls else []
    if failed:
        raise Conflict("Kafka refused: " + ", ".join(sorted({error.__name__ for error in failed})))


class Sender:
    """Sends records and waits until the broker has them all."""

    def __init__(self, kafka: KafkaSettings, seconds: float = 30.0) -> None:
        self._seconds = seconds
        self._producer = KafkaProducer(
            **connection(kafka),
            acks="all",
            max_request_size=MAX_RECORD_BYTES,
            enable_idempotence=not kafka.ephemeral,
            max_block_ms=int(seconds * 2_000),
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
        """Sends bytes as they are; of nothing at all, and of a header without a value, this client can only make empty ones."""
        encoded = [(name, content or b"") for name, content in headers]
        if key is None and value is None:
            value = b""
        self._producer.send(topic, key=key, value=value, headers=encoded).get(timeout=self._seconds)

    def close(self) -> None:
        """Lets go of the connection."""
        self._producer.close()
