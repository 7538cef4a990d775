"""What can be reported, and where, by Open311 GeoReport v2."""

import xml.etree.ElementTree as ET

import httpx
import pytest

from services.runtime.database import Database
from tests.service.open311.city import SINKHOLE, a_key, refused


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
