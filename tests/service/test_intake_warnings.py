"""What an agency can put right is named at once; the request is accepted as it is."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from sqlmodel import SQLModel, select

from schemas.requests_received import RequestReceived
from services.intake import api_keys, app, store
from services.runtime import clock
from services.runtime.database import Database
from services.runtime.outbox import OutboxRow
from services.runtime.settings import KafkaSettings, Settings

LAMP = {"channel": "web", "subject": "Street lamp", "body": "The lamp on Elm Street is out"}


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'parvis.db'}")
    async with database.engine.begin() as connection:
        await connection.run_sync(SQLModel.metadata.create_all)
    yield database
    await database.close()


@pytest.fixture
async def springfield(tmp_path: Path, database: Database) -> AsyncIterator[httpx.AsyncClient]:
    url = SecretStr(f"sqlite+aiosqlite:///{tmp_path / 'parvis.db'}")
    intake = app.create(Settings(data_dir=tmp_path, database_url=url, kafka=KafkaSettings(bootstrap="127.0.0.1:1")))
    async with database.transaction() as session:
        await store.add_agency(session, "springfield", "Springfield", clock.now())
        key = await api_keys.issue(session, "springfield", clock.now())
    headers = {"Authorization": f"Bearer {key}"}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(intake), base_url="http://intake.example", headers=headers) as client:
        yield client
    await intake.state.database.close()


async def addresses_sent_on(database: Database) -> set[str | None]:
    async with database.reading() as session:
        rows = (await session.exec(select(OutboxRow))).all()
    citizens = [RequestReceived.model_validate_json(row.value).citizen for row in rows]
    return {citizen.email for citizen in citizens if citizen}


@pytest.mark.parametrize(
    ("email", "says"),
    [
        ("aiko@example.org.", "perhaps aiko@example.org was meant"),
        ("a..b@example.org", "perhaps a.b@example.org was meant"),
        (".aiko@example.org", "before the @"),
        ("x@localhost", "no ending"),
        ("x@-bad.example", "no domain can have"),
        ("x@weiß..de", "perhaps x@weiß.de was meant"),
        ("x@192.0.2.1", "number"),
        ("x@nowhere.invalid", "nowhere on the internet"),
        ("no-reply@shop.example", "nobody reads"),
    ],
)
async def test_an_address_that_no_reply_reaches_is_named_and_the_request_is_accepted_as_it_is(
    springfield: httpx.AsyncClient, database: Database, email: str, says: str
) -> None:
    change = {"citizen": {"name": "Aiko", "email": email}}
    answer = await springfield.post("/v1/requests", json={**LAMP, **change})
    batch = await springfield.post("/v1/requests/batch", content=json.dumps({**LAMP, **change}))
    assert (answer.status_code, json.loads(batch.text)["status"]) == (202, 202)
    for receipt in (answer.json(), json.loads(batch.text)):
        assert [warning["field"] for warning in receipt["warnings"]] == ["citizen.email"]
        assert says in receipt["warnings"][0]["message"]
        assert receipt["dropped"] == []
        status = (await springfield.get(f"/v1/requests/{receipt['request_id']}")).json()
        assert status["warnings"] == receipt["warnings"]
    assert await addresses_sent_on(database) == {email}


async def test_a_request_that_comes_twice_is_warned_of_twice(springfield: httpx.AsyncClient) -> None:
    sent = {**LAMP, "citizen": {"email": "aiko@example.org."}}
    receipts = [(await springfield.post("/v1/requests", json=sent, headers={"idempotency-key": "one"})).json() for _ in range(2)]
    assert receipts[0] == receipts[1]
    assert receipts[0]["warnings"]


@pytest.mark.parametrize("citizen", [{"email": "ines@example.org"}, {"name": "Ines"}, None, {"email": "joerg@weiß-gärten.example"}])
async def test_an_address_that_can_be_mailed_to_or_none_at_all_needs_no_warning(springfield: httpx.AsyncClient, citizen: Any) -> None:
    assert (await springfield.post("/v1/requests", json={**LAMP, "citizen": citizen})).json()["warnings"] == []
