"""What the outside is told: under which address, by https, and who reads the figures."""

import contextlib
from collections.abc import AsyncIterator
from importlib import import_module
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr

from services.intake import app as intake
from services.local import agency_provisioning
from services.migrations.upgrade import upgrade
from services.runtime import clock, web
from services.runtime.base_url import PublicAddress
from services.runtime.settings import SERVICES, KafkaSettings, Settings

REQUEST = {"channel": "web", "body": "The lamp is out."}


@contextlib.asynccontextmanager
async def life(_: FastAPI) -> AsyncIterator[None]:
    yield


def outside(app: FastAPI, *, address: str = "127.0.0.1", url: str = "http://parvis.city.example") -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app, client=(address, 4711)), base_url=url)


@contextlib.asynccontextmanager
async def closed_at_the_end(app: FastAPI) -> AsyncIterator[None]:
    """Figures are read from the database, where the service has one."""
    yield
    if database := getattr(app.state, "database", None):
        await database.close()


@contextlib.asynccontextmanager
async def an_intake(folder: Path, public_url: str) -> AsyncIterator[tuple[FastAPI, dict[str, str]]]:
    settings = Settings(data_dir=folder, intake_public_url=public_url, kafka=KafkaSettings(bootstrap="127.0.0.1:1"))
    upgrade(settings.database)
    app = intake.create(settings)
    async with app.state.database.transaction() as session:
        key = await agency_provisioning.add(session, "city", "City", clock.now())
    yield app, {"authorization": f"Bearer {key}"}
    await app.state.database.close()


async def test_status_url_is_the_settings_and_another_host_is_refused(tmp_path: Path) -> None:
    async with an_intake(tmp_path, "https://parvis.city.example") as (app, key), outside(app) as client:
        taken = await client.post("/v1/requests", json=REQUEST, headers=key)
        refused = await client.post("/v1/requests", json=REQUEST, headers=key | {"host": "evil.example"})
        alive = await client.get("/healthz", headers={"host": "10.1.2.3:8080"})

    assert taken.json()["status_url"] == f"https://parvis.city.example/v1/requests/{taken.json()['request_id']}"
    assert taken.headers["strict-transport-security"] == "max-age=31536000; includeSubDomains"
    assert (refused.status_code, refused.headers["content-type"]) == (421, "application/problem+json")
    assert "https://parvis.city.example" in refused.json()["detail"]
    assert "evil" not in refused.text
    assert alive.status_code == 200


@pytest.mark.parametrize(("host", "begins"), [("evil.example", "/v1/"), ("127.0.0.1:8001", "http://127.0.0.1:8001/v1/")])
async def test_without_the_setting_status_url_names_no_host_but_this_machine(tmp_path: Path, host: str, begins: str) -> None:
    async with an_intake(tmp_path, "") as (app, key), outside(app) as client:
        taken = await client.post("/v1/requests", json=REQUEST, headers=key | {"host": host, "x-forwarded-host": "evil.example"})

    assert taken.status_code == 202
    assert taken.json()["status_url"].startswith(begins)
    assert "strict-transport-security" not in taken.headers


@pytest.mark.parametrize(
    ("address", "headers", "status"),
    [
        ("127.0.0.1", {}, 200),
        ("::1", {}, 200),
        ("::ffff:127.0.0.1", {}, 200),
        ("10.0.0.7", {}, 401),
        ("127.0.0.1", {"x-forwarded-for": "203.0.113.9"}, 401),
        ("127.0.0.1", {"forwarded": "for=203.0.113.9"}, 401),
        ("10.0.0.7", {"x-forwarded-for": "127.0.0.1"}, 401),
    ],
)
async def test_figures_are_this_machines_alone(address: str, headers: dict[str, str], status: int) -> None:
    async with outside(web.create("desk", [], life), address=address) as client:
        assert (await client.get("/metrics", headers=headers)).status_code == status


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.7"])
@pytest.mark.parametrize(
    ("authorization", "status"),
    [("Bearer t0p", 200), ("bearer t0p", 200), ("Bearer other", 401), ("Basic t0p", 401), ("", 401), ("Bearer ü", 401)],
)
async def test_with_a_token_figures_are_for_whoever_brings_it(address: str, authorization: str, status: int) -> None:
    app = web.create("desk", [], life, edge=web.Edge(metrics_token="t0p"))
    async with outside(app, address=address) as client:
        answer = await client.get("/metrics", headers={b"authorization": authorization.encode()})

    assert answer.status_code == status
    assert "PARVIS_METRICS_TOKEN" in answer.text or status == 200


async def test_every_service_asks_for_the_token(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, metrics_token=SecretStr("t0p"), kafka=KafkaSettings(bootstrap="127.0.0.1:1"))
    for service in ("intake", "triage", "drafting", "review", "dispatch"):
        app = import_module(f"services.{service}.app").create(settings)
        async with outside(app) as client, closed_at_the_end(app):
            assert (await client.get("/metrics")).status_code == 401, service
            assert (await client.get("/metrics", headers={"authorization": "Bearer t0p"})).status_code == 200, service


async def test_a_bug_is_told_over_https_to_stay_with_it() -> None:
    app = web.create("desk", [], life, edge=web.Edge(PublicAddress("https://parvis.city.example"), https=True))
    async with outside(app) as client:
        assert "strict-transport-security" in (await client.get("/nowhere")).headers


@pytest.mark.parametrize("service", SERVICES)
async def test_no_answer_of_any_service_runs_or_is_framed_in_a_browser(tmp_path: Path, service: str) -> None:
    app = import_module(f"services.{service}.app").create(Settings(data_dir=tmp_path, kafka=KafkaSettings(bootstrap="127.0.0.1:1")))
    async with outside(app) as client, closed_at_the_end(app):
        paths = ("/healthz", "/metrics", "/nowhere", "/%00")
        answers = [await client.request(method, path) for method in ("GET", "POST", "TRACE") for path in paths]

    for answer in answers:
        policy = answer.headers["content-security-policy"]
        assert all(rule in policy for rule in ("default-src 'none'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"))
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] in ("no-referrer", "same-origin")
        assert "access-control-allow-origin" not in answer.headers
        assert "server" not in answer.headers
        assert answer.request.method == "GET" or answer.status_code in (404, 405)


async def test_a_refused_key_leaves_a_line_in_the_log_without_the_key_and_never_without_end(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with an_intake(tmp_path, "") as (app, _), outside(app, address="192.0.2.7") as client:
        assert (await client.get(f"/v1/requests/{uuid4()}")).status_code == 401
        for _ in range(150):
            assert (await client.get(f"/v1/requests/{uuid4()}", headers={"authorization": "Bearer pk_a_guess"})).status_code == 401

    lines = [record.getMessage() for record in caplog.records if record.name == "services.intake.authentication"]
    assert lines[0] == "key refused: missing, from 192.0.2.7 (0 before were not logged)"
    assert lines[1].startswith("key refused: unknown, from 192.0.2.7")
    assert 100 <= len(lines) < 150
    assert "a_guess" not in caplog.text


NO_FILES = [
    "/static/",
    "/static",
    "/static/..%2fforms.py",
    "/static/%2e%2e/forms.py",
    "/static/parvis.js%00",
    "/.git/config",
    "//etc/passwd",
]


@pytest.mark.parametrize("path", NO_FILES)
async def test_no_folder_of_static_files_is_listed_or_left(tmp_path: Path, path: str) -> None:
    app = import_module("services.review.app").create(Settings(data_dir=tmp_path, kafka=KafkaSettings(bootstrap="127.0.0.1:1")))
    async with outside(app) as client:
        assert (await client.get(path)).status_code == 404
        assert (await client.get("/static/parvis.js")).status_code == 200
