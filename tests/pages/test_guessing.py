"""Whoever guesses passwords: the pause, the turns, and what the log says of it."""

import asyncio
import threading
from collections.abc import Iterator
from datetime import timedelta
from ipaddress import ip_network

import pytest
from fastapi import Request

from services.review.audit import store as audit
from services.review.people import passwords, store, throttle
from services.review.people.passwords import TooMany
from services.runtime import clock
from services.runtime.client_address import client_address
from services.runtime.errors import Unavailable
from services.runtime.line_budget import ONE_MORE_EACH, Budget
from tests.harness.waiting import PATIENCE
from tests.pages.city import ANNA, BEN, Browser, City
from tests.pages.conftest import SignIn


class SlowPasswords:
    """Comparing one takes until somebody says so."""

    def __init__(self) -> None:
        self.begun = threading.Semaphore(0)
        self.done = threading.Event()

    def matches(self, _password: str, _kept: str | None) -> bool:
        self.begun.release()
        self.done.wait(PATIENCE)
        return False


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Iterator[SlowPasswords]:
    made = SlowPasswords()
    monkeypatch.setattr(passwords, "matches", made.matches)
    yield made
    made.done.set()


@pytest.mark.parametrize("email", [ANNA.email, "nobody@city.example"])
async def test_pages_and_decisions_go_on_while_many_sign_in_wrongly(anna: Browser, city: City, slow: SlowPasswords, email: str) -> None:
    request_id = await city.waiting_case()
    others = [asyncio.create_task(Browser(city).signs_in(email, "guess")) for _ in range(5)]
    for _ in range(passwords.AT_ONCE):
        assert await asyncio.to_thread(slow.begun.acquire, timeout=PATIENCE)

    assert (await anna.opens("/")).status_code == 200
    assert (await anna.sends(request_id, "claim")).status_code == 303
    assert not slow.begun.acquire(blocking=False), "no third one at the same time"
    assert not slow.done.is_set()

    slow.done.set()
    assert [answer.status_code for answer in await asyncio.gather(*others)] == [401] * 5
    assert (await city.case(request_id)).assignee == ANNA.email


async def test_no_more_passwords_are_compared_at_once_than_there_is_memory_for(slow: SlowPasswords) -> None:
    checks = passwords.Checks(at_once=1, most_waiting=1)
    two = [asyncio.create_task(checks.matches("guess", None, place="here", name=name)) for name in ("a", "b")]
    await asyncio.sleep(0)

    with pytest.raises(Unavailable, match="try again"):
        await checks.matches("guess", None, place="there", name="c")

    slow.done.set()
    assert await asyncio.gather(*two) == [False, False]
    assert not await checks.matches("guess", None, place="there", name="c")


async def test_whoever_is_given_up_hands_the_turn_on(slow: SlowPasswords) -> None:
    checks = passwords.Checks(at_once=1)
    first, given_up, last = [asyncio.create_task(checks.matches("guess", None, place="here", name=name)) for name in "abc"]
    assert await asyncio.to_thread(slow.begun.acquire, timeout=PATIENCE)

    given_up.cancel()
    slow.done.set()

    assert not any(await asyncio.gather(first, last))
    assert given_up.cancelled()


async def test_a_flood_from_one_place_waits_for_itself_and_others_go_between(slow: SlowPasswords) -> None:
    checks = passwords.Checks(at_once=1)
    done: list[str] = []

    async def asks(place: str, name: str) -> None:
        try:
            await checks.matches("guess", None, place=place, name=name)
        except TooMany:
            done.append("told to wait")
        else:
            done.append(place)

    flood = [asyncio.create_task(asks("flood", "anna")) for _ in range(70)]
    await asyncio.sleep(0)
    person = asyncio.create_task(asks("office", "anna at the office"))
    await asyncio.sleep(0)
    slow.done.set()
    await asyncio.gather(*flood, person)

    assert done[:62] == ["told to wait"] * 62
    assert done[62:65].count("office") == 1
    assert done.count("flood") == 8


async def test_a_password_that_was_changed_while_it_was_compared_no_longer_counts(city: City) -> None:
    password = (await city.hires(ANNA))[ANNA.email]
    async with city.commands.database.transaction() as session:
        proven = await store.door(session, ANNA.email, None)
        await store.remove_person(session, ANNA.email, clock.now())
    await city.hires(ANNA)

    async with city.commands.database.transaction() as session:
        assert passwords.matches(password, proven.password_hash)
        assert not await store.still_fits(session, proven)


async def test_a_stranger_who_guesses_waits_and_keeps_nobody_out(city: City) -> None:
    password = (await city.hires(ANNA))[ANNA.email]
    own = Browser(city, "192.0.2.1")
    assert (await own.signs_in(ANNA.email, password)).status_code == 303
    own.client.cookies.delete("parvis_session")
    stranger = Browser(city, "192.0.2.1")

    for _ in range(3):
        guesses = [await stranger.signs_in(ANNA.email, "guess") for _ in range(8)]
    refused = await stranger.signs_in(ANNA.email, password)

    assert guesses[-1].status_code == refused.status_code == 429
    assert 1 <= int(refused.headers["retry-after"]) <= 300
    assert "Try again in" in refused.text
    assert "parvis_session" not in refused.headers.get("set-cookie", "")
    assert (await own.signs_in(ANNA.email, password)).status_code == 303, "the browser that she has used before"
    assert (await Browser(city, "198.51.100.7").signs_in(ANNA.email, password)).status_code == 303, "another place"


async def test_a_browser_of_another_person_is_no_way_round_the_pause(city: City) -> None:
    words = await city.hires(ANNA, BEN)
    ben = Browser(city)
    assert (await ben.signs_in(BEN.email, words[BEN.email])).status_code == 303
    ben.client.cookies.delete("parvis_session")

    codes = [(await ben.signs_in(ANNA.email, "guess")).status_code for _ in range(6)]

    assert codes == [401] * 5 + [429]
    assert (await Browser(city).signs_in(ANNA.email, words[ANNA.email])).status_code == 429


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("10.0.0.1", "198.51.100.7", "198.51.100.7"),
        ("10.0.0.1", "1.1.1.1, 198.51.100.7, 10.0.0.2", "198.51.100.7"),
        ("203.0.113.5", "198.51.100.7", "203.0.113.5"),
        ("10.0.0.1", "not an address", "10.0.0.1"),
        ("10.0.0.1", "2001:db8::1:2:3:4", "2001:db8::/64"),
        ("::ffff:10.0.0.1", "198.51.100.7", "198.51.100.7"),
        ("10.0.0.1", "", "10.0.0.1"),
    ],
)
def test_only_our_own_proxies_say_where_a_request_came_from(peer: str, forwarded: str, address: str) -> None:
    headers = [(b"x-forwarded-for", forwarded.encode())]
    request = Request({"type": "http", "client": (peer, 1), "headers": headers})

    assert client_address(request, [ip_network("10.0.0.0/8")]) == address


async def _log(city: City, action: str) -> list[audit.Entry]:
    async with city.commands.database.reading() as session:
        return [entry for _, entry in await audit.page(session, actor=None, before=None, limit=500) if entry.action == action]


async def test_who_came_in_and_who_was_refused_is_in_the_log_without_a_secret(city: City) -> None:
    password = (await city.hires(ANNA))[ANNA.email]
    browser = Browser(city)

    await browser.signs_in(f"nobody@city.example\r\n\u202eevil{'x' * 300}", "a secret guess")
    await browser.signs_in("my password typed as the name", "a secret guess")
    await browser.signs_in(ANNA.email, "a secret guess")
    await browser.signs_in(ANNA.email, password)
    await Browser(city).client.get("/api/v1/cases", headers={"authorization": "Bearer pt_secret"})

    [mistyped, no_address, unknown] = await _log(city, "sign-in refused")
    assert mistyped.detail == {"name": ANNA.email, "address": "127.0.0.1", "failures": 1}
    assert no_address.detail["name"] == "(not an e-mail address)"
    assert str(unknown.detail["name"]).startswith("nobody@city.example\\r\\n\\u202eevilxxx")
    assert len(str(unknown.detail["name"])) <= 81
    [came_in] = await _log(city, "signed in")
    assert (came_in.actor, came_in.detail) == (ANNA.email, {"address": "127.0.0.1", "browser": "new"})
    assert len(await _log(city, "token refused")) == 1
    everything = str([mistyped, no_address, unknown, came_in])
    assert not any(word in everything for word in ("secret", "my password", password))


async def test_whoever_tries_what_they_may_not_is_in_the_log_with_the_route_and_nothing_that_was_sent(city: City, sign_in: SignIn) -> None:
    ben = await sign_in(BEN)

    assert (await ben.opens("/ops?actor=ines.marlow")).status_code == 403
    assert (await ben.client.get("/api/v1/audit?actor=ines.marlow")).status_code == 403
    assert (await ben.client.post("/logout", data={"csrf": "ines.marlow"})).status_code == 403

    refused = await _log(city, "not allowed")
    assert {str(entry.detail["route"]) for entry in refused} == {"GET /ops", "GET /api/v1/audit", "POST /logout"}
    assert {entry.detail["name"] for entry in refused} == {BEN.email}
    assert "marlow" not in str(refused)


async def test_refusals_without_end_fill_the_log_slowly_and_are_counted(city: City) -> None:
    browser = Browser(city)

    for _ in range(150):
        assert (await browser.client.get("/api/v1/cases", headers={"authorization": "Bearer pt_wrong"})).status_code == 401
    await browser.signs_in("nobody@city.example", "guess")

    assert 100 <= len(await _log(city, "token refused")) < 150
    assert len(await _log(city, "sign-in refused")) == 1, "one kind does not hide another"


def test_a_line_says_how_many_there_was_no_room_for() -> None:
    budget, at = Budget(most=2), clock.now()

    assert [budget.take(at) for _ in range(5)] == [0, 0, None, None, None]
    assert budget.take(at + ONE_MORE_EACH) == 3
    assert budget.take(at + ONE_MORE_EACH) is None


def test_the_pause_grows_and_ends() -> None:
    waiting, at = throttle.Throttle(), clock.now()
    pauses = []
    for _ in range(20):
        waiting.failed("anna", at)
        pauses.append(waiting.wait("anna", at))
        at += max(pauses[-1], timedelta())

    assert pauses[:7] == [timedelta(seconds=s) for s in (0, 0, 0, 0, 1, 2, 4)]
    assert pauses[-1] == throttle.LONGEST_WAIT
    assert waiting.wait("anna", at + throttle.FORGOTTEN_AFTER) <= timedelta()
