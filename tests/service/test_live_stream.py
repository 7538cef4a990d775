"""The stream of changes over a real server: who is told what, what ends it, and that nothing is lost between two streams."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
import sqlalchemy as sa
import uvicorn
from argon2 import PasswordHasher

from services.review.audit import store as audit
from services.review.cases.deciding import actions
from services.review.cases.live import change_feed
from services.review.cases.live.live_pages import mark_of
from services.review.people import passwords, session_store
from services.review.people import store as people
from services.review.people.rules import Person
from services.runtime import clock, http_server
from tests.harness.waiting import PATIENCE, until_async
from tests.pages.city import ANNA, BEN, OLE, SUE, Browser, City, hidden_fields, without_kafka


@dataclass
class Hall:
    """The pages on a real server, and a second process that changes cases in the same database."""

    city: City
    elsewhere: City
    url: str
    server: uvicorn.Server

    async def signs_in(self, person: Person) -> "Window":
        """A browser of that person."""
        password = (await self.city.hires(person))[person.email]
        browser = Browser(self.city)
        async with browser.client:
            assert (await browser.signs_in(person.email, password)).status_code == 303
            csrf = hidden_fields((await browser.opens("/" if person.reads_cases else "/ops")).text)["csrf"]
            return Window(self, person, browser.client.cookies["parvis_session"], mark_of(csrf))


@dataclass
class Window:
    """One open page."""

    hall: Hall
    person: Person
    token: str
    mark: str

    @asynccontextmanager
    async def listens(
        self, after: int = 0, last: str | None = None, mark: str | None = None, language: str = "en"
    ) -> AsyncIterator["Heard"]:
        headers = {"cookie": f"parvis_session={self.token}", "accept-language": language} | ({"last-event-id": last} if last else {})
        address = f"{self.hall.url}/live?session={self.mark if mark is None else mark}&after={after}"
        async with httpx.AsyncClient(timeout=PATIENCE, headers=headers) as client, client.stream("GET", address) as answer:
            heard = Heard(answer)
            reading = asyncio.create_task(heard.read())
            if answer.status_code == 200:
                await until_async(lambda: bool(heard.numbers), "the stream has begun")
            yield heard
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)


class Heard:
    """What came over one stream."""

    def __init__(self, answer: httpx.Response) -> None:
        self.answer = answer
        self.changes: list[dict[str, Any]] = []
        self.gone: list[str] = []
        self.numbers: list[str] = []
        self.ended = False

    async def read(self) -> None:
        try:
            async for line in self.answer.aiter_lines():
                name, _, value = line.partition(": ")
                if name == "id":
                    self.numbers.append(value)
                if name == "data":
                    message = json.loads(value)
                    self.changes += message.get("changes", [])
                    self.gone += message.get("gone", [])
        finally:
            self.ended = True

    def ids(self) -> set[str]:
        return {change["id"] for change in self.changes}

    async def hears_of(self, request_id: UUID) -> None:
        await until_async(lambda: str(request_id) in self.ids(), f"the stream tells of {request_id}")

    async def hears_that_it_is_sorted(self, request_id: UUID) -> None:
        lines = self.changes
        await until_async(lambda: any(line["category"] for line in lines if line["id"] == str(request_id)), f"{request_id} is sorted")

    async def ends(self) -> None:
        await until_async(lambda: self.ended, "the stream ends")


@pytest.fixture
async def hall(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Hall]:
    monkeypatch.setattr(change_feed, "ROUND_SECONDS", 0.05)
    monkeypatch.setattr(change_feed, "RIGHTS_SECONDS", 0.2)
    monkeypatch.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
    app, other = without_kafka(tmp_path), without_kafka(tmp_path)
    server = http_server.server(app, "127.0.0.1", 0, PATIENCE)
    server.config.lifespan = "off"
    running = asyncio.create_task(server.serve())
    await until_async(lambda: server.started, "the server listens")
    yield Hall(City(app), City(other), f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}", server)
    server.should_exit = True
    await running
    await app.state.change_feed.stopped()
    await app.state.database.close()
    await other.state.database.close()


async def test_what_another_process_does_reaches_everybody_who_may_see_it_and_nobody_else(hall: Hall) -> None:
    anna, ben = await hall.signs_in(ANNA), await hall.signs_in(BEN)
    async with anna.listens() as annas, ben.listens() as bens:
        parks = await hall.elsewhere.receives(category="parks_trees", department="parks")
        streets = await hall.elsewhere.receives()
        await annas.hears_of(parks)
        await annas.hears_of(streets)
        await bens.hears_of(streets)
    # Ben hears of a message while it is everybody's, and that it is gone once it is sorted: in one round of nothing at all.
    assert [change for change in bens.changes if change["id"] == str(parks) and change["department"]] == []


async def test_each_reads_the_cells_of_a_line_in_their_own_language(hall: Hall) -> None:
    anna, sue = await hall.signs_in(ANNA), await hall.signs_in(SUE)
    async with anna.listens(language="fr") as annas, sue.listens() as sues:
        request_id = await hall.elsewhere.receives()
        for heard in (annas, sues):
            await heard.hears_that_it_is_sorted(request_id)
    french, english = annas.changes[-1]["cells"], sues.changes[-1]["cells"]
    assert "Personne" in french["w"]
    assert "Nobody yet" in english["w"]
    assert "Normale" in french["u"]
    assert "Éclairage public" in french["c"]


async def test_a_case_that_moves_to_another_department_is_gone_from_the_first(hall: Hall) -> None:
    request_id = await hall.city.waiting_case()
    ben = await hall.signs_in(BEN)
    async with ben.listens(after=10_000) as bens:
        await hall.elsewhere.does(ANNA, request_id, actions.Correct(category="noise_nuisance"))
        await until_async(lambda: bens.gone == [str(request_id)], "Ben is told that it is gone")
    assert bens.changes == []


async def test_an_emergency_is_told_as_one_with_its_subject(hall: Hall) -> None:
    sue = await hall.signs_in(SUE)
    async with sue.listens() as heard:
        fire = await hall.elsewhere.receives(urgency="emergency", request={"subject": "Fire in the stairwell"})
        await until_async(lambda: any(c["alarm"] for c in heard.changes if c["id"] == str(fire)), "the alarm is told")
    assert {c["subject"] for c in heard.changes if c["alarm"]} == {"Fire in the stairwell"}


async def test_whoever_was_away_hears_everything_that_happened_meanwhile(hall: Hall) -> None:
    anna = await hall.signs_in(ANNA)
    async with anna.listens() as before:
        first = await hall.elsewhere.receives()
        async with hall.elsewhere.commands.database.reading() as session:
            newest = await audit.newest(session)
        await until_async(lambda: int(before.numbers[-1]) >= newest, "all that happened to the first is heard")
        await before.hears_of(first)
    missed = [await hall.elsewhere.receives() for _ in range(5)]
    async with anna.listens(last=before.numbers[-1]) as after:
        for request_id in missed:
            await after.hears_of(request_id)
    assert str(first) not in after.ids()


async def test_signing_out_ends_the_stream(hall: Hall) -> None:
    anna = await hall.signs_in(ANNA)
    async with anna.listens() as heard:
        async with hall.elsewhere.commands.database.transaction() as session:
            await session_store.sign_out(session, anna.token)
        await heard.ends()


async def test_a_person_who_was_removed_hears_nothing_more(hall: Hall) -> None:
    anna = await hall.signs_in(ANNA)
    async with anna.listens() as heard:
        async with hall.elsewhere.commands.database.transaction() as session:
            await people.remove_person(session, ANNA.email, clock.now())
        await hall.elsewhere.receives()
        await heard.ends()
    assert heard.changes == []


async def test_a_session_that_expires_ends_its_stream(hall: Hall) -> None:
    anna = await hall.signs_in(ANNA)
    async with anna.listens() as heard:
        async with hall.elsewhere.commands.database.transaction() as session:
            await session.exec(sa.text("update review_sessions set expires_at = '2020-01-01 00:00:00.000000'"))  # type: ignore[call-overload]
        await heard.ends()


async def test_a_page_of_somebody_else_who_was_signed_in_here_before_gets_no_stream(hall: Hall) -> None:
    anna = await hall.signs_in(ANNA)
    async with anna.listens(mark=mark_of("another session")) as heard:
        assert heard.answer.status_code == 204


async def test_whoever_reads_no_letters_gets_no_stream(hall: Hall) -> None:
    ole = await hall.signs_in(OLE)
    async with ole.listens() as heard:
        assert heard.answer.status_code == 403


async def test_a_browser_has_so_many_streams_and_no_more(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(change_feed, "MOST_OF_A_SESSION", 1)
    anna = await hall.signs_in(ANNA)
    async with anna.listens(), anna.listens() as second:
        assert second.answer.status_code == 429
    feed: change_feed.ChangeFeed = hall.city.app.state.change_feed
    await until_async(lambda: not feed.listeners, "who has left is no listener any more")


async def test_the_database_is_asked_as_often_for_many_listeners_as_for_one(hall: Hall) -> None:
    anna = await hall.signs_in(ANNA)
    asked: list[str] = []
    engine = hall.city.commands.database.engine.sync_engine

    async def questions_of_a_round() -> int:
        del asked[:]
        feed: change_feed.ChangeFeed = hall.city.app.state.change_feed
        assert feed._position
        at = feed._position.newest
        await hall.elsewhere.receives()
        await until_async(lambda: feed._position is not None and feed._position.newest >= at + 2, "the round is over")
        return sum("from review_cases" in statement.lower() for statement in asked)

    def note(_c: object, _cursor: object, statement: str, *_: object) -> None:
        asked.append(statement)

    async with anna.listens():
        sa.event.listen(engine, "before_cursor_execute", note)
        one = await questions_of_a_round()
        async with anna.listens(), anna.listens(), anna.listens(), anna.listens():
            many = await questions_of_a_round()
    assert 1 <= one <= 2
    assert 1 <= many <= 2


async def test_a_server_that_ends_does_not_wait_for_its_listeners(hall: Hall) -> None:
    anna = await hall.signs_in(ANNA)
    async with anna.listens() as heard:
        hall.server.should_exit = True
        await heard.ends()
