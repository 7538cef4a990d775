"""When `parvis up` may say that it is ready, and what it says of a service that keeps ending."""

import sys
import time
from pathlib import Path

import pytest

from services.local import supervisor
from services.local.supervisor import Child, Supervisor
from services.runtime.errors import Unavailable
from services.runtime.settings import Settings
from tests.harness.ports import free_port


def a_child(folder: Path, name: str, program: str) -> Child:
    return Child(name, [sys.executable, "-c", program], {}, folder / f"{name}.log", free_port())


def test_it_is_not_ready_while_a_service_keeps_ending_and_its_last_words_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "is_ready", lambda _: True)
    children = [a_child(tmp_path, "drafting", "raise SystemExit('no knowledge: set PARVIS_KNOWLEDGE_DIR')")]
    running = Supervisor(Settings(data_dir=tmp_path), free_port(2), children=children)
    children[0].start()

    try:
        with pytest.raises(Unavailable) as told:
            running._wait_for(("review", "intake"))
    finally:
        children[0].stop(time.monotonic() + 5)

    first, second = told.value.detail.splitlines()
    assert first == "drafting ends at once with 1: no knowledge: set PARVIS_KNOWLEDGE_DIR"
    assert str(tmp_path / "drafting.log") in second
