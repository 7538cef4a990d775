"""Compares the broker's topics with those it should have, and lists the steps to make them so. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["create", "configure", "add partitions", "cannot"]


@dataclass(frozen=True)
class TopicState:
    """A topic's partitions, copies and settings, as wanted or as the broker has it. `configs` are those that somebody has set."""

    name: str
    partitions: int
    replication: int
    configs: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Change:
    """One step of a plan. What `cannot` be done by this program says why, and what a person could do."""

    kind: Kind
    topic: str
    lines: tuple[str, ...]


def copies(brokers: int, replication: int) -> int:
    """The replication factor: what is asked for, else as many as there are brokers, up to three."""
    return replication or min(brokers, 3)


def plan(wanted: Sequence[TopicState], there_now: Mapping[str, TopicState]) -> list[Change]:
    """The steps in the order of the catalogue. Nothing to do is an empty list."""
    changes: list[Change] = []
    for topic in wanted:
        there = there_now.get(topic.name)
        if there is None:
            configs = [f"{name}={value}" for name, value in topic.configs.items()]
            changes.append(Change("create", topic.name, (f"{topic.partitions} partitions, {topic.replication} copies", *configs)))
        else:
            changes += _differences(topic, there)
    return changes


def _differences(wanted: TopicState, there: TopicState) -> list[Change]:
    changes: list[Change] = []
    differ = {name: value for name, value in wanted.configs.items() if there.configs.get(name) != value}
    if differ:
        lines = tuple(f"{name}: {there.configs.get(name, 'the default of the broker')} -> {value}" for name, value in differ.items())
        changes.append(Change("configure", wanted.name, lines))
    if wanted.partitions > there.partitions:
        note = "a request's later events may stand in another partition than its earlier ones: every service takes them in any order"
        changes.append(Change("add partitions", wanted.name, (f"{there.partitions} -> {wanted.partitions}", note)))
    if wanted.partitions < there.partitions:
        advice = f"{there.partitions} partitions, {wanted.partitions} wanted: Kafka takes none away, so set PARVIS_KAFKA_PARTITIONS"
        changes.append(Change("cannot", wanted.name, (advice,)))
    if wanted.replication != there.replication:
        way = "move the partitions with kafka-reassign-partitions.sh, or set PARVIS_KAFKA_REPLICATION to what there is"
        changes.append(Change("cannot", wanted.name, (f"{there.replication} copies, {wanted.replication} wanted: {way}",)))
    return changes
