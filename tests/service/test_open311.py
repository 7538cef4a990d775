"""A city's app reports by Open311 GeoReport v2 and asks what became of it."""

import xml.etree.ElementTree as ET
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr
from sqlmodel import SQLModel, col, select, update

from schemas.replies_decided import ReplyDecided
from schemas.requests_received import RequestReceived
from schemas.requests_triaged import RequestTriaged
from services.intake import app, handlers, store
from services.intake.quota import Quotas
from services.intake.tables import StatusRow
from services.runtime import clock
from services.runtime.database import Database
from services.runtime.outbox import OutboxRow
from services.runtime.settings import KafkaSettings, Settings
from tests.case_builders import triaged

SINKHOLE = {
    "service_code": "roads_pavements",
    "lat": "37.76524078",
    "long": "-122.4212043",
    "address_string": "1234 5th street",
    "email": "smit333@sfgov.example",
    "device_id": "tt222111",
    "account_id": "123456",
    "first_name": "john",
    "last_name": "smith",
    "phone": "111111111",
    "description": "A large sinkhole is destroying the street",
    "media_url": "http://farm3.static.example/2002/2212426634_5ed477a060.jpg",
    "attribute[WHISPAWN]": "123456",
    "attribute[WHISDORN]": "COISL001",
}
"""The request of the specification's example, with a code of the sample city's taxonomy."""


@pytest.fixture
async def intake(tmp_path: Path) -> AsyncIterator[FastAPI]:
    url = f"sqlite+aiosqlite:///{tmp_path / 'parvis.db'}"
    application = app.create(Settings(data_dir=tmp_path, database_url=SecretStr(url), kafka=KafkaSettings(bootstrap="127.0.0.1:1")))
    async with application.state.database.engine.begin() as connection:
        await connection.run_sync(SQLModel.metadata.create_all)
    yield application
    await application.state.database.close()


@pytest.fixture
def database(intake: FastAPI) -> Database:
    database: Database = intake.state.database
    return database


async def a_key(database: Database, slug: str) -> str:
    async with database.transaction() as session:
        await store.add_agency(session, slug, slug.title(), clock.now())
        return await store.issue_key(session, slug, clock.now())


def a_client(intake: FastAPI, key: str = "") -> httpx.AsyncClient:
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    return httpx.AsyncClient(transport=httpx.ASGITransport(intake), base_url="http://localhost/open311/v2", headers=headers)


@pytest.fixture
async def key(database: Database) -> str:
    return await a_key(database, "springfield")


@pytest.fixture
async def city(intake: FastAPI, key: str) -> AsyncIterator[httpx.AsyncClient]:
    async with a_client(intake, key) as client:
        yield client


@pytest.fixture
async def stranger(intake: FastAPI, key: str) -> AsyncIterator[httpx.AsyncClient]:
    assert key
    async with a_client(intake) as client:
        yield client


async def outgoing(database: Database) -> list[RequestReceived]:
    async with database.reading() as session:
        rows = (await session.exec(select(OutboxRow).order_by(col(OutboxRow.id)))).all()
    return [RequestReceived.model_validate_json(row.value) for row in rows]


async def posted(city: httpx.AsyncClient, **changes: str | None) -> str:
    """The id of the example's request with these changes."""
    answer = await city.post("/requests.json", data={name: value for name, value in {**SINKHOLE, **changes}.items() if value is not None})
    assert answer.status_code == 200, answer.text
    [receipt] = answer.json()
    return str(receipt["service_request_id"])


async def listed(city: httpx.AsyncClient, **parameters: str) -> list[str]:
    answer = await city.get("/requests.json", params=parameters)
    assert answer.status_code == 200, answer.text
    return [entry["service_request_id"] for entry in answer.json()]


async def refused(answer: httpx.Response, status: int, word: str) -> None:
    [fault, *_] = answer.json()
    assert (answer.status_code, fault["code"]) == (status, status), answer.text
    assert word in fault["description"]


async def test_what_can_be_reported_is_the_taxonomy_and_public(stranger: httpx.AsyncClient) -> None:
    answer = await stranger.get("/services.xml")
    assert answer.headers["content-type"] == "text/xml; charset=utf-8"
    assert answer.text.startswith('<?xml version="1.0" encoding="utf-8"?>')
    lamps = next(entry for entry in ET.fromstring(answer.content) if entry.findtext("service_code") == "street_lighting")  # noqa: S314 - ours
    assert [part.tag for part in lamps] == ["service_code", "service_name", "description", "metadata", "type", "keywords", "group"]
    assert (lamps.findtext("service_name"), lamps.findtext("group")) == ("Street lighting", "Streets and mobility")
    assert (lamps.findtext("metadata"), lamps.findtext("type")) == ("false", "realtime")
    assert answer.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize(
    ("parameters", "headers"),
    [({"locale": "fr_CA"}, {}), ({}, {"Accept-Language": "de, fr;q=0.8, en;q=0.7"}), ({"locale": "fr"}, {"Accept-Language": "en"})],
)
async def test_services_have_the_labels_of_the_language_that_is_asked_for(
    stranger: httpx.AsyncClient, parameters: dict[str, str], headers: dict[str, str]
) -> None:
    services = (await stranger.get("/services.json", params=parameters, headers=headers)).json()
    assert (services[0]["service_name"], services[0]["group"], services[0]["metadata"]) == (
        "Éclairage public",
        "Voirie et mobilités",
        False,
    )


async def test_a_service_asks_nothing_more_and_one_that_is_none_is_not_found(stranger: httpx.AsyncClient) -> None:
    assert (await stranger.get("/services/street_lighting.json")).json() == {"service_code": "street_lighting", "attributes": []}
    definition = ET.fromstring((await stranger.get("/services/street_lighting.xml")).content)  # noqa: S314 - ours
    assert ([part.tag for part in definition], list(definition[1])) == (["service_code", "attributes"], [])
    await refused(await stranger.get("/services/x' OR 1=1 --.json"), 404, "service_code")


async def test_discovery_names_the_endpoint_and_never_under_a_host_that_a_client_made_up(stranger: httpx.AsyncClient) -> None:
    discovery = (await stranger.get("/discovery.json")).json()
    [endpoint] = discovery["endpoints"]
    assert (endpoint["url"], endpoint["formats"]) == ("http://localhost/open311/v2", ["text/xml", "application/json"])
    assert discovery["contact"]
    assert discovery["key_service"]
    elsewhere = (await stranger.get("/discovery.json", headers={"Host": "evil.example"})).json()
    assert elsewhere["endpoints"][0]["url"] == "/open311/v2"


async def test_with_several_agencies_the_jurisdiction_must_be_said(
    stranger: httpx.AsyncClient, city: httpx.AsyncClient, database: Database
) -> None:
    assert (await stranger.get("/services.json")).status_code == 200
    await a_key(database, "shelbyville")
    await refused(await stranger.get("/services.json"), 400, "jurisdiction_id")
    await refused(await stranger.get("/services.json?jurisdiction_id=ogdenville"), 404, "jurisdiction_id")
    assert (await stranger.get("/services.json?jurisdiction_id=shelbyville")).status_code == 200
    assert (await city.get("/requests.json")).status_code == 200
    await refused(await city.get("/requests.json?jurisdiction_id=shelbyville"), 404, "jurisdiction_id")
    await refused(await city.post("/requests.json", data={**SINKHOLE, "jurisdiction_id": "shelbyville"}), 404, "jurisdiction_id")


async def test_the_specifications_own_request_is_on_its_way_before_it_is_answered(
    stranger: httpx.AsyncClient, key: str, database: Database
) -> None:
    answer = await stranger.post("/requests.xml", data={"api_key": key, **SINKHOLE})
    [request] = ET.fromstring(answer.content)  # noqa: S314 - ours
    assert [part.tag for part in request] == ["service_request_id", "service_notice", "account_id"]
    [sent] = await outgoing(database)
    assert (str(sent.request_id), request.findtext("account_id")) == (request.findtext("service_request_id"), "123456")
    assert (sent.agency, sent.channel, sent.body) == ("springfield", "open311", SINKHOLE["description"])
    assert sent.citizen
    assert (sent.citizen.name, sent.citizen.email, sent.citizen.phone) == ("john smith", "smit333@sfgov.example", "111111111")
    assert sent.location
    assert (sent.location.latitude, sent.location.longitude, sent.location.address) == (37.76524078, -122.4212043, "1234 5th street")
    assert [attachment.url for attachment in sent.attachments] == [SINKHOLE["media_url"]]
    assert sent.metadata == {
        "open311_service_code": "roads_pavements",
        "open311_account_id": "123456",
        "open311_device_id": "tt222111",
        "attribute[WHISPAWN]": "123456",
        "attribute[WHISDORN]": "COISL001",
    }


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


async def decided(database: Database, request_id: str, **changes: Any) -> None:
    event = {
        "decision_id": uuid4(),
        "draft_id": None,
        "agency": "springfield",
        "decision": "closed",
        "decided_by": "ana",
        "decided_at": clock.now(),
    }
    event |= {
        "request_id": request_id,
        "send_after": clock.now(),
        "subject": None,
        "body": None,
        "recipient": None,
        "reason": "x",
        **changes,
    }
    await handlers.on_reply_decided(ReplyDecided.model_validate(event), database)


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


async def moved(database: Database, request_id: str, **times: datetime) -> None:
    """As if it had come, or changed, then."""
    async with database.transaction() as session:
        await session.exec(update(StatusRow).where(col(StatusRow.request_id) == UUID(request_id)).values(**times))


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


@pytest.mark.parametrize(
    ("change", "status", "word"),
    [
        ({"service_code": "nonsense"}, 404, "service_code"),
        ({"service_code": "' OR 1=1 --"}, 404, "service_code"),
        ({"lat": None, "long": None, "address_string": None}, 400, "lat"),
        ({"lat": "NaN", "address_string": None}, 400, "lat"),
        ({"long": "1e999", "address_string": None}, 400, "long"),
        ({"lat": "37.7", "long": "", "address_string": ""}, 400, "long"),
        ({"lat": "north", "address_string": None}, 400, "lat"),
        ({"description": "x" * 20_001}, 400, "description"),
        ({"description": None, "service_code": None}, 400, "description"),
    ],
)
async def test_what_cannot_be_used_is_named_by_field(
    city: httpx.AsyncClient, database: Database, change: dict[str, str | None], status: int, word: str
) -> None:
    sent = {name: value for name, value in {**SINKHOLE, **change}.items() if value is not None}
    await refused(await city.post("/requests.json", data=sent), status, word)
    assert await outgoing(database) == []


async def test_what_the_citizen_left_out_costs_no_report(city: httpx.AsyncClient, database: Database) -> None:
    await posted(city, description=None)
    await posted(city, service_code="")
    await posted(city, lat="NaN", email="nobody", media_url="javascript:alert(1)")
    await posted(city, lat=None, long=None, address_string=None, address_id="545483")
    bare, free, odd, by_id = await outgoing(database)
    assert bare.body == "Roads and pavements"
    assert "open311_service_code" not in free.metadata
    assert odd.location
    assert (odd.location.address, odd.location.longitude) == (SINKHOLE["address_string"], None)
    assert [dropped.field for dropped in odd.dropped] == ["citizen.email", "location.latitude", "attachments.0.url"]
    assert (by_id.location, by_id.metadata["open311_address_id"]) == (None, "545483")


async def test_hostile_text_is_text_in_both_formats(city: httpx.AsyncClient) -> None:
    hostile = ']]><script>alert(1)</script>&\x00\x0b\x1b\ufffe <!ENTITY x "y"> \U0001f4a1'
    request_id = await posted(city, description=hostile)
    [shown] = (await city.get(f"/requests/{request_id}.json")).json()
    [request] = ET.fromstring((await city.get(f"/requests/{request_id}.xml")).content)  # noqa: S314 - ours
    assert shown["description"] == hostile.replace("\x00", "\ufffd")
    assert request.findtext("description") == ']]><script>alert(1)</script>&\ufffd\ufffd\ufffd\ufffd <!ENTITY x "y"> \U0001f4a1'


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"description=%ff%fe&lat=1&long=1", "application/x-www-form-urlencoded", 400),
        (b"\xff\xfe", "application/x-www-form-urlencoded", 400),
        (b"&".join(b"a%d=1" % n for n in range(300)), "application/x-www-form-urlencoded; charset=utf-8", 400),
        (b"x" * (8 * 1024 * 1024 + 1), "application/x-www-form-urlencoded", 413),
        (b'{"description": "x"}', "application/json", 400),
        (b"--b\r\nnonsense", "multipart/form-data; boundary=b", 400),
        (b"nonsense", "multipart/form-data", 400),
        (b"", "application/x-www-form-urlencoded", 400),
    ],
    ids=["escaped", "raw", "many", "long", "json", "half", "no-boundary", "empty"],
)
async def test_a_form_that_is_none_is_refused_in_so_many_words(city: httpx.AsyncClient, body: bytes, kind: str, status: int) -> None:
    answer = await city.post("/requests.json", content=body, headers={"Content-Type": kind})
    assert (answer.status_code, answer.json()[0]["code"]) == (status, status)


async def test_a_photograph_comes_along_and_one_that_is_too_large_costs_no_report(city: httpx.AsyncClient, database: Database) -> None:
    files = [("media", ("lamp.jpg", b"\xff\xd8 small", "image/jpeg")), ("media", ("huge.jpg", b"\xff\xd8" * 400_000, "image/jpeg"))]
    answer = await city.post("/requests.json", data=SINKHOLE, files=files)
    [receipt] = answer.json()
    [sent] = await outgoing(database)
    assert [(file.name, file.read() is not None) for file in sent.files] == [("lamp.jpg", True), ("huge.jpg", False)]
    assert "files.1" in receipt["service_notice"]


async def test_the_same_report_with_the_same_idempotency_key_is_one(city: httpx.AsyncClient, database: Database) -> None:
    answers = [await city.post("/requests.json", data=SINKHOLE, headers={"Idempotency-Key": "report-7"}) for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    assert len(await outgoing(database)) == 1
    other = await city.post("/requests.json", data={**SINKHOLE, "description": "Another"}, headers={"Idempotency-Key": "report-7"})
    await refused(other, 400, "key")


async def test_a_key_that_has_used_its_quota_is_told_when_to_come_again(intake: FastAPI, city: httpx.AsyncClient) -> None:
    intake.state.quotas = Quotas(per_minute=1, burst=1)
    first, second = [await city.post("/requests.json", data=SINKHOLE) for _ in range(2)]
    assert (first.status_code, second.status_code) == (200, 429)
    assert first.headers["ratelimit"].startswith('"requests";r=0')
    assert 1 <= int(second.headers["retry-after"]) <= 60
    assert second.json()[0]["code"] == 429
