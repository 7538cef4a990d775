"""The disk of the data directory is full to the last byte: what is refused is told why, and what was accepted is there afterwards."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.builders import a_citizen, a_request
from tests.harness.mail_server import MailServer
from tests.harness.processes import CannotStart
from tests.harness.running_stack import SERVICES, Installation, add_agency, add_caseworker
from tests.harness.small_disk import SmallDisk
from tests.harness.waiting import until

pytestmark = pytest.mark.journey

ROOM_MEGABYTES = 120
MOST_SENT = 400


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    with contextlib.ExitStack() as stack:
        try:
            small = stack.enter_context(SmallDisk(tmp_path / "disk", ROOM_MEGABYTES))
        except CannotStart as error:
            pytest.skip(str(error))
        yield small


@pytest.fixture
def office() -> Iterator[MailServer]:
    with MailServer() as server:
        yield server


@pytest.fixture
def parvis(disk: SmallDisk, office: MailServer, settings: dict[str, str]) -> Iterator[Installation]:
    installation = Installation(disk.at / "data", settings | {"PARVIS_SMTP_URL": office.url, "PARVIS_UNDO_SECONDS": "0"})
    try:
        installation.start()
        yield installation
    finally:
        disk.free()
        installation.end()


def test_a_full_disk_loses_nothing_and_ends_no_process(disk: SmallDisk, parvis: Installation, office: MailServer) -> None:
    town, mona = add_agency(parvis), add_caseworker(parvis)
    before = a_request(citizen=a_citizen("Mira Holm"))
    town.sends(before)
    case = mona.brings_to_approval(before["request_id"])
    for service in SERVICES:
        until(lambda service=service: parvis.is_ready(service), f"{service} is ready")  # type: ignore[misc]  # mypy infers no lambda with a default
    processes = {service: parvis.pid_of(service) for service in SERVICES}

    disk.fill()
    sent = [a_request(body="The street lamp is out. " * 600) for _ in range(MOST_SENT)]
    accepted: list[dict[str, Any]] = []
    refused: list[dict[str, Any]] = []
    for request in sent:
        answer = town.sends(request)
        (accepted if answer.status_code == 202 else refused).append(request)
        disk.fill()
        if answer.status_code != 202:
            assert answer.status_code == 503, answer.text
            assert answer.json()["detail"].startswith("the disk of the database is full"), answer.text
        if len(refused) == 5:
            break
    decided = mona.approves(case)
    assert decided.status_code in (200, 503), decided.text
    assert len(refused) == 5, f"{len(accepted)} were accepted, and none was refused"

    disk.free()
    for request in accepted:
        mona.sees(request["request_id"], "awaiting_approval", "needs_triage")
    for request in refused:
        until(lambda request=request: town.sends(request).status_code == 202, "what was refused is taken")  # type: ignore[misc]
        mona.sees(request["request_id"], "awaiting_approval", "needs_triage")
    if decided.status_code == 503:
        assert mona.approves(mona.sees(before["request_id"], "awaiting_approval")).status_code == 200
    mona.sees(before["request_id"], "sent")
    until(lambda: len(office.to("mira.holm@example.org")) == 1, "the reply is there, once")
    assert {service: parvis.pid_of(service) for service in SERVICES} == processes
    assert parvis.prints("dead-letters", "list").endswith("0 dead letters")
    for service in SERVICES:
        until(lambda service=service: parvis.is_ready(service), f"{service} is ready")  # type: ignore[misc]  # mypy infers no lambda with a default
