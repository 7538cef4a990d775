"""A city's app reports by Open311 GeoReport v2."""

import xml.etree.ElementTree as ET

import httpx
import pytest
from fastapi import FastAPI

from services.intake.quota import Quotas
from services.runtime.database import Database
from tests.service.open311.city import SINKHOLE, outgoing, posted, refused


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
