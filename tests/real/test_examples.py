"""The examples for agencies, each run as its README says against a real Kafka: what they publish becomes a case, and the status is told."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from schemas import requests_status
from tests.harness.kafka_cluster import KafkaCluster, kafka_jars
from tests.harness.running_stack import Agency, Caseworker, Installation, add_agency, add_caseworker
from tests.harness.waiting import until

EXAMPLES = Path(__file__).parents[2] / "examples"
MESSAGE = 'The lamp in "Elm Street"\nis out'


@pytest.fixture(scope="module")
def cluster() -> Iterator[KafkaCluster]:
    """One of its own, since topics have fixed names."""
    with KafkaCluster() as cluster:
        yield cluster


@pytest.fixture(scope="module")
def parvis(cluster: KafkaCluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    installation = Installation(tmp_path_factory.mktemp("examples") / "data", cluster.environment)
    try:
        installation.start()
        yield installation
    finally:
        installation.end()


@pytest.fixture(scope="module")
def belrive(parvis: Installation) -> Agency:
    """Its records have to be signed."""
    return Agency(parvis, parvis.prints("agencies", "add", "belrive", "--signed"))


@pytest.fixture(scope="module")
def open_city(parvis: Installation) -> Agency:
    """It may publish without a signature."""
    return add_agency(parvis, "open-city")


@pytest.fixture(scope="module")
def anna(parvis: Installation) -> Caseworker:
    return add_caseworker(parvis)


def published_by(command: Sequence[str | Path], key: str = "") -> str:
    """The request that an example says it has published."""
    environment = os.environ | {"PARVIS_AGENCY_KEY": key}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, f"{command[0]}: {done.stdout[-1000:]}{done.stderr[-2000:]}"
    return done.stdout.strip()


def python(parvis: Installation, agency: Agency, slug: str) -> str:
    return published_by([sys.executable, EXAMPLES / "publish.py", parvis.bootstrap, slug, MESSAGE], agency.key)


def java(parvis: Installation, agency: Agency, slug: str) -> str:
    command: list[str | Path] = ["java", "-cp", f"{kafka_jars()}/*", EXAMPLES / "Publish.java", parvis.bootstrap, slug, MESSAGE]
    return published_by(command, agency.key)


def kcat(parvis: Installation, slug: str) -> str:
    return published_by(["sh", EXAMPLES / "publish.sh", parvis.bootstrap, slug])


def statuses(parvis: Installation, request_id: str) -> list[dict[str, str]]:
    """What the topic of statuses says of it."""
    records = (record.partition(b"\n") for record in parvis.records(requests_status.TOPIC))
    return [json.loads(rest.rpartition(b"\n")[2]) for key, _, rest in records if key == request_id.encode()]


def hears(parvis: Installation, request_id: str) -> dict[str, str]:
    """The newest status of it that stands in Kafka, waited for."""
    return max(until(lambda: statuses(parvis, request_id), f"Kafka tells of {request_id}"), key=lambda status: status["at"])


@pytest.mark.parametrize("client", [python, java])
def test_a_signed_record_becomes_a_case_and_its_agency_hears_of_it_on_kafka(
    client: Callable[[Installation, Agency, str], str], parvis: Installation, belrive: Agency, anna: Caseworker
) -> None:
    request_id = client(parvis, belrive, "belrive")
    case = anna.sees(request_id, "needs_triage", "drafting", "awaiting_approval")
    assert (case["request"]["agency"], case["request"]["body"]) == ("belrive", MESSAGE)
    status = hears(parvis, request_id)
    assert (status["agency"], status["state"] in ("drafting", "needs_triage")) == ("belrive", True)
    assert "refusal" not in status
    assert belrive.asks(request_id)["trace_id"] == status["trace_id"] == case["trace_id"]


def test_kcat_publishes_for_an_agency_that_does_not_sign(parvis: Installation, open_city: Agency, anna: Caseworker) -> None:
    request_id = kcat(parvis, "open-city")
    assert anna.sees(request_id, "needs_triage", "drafting", "awaiting_approval")["request"]["agency"] == "open-city"
    assert hears(parvis, request_id)["state"] in ("drafting", "needs_triage")
    assert open_city.asks(request_id)["refusals"] == []


def test_for_an_agency_that_signs_it_is_refused_and_the_agency_hears_why(parvis: Installation, belrive: Agency, anna: Caseworker) -> None:
    request_id = kcat(parvis, "belrive")
    told = until(lambda: [status for status in statuses(parvis, request_id) if "refusal" in status], "the refusal is told")
    assert (told[0]["agency"], told[0]["refusal"]) == ("belrive", "signature")
    assert "this agency's records are signed" in told[0]["detail"]
    answer = parvis.http.get(f"{parvis.intake_url}/v1/refusals", headers={"Authorization": f"Bearer {belrive.key}"})
    assert [(shown["request_id"], shown["key"], shown["kind"]) for shown in answer.json()["items"]] == [
        (request_id, request_id, "signature")
    ]
    assert anna.case(request_id) is None or anna.sees(request_id, "received", "needs_triage", "drafting")["request"] is None


@pytest.mark.usefixtures("belrive")
def test_an_agency_that_publishes_in_the_name_of_another_is_refused_and_the_other_has_no_case_of_it(
    parvis: Installation, open_city: Agency, anna: Caseworker
) -> None:
    request_id = python(parvis, open_city, "belrive")  # signed with its own key
    told = until(lambda: [status for status in statuses(parvis, request_id) if "refusal" in status], "the refusal is told")
    assert (told[0]["agency"], told[0]["refusal"]) == ("open-city", "signature")
    assert open_city.asks(request_id)["state"] == "refused"
    case = anna.case(request_id)
    assert case is None or case["request"] is None
