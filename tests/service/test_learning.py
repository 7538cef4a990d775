"""A correction becomes an example when a supervisor says so, and never by itself."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import httpx
import pytest

from services.review.audit import store as audit
from services.review.cases.deciding.actions import Correct
from services.review.learning import store
from services.review.people import store as people
from services.runtime import clock
from services.triage.set_aside import set_aside
from tests.case_builders import CITY, received
from tests.pages.city import ANNA, SUE, City, without_kafka


@pytest.fixture
async def city(tmp_path: Path) -> AsyncIterator[City]:
    app = without_kafka(tmp_path)
    city = City(app)
    await city.hires(ANNA, SUE)
    yield city
    await app.state.database.close()


async def program_of(city: City, email: str) -> httpx.AsyncClient:
    async with city.commands.database.transaction() as session:
        token = await people.issue_token(session, email, clock.now())
    transport = httpx.ASGITransport(city.app)
    return httpx.AsyncClient(transport=transport, base_url="http://city.test/api/v1", headers={"Authorization": f"Bearer {token}"})


@pytest.fixture
async def sue(city: City) -> AsyncIterator[httpx.AsyncClient]:
    async with await program_of(city, SUE.email) as client:
        yield client


@pytest.fixture
async def anna(city: City) -> AsyncIterator[httpx.AsyncClient]:
    async with await program_of(city, ANNA.email) as client:
        yield client


async def a_correction(city: City, category: str = "roads_pavements") -> UUID:
    spans = [{"field": "body", "start": 17, "end": 28, "placeholder": "[NAME_1]"}]
    hidden = {"subject": None, "body": "The lamp is out. [NAME_1]", "found": {"NAME": 1}, "spans": spans}
    request_id = await city.receives(request={"subject": None, "body": "The lamp is out. Ines Marlow"}, redacted=hidden)
    await city.does(ANNA, request_id, Correct(category=category))
    return request_id


async def learnt(city: City) -> list[str]:
    async with city.commands.database.reading() as session:
        return [f"{decided.lesson.category}: {decided.lesson.text}" for decided in await store.decided(session, "accepted")]


async def test_a_correction_waits_and_teaches_nothing_by_itself(city: City, sue: httpx.AsyncClient) -> None:
    request_id = await a_correction(city)
    await city.receives()  # nobody saw this one otherwise

    waiting = (await sue.get("/learning")).json()["items"]

    assert [(correction["request_id"], correction["said"], correction["category"]) for correction in waiting] == [
        (str(request_id), "street_lighting", "roads_pavements")
    ]
    assert await learnt(city) == []


async def test_an_accepted_correction_is_an_example_of_the_redacted_text_with_a_line_in_the_log(city: City, sue: httpx.AsyncClient) -> None:
    request_id = await a_correction(city)
    version = (await city.case(request_id)).version

    answer = await sue.post(f"/learning/{request_id}/accept", json={"version": version, "note": "clear case"})

    assert answer.status_code == 200
    assert await learnt(city) == ["roads_pavements: The lamp is out. [NAME_1]"]
    assert (await city.case(request_id)).version == version
    assert (await sue.get("/learning")).json()["items"] == []
    async with city.commands.database.reading() as session:
        entry = (await audit.of_request(session, request_id))[-1]
    assert (entry.actor, entry.action, entry.detail["category"]) == (SUE.email, "teach", ["street_lighting", "roads_pavements"])


async def test_a_supervisor_can_take_an_example_back(city: City, sue: httpx.AsyncClient) -> None:
    request_id = await a_correction(city)
    version = (await city.case(request_id)).version
    await sue.post(f"/learning/{request_id}/accept", json={"version": version})

    await sue.post(f"/learning/{request_id}/decline", json={"version": version})

    assert await learnt(city) == []
    assert [correction["verdict"] for correction in (await sue.get("/learning", params={"state": "declined"})).json()["items"]] == [
        "declined"
    ]


async def test_only_a_supervisor_decides_what_is_learnt(city: City, anna: httpx.AsyncClient) -> None:
    request_id = await a_correction(city)
    assert (await anna.get("/learning")).status_code == 403
    assert (await anna.post(f"/learning/{request_id}/accept", json={"version": 4})).status_code == 403
    assert await learnt(city) == []


async def test_a_stale_version_decides_nothing(city: City, sue: httpx.AsyncClient) -> None:
    request_id = await a_correction(city)
    version = (await city.case(request_id)).version
    await city.does(ANNA, request_id, Correct(category="public_safety"))
    assert (await sue.post(f"/learning/{request_id}/accept", json={"version": version})).status_code == 409
    assert await learnt(city) == []


async def test_an_example_whose_case_was_corrected_again_waits_once_more(city: City, sue: httpx.AsyncClient) -> None:
    request_id = await a_correction(city)
    await sue.post(f"/learning/{request_id}/accept", json={"version": (await city.case(request_id)).version})
    await city.does(ANNA, request_id, Correct(category="public_safety"))
    assert [correction["category"] for correction in (await sue.get("/learning")).json()["items"]] == ["public_safety"]


async def test_what_the_classifier_left_to_a_person_can_be_learnt_even_if_its_guess_was_right(city: City, sue: httpx.AsyncClient) -> None:
    request_id = await city.receives(outcome="needs_triage")
    await city.does(ANNA, request_id, Correct(category="street_lighting"))
    assert [correction["request_id"] for correction in (await sue.get("/learning")).json()["items"]] == [str(request_id)]


async def test_a_case_that_nobody_sorted_teaches_nothing(city: City, sue: httpx.AsyncClient) -> None:
    request_id = await city.receives()
    answer = await sue.post(f"/learning/{request_id}/accept", json={"version": (await city.case(request_id)).version})
    assert answer.status_code == 409
    assert "correct its category first" in answer.json()["detail"]


async def test_a_message_that_was_set_aside_unread_is_no_example_once_a_person_has_sorted_it(city: City, sue: httpx.AsyncClient) -> None:
    body = "The lamp is out. Ines Marlow"
    aside = set_aside(received(body=body), CITY)
    request_id = await city.receives(
        request={"subject": None, "body": body},
        redacted=aside.redacted.model_dump(),
        model_version=aside.model_version,
        outcome="needs_triage",
    )
    await city.does(ANNA, request_id, Correct(category="roads_pavements"))

    assert (await sue.get("/learning")).json()["items"] == []
    refused = await sue.post(f"/learning/{request_id}/accept", json={"version": (await city.case(request_id)).version})
    assert refused.status_code == 409
    assert "unread" in refused.json()["detail"]
