"""Asks a virus scanner about files: clamd, or a program. What it does not say in time is not scanned, and never taken for clean."""

import asyncio
import contextlib
import logging
import os
import re
import signal
import struct
from asyncio import StreamReader, StreamWriter
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from prometheus_client import Counter

from schemas.attached_files import LONGEST_THREAT, ScanResult
from schemas.invisible_characters import one_line
from services.runtime import child_process
from services.runtime.errors import InvalidInput

log = logging.getLogger(__name__)

SECONDS = 30.0
"""For all files of one message: who sent it waits."""
AT_ONCE = 4
"""Files of one process that a scanner looks through side by side."""
CHUNK = 64 * 1024
CLAMD_PORT = 3310
NAMELESS = "infected"
"""What is written of a scanner that names nothing."""

SCANNED = Counter("parvis_files_scanned", "Files by what the scanner said of them", ["result"])

_CLAMD = re.compile(r"[^:]*: (?:(?P<threat>.+) )?(?P<word>OK|FOUND)")
_OF_CLAMSCAN = re.compile(r"(?:.*: )?(.+) FOUND$")


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


class FileScanner:
    """Asks about the files of a message, all within SECONDS."""

    def __init__(self, ask: Ask, seconds: float = SECONDS) -> None:
        self._ask = ask
        self._seconds = seconds
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._away = False

    async def scan(self, contents: Sequence[bytes]) -> list[Verdict]:
        """A verdict for each file. Never raises: where the scanner is away, files are not scanned."""
        deadline = asyncio.get_running_loop().time() + self._seconds
        return await asyncio.gather(*(self._scanned(content, deadline) for content in contents))

    async def _scanned(self, content: bytes, deadline: float) -> Verdict:
        try:
            async with asyncio.timeout_at(deadline), self._turns:
                verdict = await self._ask(content)
        except (OSError, EOFError, ValueError, TimeoutError, asyncio.LimitOverrunError) as error:
            verdict = NOT_SCANNED
            if not self._away:
                log.warning("the scanner of files is away (%s: %s): files are taken and stay closed until it has seen them", *_why(error))
        self._away = verdict is NOT_SCANNED
        SCANNED.labels(verdict.result).inc()
        return verdict


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
        case "clamd" if host and not parts.path.strip("/"):
            return lambda content: _ask_clamd(lambda: asyncio.open_connection(host, port), content)
        case "unix" if parts.path.startswith("/") and not parts.netloc:
            return lambda content: _ask_clamd(lambda: asyncio.open_unix_connection(parts.path), content)
        case "exec" if os.access(parts.path, os.X_OK) and Path(parts.path).is_absolute() and Path(parts.path).is_file():
            return lambda content: _ask_program(parts.path, content)
    raise InvalidInput(
        f"PARVIS_FILES_SCANNER is {url!r}: give clamd://host:port, unix:///run/clamav/clamd.ctl, or exec: with the whole path of a program "
        "that may be run; empty: nothing is scanned",
        field="PARVIS_FILES_SCANNER",
    )


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
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
    match = _CLAMD.fullmatch(answer)
    if match is None:
        raise ValueError(one_line(answer)[:LONGEST_THREAT])
    return infected(match["threat"] or "") if match["word"] == "FOUND" else CLEAN


async def _ask_program(path: str, content: bytes) -> Verdict:
    """On standard input; 0 is clean, 1 infected, with its name in the first line. It knows no setting of ours."""
    program = await asyncio.create_subprocess_exec(
        path, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, env=child_process.bare_environment(), start_new_session=True
    )
    try:
        output, _ = await program.communicate(content)
    finally:
        if program.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(program.pid, signal.SIGKILL)
            await program.wait()
    line = output.decode(errors="replace").strip().partition("\n")[0].strip()
    match program.returncode:
        case 0:
            return CLEAN
        case 1:
            name = _OF_CLAMSCAN.fullmatch(line)
            return infected(name[1] if name else line)
        case code:
            raise ValueError(f"the program ended with {code}")


def _why(error: Exception) -> tuple[str, str]:
    return type(error).__name__, str(error)[:LONGEST_THREAT]
