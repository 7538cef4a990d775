"""Whatever breaks, `parvis status` and `parvis doctor` name it while it is broken, and no longer once it is mended."""

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.builders import a_citizen, a_request
from tests.harness.mail_server import MailServer
from tests.harness.model_endpoint import ModelEndpoint
from tests.harness.ports import free_port
from tests.harness.running_stack import Agency, Caseworker, Installation, add_agency, add_caseworker
from tests.harness.waiting import until
from tests.journeys.conftest import Begin

pytestmark = pytest.mark.journey


@pytest.fixture(scope="module")
def model() -> Iterator[ModelEndpoint]:
    with ModelEndpoint() as endpoint:
        yield endpoint


@pytest.fixture(scope="module")
def office() -> Iterator[MailServer]:
    with MailServer() as server:
        yield server


@pytest.fixture(scope="module")
def parvis(begin_for_all: Begin, model: ModelEndpoint, office: MailServer) -> Installation:
    return begin_for_all(
        PARVIS_LLM_BASE_URL=model.url, PARVIS_LLM_TIMEOUT_SECONDS="2", PARVIS_SMTP_URL=office.url, PARVIS_UNDO_SECONDS="0"
    )  # fmt: skip


@pytest.fixture(scope="module")
def town(parvis: Installation) -> Agency:
    return add_agency(parvis)


@pytest.fixture(scope="module")
def mona(parvis: Installation) -> Caseworker:
    return add_caseworker(parvis)


def findings(parvis: Installation) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = json.loads(parvis.run("status", "--json").stdout)["findings"]
    return listed


def says(parvis: Installation, severity: str, *words: str) -> None:
    """Waits until a finding has all of these words."""

    def said() -> bool:
        lines = [json.dumps(finding) for finding in findings(parvis) if finding["severity"] == severity]
        return any(all(word in line for word in words) for line in lines)

    until(said, f"`parvis status` says {severity}: {words}")


def faults(parvis: Installation) -> dict[str, str]:
    """What `parvis doctor` complains of."""
    return {line["check"]: line["detail"] for line in json.loads(parvis.run("doctor", "--json").stdout) if line["state"] == "fault"}


def decides(town: Agency, mona: Caseworker) -> str:
    """A reply is approved; the request's id."""
    request = a_request(citizen=a_citizen("Mira Holm"))
    assert town.sends(request).status_code == 202
    assert mona.approves(mona.brings_to_approval(request["request_id"])).status_code == 200
    return str(request["request_id"])


def test_where_all_is_well_nothing_is_said(parvis: Installation) -> None:
    until(lambda: findings(parvis) == [], "nothing is wrong")
    assert parvis.run("status").returncode == 0
    assert faults(parvis) == {}


@pytest.mark.parametrize("mood", ["refuses", "hangs"])
def test_a_model_that_is_away_is_a_warning(
    parvis: Installation,
    model: ModelEndpoint,
    town: Agency,
    mona: Caseworker,
    mood: Any,
) -> None:
    model.mood = mood
    request = a_request()
    town.sends(request)
    mona.brings_to_approval(request["request_id"])
    says(parvis, "warning", "drafting", "the model's endpoint")
    assert parvis.run("status").returncode == 0  # replies go on by templates
    assert "model" in faults(parvis)


def test_a_mail_server_that_drops_connections_is_named_with_who_waits(
    parvis: Installation, office: MailServer, town: Agency, mona: Caseworker
) -> None:
    office.says("RCPT", *["drop"] * 40)
    request_id = decides(town, mona)
    says(parvis, "critical", ": the connection to the server broke off", "citizens whose approved reply has not left")
    shown = parvis.run("status")
    assert shown.returncode == 1
    assert request_id in shown.stdout
    assert not parvis.is_ready("dispatch")
    office.answers.clear()
    mona.sees(request_id, "sent")
    until(lambda: parvis.is_ready("dispatch"), "dispatch is ready again")


def test_a_mail_server_that_asks_for_patience_is_a_warning(
    parvis: Installation, office: MailServer, town: Agency, mona: Caseworker
) -> None:
    office.says("RCPT", *["451 4.7.1 greylisted, Mira Holm"] * 40)
    request_id = decides(town, mona)
    says(parvis, "warning", "the server asks to try again later")
    assert "Mira" not in parvis.run("status").stdout
    office.answers.clear()
    mona.sees(request_id, "sent")


def test_a_webhook_that_is_down_is_named(parvis: Installation, town: Agency, mona: Caseworker) -> None:
    parvis.prints("agencies", "webhook", "belrive", f"http://127.0.0.1:{free_port()}/parvis", "--loopback")
    decides(town, mona)
    says(parvis, "critical", "webhook", "agencies that have not been told")
    assert "webhooks" in faults(parvis)


@pytest.mark.parametrize("service", ["triage", "intake"])
def test_a_service_that_is_frozen_is_named(parvis: Installation, service: str) -> None:
    pid = until(lambda: parvis.pid_of(service), f"{service} runs")
    os.kill(pid, signal.SIGSTOP)
    try:
        says(parvis, "critical", f"{service} does not answer")
        assert service in faults(parvis)["services"]
    finally:
        os.kill(pid, signal.SIGCONT)


def test_a_broker_that_is_frozen_is_named(parvis: Installation) -> None:
    pid = int((Path(parvis.data_dir) / "broker.pid").read_text())
    os.kill(pid, signal.SIGSTOP)
    try:
        says(parvis, "critical", "Kafka", "does not answer")
        assert "kafka" in faults(parvis)
    finally:
        os.kill(pid, signal.SIGCONT)
