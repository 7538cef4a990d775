"""A client library of others, as it comes from PyPI, over a real HTTP server."""

from pathlib import Path

import httpx
import pytest
from georeport import GeoReport

from tests.harness.intake_server import AGENCY, intake_server
from tests.service.open311.city import SINKHOLE


@pytest.mark.parametrize("encoding", ["json", "xml"])
def test_a_client_library_reads_services_and_requests(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, encoding: str) -> None:
    with intake_server(tmp_path) as server:
        credentials = tmp_path / "netrc"
        credentials.write_text(f"machine 127.0.0.1 login app password {server.key}\n")
        credentials.chmod(0o600)
        monkeypatch.setenv("NETRC", str(credentials))  # the library has no place for a key on what it reads
        city = GeoReport(f"{server.url}/open311/v2", jurisdiction=AGENCY, output_format=encoding)
        posted = [httpx.post(f"{server.url}/open311/v2/requests.json", data={**SINKHOLE, "api_key": server.key}).json() for _ in range(2)]
        ids = [receipt["service_request_id"] for [receipt] in posted]

        assert "street_lighting" in {service["service_code"] for service in city.get_service_list()}
        assert city.get_service_definition("street_lighting")["service_code"] == "street_lighting"
        assert [request["service_request_id"] for request in city.get_service_requests(status="open")] == ids[::-1]
        assert len(city.get_service_requests(",".join(ids))) == 2
        shown = city.get_service_request(ids[0])
        assert (shown["status"], shown["description"], float(shown["lat"])) == ("open", SINKHOLE["description"], 37.76524078)
