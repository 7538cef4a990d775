"""The catalogue of topics: it says what the services do, and what the broker is asked for."""

import re
from importlib import import_module
from pathlib import Path

import pytest
from faststream.kafka import KafkaRouter
from faststream.kafka.subscriber.usecase import LogicSubscriber

from schemas.topics import CONSUMERS, DAY_MS, TOPICS, RetentionClass, Topic, permissions
from services.runtime.kafka_records import MAX_RECORD_BYTES
from services.runtime.settings import SERVICES
from services.runtime.topic_diff import TopicState, copies, plan

DAYS = {RetentionClass.PERSONAL: 7.0, RetentionClass.WORK: 30.0, RetentionClass.LEARNING: 365.0}
KEPT_FOR_EVER = {RetentionClass.STATE}


def named(name: str) -> Topic:
    return next(topic for topic in TOPICS if topic.name == f"parvis.{name}.v1")


def subscribed(service: str) -> set[str]:
    """What a service's router reads."""
    handlers = import_module(f"services.{service}.handlers")
    route: KafkaRouter = handlers.route if hasattr(handlers, "route") else handlers.routes(1)
    return {topic for subscriber in route.subscribers if isinstance(subscriber, LogicSubscriber) for topic in subscriber.topic_names}


def test_the_services_are_those_of_the_settings() -> None:
    assert CONSUMERS == SERVICES


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_reads_what_the_catalogue_says(service: str) -> None:
    assert subscribed(service) == {topic.name for topic in TOPICS if service in topic.readers}


def test_drafting_may_touch_no_topic_that_holds_identities_but_to_write_dead_letters() -> None:
    personal = {topic.name for topic in TOPICS if topic.personal}
    assert {(p.name, p.operation) for p in permissions() if p.service == "drafting" and p.name in personal} == {
        ("parvis.dead-letters.v1", "write")
    }


def test_review_may_write_what_it_says_itself_and_nothing_for_the_sake_of_replays() -> None:
    assert {p.name.removeprefix("parvis.") for p in permissions() if p.service == "review" and p.operation == "write"} == {
        "requests.received.v1",
        "drafts.requested.v1",
        "triage.corrected.v1",
        "drafting.switched.v1",
        "replies.decided.v1",
        "replies.dispatched.v1",
        "acknowledgements.decided.v1",
        "matters.emerging.v1",
        "dead-letters.v1",
    }


def test_a_letter_with_an_identity_is_kept_for_days_and_a_correction_for_a_year() -> None:
    assert named("requests.received").configs(DAYS, 1)["retention.ms"] == str(7 * DAY_MS)
    assert named("triage.corrected").configs(DAYS, 1)["retention.ms"] == str(365 * DAY_MS)


def test_a_record_outlives_its_retention_by_a_day_at_most() -> None:
    for topic in TOPICS:
        assert int(topic.configs(DAYS, 1)["segment.ms"]) <= DAY_MS


def test_nothing_of_a_request_is_compacted_since_that_would_keep_it_for_ever() -> None:
    compacted = {topic.name for topic in TOPICS if topic.configs(DAYS, 3)["cleanup.policy"] != "delete"}
    assert compacted == {"parvis.drafting.switched.v1"}
    assert named("drafting.switched").configs(DAYS, 3)["retention.ms"] == "-1"


def test_with_three_copies_two_have_to_be_written() -> None:
    assert [named("requests.received").configs(DAYS, n)["min.insync.replicas"] for n in (1, 2, 3)] == ["1", "1", "2"]


def test_a_dead_letter_may_be_as_big_as_a_producer_may_send() -> None:
    assert named("dead-letters").max_bytes == MAX_RECORD_BYTES


def test_there_are_as_many_copies_as_brokers_up_to_three_unless_somebody_says_otherwise() -> None:
    assert [copies(brokers, 0) for brokers in (1, 2, 3, 7)] == [1, 2, 3, 3]
    assert copies(3, 1) == 1


WANTED = TopicState("lamps", 4, 1, {"retention.ms": "5"})


def test_a_topic_that_is_not_there_is_made() -> None:
    (change,) = plan([WANTED], {})
    assert (change.kind, change.lines) == ("create", ("4 partitions, 1 copies", "retention.ms=5"))


def test_what_is_as_it_should_be_needs_nothing() -> None:
    assert plan([WANTED], {"lamps": TopicState("lamps", 4, 1, {"retention.ms": "5", "flush.ms": "1"})}) == []


def test_everything_that_differs_is_a_change_of_its_own() -> None:
    kinds = [change.kind for change in plan([WANTED], {"lamps": TopicState("lamps", 2, 3, {})})]
    assert kinds == ["configure", "add partitions", "cannot"]


def test_the_operators_read_what_the_catalogue_says() -> None:
    text = (Path(__file__).parents[2] / "docs" / "operations.md").read_text(encoding="utf-8")
    rows = {
        name: cells
        for name, *cells in re.findall(
            r"^\| `(parvis\.[\w.-]+)` \| (\d+ days|the last of each) \| .*? \| (.*?) \| (.*?) \|$", text, re.MULTILINE
        )
    }
    for topic in TOPICS:
        days, writers, readers = rows[topic.name]
        assert days == ("the last of each" if topic.retention in KEPT_FOR_EVER else f"{DAYS[topic.retention]:.0f} days")
        may = {way: {p.service for p in permissions() if p.name == topic.name and p.operation == way} for way in ("read", "write")}
        assert (set(CONSUMERS) if writers == "all" else set(writers.split(", "))) == may["write"]
        assert (set() if readers in ("nobody yet", "agencies") else set(readers.split(", "))) == may["read"]
