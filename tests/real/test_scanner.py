"""Debian's clamd, with one signature of our own."""

import pytest

from services.runtime.file_scanner import CLEAN, NOT_SCANNED, FileScanner, Verdict, file_scanner
from tests.harness.clamd import EICAR, THREAT, real_clamd

pytestmark = pytest.mark.clamd
INFECTED = Verdict("infected", f"{THREAT}.UNOFFICIAL")


def at(url: str) -> FileScanner:
    scanner = file_scanner(url)
    assert scanner
    return scanner


async def test_clamd_finds_what_it_knows_by_tcp_and_by_its_socket() -> None:
    with real_clamd() as addresses:
        for url in addresses:
            assert await at(url).scan([b"a form", EICAR, bytes(20 * 1024 * 1024)]) == [CLEAN, INFECTED, CLEAN]
    assert await at(addresses[0]).scan([EICAR]) == [NOT_SCANNED], "it is away"


async def test_what_is_more_than_clamd_takes_is_not_scanned() -> None:
    with real_clamd("StreamMaxLength 1M") as (url, _):
        assert await at(url).scan([bytes(3 * 1024 * 1024), b"a form"]) == [NOT_SCANNED, CLEAN]
