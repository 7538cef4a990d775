"""When `parvis up` may say that it is ready, and what it says of a service that keeps ending."""

import logging
import sqlite3
import sys
import time
from pathlib import Path

import pytest

from services.local import supervisor
from services.local.supervisor import Child, Supervisor
from services.runtime.errors import Unavailable
from services.runtime.settings import Settings
from tests.harness.ports import free_port
from tests.harness.waiting import PATIENCE


def a_child(folder: Path, name: str, program: str) -> Child:
    return Child(name, [sys.executable, "-c", program], {}, folder / f"{name}.log", free_port())


def test_it_is_not_ready_while_a_service_keeps_ending_and_its_last_words_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "is_ready", lambda _: True)
    children = [a_child(tmp_path, "drafting", "raise SystemExit('no knowledge: set PARVIS_KNOWLEDGE_DIR')")]
    running = Supervisor(Settings(data_dir=tmp_path), free_port(2), children=children)
    children[0].start()

    try:
        with pytest.raises(Unavailable) as refusal:
            running._wait_for(("review", "intake"))
    finally:
        children[0].stop(time.monotonic() + PATIENCE)

    first, second = refusal.value.detail.splitlines()
    assert first == "drafting ends at once with 1: no knowledge: set PARVIS_KNOWLEDGE_DIR"
    assert str(tmp_path / "drafting.log") in second


def test_a_machine_however_slow_is_waited_for_and_what_for_is_told_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    hours = iter(range(0, 3600 * 1000, 3600))
    monkeypatch.setattr(time, "monotonic", lambda: next(hours))
    monkeypatch.setattr(time, "sleep", lambda _: None)
    looks = iter([False] * 5 + [True])

    with caplog.at_level(logging.WARNING):
        supervisor.wait_until(lambda: next(looks), lambda: "review: Kafka does not answer")

    assert [record.getMessage() for record in caplog.records] == ["review: Kafka does not answer"]


def test_an_embedded_broker_that_ends_is_not_waited_for(tmp_path: Path) -> None:
    broker = a_child(tmp_path, "broker", "raise SystemExit('the port is taken')")
    running = Supervisor(Settings(data_dir=tmp_path), free_port(2), broker=broker)

    try:
        with pytest.raises(Unavailable, match=r"the embedded broker ended with 1: the port is taken"):
            running._launch_broker()
    finally:
        broker.stop(time.monotonic() + PATIENCE)


def test_tables_that_can_not_be_made_are_told_with_the_databases_own_words() -> None:
    with pytest.raises(Unavailable, match=r"the database can't be brought to this version: (?i:.*connection)"):  # noqa: SIM117
        with supervisor.upgraded(f"postgresql+psycopg://parvis:secret@127.0.0.1:{free_port()}/parvis"):
            pass


def test_a_data_directory_of_a_later_release_is_told_so(tmp_path: Path) -> None:
    database = f"sqlite+aiosqlite:///{tmp_path / 'parvis.db'}"
    with supervisor.upgraded(database):
        pass
    with sqlite3.connect(tmp_path / "parvis.db") as connection:
        connection.execute("update alembic_version set version_num = 'of_a_later_release'")
    with pytest.raises(Unavailable, match="of_a_later_release"), supervisor.upgraded(database):
        pass
