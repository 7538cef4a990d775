"""Two agencies on one intake: whatever one of them asks for, by any route, nothing of the other's comes back or changes."""

import re
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from sqlmodel import col, select

from services.intake import api_keys, store
from services.intake.rules import Refusal
from services.intake.tables import JournalRow, RefusalRow, StatusRow
from services.runtime import clock
from tests.service.form_desk import FORM, LAMP, an_intake, browser, opened, reference_on

MARK = "quokka"
"""Stands in everything that Belrive's citizens wrote, and nowhere else."""
ELSEWHERE = ("/healthz", "/readyz", "/metrics", "/openapi.json", "/docs", "/docs/{name}")
"""Of the installation: nothing of any agency's is there."""


@dataclass(frozen=True)
class Belrives:
    """What Belrive has at intake, by the names that the routes ask for."""

    intake: FastAPI
    by_http: str
    by_open311: str
    form: str
    reference: str

    @property
    def numbers(self) -> tuple[str, str]:
        """Ids of its requests."""
        return self.by_http, self.by_open311

    def ways(self, path: str) -> Iterator[str]:
        """The path with what is Belrive's in each of its places. Fails where a place has a name that nobody has thought of."""
        values: Mapping[str, tuple[str, ...]] = {
            "request_id": self.numbers,
            "service_request_id": self.numbers,
            "token": self.numbers,
            "encoding": ("json", "xml"),
            "service_code": ("street_lighting",),
            "agency": ("nyon",),
        }
        paths = [re.sub(r":\w+}", "}", path)]
        for place in re.findall(r"{(\w+)}", paths[0]):
            paths = [way.replace(f"{{{place}}}", value) for way in paths for value in values[place]]
        yield from paths

    async def rows(self) -> list[str]:
        """All that is kept of it."""
        async with self.intake.state.database.reading() as session:
            tables = [select(table).where(col(table.agency) == "belrive") for table in (JournalRow, StatusRow, RefusalRow)]
            return sorted([row.model_dump_json() for table in tables for row in (await session.exec(table)).all()])


async def a_key(intake: FastAPI, agency: str) -> str:
    async with intake.state.database.transaction() as session:
        return await api_keys.issue(session, agency, clock.now())


@pytest.fixture
async def intake(tmp_path: Path) -> AsyncIterator[FastAPI]:
    application = await an_intake(tmp_path)
    yield application
    await application.state.database.close()


@pytest.fixture
async def belrive(intake: FastAPI) -> Belrives:
    """By HTTP, Open311 and form something each, and a record on Kafka that was refused."""
    async with browser(intake, Authorization=f"Bearer {await a_key(intake, 'belrive')}") as agency:
        by_http = await agency.post("/v1/requests", json={"channel": "web", "body": f"The {MARK} is out"}, headers={"Idempotency-Key": "1"})
        report = {"service_code": "street_lighting", "lat": "49.1", "long": "6.1", "description": f"The {MARK} is dark"}
        by_open311 = await agency.post("/open311/v2/requests.json", data=report)
        form = await opened(agency)
        receipt = await agency.post(FORM, data={"id": form, **LAMP, "message": f"The {MARK} is gone"})
        reference = reference_on(await agency.get(receipt.headers["location"]))
    at = datetime(2026, 11, 24, 12, tzinfo=UTC)
    async with intake.state.database.transaction() as session:
        await store.add_refusal(session, Refusal(uuid4(), uuid4(), "belrive", "conflict", f"the {MARK} was sent before", at))
    return Belrives(intake, by_http.json()["request_id"], by_open311.json()[0]["service_request_id"], form, reference)


def routes(intake: FastAPI) -> Iterator[tuple[str, str]]:
    for route in intake.routes:
        inner = getattr(route, "original_router", None)
        for each in inner.routes if inner else [route]:
            if isinstance(each, APIRoute) and each.path not in ELSEWHERE:
                yield from ((method, each.path) for method in sorted(each.methods or ()))


async def asks(nyon: httpx.AsyncClient, method: str, way: str, theirs: Belrives) -> list[httpx.Response]:
    """All that Nyon can send there with what is Belrive's."""
    if method == "GET":
        queries: list[dict[str, str]] = [
            {},
            {"form": theirs.form, "reference": theirs.reference},
            {"service_request_id": ",".join(theirs.numbers), "jurisdiction_id": "belrive"},
            {"agency": "belrive", "state": "received", "limit": "1000", "page_size": "1000"},
        ]
        return [await nyon.get(way, params=query) for query in queries]
    bodies: list[dict[str, Any]] = [
        {"json": {"channel": "web", "body": "Something else", "request_id": theirs.by_http}},
        {"json": {"channel": "web", "body": "Something else", "agency": "belrive"}},
        {"json": {"channel": "web", "body": "Something else"}, "headers": {"Idempotency-Key": "1"}},
        {"json": {"channel": "web", "body": "Something else", "in_reply_to": theirs.by_http}},
        {"data": {"id": theirs.form, **LAMP}},
        {"data": {"jurisdiction_id": "belrive", "service_code": "street_lighting", "lat": "1", "long": "1", "description": "Else"}},
    ]
    return [await nyon.post(way, **body) for body in bodies]


async def test_no_route_of_intake_shows_or_changes_anything_of_another_agency(intake: FastAPI, belrive: Belrives) -> None:
    before, walked = await belrive.rows(), 0
    async with browser(intake, Authorization=f"Bearer {await a_key(intake, 'nyon')}") as nyon:
        for method, path in routes(intake):
            for way in belrive.ways(path):
                for answer in await asks(nyon, method, way, belrive):
                    walked += 1
                    assert answer.status_code < 500, f"{method} {way}: {answer.text}"
                    assert MARK not in answer.text, f"{method} {answer.request.url} shows what a citizen of Belrive wrote"
                    assert answer.status_code in (400, 404) or not any(number in answer.text for number in belrive.numbers), (
                        f"{method} {answer.request.url} knows Belrive's request: {answer.text}"
                    )
    assert walked > 70
    assert await belrive.rows() == before


async def test_the_walk_would_see_what_an_agency_sees_of_its_own(intake: FastAPI, belrive: Belrives) -> None:
    shown = ""
    async with browser(intake, Authorization=f"Bearer {await a_key(intake, 'belrive')}") as own:
        for method, path in routes(intake):
            if method == "GET":
                shown += "".join([(await own.get(way)).text for way in belrive.ways(path)])
    assert MARK in shown
    assert all(number in shown for number in belrive.numbers)
