"""Near-duplicates over the JSON API, on a real database."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID, uuid4

import httpx
import pytest
from sqlmodel import func, select

from services.review.cases.near_duplicates import store as near_duplicates
from services.review.cases.near_duplicates.tables import FingerprintBandRow, FingerprintRow
from services.review.people import store as people
from services.review.people.rules import Person
from services.runtime import clock
from services.triage.fingerprint import fingerprint
from tests.pages.city import ANNA, BEN, OLE, City, without_kafka

LETTER = "The lamp on Elm Street has been out for a week, the pavement is dark and my mother fell there yesterday evening."
AGAIN = LETTER.replace("a week", "two weeks") + " Please come!"
OTHER = "Please send me the form for a parking permit; I moved to the old town in May and have no garage there."


@pytest.fixture
async def city(tmp_path: Path) -> AsyncIterator[City]:
    app = without_kafka(tmp_path)
    yield City(app)
    await app.state.database.close()


async def program_of(city: City, person: Person) -> httpx.AsyncClient:
    await city.hires(person)
    async with city.commands.database.transaction() as session:
        token = await people.issue_token(session, person.email, clock.now())
    transport = httpx.ASGITransport(city.app)
    return httpx.AsyncClient(transport=transport, base_url="http://city.test/api/v1", headers={"Authorization": f"Bearer {token}"})


@pytest.fixture
async def anna(city: City) -> AsyncIterator[httpx.AsyncClient]:
    async with await program_of(city, ANNA) as client:
        yield client


@pytest.fixture
async def ben(city: City) -> AsyncIterator[httpx.AsyncClient]:
    """Of the streets department alone."""
    async with await program_of(city, BEN) as client:
        yield client


async def arrives(city: City, body: str, department: str = "streets") -> UUID:
    return await city.receives(request={"body": body, "subject": None}, fingerprint=fingerprint(None, body), department=department)


async def similar_to(client: httpx.AsyncClient, request_id: UUID, limit: int = 10) -> list[str]:
    answer = await client.get(f"/cases/{request_id}/similar", params={"limit": limit})
    assert answer.status_code == 200, answer.text
    return [item["request_id"] for item in answer.json()["items"]]


async def test_a_message_that_came_before_in_nearly_the_same_words_is_found_and_no_other(city: City, anna: httpx.AsyncClient) -> None:
    first, other, again = [await arrives(city, body) for body in (LETTER, OTHER, AGAIN)]
    answer = await anna.get(f"/cases/{again}/similar")
    (item,) = answer.json()["items"]
    assert item["request_id"] == str(first)
    assert item["state"] == "drafting"
    assert 0.5 < item["resemblance"] < 1
    assert await similar_to(anna, first) == [str(again)]
    assert await similar_to(anna, other) == []


async def test_the_nearest_comes_first_and_of_equals_the_newest(city: City, anna: httpx.AsyncClient) -> None:
    again, same, same_later, newest = [await arrives(city, body) for body in (AGAIN, LETTER, LETTER, LETTER)]
    assert await similar_to(anna, newest) == [str(same_later), str(same), str(again)]
    assert await similar_to(anna, newest, limit=1) == [str(same_later)]


async def test_nobody_finds_a_case_that_is_not_theirs_to_see(city: City, anna: httpx.AsyncClient, ben: httpx.AsyncClient) -> None:
    streets, taxes, newest = await arrives(city, LETTER), await arrives(city, LETTER, "taxes"), await arrives(city, LETTER)
    assert await similar_to(ben, newest) == [str(streets)]
    assert await similar_to(anna, newest) == [str(taxes), str(streets)]
    assert (await ben.get(f"/cases/{taxes}/similar")).status_code == 403


async def test_only_people_who_read_letters_are_told(city: City) -> None:
    request_id = await arrives(city, LETTER)
    async with await program_of(city, OLE) as ole:
        assert (await ole.get(f"/cases/{request_id}/similar")).status_code == 403
    async with httpx.AsyncClient(transport=httpx.ASGITransport(city.app), base_url="http://city.test/api/v1") as stranger:
        assert (await stranger.get(f"/cases/{request_id}/similar")).status_code == 401


async def test_an_unknown_request_has_no_similar_ones(anna: httpx.AsyncClient) -> None:
    assert (await anna.get(f"/cases/{uuid4()}/similar")).status_code == 404


@pytest.mark.parametrize("made", ["", "8f3a5c0011223344"])
async def test_what_has_no_fingerprint_of_ours_is_like_nothing(city: City, anna: httpx.AsyncClient, made: str) -> None:
    first, second = [await city.receives(fingerprint=made) for _ in range(2)]
    assert await similar_to(anna, first) == await similar_to(anna, second) == []


async def test_a_request_that_is_triaged_twice_is_kept_once(city: City) -> None:
    async with city.commands.database.transaction() as session:
        for _ in range(2):
            await near_duplicates.keep(session, UUID(int=1), fingerprint(None, LETTER))
        await near_duplicates.keep(session, UUID(int=1), fingerprint(None, OTHER))
    async with city.commands.database.reading() as session:
        assert (await session.exec(select(func.count()).select_from(FingerprintRow))).one() == 1
        assert (await session.exec(select(func.count()).select_from(FingerprintBandRow))).one() == 10


async def test_of_a_campaign_the_newest_are_looked_at(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(near_duplicates, "NEWEST_OF_BAND", 3)
    async with city.commands.database.transaction() as session:
        for number in range(1, 9):
            await near_duplicates.keep(session, UUID(int=number), fingerprint(None, LETTER))
    async with city.commands.database.reading() as session:
        neighbours = await near_duplicates.near(session, UUID(int=1))
    assert [neighbour.request_id.int for neighbour in neighbours] == [8, 7, 6]
