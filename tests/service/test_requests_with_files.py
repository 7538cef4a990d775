"""An agency sends a request and its files in one call."""

import hashlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI

from services.intake import api_keys, store
from services.intake.quota import Quotas
from services.runtime import clock
from tests.harness.clamd import EICAR, THREAT, ScannerDouble, scanner_double
from tests.service.form_desk import an_intake, requests_of

MIB = 1024 * 1024
LAMP = {"channel": "web", "body": "The lamp on Elm Street is out", "citizen": {"email": "ana@example.org"}}
PHOTO = b"\x89PNG\r\n\x1a\n" + bytes(700 * 1024)

Part = tuple[str, tuple[str | None, bytes, str]]


def the_request(**changes: Any) -> Part:
    return ("request", (None, json.dumps(LAMP | changes).encode(), "application/json"))


def a_file(content: bytes, name: str = "lamp.jpg", field: str = "file") -> Part:
    return (field, (name, content, "image/jpeg"))


async def agency_of(intake: FastAPI, slug: str = "belrive") -> httpx.AsyncClient:
    async with intake.state.database.transaction() as session:
        await store.add_agency(session, slug, slug, clock.now())
        key = await api_keys.issue(session, slug, clock.now())
    return httpx.AsyncClient(transport=httpx.ASGITransport(intake), base_url="http://127.0.0.1", headers={"Authorization": f"Bearer {key}"})


@pytest.fixture
async def clamd() -> AsyncIterator[ScannerDouble]:
    async with scanner_double() as double:
        yield double


@pytest.fixture
async def intake(tmp_path: Path, clamd: ScannerDouble) -> AsyncIterator[FastAPI]:
    application = await an_intake(tmp_path, files_scanner=clamd.url, forms=())
    yield application
    await application.state.database.close()


@pytest.fixture
async def agency(intake: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with await agency_of(intake) as client:
        yield client


async def post(agency: httpx.AsyncClient, *parts: Part, **headers: str) -> httpx.Response:
    return await agency.post("/v1/requests", files=list(parts), headers=headers)


async def test_a_request_comes_with_its_files_in_one_call(intake: FastAPI, agency: httpx.AsyncClient) -> None:
    answer = await post(agency, a_file(PHOTO, "../lamp.jpg"), the_request(), a_file(b"Since Monday.", "note.txt", "further"))

    assert answer.status_code == 202, answer.text
    [request] = await requests_of(intake)
    assert str(request.request_id) == answer.json()["request_id"]
    assert [(file.name, file.media_type, file.size, file.stored, file.scan) for file in request.files] == [
        ("lamp.jpg", "image/png", len(PHOTO), True, "clean"),
        ("note.txt", "text/plain", 13, True, "clean"),
    ]
    assert await intake.state.files.store.get("belrive", request.files[0].sha256 or "") == PHOTO


async def test_the_request_may_be_a_file_as_curl_sends_one(intake: FastAPI, agency: httpx.AsyncClient) -> None:
    body = json.dumps(LAMP).encode()
    assert (await post(agency, ("request", ("request.json", body, "application/json")), a_file(b"x"))).status_code == 202
    [request] = await requests_of(intake)
    assert len(request.files) == 1


async def test_the_same_request_with_the_same_files_is_one_request(
    intake: FastAPI, agency: httpx.AsyncClient, clamd: ScannerDouble
) -> None:
    named = str(uuid4())
    first = await post(agency, the_request(request_id=named), a_file(PHOTO))
    intake.state.files._scanner._seconds, clamd.answers = 0.2, False  # what the scanner says is no content
    again = await post(agency, a_file(PHOTO), the_request(request_id=named))
    other = await post(agency, the_request(request_id=named), a_file(PHOTO + b"!"))

    assert (first.status_code, again.status_code, other.status_code) == (202, 202, 409)
    assert again.json()["request_id"] == named
    assert other.json()["field"] == "request.request_id"
    assert len(await requests_of(intake)) == 1
    changed = hashlib.sha256(PHOTO + b"!").hexdigest()
    assert await intake.state.files.store.get("belrive", changed) is None, "nothing is kept of what was refused"


async def test_an_idempotency_key_counts_the_files_as_well(intake: FastAPI, agency: httpx.AsyncClient, clamd: ScannerDouble) -> None:
    key = {"Idempotency-Key": "1"}
    first = await post(agency, the_request(), a_file(PHOTO), **key)
    intake.state.files._scanner._seconds, clamd.answers = 0.2, False
    again = await post(agency, the_request(), a_file(PHOTO), **key)
    other = await post(agency, the_request(), a_file(PHOTO + b"!"), **key)

    assert first.json()["request_id"] == again.json()["request_id"]
    assert (other.status_code, other.json()["field"]) == (422, "Idempotency-Key")


@pytest.mark.parametrize(
    ("parts", "status", "field"),
    [
        ([a_file(b"x")], 422, "request"),
        ([the_request(), the_request()], 422, "request"),
        ([("request", (None, b"{", "application/json"))], 400, "request"),
        ([("request", (None, b"[]", "application/json")), a_file(b"x")], 422, "request"),
        ([the_request(body="")], 422, "request.body"),
        ([the_request(channel="pigeon"), a_file(b"x")], 422, "request.channel"),
        ([the_request(), ("note", (None, b"hello", "text/plain"))], 422, "note"),
        ([the_request(), a_file(b"x"), a_file(b"", field="scan"), a_file(b"")], 422, "scan[0]"),
        ([the_request(), a_file(b"x"), a_file(b"y"), a_file(b"")], 422, "file[2]"),
        ([the_request(files=[{"name": "a", "stored": True, "sha256": "0" * 64}]), a_file(b"x")], 422, "request.files"),
        ([the_request(), *[a_file(b"x")] * 51], 413, "file[50]"),
        ([the_request(), a_file(bytes(26 * MIB))], 413, None),
        ([the_request(), a_file(bytes(33 * MIB))], 413, None),
    ],
)
async def test_what_is_wrong_is_named_by_its_part(
    intake: FastAPI, agency: httpx.AsyncClient, parts: list[Part], status: int, field: str | None
) -> None:
    answer = await post(agency, *parts)
    assert (answer.status_code, answer.json().get("field")) == (status, field), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    if status == 413:
        assert any(limit in answer.json()["detail"] for limit in ("50 files", "25 MiB", "32 MiB"))
    assert await requests_of(intake) == []
    assert await intake.state.files.store.get("belrive", hashlib.sha256(b"x").hexdigest()) is None, "nothing is kept of it"


async def test_a_file_of_another_case_cannot_be_named_in_parts(intake: FastAPI, agency: httpx.AsyncClient) -> None:
    named = [{"name": "theirs.pdf", "stored": True, "size": 9, "scan": "clean", "sha256": hashlib.sha256(b"theirs").hexdigest()}]
    assert (await post(agency, the_request(files=named))).status_code == 202
    [request] = await requests_of(intake)
    assert [(file.stored, file.scan) for file in request.files] == [(False, None)]


async def test_an_infected_file_is_refused_by_name_and_nothing_is_kept(intake: FastAPI, agency: httpx.AsyncClient) -> None:
    answer = await post(agency, the_request(), a_file(PHOTO), a_file(EICAR, "bill.pdf"))

    assert (answer.status_code, answer.json()["field"]) == (422, "file[1]")
    assert THREAT in answer.json()["detail"]
    assert await requests_of(intake) == []
    for content in (PHOTO, EICAR):
        assert await intake.state.files.store.get("belrive", hashlib.sha256(content).hexdigest()) is None


async def test_where_the_scanner_is_away_a_request_is_taken_and_its_files_are_marked(
    intake: FastAPI, agency: httpx.AsyncClient, clamd: ScannerDouble
) -> None:
    intake.state.files._scanner._seconds, clamd.answers = 0.2, False
    assert (await post(agency, the_request(), a_file(EICAR))).status_code == 202
    [request] = await requests_of(intake)
    assert [(file.scan, file.threat) for file in request.files] == [("not_scanned", None)]


async def test_files_weigh_on_the_quota_by_their_bytes(intake: FastAPI, agency: httpx.AsyncClient) -> None:
    intake.state.quotas = Quotas(per_minute=1, burst=6)
    small = await post(agency, the_request(), a_file(b"x"))
    large = await post(agency, the_request(), a_file(bytes(3 * MIB)))
    refused = await post(agency, the_request(), a_file(bytes(2 * MIB)))

    assert (small.status_code, large.status_code, refused.status_code) == (202, 202, 429)
    assert int(refused.headers["retry-after"]) > 60, "it says when all of it will go through"
    assert len(await requests_of(intake)) == 2


def cut_forms(*parts: str) -> list[bytes]:
    """A form with a file that stops too early: before its last boundary, within the file's header, and with another form's boundary."""
    fields = "".join(f"--b\r\nContent-Disposition: form-data; {part}\r\n" for part in parts)
    head = '--b\r\nContent-Disposition: form-data; name="files"; filename="lamp.jpg"\r\n'
    return [
        (fields + rest).encode()
        for rest in (head + "\r\nphoto", head[:-9], head + "\r\nphoto\r\n--c--\r\n", head + "\r\nphoto\r\n--b\r\n", "")
    ]


@pytest.mark.parametrize("body", cut_forms('name="request"\r\n\r\n' + json.dumps(LAMP)))
async def test_a_form_that_stops_before_its_end_is_refused_and_no_file_is_lost_silently(
    intake: FastAPI, agency: httpx.AsyncClient, body: bytes
) -> None:
    answer = await agency.post("/v1/requests", content=body, headers={"Content-Type": "multipart/form-data; boundary=b"})
    assert answer.status_code == 400, answer.text
    assert "closing boundary" in answer.json()["detail"]
    assert await requests_of(intake) == []


async def test_what_is_left_of_the_quota_is_told_after_the_files_were_counted(intake: FastAPI, agency: httpx.AsyncClient) -> None:
    intake.state.quotas = Quotas(per_minute=1, burst=6)
    answer = await post(agency, the_request(), a_file(bytes(3 * MIB)))
    assert (answer.status_code, answer.headers["ratelimit"]) == (202, '"requests";r=2;t=0')


async def test_nothing_is_kept_of_what_a_key_or_the_id_of_another_agency_refuses(intake: FastAPI, agency: httpx.AsyncClient) -> None:
    theirs = str(uuid4())
    async with await agency_of(intake, "harbour") as harbour:
        assert (await post(harbour, the_request(request_id=theirs))).status_code == 202
    key = {"Idempotency-Key": "1"}
    assert (await post(agency, the_request(), **key)).status_code == 202
    reused = await post(agency, the_request(), a_file(PHOTO), **key)
    taken = await post(agency, the_request(request_id=theirs), a_file(PHOTO))

    assert (reused.status_code, taken.status_code) == (422, 409)
    assert await intake.state.files.store.get("belrive", hashlib.sha256(PHOTO).hexdigest()) is None
