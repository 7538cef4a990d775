"""Many open streams of live updates against a server in a process of its own, for the benchmark of open queues."""

import asyncio
import contextlib
import socket
import sys
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from services.review.cases.live.live_pages import mark_of
from services.runtime import http_server
from tests.pages.city import without_kafka

MOST_SECONDS = 30.0


class Streams:
    """Every stream notes when it is told of a case."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._heard: dict[str, list[float]] = {}
        self._news = asyncio.Condition()
        self._begun = 0

    @classmethod
    @contextlib.asynccontextmanager
    async def opened(cls, port: int, sessions: Sequence[tuple[str, str]]) -> AsyncIterator["Streams"]:
        """All of them, each with a session token and the session's word."""
        streams = cls(len(sessions))
        tasks = [asyncio.create_task(streams._listen(port, token, csrf)) for token, csrf in sessions]
        async with streams._news, asyncio.timeout(MOST_SECONDS):
            await streams._news.wait_for(lambda: streams._begun == len(sessions))
        yield streams
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def all_heard_of(self, request_id: str) -> float:
        """The moment at which the last of them was told."""
        async with self._news, asyncio.timeout(MOST_SECONDS):
            await self._news.wait_for(lambda: len(self._heard.get(request_id, ())) >= self._count)
        return max(self._heard.pop(request_id))

    async def _listen(self, port: int, token: str, csrf: str) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**20)
        head = (
            f"GET /live?session={mark_of(csrf)}&after={2**60} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nCookie: parvis_session={token}\r\n\r\n"
        )
        writer.write(head.encode())
        async for line in reader:
            if line.startswith(b"event: hello"):
                self._begun += 1
            elif not line.startswith(b"data: "):
                continue
            now = time.monotonic()
            for part in line.decode().split('{"id": "')[1:]:
                self._heard.setdefault(part[:36], []).append(now)
            async with self._news:
                self._news.notify_all()


@contextlib.asynccontextmanager
async def served_in(folder: Path) -> AsyncIterator[tuple[int, int]]:
    """A server of the pages on that database: its process and its port."""
    with socket.create_server(("127.0.0.1", 0)) as chosen:
        port = chosen.getsockname()[1]
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "benchmarks.open_streams", str(folder), str(port))
    try:
        async with asyncio.timeout(MOST_SECONDS):
            while True:
                try:
                    _, writer = await asyncio.open_connection("127.0.0.1", port)
                except OSError:
                    await asyncio.sleep(0.1)
                else:
                    writer.close()
                    break
        yield process.pid, port
    finally:
        process.terminate()
        await process.wait()


def _serve(folder: str, port: str) -> None:
    server = http_server.server(without_kafka(Path(folder)), "127.0.0.1", int(port), 20.0)
    server.config.lifespan = "off"
    server.run()


if __name__ == "__main__":
    _serve(*sys.argv[1:])
