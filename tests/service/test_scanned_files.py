"""A virus scanner looks through what comes in; what it has not seen stays closed."""

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.review import app as review
from services.runtime.errors import InvalidInput
from services.runtime.file_scanner import CLEAN, NOT_SCANNED, FileScanner, Verdict, file_scanner
from tests.harness.clamd import EICAR, THREAT, ScannerDouble, scanner_double
from tests.harness.waiting import until_async
from tests.service.form_desk import settings


@pytest.fixture
async def clamd() -> AsyncIterator[ScannerDouble]:
    async with scanner_double() as double:
        yield double


def at(url: str, seconds: float = 10.0) -> FileScanner:
    scanner = file_scanner(url)
    assert scanner
    scanner._seconds = seconds
    return scanner


async def test_clamd_says_what_is_in_a_file(clamd: ScannerDouble) -> None:
    large = os.urandom(300_000)
    assert await at(clamd.url).scan([b"a form", EICAR, large, b""]) == [CLEAN, Verdict("infected", THREAT), CLEAN, CLEAN]
    assert large in clamd.seen, "every byte of it has arrived"


async def test_a_scanner_that_is_away_or_says_nothing_takes_no_file_for_clean(clamd: ScannerDouble) -> None:
    clamd.answers = False
    assert await at(clamd.url, 0.2).scan([b"a form"] * 9) == [NOT_SCANNED] * 9
    assert await at("clamd://127.0.0.1:1").scan([b"a form"]) == [NOT_SCANNED]
    assert await at("unix:///nowhere/clamd.ctl").scan([b"a form"]) == [NOT_SCANNED]


async def test_a_scanner_that_takes_no_byte_is_left_at_the_deadline(clamd: ScannerDouble) -> None:
    clamd.reads = False
    async with asyncio.timeout(10):
        assert await at(clamd.url, 0.2).scan([bytes(20 * 1024 * 1024)]) == [NOT_SCANNED]


async def test_after_a_scanner_let_one_wait_in_vain_one_message_tries_it_and_the_others_do_not_wait(
    clamd: ScannerDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    scanner, clamd.answers = at(clamd.url, 0.2), False
    assert await scanner.scan_on_arrival([b"1"]) == [NOT_SCANNED]
    clamd.answers, scanner._seconds = True, 10.0
    assert await scanner.scan_on_arrival([b"2", b"3"]) == [NOT_SCANNED] * 2
    assert clamd.seen == [b"1"], "it was not asked"
    assert await scanner.scan([b"opened"]) == [CLEAN], "who opens a file asks all the same, and it is back"
    assert await scanner.scan_on_arrival([b"4"]) == [CLEAN]

    monkeypatch.setattr("services.runtime.file_scanner.SECONDS_OF_REST", 0.0)
    clamd.answers, scanner._seconds = False, 0.2
    await scanner.scan_on_arrival([b"5"])
    clamd.answers, scanner._seconds = True, 10.0
    assert list(await asyncio.gather(*map(scanner.scan_on_arrival, ([b"6"], [b"7"])))) == [[CLEAN], [NOT_SCANNED]]
    assert await scanner.scan_on_arrival([b"8"]) == [CLEAN]


def a_program(folder: Path, script: str) -> str:
    program = folder / "scan"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o700)
    return f"exec:{program}"


@pytest.mark.parametrize(
    ("script", "verdict"),
    [
        ("cat >/dev/null; exit 0", CLEAN),
        ("exit 0", CLEAN),
        ("cat >/dev/null; echo 'stdin: Win.Test.EICAR_HDB-1 FOUND'; exit 1", Verdict("infected", "Win.Test.EICAR_HDB-1")),
        ("echo Bad; exit 1", Verdict("infected", "Bad")),
        ("exit 1", Verdict("infected", "infected")),
        ("exit 2", NOT_SCANNED),
        ('test -z "$PARVIS_DATABASE_URL" && exit 0; exit 2', CLEAN),
    ],
)
async def test_a_program_says_it_by_how_it_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, verdict: Verdict) -> None:
    monkeypatch.setenv("PARVIS_DATABASE_URL", "postgresql://secret")
    assert await at(a_program(tmp_path, script)).scan([b"a form" * 100_000]) == [verdict]


async def test_a_program_that_does_not_end_is_ended_with_all_that_it_started(tmp_path: Path) -> None:
    scanner = at(a_program(tmp_path, f"sleep 600 & echo $! > {tmp_path}/child; wait"), 1.0)
    assert await scanner.scan([b"a form"]) == [NOT_SCANNED]
    child = int((tmp_path / "child").read_text())
    await until_async(lambda: _is_over(child), "what it started is over", seconds=10)


async def test_a_program_that_has_ended_is_believed_and_what_it_left_behind_is_ended(tmp_path: Path) -> None:
    scanner = at(a_program(tmp_path, f"sleep 600 & echo $! > {tmp_path}/child; exit 0"), 30.0)
    async with asyncio.timeout(10):
        assert await scanner.scan([b"a form"]) == [CLEAN]
    child = int((tmp_path / "child").read_text())
    await until_async(lambda: _is_over(child), "what it left behind is over", seconds=10)


async def test_a_child_in_a_session_of_its_own_holds_nobody_past_the_deadline(tmp_path: Path) -> None:
    scanner = at(a_program(tmp_path, f"setsid sh -c 'echo $$ > {tmp_path}/child; exec sleep 60' & wait"), 1.0)
    async with asyncio.timeout(10):
        assert await scanner.scan([b"a form"]) == [NOT_SCANNED]
    os.kill(int((tmp_path / "child").read_text()), signal.SIGKILL)


def _is_over(process: int) -> bool:
    """Nobody may have asked how it ended."""
    with contextlib.suppress(FileNotFoundError):
        return Path(f"/proc/{process}/stat").read_text().split()[2] == "Z"
    return True


@pytest.mark.parametrize(
    "url",
    [
        "clamd://",
        "clamd://host:port",
        "clamd://user:word@host",
        "http://127.0.0.1:3310",
        "unix:clamd.ctl",
        "exec:/nowhere",
        "exec:scan",
        "exec://host/bin/true",
        "exec:/bin/true?quick",
        "exec:/bin/true#1",
        "x",
    ],
)
def test_a_setting_that_names_no_scanner_is_refused_by_name(url: str) -> None:
    with pytest.raises(InvalidInput, match="PARVIS_FILES_SCANNER") as refused:
        file_scanner(url)
    assert refused.value.field == "PARVIS_FILES_SCANNER"


def test_review_does_not_start_with_a_setting_that_names_no_scanner(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="PARVIS_FILES_SCANNER"):
        review.create(settings(tmp_path, files_scanner="exec:/nowhere"))


def test_no_setting_is_no_scanner() -> None:
    assert file_scanner("") is None
