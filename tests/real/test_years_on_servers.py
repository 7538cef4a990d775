"""What must hold for years, on a real Apache Kafka and a real PostgreSQL: an erasure, and how long records are kept."""

from collections.abc import Iterator, Mapping

import pytest
from kafka import KafkaConsumer, TopicPartition

from schemas.topics import TOPICS
from tests.harness.kafka_cluster import KafkaCluster
from tests.harness.postgres import Postgres
from tests.harness.running_stack import Installation, publish
from tests.harness.waiting import until
from tests.journeys.conftest import settings
from tests.journeys.test_erasure import (
    erasing,
    test_nothing_of_a_citizen_is_left_of_all_that_was_done_and_the_log_still_holds,
)

__all__ = [
    "erasing",
    "settings",
    "test_nothing_of_a_citizen_is_left_of_all_that_was_done_and_the_log_still_holds",
]

pytestmark = [pytest.mark.journey, pytest.mark.kafka, pytest.mark.timeout(3600)]


@pytest.fixture(scope="session")
def environment() -> dict[str, str]:
    """Each journey here brings its own servers."""
    return {}


@pytest.fixture
def alone(settings: Mapping[str, str], postgres: Postgres) -> Iterator[dict[str, str]]:
    with KafkaCluster() as own, postgres.database() as name:
        yield {**settings, **own.environment, "PARVIS_DATABASE_URL": postgres.url(name)}


def test_no_record_with_an_identity_outlives_what_topics_apply_has_set(tmp_path_factory: pytest.TempPathFactory) -> None:
    personal = [topic.name for topic in TOPICS if topic.personal]
    with KafkaCluster(settings={"log.retention.check.interval.ms": "500"}) as own:
        kept_for_days = str(2 / (24 * 3600))
        at = Installation(
            tmp_path_factory.mktemp("retention") / "data", {**own.environment, "PARVIS_KAFKA_RETENTION_PERSONAL_DAYS": kept_for_days}
        )
        at.prints("topics", "apply")
        for topic in personal:
            publish(own.bootstrap, topic, [b"Quirina Zabelcanary"])

        consumer = KafkaConsumer(bootstrap_servers=own.bootstrap)
        try:
            partitions = [TopicPartition(topic, n) for topic in personal for n in consumer.partitions_for_topic(topic) or ()]
            assert sum(consumer.end_offsets(partitions).values()) == len(personal)
            until(lambda: consumer.beginning_offsets(partitions) == consumer.end_offsets(partitions), "every record is gone", seconds=120)
        finally:
            consumer.close()
