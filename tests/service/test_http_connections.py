"""Connections to a real HTTP server: clients that send next to nothing are let go, and an error that was answered costs nobody theirs."""

import asyncio
import contextlib
import http.client
import logging
import sqlite3
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

import httpx
import pytest
from fastapi import FastAPI, Request
from fastapi.responses import StreamingResponse
from sqlalchemy.exc import OperationalError

from services.runtime import http_server, web
from tests.harness.waiting import until_async

PATIENCE = 1.0
DEADLINE = 60.0

Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass
class Served:
    port: int
    connections: Callable[[], int]

    async def connect(self, sent: bytes = b"") -> Stream:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(sent)
        await writer.drain()
        return reader, writer

    async def answers(self) -> bool:
        async with httpx.AsyncClient(timeout=DEADLINE) as client, asyncio.timeout(DEADLINE):
            while True:
                with contextlib.suppress(httpx.RemoteProtocolError):  # on a machine that stood still for longer than the patience
                    return (await client.get(f"http://127.0.0.1:{self.port}/healthz")).status_code == 200


@contextlib.asynccontextmanager
async def life(_: FastAPI) -> AsyncIterator[None]:
    yield


@contextlib.asynccontextmanager
async def serving(patience: float) -> AsyncIterator[Served]:
    app = web.create("desk", [], life)

    @app.post("/read")
    async def read(request: Request) -> int:
        return len(await request.body())

    @app.get("/much")
    async def much() -> str:
        return "x" * (64 * web.MIB)

    @app.post("/away")
    async def away(request: Request) -> int:
        await request.body()
        raise OperationalError("insert", {}, sqlite3.OperationalError("unable to open database file"))

    @app.post("/bug")
    async def bug() -> int:
        raise RuntimeError("nobody thought of this")

    @app.post("/half")
    async def half() -> StreamingResponse:
        async def parts() -> AsyncIterator[bytes]:
            yield b"the first half"
            raise RuntimeError("the second half is missing")

        return StreamingResponse(parts())

    server = http_server.server(app, "127.0.0.1", 0, patience)
    running = asyncio.create_task(server.serve())
    await until_async(lambda: server.started, "the server listens")
    yield Served(server.servers[0].sockets[0].getsockname()[1], lambda: len(server.server_state.connections))
    server.should_exit = True
    await running


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    async with serving(PATIENCE) as started:
        yield started


async def drips(stream: Stream, byte: bytes) -> None:
    with contextlib.suppress(ConnectionError):
        while not stream[0].at_eof():
            stream[1].write(byte)
            await stream[1].drain()
            await asyncio.sleep(PATIENCE / 10)


async def is_let_go(stream: Stream) -> bytes:
    async with asyncio.timeout(DEADLINE):
        try:
            return await stream[0].read()
        except ConnectionError:
            return b""
        finally:
            stream[1].close()


HEAD = b"POST /read HTTP/1.1\r\nHost: desk.test\r\nContent-Length: 1000000\r\n"


async def test_two_hundred_half_open_connections_are_let_go_while_others_are_answered(served: Served) -> None:
    halves = [b"", b"GET", b"GET /healthz HTTP/1.1\r\nHost: x\r\n", HEAD + b"\r\nabc"]
    streams = [await served.connect(halves[number % len(halves)]) for number in range(200)]

    assert await served.answers()

    assert set(await asyncio.gather(*map(is_let_go, streams))) == {b""}
    await until_async(lambda: not served.connections(), "no connection is left")
    assert await served.answers()


@pytest.mark.parametrize("begun", [b"GET /healthz HTTP/1.1\r\nX-", HEAD + b"\r\n"])
async def test_a_head_or_a_body_that_drips_is_let_go_as_well(served: Served, begun: bytes) -> None:
    stream = await served.connect(begun)
    dripping = asyncio.create_task(drips(stream, b"a"))

    assert await is_let_go(stream) == b""
    await dripping


async def test_a_body_that_never_comes_is_no_fault_of_ours_in_the_log(served: Served, caplog: pytest.LogCaptureFixture) -> None:
    assert await is_let_go(await served.connect(HEAD + b"\r\nabc")) == b""
    await until_async(lambda: not served.connections(), "no connection is left")

    assert [record for record in caplog.records if record.levelname in ("ERROR", "CRITICAL")] == []


async def test_a_second_request_that_does_not_come_to_its_end_is_let_go(served: Served) -> None:
    stream = await served.connect(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\nGET /hea")

    assert (await is_let_go(stream)).count(b"200 OK") == 1


async def test_a_client_that_does_not_read_its_answer_is_let_go(served: Served) -> None:
    stream = await served.connect(b"GET /much HTTP/1.1\r\nHost: x\r\n\r\n")
    stream[1].transport.pause_reading()  # type: ignore[attr-defined]
    await until_async(lambda: not served.connections(), "no connection is left")
    stream[1].close()


async def test_a_body_that_comes_in_parts_is_read_to_its_end() -> None:
    async def parts() -> AsyncIterator[bytes]:
        for _ in range(30):
            yield b"x" * 20_000
            await asyncio.sleep(0.001)

    async with serving(DEADLINE) as patient, httpx.AsyncClient(timeout=DEADLINE) as client:
        for _ in range(2):  # over one connection
            assert (await client.post(f"http://127.0.0.1:{patient.port}/read", content=parts())).json() == 600_000


SMUGGLED = b"0\r\n\r\nGET /readyz HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.mark.parametrize(
    "head",
    [
        b"Content-Length: %d\r\nTransfer-Encoding: chunked\r\n" % len(SMUGGLED),
        b"Transfer-Encoding: chunked, identity\r\n",
        b"Transfer-Encoding : chunked\r\n",
        b"Content-Length: 5\r\nContent-Length: 6\r\n",
        b"Content-Length: +5\r\n",
        b"Content-Length: 5\r\n Transfer-Encoding: chunked\r\n",
    ],
)
async def test_a_body_has_one_end_and_what_leaves_that_open_is_not_answered_as_two(head: bytes) -> None:
    async with serving(PATIENCE) as served:
        reader, writer = await served.connect(b"POST /healthz HTTP/1.1\r\nHost: x\r\n" + head + b"Connection: close\r\n\r\n" + SMUGGLED)
        async with asyncio.timeout(DEADLINE):
            answer = await reader.read()
        writer.close()

    assert answer.count(b"HTTP/1.1 ") == 1
    assert answer.split(b" ")[1] in (b"400", b"405", b"501")


@pytest.mark.parametrize(("path", "status"), [("/away", 503), ("/bug", 500), ("/nowhere", 404)])
async def test_who_got_an_error_for_an_answer_sends_the_next_letter_on_the_same_connection(
    served: Served, caplog: pytest.LogCaptureFixture, path: str, status: int
) -> None:
    def a_client() -> list[int]:
        client = http.client.HTTPConnection("127.0.0.1", served.port, timeout=DEADLINE)
        statuses = []
        with contextlib.closing(client):
            client.connect()
            connection = client.sock
            for asked in (path, path, "/read"):
                client.request("POST", asked, body=b"The street lamp is out. " * 600)
                answer = client.getresponse()
                answer.read()
                assert client.sock is connection, "the server said that it would close"
                statuses.append(answer.status)
        return statuses

    assert await asyncio.to_thread(a_client) == [status, status, 200]
    # Each is told once: by us, and not by the web server once more.
    lines = [(record.name, record.levelno) for record in caplog.records if record.levelno >= logging.WARNING]
    assert lines == [("services.runtime.web", logging.WARNING if status == 503 else logging.ERROR)] * (0 if status == 404 else 2)


async def test_an_answer_that_breaks_off_can_be_told_from_a_whole_one(served: Served) -> None:
    async with httpx.AsyncClient(timeout=DEADLINE) as client:
        with pytest.raises(httpx.RemoteProtocolError, match="incomplete"):
            await client.post(f"http://127.0.0.1:{served.port}/half")
    assert await served.answers()
