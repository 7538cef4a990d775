"""Virus scanners: one that speaks clamd's protocol, and the real one with a signature of our own."""

import asyncio
import contextlib
import hashlib
import shutil
import struct
import subprocess
import tempfile
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.harness.ports import free_port
from tests.harness.waiting import until

EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!" + b"$H+H*"
"""The file that every scanner takes for a virus and that is none; in two pieces, so that none takes this one for it."""
THREAT = "Parvis.Test.Eicar"


@dataclass
class ScannerDouble:
    """Finds EICAR wherever it stands. `answers` false: it takes files and never says a word; `reads` false: nor does it read one."""

    url: str
    answers: bool = True
    reads: bool = True
    seen: list[bytes] = field(default_factory=list)


@contextlib.asynccontextmanager
async def scanner_double() -> AsyncIterator[ScannerDouble]:
    """A server that speaks what clamd speaks."""
    double = ScannerDouble("")
    silent = asyncio.Event()

    async def serve(reader: StreamReader, writer: StreamWriter) -> None:
        with contextlib.suppress(OSError, EOFError), contextlib.closing(writer):
            if not double.reads:
                await silent.wait()
            assert await reader.readuntil(b"\0") == b"zINSTREAM\0"
            content = b""
            while size := struct.unpack("!L", await reader.readexactly(4))[0]:
                content += await reader.readexactly(size)
            double.seen.append(content)
            if not double.answers:
                await silent.wait()
            writer.write(f"stream: {THREAT} FOUND\0".encode() if EICAR in content else b"stream: OK\0")
            await writer.drain()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    double.url = f"clamd://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield double
    finally:
        silent.set()
        server.close()


@contextlib.contextmanager
def real_clamd(*options: str) -> Iterator[tuple[str, str]]:
    """Debian's clamd with one signature, that of EICAR: where it is by TCP and by a socket."""
    # A socket's whole path has at most 108 characters.
    with tempfile.TemporaryDirectory(prefix="clamd", dir="/tmp") as name:
        folder = Path(name)
        (folder / "db").mkdir()
        (folder / "db/parvis.hdb").write_text(f"{hashlib.md5(EICAR).hexdigest()}:{len(EICAR)}:{THREAT}\n")  # noqa: S324 - as the format has it
        port = free_port()
        lines = [
            f"DatabaseDirectory {folder / 'db'}",
            f"LocalSocket {folder / 'clamd.ctl'}",
            f"TCPSocket {port}",
            "TCPAddr 127.0.0.1",
            "Foreground yes",
            f"LogFile {folder / 'log'}",
            f"TemporaryDirectory {folder}",
            *options,
        ]
        (folder / "clamd.conf").write_text("\n".join(lines) + "\n")
        program = shutil.which("clamd") or "/usr/sbin/clamd"
        with subprocess.Popen([program, "-c", str(folder / "clamd.conf")], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
            try:
                until(lambda: (folder / "clamd.ctl").exists() or server.poll() is not None, "clamd listens", seconds=60)
                assert server.poll() is None, (folder / "log").read_text()
                yield f"clamd://127.0.0.1:{port}", f"unix://{folder / 'clamd.ctl'}"
            finally:
                server.terminate()
