"""A database is restored from a backup that is older than what Kafka has: nothing is lost, and nobody gets a letter twice."""

import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.builders import a_citizen, a_request
from tests.harness.fleet import Fleet
from tests.harness.kafka_cluster import KafkaCluster
from tests.harness.mail_server import MailServer
from tests.harness.running_stack import Agency, Caseworker, add_agency, add_caseworker
from tests.journeys.conftest import settings

__all__ = ["settings"]  # a fixture, with `environment` as it is below

pytestmark = [pytest.mark.journey, pytest.mark.kafka, pytest.mark.timeout(3600)]


@pytest.fixture(scope="session")
def environment() -> dict[str, str]:
    """The journey brings its own broker."""
    return {}


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    with MailServer() as server:
        yield server


@pytest.fixture
def broker() -> Iterator[dict[str, str]]:
    """A broker that goes on while services are stopped."""
    with KafkaCluster() as own:
        yield dict(own.environment)


@pytest.fixture
def fleet(tmp_path: Path, settings: Mapping[str, str], broker: Mapping[str, str], mail_server: MailServer) -> Iterator[Fleet]:
    own = {"PARVIS_SMTP_URL": mail_server.url, "PARVIS_UNDO_SECONDS": "0"}
    services = Fleet(tmp_path / "data", {**settings, **broker, **own})
    try:
        services.prints("topics", "apply")
        services.start()
        yield services
    finally:
        services.end()


def writes(city: Agency, name: str) -> dict[str, Any]:
    request = a_request(citizen=a_citizen(name))
    assert city.sends(request).status_code == 202
    return request


def is_answered(anna: Caseworker, request: Mapping[str, Any]) -> None:
    assert anna.approves(anna.brings_to_approval(request["request_id"])).status_code == 200
    anna.sees(request["request_id"], "sent")


def test_a_database_older_than_kafka_loses_no_letter_and_sends_no_answer_twice(
    fleet: Fleet, mail_server: MailServer, tmp_path: Path
) -> None:
    city, anna = add_agency(fleet), add_caseworker(fleet)
    before, waiting = writes(city, "Bea Fore"), writes(city, "Wade Ting")
    is_answered(anna, before)
    anna.brings_to_approval(waiting["request_id"])
    fleet.data_dir.chmod(0o700)
    backup, since = tmp_path / "backup.db", datetime.now(UTC) - timedelta(seconds=1)
    with closing(sqlite3.connect(fleet.data_dir / "parvis.db")) as source, closing(sqlite3.connect(backup)) as target:
        source.backup(target)
    is_answered(anna, waiting)
    later, last = writes(city, "Layla Ter"), writes(city, "Lars Tone")
    is_answered(anna, later)
    anna.brings_to_approval(last["request_id"])
    fleet.stop()

    for path in fleet.data_dir.glob("parvis.db*"):
        path.unlink()
    shutil.copy(backup, fleet.data_dir / "parvis.db")
    printed = fleet.prints("recover", "--since", since.isoformat())
    fleet.start()

    assert "2 decisions put back" in printed
    for request in (before, waiting, later):
        anna.sees(request["request_id"], "sent")
    case = anna.sees(last["request_id"], "awaiting_approval", "needs_triage")
    assert case["request"]["citizen"]["name"] == "Lars Tone"
    is_answered(anna, last)
    sent = {name: len(mail_server.to(request["citizen"]["email"])) for name, request in
            (("before", before), ("waiting", waiting), ("later", later), ("last", last))}  # fmt: skip
    assert sent == {"before": 1, "waiting": 1, "later": 1, "last": 1}
    assert city.sees(later["request_id"], "sent")["reply"]
    assert fleet.run("recover", "--since", since.isoformat()).returncode == 1, "while services run nothing is set back"
