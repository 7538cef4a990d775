"""A city's app asks by Open311 GeoReport v2 what became of its reports."""

import xml.etree.ElementTree as ET
from datetime import UTC, datetime, timedelta
from typing import get_args
from uuid import UUID, uuid4

import httpx
import pytest
from fastapi import FastAPI

from schemas.requests_triaged import RequestTriaged
from services.intake import handlers
from services.intake.open311 import sentences
from services.intake.rules import State
from services.runtime import clock
from services.runtime.database import Database
from tests.case_builders import triaged
from tests.service.open311.city import SINKHOLE, a_client, a_key, decided, listed, moved, posted, refused


async def test_a_request_is_shown_as_the_specification_has_it_and_without_whoever_sent_it(city: httpx.AsyncClient) -> None:
    request_id = await posted(city)
    answer = await city.get(f"/requests/{request_id}.json")
    [shown] = answer.json()
    assert list(shown) == [
        "service_request_id", "status", "status_notes", "service_name", "service_code", "description",
        "agency_responsible", "service_notice", "requested_datetime", "updated_datetime", "expected_datetime",
        "address", "address_id", "zipcode", "lat", "long", "media_url",
    ]  # fmt: skip
    assert (shown["status"], shown["service_code"], shown["service_name"]) == ("open", "roads_pavements", "Roads and pavements")
    assert (shown["lat"], shown["long"], shown["address"]) == (37.76524078, -122.4212043, "1234 5th street")
    assert (shown["description"], shown["media_url"]) == (SINKHOLE["description"], SINKHOLE["media_url"])
    assert datetime.fromisoformat(shown["expected_datetime"]) > datetime.fromisoformat(shown["requested_datetime"])
    assert not [name for name in ("smit333", "john", "smith", "111111111", "tt222111") if name in answer.text]
    [request] = ET.fromstring((await city.get("/requests.xml")).content)  # noqa: S314 - ours
    assert {part.tag: part.text for part in request} == {name: None if value is None else str(value) for name, value in shown.items()}


async def test_only_the_agencys_key_opens_requests_in_whichever_way_it_is_sent(
    stranger: httpx.AsyncClient, city: httpx.AsyncClient, key: str, intake: FastAPI, database: Database
) -> None:
    request_id = await posted(city)
    for path in ("/requests.json", f"/requests/{request_id}.json", f"/tokens/{request_id}.json"):
        await refused(await stranger.get(path), 403, "key")
        await refused(await stranger.get(path, params={"api_key": key}), 403, "key")
        assert (await stranger.get(path, auth=httpx.BasicAuth("anybody", key))).status_code == 200
        assert (await stranger.get(path, headers={"Authorization": "Basic ="})).status_code == 403
    await refused(await stranger.post("/requests.json", data={**SINKHOLE, "api_key": "xyz"}), 403, "key")
    async with a_client(intake, await a_key(database, "shelbyville")) as other:
        assert await listed(other) == []
        await refused(await other.get(f"/requests/{request_id}.json"), 404, "service_request_id")
        await refused(await other.get(f"/tokens/{request_id}.json"), 404, "token")
        assert await listed(other, service_request_id=request_id) == []


async def test_an_id_is_its_own_token(city: httpx.AsyncClient) -> None:
    request_id = await posted(city)
    assert (await city.get(f"/tokens/{request_id}.json")).json() == [{"service_request_id": request_id, "token": request_id}]


async def test_open_is_what_waits_and_closed_what_is_over_and_a_word_says_why(city: httpx.AsyncClient, database: Database) -> None:
    waiting, over = await posted(city), await posted(city)
    await decided(database, over)
    assert await listed(city, status="open") == [waiting]
    assert await listed(city, status="closed") == [over]
    assert await listed(city, status="open,closed") == [over, waiting]
    [shown] = (await city.get(f"/requests/{over}.json", params={"locale": "fr"})).json()
    assert (shown["status"], shown["status_notes"]) == ("closed", "Un agent l’a close sans réponse.")
    await refused(await city.get("/requests.json", params={"status": "archived"}), 400, "status")


async def test_a_request_that_came_by_kafka_is_listed_as_well(city: httpx.AsyncClient, database: Database) -> None:
    event: RequestTriaged = triaged(request_id=uuid4(), agency="springfield", category="street_lighting", department="streets")
    await handlers.on_request_triaged(event, database)
    [shown] = (await city.get("/requests.json", params={"service_code": "street_lighting"})).json()
    assert (shown["service_request_id"], shown["agency_responsible"]) == (str(event.request_id), "Streets and mobility")
    assert (shown["description"], shown["lat"]) == (None, None)


async def test_a_citizens_own_choice_of_service_stays_whatever_triage_says(city: httpx.AsyncClient, database: Database) -> None:
    request_id = await posted(city)
    await handlers.on_request_triaged(
        triaged(request_id=UUID(request_id), agency="springfield", category="fines", department="safety"), database
    )
    [shown] = (await city.get("/requests.json", params={"service_code": "roads_pavements,x' OR 1=1 --"})).json()
    assert (shown["service_code"], shown["agency_responsible"]) == ("roads_pavements", "Public safety")
    assert await listed(city, service_code="fines") == []


async def test_the_last_90_days_are_shown_or_those_that_are_asked_for(city: httpx.AsyncClient, database: Database) -> None:
    old, new = await posted(city), await posted(city)
    long_ago = datetime(2026, 1, 5, 12, tzinfo=UTC)
    await moved(database, old, accepted_at=long_ago)
    assert await listed(city) == [new]
    assert await listed(city, start_date="2026-01-01T00:00:00Z") == [old]
    assert await listed(city, end_date="2026-01-06T00:00:00+01:00", start_date="") == [old]
    assert await listed(city, start_date="2026-01-06T00:00:00Z", end_date="2026-02-06T00:00:00Z") == []
    assert set(await listed(city, service_request_id=f"{old}, {new},nonsense", status="closed")) == {old, new}
    too_long = {"start_date": "2026-01-01T00:00:00Z", "end_date": "2026-06-01T00:00:00Z"}
    await refused(await city.get("/requests.json", params=too_long), 400, "90 days")
    await refused(await city.get("/requests.json", params={"start_date": "yesterday"}), 400, "start_date")
    assert (await city.get("/requests.json?start_date=2026-01-01T00:00:00+01:00")).json()


async def test_what_changed_lately_is_found_however_old_it_is(city: httpx.AsyncClient, database: Database) -> None:
    old, still = await posted(city), await posted(city)
    long_ago = datetime(2026, 1, 5, 12, tzinfo=UTC)
    await moved(database, old, accepted_at=long_ago)
    await moved(database, still, updated_at=long_ago)
    assert await listed(city, updated_after=(clock.now() - timedelta(hours=1)).isoformat()) == [old]
    assert await listed(city, updated_before="2026-02-01T00:00:00Z") == [still]


async def test_pages_follow_each_other(city: httpx.AsyncClient) -> None:
    newest_first = [await posted(city) for _ in range(5)][::-1]
    pages = [await listed(city, page=str(page), page_size="2") for page in (1, 2, 3, 4)]
    assert pages == [newest_first[:2], newest_first[2:4], newest_first[4:], []]
    for parameters in ({"page_size": "1001"}, {"page_size": "0"}, {"page": "-1"}, {"page": "9" * 30}, {"page_size": "1e9"}):
        assert (await city.get("/requests.json", params=parameters)).status_code == 400


async def test_the_list_for_programs_goes_on_where_it_stopped_whatever_comes_meanwhile(city: httpx.AsyncClient) -> None:
    newest_first = [await posted(city) for _ in range(3)][::-1]
    first = (await city.get("http://localhost/v1/requests", params={"limit": 2})).json()
    await posted(city)
    second = (await city.get("http://localhost/v1/requests", params={"limit": 2, "cursor": first["next_cursor"]})).json()
    assert [entry["request_id"] for entry in first["items"] + second["items"]] == newest_first
    assert second["next_cursor"] is None
    assert (await city.get("http://localhost/v1/requests", params={"state": ["sent", "closed"]})).json()["items"] == []
    for cursor in ("x", "9" * 16 + "-" + "f" * 32):
        assert (await city.get("http://localhost/v1/requests", params={"cursor": cursor})).status_code in (200, 422)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_state_has_a_sentence(language: str) -> None:
    assert all(sentences.status_note(state, language) for state in get_args(State))
