"""The catalogue of every topic: its model, how long it is kept, and who may write and read it. For the command line and the export only."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from pydantic import BaseModel

from schemas import (
    acknowledgements_decided,
    acknowledgements_dispatched,
    dead_letters,
    drafting_switched,
    drafts_proposed,
    drafts_requested,
    matters_emerging,
    replies_decided,
    replies_dispatched,
    replies_rated,
    requests_received,
    requests_status,
    requests_triaged,
    triage_corrected,
)

CONSUMERS = ("intake", "triage", "drafting", "review", "dispatch")

MIB = 1024 * 1024
DAY_MS = 24 * 60 * 60 * 1000


class RetentionClass(StrEnum):
    """How long a topic's records stay: each has its setting."""

    PERSONAL = "personal"  # identities: no longer than a long outage may last
    WORK = "work"  # nobody's name in it: long enough to look into what happened
    LEARNING = "learning"  # what people corrected, for the next training
    STATE = "state"  # what holds until something else does: the last record of each key stays


@dataclass(frozen=True)
class Topic:
    """A topic as the broker must have it. `writers` and `readers` are services; `followers` read all of it, each process for itself.

    `agencies` says what their own clients do with it: the broker's operator gives them that right.
    """

    name: str
    model: type[BaseModel]
    writers: tuple[str, ...]
    readers: tuple[str, ...]
    retention: RetentionClass = RetentionClass.WORK
    max_bytes: int = MIB
    followers: tuple[str, ...] = ()
    agencies: Literal["write", "read"] | None = None

    @property
    def personal(self) -> bool:
        """Whether it holds identities."""
        return self.retention is RetentionClass.PERSONAL

    def configs(self, days: Mapping[RetentionClass, float], replication: int) -> dict[str, str]:
        """The broker's settings of this topic, in the broker's words."""
        state = self.retention is RetentionClass.STATE
        retention_ms = DAY_MS if state else round(days[self.retention] * DAY_MS)
        return {
            # Where the key is a request it is never compacted: that would keep each key's last record for ever.
            "cleanup.policy": "compact" if state else "delete",
            "retention.ms": "-1" if state else str(retention_ms),
            # A record goes with the whole of its segment, so it can outlive its retention by this long.
            "segment.ms": str(min(DAY_MS, max(retention_ms // 4, 60_000))),
            "max.message.bytes": str(self.max_bytes),
            # With three copies two must have a record before it counts; one broker may then be lost without a pause.
            "min.insync.replicas": "2" if replication > 2 else "1",  # noqa: PLR2004
            # The time of a record is the broker's: a wrong clock of an agency would keep it for years, or for no time.
            "message.timestamp.type": "LogAppendTime",
        }


TOPICS = (
    Topic(
        requests_received.TOPIC,
        requests_received.RequestReceived,
        ("intake", "review"),
        ("triage", "review"),
        RetentionClass.PERSONAL,
        agencies="write",
    ),
    Topic(requests_triaged.TOPIC, requests_triaged.RequestTriaged, ("triage",), ("intake", "drafting", "review")),
    Topic(drafts_requested.TOPIC, drafts_requested.DraftRequested, ("review",), ("drafting",)),
    Topic(drafts_proposed.TOPIC, drafts_proposed.DraftProposed, ("drafting",), ("review",), followers=("drafting",)),
    Topic(drafting_switched.TOPIC, drafting_switched.DraftingSwitched, ("review",), (), RetentionClass.STATE, followers=("drafting",)),
    Topic(triage_corrected.TOPIC, triage_corrected.TriageCorrected, ("review",), (), RetentionClass.LEARNING),
    Topic(replies_decided.TOPIC, replies_decided.ReplyDecided, ("review",), ("intake", "dispatch"), RetentionClass.PERSONAL),
    # Intake says of a reply that it came back, which is told by mail.
    Topic(replies_dispatched.TOPIC, replies_dispatched.ReplyDispatched, ("dispatch", "intake", "review"), ("dispatch", "intake", "review")),
    Topic(
        acknowledgements_decided.TOPIC, acknowledgements_decided.AcknowledgementDecided, ("review",), ("dispatch",), RetentionClass.PERSONAL
    ),
    Topic(acknowledgements_dispatched.TOPIC, acknowledgements_dispatched.AcknowledgementDispatched, ("dispatch",), ("review",)),
    Topic(replies_rated.TOPIC, replies_rated.ReplyRated, ("intake",), ("review",)),
    # For the agency's own systems; nothing of Parvis reads it.
    Topic(matters_emerging.TOPIC, matters_emerging.MatterEmerged, ("review",), ()),
    Topic(requests_status.TOPIC, requests_status.RequestStatusChanged, ("intake",), (), agencies="read"),
    # A dead letter is base64 of a record that may have had 1 MiB itself.
    Topic(dead_letters.TOPIC, dead_letters.DeadLetter, CONSUMERS, ("intake", "review"), RetentionClass.PERSONAL, 4 * MIB),
)


@dataclass(frozen=True, order=True)
class Permission:
    """What one service may do with one topic, or with its own consumer group, and no more than that."""

    service: str
    kind: Literal["topic", "group"]
    name: str
    operation: Literal["read", "write", "describe"]


def permissions() -> Iterator[Permission]:
    """All of them. To read or write implies to describe; the idempotent producer needs nothing further since Kafka 3.0.

    Nobody may write for the sake of replaying dead letters: an administrator does that, from the command line.
    """
    for service in CONSUMERS:
        yield Permission(service, "group", f"parvis.{service}", "read")
    for topic in TOPICS:
        for service in topic.writers:
            yield Permission(service, "topic", topic.name, "write")
        for service in sorted({*topic.readers, *topic.followers}):
            yield Permission(service, "topic", topic.name, "read")
    # The operations page tells how far each service is behind, and which partitions have no leader.
    for service in CONSUMERS:
        if service != "review":
            yield Permission("review", "group", f"parvis.{service}", "describe")
    for topic in TOPICS:
        if "review" not in (*topic.writers, *topic.readers, *topic.followers):
            yield Permission("review", "topic", topic.name, "describe")
