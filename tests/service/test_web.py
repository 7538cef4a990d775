"""What every service's HTTP edge refuses, and what it writes down of it."""

import contextlib
import io
import json
import logging
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Annotated

import httpx
import pytest
from fastapi import Body, FastAPI, Form, Request
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from services.runtime import json_logs, web
from tests.pages.city import City, without_kafka

LETTER = "Ines Marlow, 27 Heron Street"


@contextlib.asynccontextmanager
async def life(_: FastAPI) -> AsyncIterator[None]:
    yield


async def in_parts(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    app = web.create("desk", [], life, most_bytes=web.MIB)

    @app.post("/json")
    async def read_json(body: Annotated[dict[str, str], Body()]) -> int:
        return len(body)

    @app.post("/form")
    async def read_form(body: Annotated[str, Form()]) -> int:
        return len(body)

    @app.post("/stream")
    async def read_stream(request: Request) -> int:
        return sum([len(part) async for part in request.stream()])

    @app.post("/unread")
    async def read_nothing() -> str:
        return "unread"

    @app.post("/bug")
    async def stumble(request: Request) -> None:
        raise KeyError((await request.body()).decode())

    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://desk.test") as client:
        yield client


KINDS = {"/json": "application/json", "/form": "application/x-www-form-urlencoded", "/stream": "text/plain"}


@pytest.mark.parametrize("path", [*KINDS, "/unread"])
async def test_a_body_that_says_it_is_too_long_is_refused_before_it_is_read(client: httpx.AsyncClient, path: str) -> None:
    never_asked_for = in_parts()
    answer = await client.post(path, content=never_asked_for, headers={"content-length": str(web.MIB + 1), "content-type": "text/plain"})

    assert (answer.status_code, answer.headers["content-type"]) == (413, "application/problem+json")
    assert answer.json()["detail"] == "at most 1 MiB are taken at once"


@pytest.mark.parametrize(("path", "kind"), KINDS.items())
async def test_a_body_that_does_not_say_how_long_it_is_is_refused_where_it_gets_too_long(
    client: httpx.AsyncClient, path: str, kind: str
) -> None:
    answer = await client.post(path, content=in_parts(b"x" * web.MIB, b"x", b"never read"), headers={"content-type": kind})

    assert (answer.status_code, answer.headers["content-type"]) == (413, "application/problem+json")
    assert answer.json()["detail"] == "at most 1 MiB are taken at once"


async def test_a_body_that_is_just_short_enough_is_read(client: httpx.AsyncClient) -> None:
    assert (await client.post("/stream", content=b"x" * web.MIB)).json() == web.MIB
    assert (await client.post("/stream", content=in_parts(*[b"x" * 1024] * 1024))).json() == web.MIB


@pytest.mark.parametrize("length", ["9" * 5000, "9" * 19, "²", "-1", "many"])
async def test_a_length_that_is_none_is_no_fault_of_ours(client: httpx.AsyncClient, length: str) -> None:
    answer = await client.post("/stream", content=in_parts(b"x"), headers={b"content-length": length.encode()})

    assert answer.status_code == (413 if length.startswith("9") else 200)


async def test_nobody_sends_review_more_than_a_case_can_hold_before_they_are_asked_who_they_are(tmp_path: Path) -> None:
    city = City(without_kafka(tmp_path))
    transport = httpx.ASGITransport(city.app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://city.test") as stranger:
        path = "/api/v1/cases/1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed/close"
        whole = await stranger.post(path, content=b"[" * (web.MIB + 1), headers={"content-type": "application/json"})
        parts = await stranger.post(path, content=in_parts(b"[" * web.MIB, b"["), headers={"content-type": "application/json"})
        short = await stranger.post(path, json={"version": 1, "reason": "x"})
    await city.commands.database.close()

    # In parts its length is not known before it is read, and nobody unknown has a body read.
    assert (whole.status_code, parts.status_code, short.status_code) == (413, 401, 401)
    assert whole.headers["content-type"] == parts.headers["content-type"] == "application/problem+json"
    assert whole.headers["content-security-policy"]


async def test_no_cache_keeps_what_may_hold_a_citizens_words(client: httpx.AsyncClient) -> None:
    for answer in (await client.post("/json", json={}), await client.post("/bug", content=b"x"), await client.post("/json", content=b"{")):
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"


async def test_nobody_is_led_to_the_host_that_they_named(client: httpx.AsyncClient) -> None:
    answer = await client.post("/json/", json={}, headers={"host": "evil.example"})

    assert answer.status_code == 404
    assert "location" not in answer.headers


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """The log as a service writes it."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(json_logs.JsonLines("desk"))
    logging.getLogger("services").addHandler(handler)
    yield written
    logging.getLogger("services").removeHandler(handler)


async def test_a_bug_is_logged_by_its_kind_and_place_and_without_a_word_of_the_letter(
    client: httpx.AsyncClient, logged: io.StringIO
) -> None:
    answer = await client.post("/bug", content=LETTER.encode())

    assert answer.status_code == 500
    line = json.loads(logged.getvalue())
    assert (line["message"], line["error"]) == ("unexpected", "KeyError")
    assert line["raised_at"].startswith("test_web.py:")
    assert "Heron" not in logged.getvalue()
    assert "Heron" not in answer.text


async def test_no_span_is_made_of_a_request_whose_query_may_name_a_citizen(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    spans, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(spans))
    monkeypatch.setattr(trace, "_TRACER_PROVIDER", provider)

    await client.post("/unread?q=Ines+Marlow")
    await client.post("/bug", content=LETTER.encode())

    assert spans.get_finished_spans() == ()
