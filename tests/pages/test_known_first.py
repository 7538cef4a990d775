"""Who asks is the first question: nobody learns from an error what a stranger's body was read for."""

from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from services.intake.app import create as create_intake
from services.migrations.upgrade import upgrade
from services.review.people import store as people
from services.runtime import clock
from services.runtime.settings import KafkaSettings, Settings
from tests.pages.city import ANNA, City
from tests.pages.test_who_sees_what import routes

BODIES = {
    "half of an object": (b'{"version": ', "application/json"),
    "no UTF-8": (b"\xff\xfe", "application/json"),
    "the wrong fields": (b'{"nothing": 1}', "application/json"),
    "a list": (b"[]", "application/json"),
    "a broken upload": (b"--x\r\nContent-Disposition: form-data", "multipart/form-data; boundary=x"),
    "an upload without a boundary": (b"x", "multipart/form-data"),
    "a form": (b"version=x&verdict=", "application/x-www-form-urlencoded"),
}
WAYS_TO_BE_NOBODY: tuple[dict[str, str], ...] = (
    {},
    {"authorization": "Bearer pt_nobody"},
    {"authorization": "Basic x"},
    {"cookie": "parvis_session=nobody"},
)


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("place", ["c351d0b8-b1c3-46ce-b183-d57ec826465b", "no-id"])
async def test_every_route_that_needs_a_person_asks_for_one_before_it_reads(city: City, body: str, place: str) -> None:
    content, kind = BODIES[body]
    transport = httpx.ASGITransport(city.app, raise_app_exceptions=False)
    walked = 0
    async with httpx.AsyncClient(transport=transport, base_url="http://city.test") as client:
        for method, path in routes(city):
            where = path.replace("{request_id}", place).replace("{trace_id}", place).replace("{name}", "approve") + "?limit=many&sort=x"
            for nobody in WAYS_TO_BE_NOBODY:
                answer = await client.request(method, where, content=content, headers={"content-type": kind, **nobody})
                assert answer.status_code == 401, f"{method} {where} {nobody} answers {answer.status_code}: {answer.text[:200]}"
                walked += 1
        assert (await client.post("/logout", content=content, headers={"content-type": kind})).status_code == 401
    assert walked > 100


async def test_who_is_known_is_told_what_is_wrong_with_the_body(city: City) -> None:
    await city.hires(ANNA)
    async with city.commands.database.transaction() as session:
        token = await people.issue_token(session, ANNA.email, clock.now())
    transport = httpx.ASGITransport(city.app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://city.test") as client:
        answer = await client.post(
            f"/api/v1/cases/{uuid4()}/claim",
            content=b'{"version": ',
            headers={"content-type": "application/json", "authorization": f"Bearer {token}"},
        )

    assert answer.status_code == 422


@pytest.mark.parametrize("body", BODIES)
async def test_intake_asks_for_the_key_before_it_reads(tmp_path: Path, body: str) -> None:
    content, kind = BODIES[body]
    settings = Settings(data_dir=tmp_path, kafka=KafkaSettings(bootstrap="127.0.0.1:9"))
    upgrade(settings.database)
    app = create_intake(settings)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        for method, path in (
            ("POST", "/v1/requests"),
            ("POST", "/v1/requests/batch"),
            ("GET", f"/v1/requests/{uuid4()}"),
            ("GET", "/v1/requests"),
        ):
            for nobody in WAYS_TO_BE_NOBODY:
                headers = {"content-type": kind, "idempotency-key": "x" * 300, "content-encoding": "br", **nobody}
                answer = await client.request(method, path, content=content, headers=headers)
                assert answer.status_code == 401, f"{method} {path} answers {answer.status_code}"
    await app.state.database.close()
