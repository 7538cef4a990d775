"""Kafka away, PostgreSQL away: whoever writes meanwhile is told the truth, and what was taken arrives when they are back."""

import json
from collections.abc import Iterator

import pytest

from tests.builders import a_request
from tests.harness.kafka_cluster import KafkaCluster
from tests.harness.postgres import Postgres
from tests.harness.running_stack import Agency, Caseworker, Installation, add_agency, add_caseworker
from tests.harness.waiting import until

pytestmark = [pytest.mark.journey, pytest.mark.kafka, pytest.mark.postgres]


@pytest.fixture(scope="module")
def cluster() -> Iterator[KafkaCluster]:
    """Of its own, since it is taken away."""
    with KafkaCluster() as cluster:
        yield cluster


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    with Postgres() as server:
        yield server


@pytest.fixture(scope="module")
def parvis(cluster: KafkaCluster, server: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    settings = cluster.environment | {"PARVIS_DATABASE_URL": server.url(), "PARVIS_RECONCILE_SECONDS": "30", "OMP_NUM_THREADS": "1"}
    installation = Installation(tmp_path_factory.mktemp("outages") / "data", settings)
    try:
        installation.start()
        yield installation
    finally:
        installation.end()


@pytest.fixture(scope="module")
def city(parvis: Installation) -> Agency:
    return add_agency(parvis)


@pytest.fixture(scope="module")
def anna(parvis: Installation) -> Caseworker:
    return add_caseworker(parvis)


def assert_named(parvis: Installation, check: str, words: str) -> None:
    """`parvis status` says what is away and ends with 1, and `parvis doctor` finds it."""
    shown = parvis.run("status", "--json")
    findings = [finding["what"] for finding in json.loads(shown.stdout)["findings"] if finding["severity"] == "critical"]
    assert shown.returncode == 1
    assert any(what.startswith(words) for what in findings), findings
    assert check in {line["check"] for line in json.loads(parvis.run("doctor", "--json").stdout) if line["state"] == "fault"}


def test_while_kafka_is_away_intake_takes_requests_and_they_arrive_later(
    cluster: KafkaCluster, parvis: Installation, city: Agency, anna: Caseworker
) -> None:
    before = city.sends(a_request()).json()["request_id"]
    anna.brings_to_approval(before)
    cluster.kill(1)

    taken = city.sends(a_request(subject="Written while Kafka was away"))
    assert taken.status_code == 202
    assert anna.case(before), "pages go on"
    assert parvis.is_ready("intake")
    assert parvis.is_ready("review")
    for service in ("triage", "drafting", "dispatch"):
        until(lambda service=service: not parvis.is_ready(service), f"{service} says that it is not ready")  # type: ignore[misc]  # mypy infers no lambda with a default

    assert_named(parvis, "kafka", "Kafka: ")

    cluster.start_broker(1)
    anna.brings_to_approval(taken.json()["request_id"])
    assert len(anna.queue(q="Written while Kafka was away")) == 1


def test_while_postgresql_is_away_nobody_is_told_that_a_request_was_taken(
    server: Postgres, parvis: Installation, city: Agency, anna: Caseworker
) -> None:
    request = a_request(subject="Written while PostgreSQL was away")
    by_kafka = a_request(subject="Published while PostgreSQL was away")
    server.stop_at_once()

    refused = city.sends(request)
    assert refused.status_code == 503
    assert refused.headers["content-type"].startswith("application/problem+json")
    until(lambda: not parvis.is_ready("intake"), "intake says that it is not ready")
    parvis.publish(by_kafka)
    assert_named(parvis, "database", "the database does not answer")

    server.start()
    until(lambda: city.sends(request).status_code == 202, "the same request is taken once the database is back")
    for sent in (request, by_kafka):
        anna.brings_to_approval(sent["request_id"])
        assert len(anna.queue(q=f'"{sent["subject"]}"')) == 1
    assert parvis.prints("dead-letters", "list").endswith("0 dead letters")


def test_connections_that_are_cut_are_made_again(server: Postgres, city: Agency, anna: Caseworker) -> None:
    request = a_request(subject="Written while connections were cut")

    def taken() -> bool:
        server.cut_connections()
        return city.sends(request).status_code == 202

    until(taken, "the request is taken")
    server.cut_connections()
    anna.brings_to_approval(request["request_id"])
    assert len(anna.queue(q=request["subject"])) == 1
