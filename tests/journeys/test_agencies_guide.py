"""An agency follows the guide's first page word for word, in a fresh shell: each way in gives a case."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.harness.ports import free_port
from tests.harness.waiting import PATIENCE

pytestmark = pytest.mark.journey

PROJECT = Path(__file__).parents[2]
GUIDE = (PROJECT / "docs" / "agencies.md").read_text()


def blocks() -> list[str]:
    """The commands of the guide's first section, as they stand."""
    section = GUIDE.partition("## In five minutes")[2].partition("\n## ")[0]
    return re.findall(r"```sh\n(.*?)```", section, re.DOTALL)


def on_free_ports(commands: str) -> str:
    """The same where other things may run on this machine."""
    pages = free_port(2)
    ports = {"8000": pages, "8001": pages + 1, "8025": free_port(), "9092": free_port()}
    return re.sub("|".join(rf"\b{port}\b" for port in ports), lambda match: str(ports[match[0]]), commands)


@pytest.fixture
def checkout(tmp_path: Path) -> Iterator[Path]:
    """The parts of a checkout that the section names, and a data directory of its own."""
    (tmp_path / ".venv").symlink_to(sys.prefix)
    (tmp_path / "examples").symlink_to(PROJECT / "examples")
    yield tmp_path
    with_pid = tmp_path / "var" / "run.json"
    if with_pid.exists():
        os.kill(json.loads(with_pid.read_text())["pid"], signal.SIGTERM)


def test_the_first_page_of_the_guide_gives_a_case_by_each_way_in(checkout: Path) -> None:
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("PARVIS_", "OTEL_"))}
    *ways, listing = blocks()
    until_all_are_there = f"for second in $(seq {PATIENCE:.0f}); do {{\n{listing}}} > list.json; "
    until_all_are_there += "[ $(grep -o '\"request_id\"' list.json | wc -l) -lt 4 ] || break; sleep 1; done"
    timed = "\n".join(f"{block}\necho block {number} after $SECONDS s >&2" for number, block in enumerate(ways))
    ended = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", on_free_ports(f"{timed}\n{until_all_are_there}")],
        cwd=checkout, env=ours, capture_output=True, text=True, timeout=2 * PATIENCE, check=False, start_new_session=True,
    )  # fmt: skip
    (checkout / "times.txt").write_text(ended.stderr)
    assert ended.returncode == 0, ended.stderr
    listed = json.loads((checkout / "list.json").read_text())["items"]
    assert len(listed) == 4
    assert {item["state"] for item in listed} & {"drafting", "awaiting_approval", "received", "needs_triage"}
