"""`parvis topics apply` on a real Kafka: it shows, it does, and the second time there is nothing to do."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from kafka.admin import ConfigResource, ConfigResourceType

from schemas.topics import TOPICS
from tests.harness.embedded_broker import embedded
from tests.harness.kafka_cluster import KafkaCluster

PARVIS = str(Path(sys.executable).with_name("parvis"))
RECEIVED = "parvis.requests.received.v1"
TRIAGED = "parvis.requests.triaged.v1"


@pytest.fixture(scope="module")
def cluster() -> Iterator[KafkaCluster]:
    """Of its own, since topics are what these tests change."""
    with KafkaCluster() as cluster:
        yield cluster


def apply(cluster: KafkaCluster, *options: str, **settings: str) -> str:
    """What the command prints; it has to work."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PARVIS_")} | cluster.environment | settings
    done = subprocess.run([PARVIS, "topics", "apply", *options], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def configs(cluster: KafkaCluster, topic: str) -> dict[str, str]:
    with contextlib.closing(cluster.admin()) as admin:
        configs = admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)])["topic"][topic]
    return {name: config["value"] for name, config in configs.items()}


def test_a_plan_is_shown_then_carried_out_once(cluster: KafkaCluster) -> None:
    assert f"create {RECEIVED}\n    12 partitions, 1 copies\n    cleanup.policy=delete\n    retention.ms=604800000" in apply(
        cluster, "--dry-run"
    )
    with contextlib.closing(cluster.admin()) as admin:
        assert not [name for name in admin.list_topics() if name.startswith("parvis.")]

    assert apply(cluster).endswith(f"{len(TOPICS)} changes made\n")
    assert apply(cluster) == "0 changes made\n"

    assert configs(cluster, RECEIVED)["retention.ms"] == str(7 * 24 * 3600 * 1000)
    assert configs(cluster, TRIAGED)["retention.ms"] == str(30 * 24 * 3600 * 1000)
    assert configs(cluster, "parvis.dead-letters.v1")["max.message.bytes"] == str(4 * 1024 * 1024)
    assert {configs(cluster, topic)["cleanup.policy"] for topic in (RECEIVED, TRIAGED)} == {"delete"}


def test_a_changed_setting_changes_only_what_it_concerns(cluster: KafkaCluster) -> None:
    apply(cluster)
    shown = apply(cluster, PARVIS_KAFKA_RETENTION_PERSONAL_DAYS="2")
    assert f"configure {RECEIVED}\n    retention.ms: 604800000 -> 172800000\n" in shown
    assert TRIAGED not in shown
    assert configs(cluster, RECEIVED)["retention.ms"] == "172800000"


def test_what_somebody_set_by_hand_is_put_back_and_what_we_do_not_speak_of_stays(cluster: KafkaCluster) -> None:
    apply(cluster)
    with contextlib.closing(cluster.admin()) as admin:
        admin.alter_configs(
            [ConfigResource(ConfigResourceType.TOPIC, TRIAGED, configs={"cleanup.policy": "compact", "flush.messages": "7"})]
        )
    assert f"configure {TRIAGED}\n    cleanup.policy: compact -> delete\n" in apply(cluster)
    assert configs(cluster, TRIAGED)["cleanup.policy"] == "delete"
    assert configs(cluster, TRIAGED)["flush.messages"] == "7"


def test_partitions_are_added_and_never_taken_away(cluster: KafkaCluster) -> None:
    apply(cluster)
    assert f"add partitions {TRIAGED}\n    12 -> 14\n" in apply(cluster, "--partitions", "14")
    output = apply(cluster, "--partitions", "13")
    assert f"cannot {TRIAGED}\n    14 partitions, 13 wanted" in output
    assert output.endswith(f"0 changes made; {len(TOPICS)} are yours to make, see above\n")


def test_copies_are_not_changed_but_told(cluster: KafkaCluster) -> None:
    apply(cluster)
    assert "1 copies, 2 wanted: move the partitions" in apply(cluster, "--dry-run", "--replication", "2")


def test_a_broker_that_is_not_there_is_told_in_a_sentence(cluster: KafkaCluster) -> None:
    environment = dict(os.environ) | cluster.environment | {"PARVIS_KAFKA_BOOTSTRAP": "127.0.0.1:1"}
    done = subprocess.run([PARVIS, "topics", "apply"], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "Kafka at 127.0.0.1:1 does not answer" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_embedded_broker_is_given_its_topics_and_no_settings() -> None:
    with embedded() as settings:
        environment = {k: v for k, v in os.environ.items() if not k.startswith("PARVIS_")}
        environment |= {"PARVIS_KAFKA_BOOTSTRAP": settings.bootstrap, "PARVIS_KAFKA_EPHEMERAL": "true"}
        command = [PARVIS, "topics", "apply"]
        outputs = [subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout for _ in range(2)]
    assert outputs[0].count("made parvis.") == len(TOPICS)
    assert outputs[1] == "nothing to do: the embedded broker has no settings of topics\n"
