"""An agency sends requests over HTTP and asks what became of them."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr
from sqlmodel import SQLModel, col, select

from schemas.requests_received import RequestReceived
from services.intake import api, api_keys, app, request_body, store
from services.intake.quota import Quotas
from services.intake.rules import Refusal
from services.intake.tables import ApiKeyRow, IdempotencyRow, JournalRow
from services.runtime import clock, telemetry
from services.runtime.database import Database
from services.runtime.outbox import OutboxRow
from services.runtime.settings import KafkaSettings, Settings

LAMP = {"channel": "web", "subject": "Street lamp", "body": "The lamp on Elm Street is out", "citizen": {"email": "ana@example.org"}}


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


async def an_agency(intake: FastAPI, slug: str) -> httpx.AsyncClient:
    async with intake.state.database.transaction() as session:
        await store.add_agency(session, slug, slug.title(), clock.now())
        key = await api_keys.issue(session, slug, clock.now())
    transport = httpx.ASGITransport(intake)
    return httpx.AsyncClient(transport=transport, base_url="http://intake.example", headers={"Authorization": f"Bearer {key}"})


@pytest.fixture
async def springfield(intake: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with await an_agency(intake, "springfield") as client:
        yield client


@pytest.fixture
async def shelbyville(intake: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with await an_agency(intake, "shelbyville") as client:
        yield client


async def outgoing(database: Database) -> list[RequestReceived]:
    async with database.reading() as session:
        rows = (await session.exec(select(OutboxRow).order_by(col(OutboxRow.id)))).all()
    return [RequestReceived.model_validate_json(row.value) for row in rows]


async def count(database: Database, table: type[SQLModel]) -> int:
    async with database.reading() as session:
        return len((await session.exec(select(table))).all())


async def test_a_request_is_in_the_journal_and_on_its_way_before_it_is_answered(springfield: httpx.AsyncClient, database: Database) -> None:
    answer = await springfield.post("/v1/requests", json=LAMP)

    assert answer.status_code == 202
    receipt = answer.json()
    [sent] = await outgoing(database)
    assert str(sent.request_id) == receipt["request_id"]
    assert (sent.agency, sent.body) == ("springfield", LAMP["body"])
    assert receipt["trace_id"] == f"{telemetry.trace_id_of(sent.request_id):032x}"
    status = (await springfield.get(receipt["status_url"])).json()
    assert (status["state"], status["category"], status["reply"]) == ("received", None, None)
    async with database.reading() as session:
        [row] = (await session.exec(select(JournalRow))).all()
    assert RequestReceived.model_validate_json(row.event) == sent


async def test_the_publishers_own_id_and_time_are_kept(springfield: httpx.AsyncClient, database: Database) -> None:
    chosen = str(uuid4())
    answer = await springfield.post("/v1/requests", json={**LAMP, "request_id": chosen, "received_at": "2026-03-02T08:00:00+01:00"})
    assert answer.json()["request_id"] == chosen
    [sent] = await outgoing(database)
    assert sent.received_at.isoformat() == "2026-03-02T08:00:00+01:00"


@pytest.mark.parametrize(
    "header", [{}, {"Authorization": "Bearer pk_wrong"}, {"Authorization": "Basic pk_x"}, {"Authorization": "Bearer "}]
)
async def test_without_a_good_key_nothing_is_taken(intake: FastAPI, header: dict[str, str]) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(intake), base_url="http://intake.example", headers=header) as stranger:
        for answer in (
            await stranger.post("/v1/requests", json=LAMP),
            await stranger.post("/v1/requests/batch", json=LAMP),
            await stranger.get(f"/v1/requests/{uuid4()}"),
        ):
            assert answer.status_code == 401
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.headers["www-authenticate"] == "Bearer"


async def test_a_revoked_key_is_no_key_and_only_hashes_are_kept(springfield: httpx.AsyncClient, database: Database) -> None:
    key = springfield.headers["authorization"].removeprefix("Bearer ")
    async with database.transaction() as session:
        [row] = (await session.exec(select(ApiKeyRow))).all()
        assert key not in row.model_dump_json()
        assert await api_keys.revoke(session, "springfield", clock.now(), prefix=key) == 1
    assert (await springfield.post("/v1/requests", json=LAMP)).status_code == 401


async def test_the_agency_in_the_body_must_be_the_keys(springfield: httpx.AsyncClient, database: Database) -> None:
    answer = await springfield.post("/v1/requests", json={**LAMP, "agency": "shelbyville"})
    assert (answer.status_code, answer.json()["field"]) == (422, "agency")
    assert (await springfield.post("/v1/requests", json={**LAMP, "agency": "springfield"})).status_code == 202
    assert len(await outgoing(database)) == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"body": ""}, "body"),
        ({"body": None}, "body"),
        ({"body": "x" * 20_001}, "body"),
        ({"channel": "telepathy"}, "channel"),
        ({"request_id": "42"}, "request_id"),
        ({"request_id": "00000000-0000-0000-0000-000000000000"}, "request_id"),
    ],
)
async def test_what_cannot_be_used_is_named_by_field(springfield: httpx.AsyncClient, change: dict[str, Any], field: str) -> None:
    answer = await springfield.post("/v1/requests", json={**LAMP, **change})
    assert (answer.status_code, answer.json()["field"]) == (422, field)
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"subject": "x" * 301}, "subject"),
        ({"received_at": "yesterday"}, "received_at"),
        ({"received_at": 1_700_000_000}, "received_at"),
        ({"received_at": "2026-03-02T08:00:00"}, "received_at"),
        ({"received_at": "2190-03-02T08:00:00Z"}, "received_at"),
        ({"language": "français"}, "language"),
        ({"citizen": {"email": "nobody"}}, "citizen.email"),
        ({"location": {"latitude": 91}}, "location.latitude"),
    ],
)
async def test_an_optional_field_that_cannot_be_used_is_left_out_and_the_agency_and_the_case_are_told(
    springfield: httpx.AsyncClient, database: Database, change: dict[str, Any], field: str
) -> None:
    answer = await springfield.post("/v1/requests", json={**LAMP, **change})
    batch = await springfield.post("/v1/requests/batch", content=json.dumps({**LAMP, **change}))
    assert (answer.status_code, json.loads(batch.text)["status"]) == (202, 202)
    for receipt in (answer.json(), json.loads(batch.text)):
        assert [dropped["field"] for dropped in receipt["dropped"]] == [field]
        assert all(dropped["message"] for dropped in receipt["dropped"])
        status = (await springfield.get(f"/v1/requests/{receipt['request_id']}")).json()
        assert status["dropped"] == receipt["dropped"]
    for sent in await outgoing(database):
        assert [dropped.field for dropped in sent.dropped] == [field]
        assert sent.received_at <= clock.now() + timedelta(days=1)


@pytest.mark.parametrize("name", ["request_id", "received_at", "subject", "language", "citizen", "location", "in_reply_to", "agency"])
@pytest.mark.parametrize("empty", ["", " ", None, [], {}])
async def test_what_may_be_left_out_may_come_empty(springfield: httpx.AsyncClient, name: str, empty: Any) -> None:
    answer = await springfield.post("/v1/requests", json={**LAMP, name: empty})
    assert (answer.status_code, answer.json()["dropped"]) == (202, [])


async def test_a_publisher_cannot_say_what_was_left_out(springfield: httpx.AsyncClient, database: Database) -> None:
    await springfield.post("/v1/requests", json={**LAMP, "dropped": [{"field": "body", "message": "call 555"}]})
    [sent] = await outgoing(database)
    assert sent.dropped == []


async def test_the_same_request_with_its_empty_fields_left_out_is_the_same_request(
    springfield: httpx.AsyncClient, database: Database
) -> None:
    sent = {**LAMP, "request_id": str(uuid4())}
    first = await springfield.post("/v1/requests", json={**sent, "language": "", "location": {"latitude": "north"}})
    again = await springfield.post("/v1/requests", json=sent)
    assert (first.status_code, again.status_code) == (202, 202)
    assert len(await outgoing(database)) == 1


async def test_half_an_emoji_and_a_nul_are_marks_in_their_place(springfield: httpx.AsyncClient, database: Database) -> None:
    line = json.dumps(LAMP).replace("The lamp", r"The \ud83d lamp \u0000").encode()
    assert (await springfield.post("/v1/requests", content=line)).status_code == 202
    answer = await springfield.post("/v1/requests/batch", content=b"\xef\xbb\xbf" + line + b"\n\xef\xbb\xbf" + line + b"\n\xef\xbb\xbf\n")
    assert [json.loads(line)["status"] for line in answer.text.splitlines()] == [202, 202]
    assert {sent.body for sent in await outgoing(database)} == {"The \ufffd lamp \ufffd on Elm Street is out"}


@pytest.mark.parametrize("more", ['"body": "b"', '"x": 1e999', f'"x": {"9" * 5000}', f'"x": {"[" * 900}{"]" * 900}'], ids=lambda m: m[:12])
async def test_json_that_nobody_can_rely_on_is_refused_in_so_many_words(springfield: httpx.AsyncClient, more: str) -> None:
    sent = json.dumps(LAMP)[:-1] + f", {more}}}"
    single = await springfield.post("/v1/requests", content=sent)
    batch = await springfield.post("/v1/requests/batch", content=sent)
    assert (single.status_code, json.loads(batch.text)["status"]) == (400, 400)
    assert single.json()["detail"]


async def test_fields_that_are_not_known_are_passed_over(springfield: httpx.AsyncClient) -> None:
    assert (await springfield.post("/v1/requests", json={**LAMP, "colour": "blue"})).status_code == 202


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b'{"body": NaN}'])
async def test_what_is_not_json_is_said_to_be_none(springfield: httpx.AsyncClient, body: bytes) -> None:
    answer = await springfield.post("/v1/requests", content=body)
    assert (answer.status_code, answer.json()["title"]) == (400, "The body is not JSON")


@pytest.mark.parametrize("body", ["[]", "null", '"hello"', "3"])
async def test_json_that_is_no_object_is_refused(springfield: httpx.AsyncClient, body: str) -> None:
    assert (await springfield.post("/v1/requests", content=body)).status_code == 422


async def test_the_content_type_does_not_matter_and_a_byte_order_mark_neither(springfield: httpx.AsyncClient) -> None:
    body = b"\xef\xbb\xbf" + json.dumps(LAMP).encode()
    assert (await springfield.post("/v1/requests", content=body, headers={"Content-Type": "text/plain"})).status_code == 202


async def test_too_much_is_refused_whether_or_not_the_length_is_told(springfield: httpx.AsyncClient) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b" " * 100_000

    assert (await springfield.post("/v1/requests", content=b" " * (request_body.MAX_REQUEST_BYTES + 1))).status_code == 413
    assert (await springfield.post("/v1/requests", content=endless())).status_code == 413


async def test_a_compressed_body_is_refused_in_so_many_words(springfield: httpx.AsyncClient) -> None:
    answer = await springfield.post("/v1/requests", content=b"\x1f\x8b", headers={"Content-Encoding": "gzip"})
    assert answer.status_code == 415


async def test_the_same_request_twice_is_one_request(springfield: httpx.AsyncClient, database: Database) -> None:
    sent = {**LAMP, "request_id": str(uuid4())}
    first = await springfield.post("/v1/requests", json=sent)
    again = await springfield.post("/v1/requests", json={**sent, "received_at": "2026-03-02T08:00:00Z"})
    assert (again.status_code, again.json()) == (202, first.json())
    assert len(await outgoing(database)) == 1


async def test_the_same_id_for_something_else_is_a_conflict(springfield: httpx.AsyncClient, database: Database) -> None:
    sent = {**LAMP, "request_id": str(uuid4())}
    await springfield.post("/v1/requests", json=sent)
    answer = await springfield.post("/v1/requests", json={**sent, "body": "Another lamp"}, headers={"Idempotency-Key": "b"})
    assert (answer.status_code, answer.json()["field"]) == (409, "request_id")
    assert len(await outgoing(database)) == 1
    assert await count(database, IdempotencyRow) == 0


async def test_another_agencys_id_is_taken_and_nothing_more_is_told(
    springfield: httpx.AsyncClient, shelbyville: httpx.AsyncClient, database: Database
) -> None:
    sent = {**LAMP, "request_id": str(uuid4())}
    await springfield.post("/v1/requests", json=sent)
    answer = await shelbyville.post("/v1/requests", json=sent)
    assert answer.status_code == 409
    assert "springfield" not in answer.text
    assert (await shelbyville.get(f"/v1/requests/{sent['request_id']}")).status_code == 404
    assert len(await outgoing(database)) == 1


async def test_an_idempotency_key_gives_the_first_answer_again(springfield: httpx.AsyncClient, database: Database) -> None:
    key = {"Idempotency-Key": "order-7"}
    first = await springfield.post("/v1/requests", json=LAMP, headers=key)
    again = await springfield.post("/v1/requests", content=json.dumps(dict(reversed(LAMP.items())), indent=2), headers=key)
    other = await springfield.post("/v1/requests", json={**LAMP, "body": "Another lamp"}, headers=key)
    assert (again.status_code, again.json()) == (202, first.json())
    assert (other.status_code, other.json()["field"]) == (422, "Idempotency-Key")
    assert len(await outgoing(database)) == 1


async def test_a_key_that_has_used_its_quota_is_told_when_to_come_again_and_no_other_key_is(
    intake: FastAPI, springfield: httpx.AsyncClient, shelbyville: httpx.AsyncClient
) -> None:
    intake.state.quotas = Quotas(per_minute=1, burst=2)
    first, second, third = [await springfield.post("/v1/requests", json=LAMP) for _ in range(3)]
    assert (first.status_code, second.status_code, third.status_code) == (202, 202, 429)
    assert first.headers["ratelimit"].startswith('"requests";r=1')
    assert third.headers["content-type"] == "application/problem+json"
    assert 1 <= int(third.headers["retry-after"]) <= 60
    assert (await shelbyville.post("/v1/requests", json=LAMP)).status_code == 202


async def test_the_lines_of_a_batch_beyond_the_quota_are_refused_by_line(
    intake: FastAPI, springfield: httpx.AsyncClient, database: Database
) -> None:
    intake.state.quotas = Quotas(per_minute=1, burst=3)
    answer = await springfield.post("/v1/requests/batch", content="\n".join([json.dumps(LAMP)] * 5))
    assert [json.loads(line)["status"] for line in answer.text.splitlines()] == [202, 202, 202, 429, 429]
    assert await count(database, JournalRow) == 3


async def test_a_refused_record_is_shown_to_its_agency_and_to_no_other(
    springfield: httpx.AsyncClient, shelbyville: httpx.AsyncClient, database: Database
) -> None:
    request_id = uuid4()
    refusal = Refusal(uuid4(), request_id, "springfield", "signature", "the record is not signed", clock.now())
    async with database.transaction() as session:
        await store.add_refusal(session, refusal)
    status = (await springfield.get(f"/v1/requests/{request_id}")).json()
    assert (status["state"], status["reply"]) == ("refused", None)
    assert [(refusal["kind"], refusal["detail"]) for refusal in status["refusals"]] == [("signature", "the record is not signed")]
    assert (await shelbyville.get(f"/v1/requests/{request_id}")).status_code == 404


async def test_what_is_in_conflict_is_not_accepted_once_more(springfield: httpx.AsyncClient, database: Database) -> None:
    request_id = uuid4()
    sent = {**LAMP, "request_id": str(request_id)}
    await springfield.post("/v1/requests", json=sent)
    async with database.transaction() as session:
        status = await store.status_of(session, request_id, "springfield")
        assert status
        await store.save(session, replace(status, state="conflict"), clock.now())
    assert (await springfield.post("/v1/requests", json=sent)).status_code == 409


async def test_an_idempotency_key_belongs_to_its_agency(springfield: httpx.AsyncClient, shelbyville: httpx.AsyncClient) -> None:
    answers = [await client.post("/v1/requests", json=LAMP, headers={"Idempotency-Key": "1"}) for client in (springfield, shelbyville)]
    assert len({a.json()["request_id"] for a in answers}) == 2


async def test_an_idempotency_key_of_256_characters_is_too_long(springfield: httpx.AsyncClient) -> None:
    answer = await springfield.post("/v1/requests", json=LAMP, headers={"Idempotency-Key": "k" * 256})
    assert (answer.status_code, answer.json()["field"]) == (422, "Idempotency-Key")


async def test_in_a_batch_a_bad_line_harms_no_other(springfield: httpx.AsyncClient, database: Database) -> None:
    chosen = str(uuid4())
    lines = [
        json.dumps({**LAMP, "request_id": chosen}),
        "{broken",
        "",
        json.dumps({**LAMP, "channel": "telepathy"}),
        json.dumps({**LAMP, "request_id": chosen, "body": "Another lamp"}),
        json.dumps({**LAMP, "request_id": chosen}),
        '{"body": "' + "x" * request_body.MAX_REQUEST_BYTES + '"}',
        json.dumps(LAMP),
    ]
    answer = await springfield.post("/v1/requests/batch", content="\r\n".join(lines))

    receipts = [json.loads(line) for line in answer.text.splitlines()]
    assert answer.headers["content-type"] == "application/x-ndjson"
    assert [(t["line"], t["status"]) for t in receipts] == [(1, 202), (2, 400), (4, 422), (5, 409), (6, 202), (7, 413), (8, 202)]
    assert receipts[2]["errors"][0]["field"] == "channel"
    assert receipts[0]["request_id"] == receipts[4]["request_id"] == chosen
    assert [r.request_id for r in await outgoing(database)] == [UUID(chosen), UUID(receipts[6]["request_id"])]


async def test_a_batch_with_an_idempotency_key_can_be_sent_again(springfield: httpx.AsyncClient, database: Database) -> None:
    body = "\n".join(json.dumps({**LAMP, "body": f"Lamp {n}"}) for n in range(250))
    first = await springfield.post("/v1/requests/batch", content=body, headers={"Idempotency-Key": "night-run"})
    again = await springfield.post("/v1/requests/batch", content=body, headers={"Idempotency-Key": "night-run"})
    assert first.text == again.text
    assert len(await outgoing(database)) == 250


async def test_a_batch_of_too_many_lines_is_refused_whole(springfield: httpx.AsyncClient, database: Database) -> None:
    answer = await springfield.post("/v1/requests/batch", content=b"{}\n" * (api.MAX_BATCH_LINES + 1))
    assert answer.status_code == 413
    assert await count(database, JournalRow) == 0


async def test_the_incoming_trace_is_linked_and_the_requests_own_is_kept(springfield: httpx.AsyncClient) -> None:
    theirs = "0af7651916cd43dd8448eb211c80319c"
    answer = await springfield.post("/v1/requests", json=LAMP, headers={"traceparent": f"00-{theirs}-b7ad6b7169203331-01"})
    assert answer.json()["trace_id"] == f"{telemetry.trace_id_of(UUID(answer.json()['request_id'])):032x}" != theirs
