"""`parvis up` as the thing that people start, stop and trip over."""

import os
import re
import socket
import subprocess
from pathlib import Path

import pytest

from tests.harness.ports import free_port
from tests.harness.running_stack import PARVIS, SERVICES, Installation, add_agency, add_caseworker
from tests.harness.waiting import until
from tests.journeys.conftest import Begin

pytestmark = pytest.mark.journey


@pytest.fixture(scope="module")
def demo(begin_for_all: Begin) -> Installation:
    """As `make run` starts it."""
    return begin_for_all("--demo")


def test_a_second_one_on_the_same_data_directory_is_refused(demo: Installation) -> None:
    second = demo.run("up", "--data-dir", demo.data_dir, "--port", str(free_port(2)))

    assert second.returncode == 1
    assert f"{demo.data_dir} already" in second.stderr
    assert "--data-dir" in second.stderr
    assert demo.run_file()["review_url"] in second.stderr
    assert demo.is_ready("review")


@pytest.mark.parametrize("taken", [0, 1])
def test_a_taken_port_is_told_with_what_to_do(demo: Installation, tmp_path: Path, taken: int) -> None:
    port = free_port(2)
    with socket.socket() as somebody:
        somebody.bind(("127.0.0.1", port + taken))
        somebody.listen()

        ended = demo.run("up", "--data-dir", tmp_path / "data", "--port", str(port))

    assert ended.returncode == 1
    assert f"port {port + taken} " in ended.stderr
    assert "--port" in ended.stderr
    assert not (tmp_path / "data" / "run.json").exists()


@pytest.mark.parametrize(("name", "value"), [("PARVIS_SMTP_URL", "http://x"), ("PARVIS_KNOWLEDGE_DIR", "/nope")])
def test_a_setting_that_a_service_can_not_start_with_is_told_before_anything_starts(tmp_path: Path, name: str, value: str) -> None:
    installation = Installation(tmp_path / "data", {name: value})

    ended = installation.run("up", "--port", str(installation.port))

    installation.http.close()
    assert ended.returncode == 1
    assert ended.stderr.startswith(name)
    assert len(ended.stderr.splitlines()) == 1
    assert "ready" not in ended.stdout
    assert not (tmp_path / "data" / "logs").exists()


def test_only_who_started_it_can_read_what_it_keeps(demo: Installation) -> None:
    assert demo.data_dir.stat().st_mode & 0o077 == 0


def test_every_killed_service_is_started_again(demo: Installation) -> None:
    before = {service: demo.kill_service(service) for service in SERVICES}

    for service in SERVICES:
        until(lambda service=service: demo.pid_of(service) not in (None, before[service]) and demo.is_ready(service), f"{service} is back")  # type: ignore[misc]  # mypy infers no lambda with a default


def test_the_demo_has_three_people_to_sign_in_as_and_about_forty_cases(demo: Installation) -> None:
    until(lambda: "Ctrl-C stops it" in demo.output.read_text(), "everything is told")
    emails = set(re.findall(r"\S+@\S+", demo.output.read_text()))
    anna = add_caseworker(demo)

    cases = until(lambda: cases_shown if len(cases_shown := anna.queue()) >= 38 else None, "about 40 cases")

    assert len(emails) == 3
    assert len(cases) <= 45
    assert {case["language"] for case in cases} >= {"en", "fr"}
    until(lambda: not anna.queue(state="drafting") and not anna.queue(state="received"), "all are drafted")
    assert demo.prints("dead-letters", "list").endswith("0 dead letters")


def test_sigterm_ends_it_cleanly_and_what_was_known_is_known_again(begin: Begin) -> None:
    running = begin()
    town, anna = add_agency(running), add_caseworker(running)
    pids = [running.pid_of(service) for service in SERVICES]
    assert None not in pids

    assert running.stop() == 0

    assert not (running.data_dir / "run.json").exists()
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(int(pid or 0), 0)
    refused = running.run("status")
    assert refused.returncode == 1
    assert "parvis up" in refused.stderr
    running.start()
    assert anna.queue() == []
    assert town.key
    assert running.prints("status")


def test_help_is_there_for_every_command() -> None:
    help_text = subprocess.run([PARVIS, "--help"], capture_output=True, text=True, check=True).stdout

    commands = (
        "up",
        "serve",
        "publish",
        "classify",
        "train",
        "evaluate",
        "status",
        "agencies",
        "people",
        "tokens",
        "topics",
        "dead-letters",
        "db",
    )
    assert [command for command in commands if not re.search(rf"\b{command}\b", help_text)] == []
