"""What is read from files is read again when they change, whole or not at all."""

import asyncio
import logging
import os
from pathlib import Path

import pytest
from prometheus_client import REGISTRY

from services.domain import knowledge_folder
from services.domain.articles import Passage
from services.runtime import reloading
from services.runtime.reloading import Reloaded


def article(folder: Path, name: str, text: str = "It is open.", **front: str) -> None:
    fields = {"id": name, "title": f"About {name}", "url": f"https://city.example/{name}", "language": "en"} | front
    lines = "\n".join(f"{key}: {value}" for key, value in fields.items() if value)
    (folder / f"{name}.md").write_text(f"---\n{lines}\n---\n{text}\n", encoding="utf-8")


def knowledge(folder: Path) -> Reloaded[list[Passage]]:
    watched = Reloaded("knowledge", lambda: knowledge_folder.stamp(folder), lambda: knowledge_folder.read(folder))
    watched.start()
    return watched


def texts(watched: Reloaded[list[Passage]]) -> list[str]:
    assert watched.value is not None
    return sorted(passage.text for passage in watched.value)


async def looks(watched: Reloaded[list[Passage]], times: int = 2) -> None:
    for _ in range(times):
        await watched.look()


async def test_a_changed_a_new_and_a_removed_article_are_taken_in(tmp_path: Path) -> None:
    article(tmp_path, "pool")
    article(tmp_path, "rink")
    watched = knowledge(tmp_path)
    article(tmp_path, "pool", "It is closed until May.")
    article(tmp_path, "park", "It has a gate.")
    (tmp_path / "rink.md").unlink()

    await looks(watched)

    assert texts(watched) == ["It has a gate.", "It is closed until May."]


async def test_a_broken_file_keeps_the_former_knowledge_and_is_told_once_with_file_and_field(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    article(tmp_path, "pool")
    watched = knowledge(tmp_path)
    article(tmp_path, "pool", "Half of", url="")
    article(tmp_path, "park", "It has a gate.")

    with caplog.at_level(logging.ERROR):
        await looks(watched, 6)

    assert texts(watched) == ["It is open."]
    assert "pool.md: url: Field required" in watched.fault
    assert watched.fault_since is not None
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    assert "pool.md: url: Field required" in caplog.text
    assert REGISTRY.get_sample_value("parvis_reload_failed", {"name": "knowledge"}) == 1

    article(tmp_path, "pool", "It is mended.")
    await looks(watched)

    assert texts(watched) == ["It has a gate.", "It is mended."]
    assert watched.fault == ""
    assert REGISTRY.get_sample_value("parvis_reload_failed", {"name": "knowledge"}) == 0


async def test_a_folder_that_is_still_being_copied_is_not_read(tmp_path: Path) -> None:
    article(tmp_path, "pool")
    watched = knowledge(tmp_path)
    for number in range(5):
        article(tmp_path, f"new-{number}", f"Part {number}.")
        await watched.look()
        assert texts(watched) == ["It is open."]
    await watched.look()
    assert len(texts(watched)) == 6


async def test_what_changes_while_it_is_read_is_read_once_more(tmp_path: Path) -> None:
    article(tmp_path, "pool")
    used: list[int] = []

    def read() -> list[Passage]:
        passages = knowledge_folder.read(tmp_path)
        if len(passages) == 2:  # the second file is there, the third comes while this is read
            article(tmp_path, "three")
        return passages

    watched = Reloaded("knowledge", lambda: knowledge_folder.stamp(tmp_path), read, lambda value: used.append(len(value)))
    watched.start()
    article(tmp_path, "two")
    await looks(watched, 3)
    assert used == [1, 3]


async def test_a_folder_that_is_gone_keeps_the_former_knowledge(tmp_path: Path) -> None:
    folder = tmp_path / "answers"
    folder.mkdir()
    article(folder, "pool")
    watched = knowledge(folder)
    (folder / "pool.md").unlink()
    folder.rmdir()
    await looks(watched)
    assert texts(watched) == ["It is open."]
    assert "PARVIS_KNOWLEDGE_DIR" in watched.fault


async def test_watching_goes_on_whatever_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reloading, "EVERY_SECONDS", 0.0)
    looked = asyncio.Event()
    answers = iter([OSError("the disk is away"), ValueError("and the network")])

    def stamp() -> object:
        error = next(answers, None)
        if error:
            raise error
        looked.set()
        return "same"

    watched = Reloaded("a thing", lambda: "same", lambda: 1)
    watched.start()
    watched._stamp = stamp
    task = asyncio.create_task(watched.watch())
    async with asyncio.timeout(30):
        await looked.wait()
    task.cancel()
    assert watched.value == 1


def test_what_kubernetes_git_and_editors_keep_in_hidden_places_is_no_article(tmp_path: Path) -> None:
    # A mounted ConfigMap: the files are links into a hidden folder that is exchanged as a whole.
    hidden = tmp_path / "..2026_03_02_09_00"
    hidden.mkdir()
    article(hidden, "pool")
    (tmp_path / "..data").symlink_to(hidden)
    (tmp_path / "pool.md").symlink_to(tmp_path / "..data" / "pool.md")
    (tmp_path / ".#pool.md").write_text("an editor's lock")
    assert [passage.passage_id for passage in knowledge_folder.read(tmp_path)] == ["pool#1"]
    before = knowledge_folder.stamp(tmp_path)

    following = tmp_path / "..2026_03_03_09_00"
    following.mkdir()
    article(following, "pool", "Another text.")
    (tmp_path / "..data").unlink()
    (tmp_path / "..data").symlink_to(following)

    assert knowledge_folder.stamp(tmp_path) != before


def test_many_files_are_looked_at_less_often_and_never_rarely() -> None:
    assert [reloading.pause_after(seconds) for seconds in (0.001, 0.2, 30)] == [2.0, 4.0, 10.0]


async def test_what_was_not_started_is_read_at_the_first_look_and_a_fault_then_waits_to_be_mended(tmp_path: Path) -> None:
    article(tmp_path, "pool", url="")
    watched = Reloaded("knowledge", lambda: knowledge_folder.stamp(tmp_path), lambda: knowledge_folder.read(tmp_path))
    await watched.look()
    assert (watched.value, "pool.md: url" in watched.fault) == (None, True)
    article(tmp_path, "pool")
    await looks(watched)
    assert texts(watched) == ["It is open."]


async def test_a_change_that_keeps_size_and_time_is_seen(tmp_path: Path) -> None:
    article(tmp_path, "pool", "It costs 4 francs.")
    file = tmp_path / "pool.md"
    before = file.stat()
    watched = knowledge(tmp_path)
    article(tmp_path, "pool", "It costs 5 francs.")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    await looks(watched)
    assert texts(watched) == ["It costs 5 francs."]
