"""Asks a virus scanner about files: clamd, or a program. What it does not say in time is not scanned, and never taken for clean."""

import asyncio
import contextlib
import logging
import os
import re
import signal
import struct
import tempfile
from asyncio import StreamReader, StreamWriter
from asyncio.subprocess import DEVNULL, Process
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from schemas.attached_files import LONGEST_THREAT, ScanResult
from schemas.invisible_characters import one_line
from services.runtime import child_process, metrics
from services.runtime.errors import InvalidInput

log = logging.getLogger(__name__)

SECONDS = 30.0
"""For all files of one message: who sent it waits."""
AT_ONCE = 4
"""Files of one process that a scanner looks through side by side."""
SECONDS_OF_REST = 60.0
"""So long after a scanner did not answer in time, nobody who sends something waits for it."""
SECONDS_TO_END = 1.0
CHUNK = 64 * 1024
LONGEST_LINE = 4096
CLAMD_PORT = 3310
NAMELESS = "infected"
"""What is written of a scanner that names nothing."""


_CLAMD = re.compile(r"[^:]*: (?:(?P<threat>.+) )?(?P<word>OK|FOUND)")


@dataclass(frozen=True)
class Verdict:
    """What a scanner said of a file; `threat` is its name for what is in it."""

    result: ScanResult
    threat: str = ""


CLEAN, NOT_SCANNED = Verdict("clean"), Verdict("not_scanned")

Ask = Callable[[bytes], Awaitable[Verdict]]
"""Raises OSError, EOFError or ValueError where the scanner is away or says what nobody understands."""


def infected(threat: str) -> Verdict:
    """With the scanner's name for it on one line."""
    return Verdict("infected", one_line(threat).strip()[:LONGEST_THREAT] or NAMELESS)


def first_infected(verdicts: Iterable[Verdict]) -> Verdict | None:
    """The first that says what was found."""
    return next((verdict for verdict in verdicts if verdict.result == "infected"), None)


class FileScanner:
    """Asks about the files of a message, all within SECONDS."""

    def __init__(self, ask: Ask, seconds: float = SECONDS) -> None:
        self._ask = ask
        self._seconds = seconds
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._away = False
        self._rests_until = 0.0

    async def scan(self, contents: Sequence[bytes]) -> list[Verdict]:
        """A verdict for each file. Never raises: where the scanner is away, files are not scanned."""
        deadline = _now() + self._seconds
        return await asyncio.gather(*(self._scanned(content, deadline) for content in contents))

    async def scan_on_arrival(self, contents: Sequence[bytes]) -> list[Verdict]:
        """As `scan`, but not scanned at once while the scanner rests; then one message tries, and the others still do not wait."""
        if contents and self._rests_until:
            if _now() < self._rests_until:
                metrics.FILES_SCANNED.inc(len(contents), result=NOT_SCANNED.result)
                return [NOT_SCANNED] * len(contents)
            self._rests_until = _now() + self._seconds
        return await self.scan(contents)

    async def _scanned(self, content: bytes, deadline: float) -> Verdict:
        rests_until = 0.0
        try:
            async with asyncio.timeout_at(deadline), self._turns:
                verdict = await self._ask(content)
        except (OSError, EOFError, ValueError, TimeoutError, asyncio.LimitOverrunError) as error:
            verdict = NOT_SCANNED
            rests_until = _now() + SECONDS_OF_REST if isinstance(error, TimeoutError) else 0.0
            if not self._away:
                log.warning("the scanner of files is away (%s: %s): files are taken and stay closed until it has seen them", *_why(error))
        self._away, self._rests_until = verdict is NOT_SCANNED, rests_until
        metrics.FILES_SCANNED.inc(result=verdict.result)
        return verdict


def _now() -> float:
    return asyncio.get_running_loop().time()


def file_scanner(url: str) -> FileScanner | None:
    """The scanner that PARVIS_FILES_SCANNER names; None where it is empty."""
    return FileScanner(_asking(url)) if url else None


def _asking(url: str) -> Ask:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port or CLAMD_PORT
    except ValueError:
        parts, host, port = urlsplit(""), None, 0
    match parts.scheme:
        case _ if set("?#@") & set(url):
            pass  # what nobody would heed
        case "clamd" if host and not parts.path.strip("/"):
            return lambda content: _ask_clamd(lambda: asyncio.open_connection(host, port), content)
        case "unix" if parts.path.startswith("/") and not parts.netloc:
            return lambda content: _ask_clamd(lambda: asyncio.open_unix_connection(parts.path), content)
        case "exec" if not parts.netloc and _can_be_run(Path(parts.path)):
            return lambda content: _ask_program(parts.path, content)
    raise InvalidInput(
        f"PARVIS_FILES_SCANNER is {url!r}: give clamd://host:port, unix:///run/clamav/clamd.ctl, or exec: with the whole path of a program "
        "that may be run, without user, query or fragment; empty: nothing is scanned",
        field="PARVIS_FILES_SCANNER",
    )


def _can_be_run(path: Path) -> bool:
    return path.is_absolute() and path.is_file() and os.access(path, os.X_OK)


async def _ask_clamd(connect: Callable[[], Awaitable[tuple[StreamReader, StreamWriter]]], content: bytes) -> Verdict:
    """By INSTREAM: pieces with their lengths, an empty one last."""
    reader, writer = await connect()
    try:
        writer.write(b"zINSTREAM\0")
        for start in range(0, len(content), CHUNK):
            piece = content[start : start + CHUNK]
            writer.write(struct.pack("!L", len(piece)) + piece)
            await writer.drain()
        writer.write(struct.pack("!L", 0))
        answer = (await reader.readuntil(b"\0")).rstrip(b"\0").decode(errors="replace")
    finally:
        writer.transport.abort()  # to close it would wait for a scanner that does not read
    match = _CLAMD.fullmatch(answer)
    if match is None:
        raise ValueError(one_line(answer)[:LONGEST_THREAT])
    return infected(match["threat"] or "") if match["word"] == "FOUND" else CLEAN


async def _ask_program(path: str, content: bytes) -> Verdict:
    """On standard input; 0 is clean, 1 infected, with its name in the first line. It knows no setting of ours.

    Both are files, no pipes: its own end is the end, whoever else may hold them.
    """
    with tempfile.TemporaryFile() as sent, tempfile.TemporaryFile() as answer:
        sent.write(content)
        sent.seek(0)
        program = await asyncio.create_subprocess_exec(
            path, stdin=sent, stdout=answer, stderr=DEVNULL, env=child_process.bare_environment(), start_new_session=True
        )
        try:
            code = await program.wait()
        finally:
            await _end(program)
        answer.seek(0)
        line = answer.read(LONGEST_LINE).decode(errors="replace").strip().partition("\n")[0].strip()
    match code:
        case 0:
            return CLEAN
        case 1:
            return infected(_threat_of(line))
        case _:
            raise ValueError(f"the program ended with {code}")


async def _end(program: Process) -> None:
    """Ends it with all of its process group: what it has left behind as well."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(program.pid, signal.SIGKILL)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(SECONDS_TO_END):
            await program.wait()


def _threat_of(line: str) -> str:
    """Of a line of clamscan's, `stdin: Win.Test FOUND`, only the name."""
    return line.removesuffix(" FOUND").rpartition(": ")[2] if line.endswith(" FOUND") else line


def _why(error: Exception) -> tuple[str, str]:
    return type(error).__name__, str(error)[:LONGEST_THREAT]
