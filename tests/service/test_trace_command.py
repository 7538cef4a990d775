"""`parvis trace`: every step of one request in the terminal, by any id that names it."""

import json
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from typer.testing import CliRunner

from services.cli.main import app
from services.domain.reply_tokens import token_of
from services.runtime import clock
from services.runtime.span_store import LocalTraces
from tests.trace_examples import LETTER, three_days


@pytest.fixture
def request_id(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> UUID:
    monkeypatch.setenv("PARVIS_DATA_DIR", str(tmp_path))
    number = uuid4()
    three_days(LocalTraces(tmp_path / "traces.db"), number, clock.now() - timedelta(days=4))
    return number


def run(*arguments: str, code: int = 0) -> str:
    done = CliRunner().invoke(app, ["trace", *arguments])
    assert done.exit_code == code, done.output
    return f"{done.output}{done.exception or ''}"


def test_it_draws_every_step_and_says_first_what_failed(request_id: UUID) -> None:
    lines = run(str(request_id)).splitlines()

    assert lines[0].startswith("22 steps in 3 d 0 h, from ")
    assert f"request {request_id} · agency belrive · category street_lighting" in lines[1]
    assert [line.split(" (")[0] for line in lines[2:5]] == ["✗ deliver", "✗ tell the agency", "✗ send parvis.dead-letters.v1"]
    assert "failed: busy" in lines[2]
    assert f"parvis dead-letters show {LETTER}" in lines[4]
    [wait] = [line for line in lines if "awaiting approval" in line]
    assert wait.endswith("3 d 0 h")
    assert any("waited 3 d 0 h" in line for line in lines)
    assert lines[-1].startswith("┊ a time in which nothing ran")


@pytest.mark.parametrize("way", ["upper case", "reference", "trace id"])
def test_any_id_that_names_it_will_do(request_id: UUID, way: str) -> None:
    trace_id = json.loads(run(str(request_id), "--json"))["trace_id"]
    name = {"upper case": str(request_id).upper(), "reference": token_of(request_id), "trace id": trace_id}[way]

    told = json.loads(run(name, "--json"))

    assert told["trace_id"] == trace_id
    assert len(told["spans"]) == 22
    assert [span["reason"] for span in told["spans"] if span["status"] == "error"] == ["busy", "no_answer", "ValidationError"]


def test_a_step_whose_process_was_killed_is_marked_where_it_was(request_id: UUID, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "traces.db")) as database, database:
        assert database.execute("delete from spans where name = 'drafting.write'").rowcount == 1

    lines = run(str(request_id)).splitlines()
    spans = json.loads(run(str(request_id), "--json"))["spans"]

    assert lines[0].startswith("22 steps in ")
    assert [line for line in lines if line.startswith("? nothing was told of this step: its process may have been killed")]
    [lost] = [span for span in spans if span["status"] == "lost"]
    assert {span["parent_id"] for span in spans if span["parent_id"]} <= {span["span_id"] for span in spans}
    assert lost["attributes"] == {"parvis.request_id": str(request_id)}
    assert [span["name"] for span in spans if not span["parent_id"]] == ["accept request"]


def test_a_step_that_may_be_going_on_is_not_said_to_be_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARVIS_DATA_DIR", str(tmp_path))
    number = uuid4()
    three_days(LocalTraces(tmp_path / "traces.db"), number, clock.now() - timedelta(days=4))
    with closing(sqlite3.connect(tmp_path / "traces.db")) as database, database:
        moment = int(clock.now().timestamp() * 1e9)
        assert database.execute("delete from spans where name = 'drafting.write'").rowcount == 1
        database.execute("update spans set ended = ? where name like 'chat %'", (moment,))

    told = run(str(number))

    assert "… nothing is told of this step yet: it may be going on" in told
    assert "untold step before" in told
    assert "nothing was told" not in told


@pytest.mark.usefixtures("request_id")
def test_what_is_not_there_is_an_error_that_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "no step of" in run(str(uuid4()), code=1)
    assert "give its number" in run("lamp", code=1)
    monkeypatch.setenv("PARVIS_TRACE_URL", "https://tempo.city.example/{trace_id}")
    assert "https://tempo.city.example/" in run(str(uuid4()), code=1)
