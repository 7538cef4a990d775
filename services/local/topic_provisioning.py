"""Lists the topics that a broker should have under the settings of this installation, and creates what it lacks."""

from schemas.topics import TOPICS, RetentionClass
from services.runtime import kafka_admin, topic_diff
from services.runtime.settings import KafkaSettings
from services.runtime.topic_diff import TopicState

EMBEDDED_PARTITIONS = 4


def retention_days(kafka: KafkaSettings) -> dict[RetentionClass, float]:
    """How many days each kind of topic is kept; what holds a state has no such number."""
    return {
        RetentionClass.PERSONAL: kafka.retention_personal_days,
        RetentionClass.WORK: kafka.retention_days,
        RetentionClass.LEARNING: kafka.retention_learning_days,
    }


def wanted(kafka: KafkaSettings, partitions: int, copies: int) -> list[TopicState]:
    """Every topic with its partitions, copies and how long it is kept."""
    days = retention_days(kafka)
    return [TopicState(topic.name, partitions, copies, topic.configs(days, copies)) for topic in TOPICS]


def make_so(kafka: KafkaSettings) -> None:
    """Creates missing topics and settings. The embedded broker keeps nothing and takes no settings: it is given the names."""
    if kafka.ephemeral:
        kafka_admin.create_topics(kafka, [topic.name for topic in TOPICS], EMBEDDED_PARTITIONS)
        return
    topics = wanted(kafka, kafka.partitions, topic_diff.copies(kafka_admin.brokers(kafka), kafka.replication))
    kafka_admin.apply(kafka, topic_diff.plan(topics, kafka_admin.topics(kafka, [topic.name for topic in topics])), topics)
