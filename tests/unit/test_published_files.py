"""What `parvis publish` finds in files before anything is sent."""

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
import typer
from pydantic import SecretStr

from services.cli.publish import BadLine, GoodLine, SeenIds, publish_cli, read_requests, signed
from services.domain import agency_signing_key
from services.migrations.upgrade import upgrade
from services.review.agencies import store
from services.runtime.database import Database
from services.runtime.kafka_records import Outgoing
from services.runtime.settings import Settings
from tests.builders import a_request, as_lines


def test_an_id_with_other_content_is_told_by_both_lines_and_the_same_content_is_the_same_request(tmp_path: Path) -> None:
    request = a_request(body="The lamp is out")
    first, second = tmp_path / "first.jsonl", tmp_path / "second.jsonl"
    first.write_text(as_lines(request, request | {"received_at": "2026-03-03T08:00:00+01:00"}, request | {"body": "The bin is full"}))
    second.write_text(as_lines(request | {"agency": "elsewhere"}, a_request()))

    ids = SeenIds()
    read = [line for path in (first, second) for line in read_requests(path, ids)]

    assert [isinstance(line, GoodLine) for line in read] == [True, True, False, False, True]
    faults = [line for line in read if isinstance(line, BadLine)]
    assert [fault.number for fault in faults] == [3, 1]
    assert all("request_id: conflict" in fault.fault and f"line 1 of {first}" in fault.fault for fault in faults)


def test_what_is_published_with_a_key_carries_a_signature_of_its_bytes() -> None:
    record = Outgoing("parvis.requests.received.v1", b"k", json.dumps(a_request()).encode())
    key = "pk_a-key-of-this-agency"
    header = signed(record, key).headers[agency_signing_key.HEADER]
    assert agency_signing_key.verify(agency_signing_key.signing_key(key), record.value, header)
    assert not agency_signing_key.verify(agency_signing_key.signing_key("pk_other"), record.value, header)
    assert not agency_signing_key.verify(agency_signing_key.signing_key(key), record.value + b" ", header)
    assert key not in header + agency_signing_key.signing_key(key)
    assert signed(record, "") == record


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    settings = Settings(data_dir=tmp_path, database_url=SecretStr(""))
    upgrade(settings.database)

    async def add() -> None:
        database = Database(settings.database)
        async with database.transaction() as session:
            await store.admit(session, "city")
            await store.admit(session, "harbour", signs=True)
            await store.admit(session, "gone")
            await store.revoke(session, "gone", datetime.now(UTC), agency_too=True)
        await database.close()

    asyncio.run(add())
    return settings


def test_an_agency_that_review_would_refuse_is_named_with_what_to_do_before_anything_is_sent(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "requests.jsonl"
    file.write_text(as_lines(*(a_request(agency=agency) for agency in ("city", "nowhere", "gone", "harbour", "city"))))
    monkeypatch.setenv("PARVIS_DATA_DIR", str(settings.data_dir))
    with pytest.raises(typer.Exit) as ended:
        publish_cli([file], dry_run=True)
    output = capsys.readouterr()
    assert ended.value.exit_code == 1
    assert output.out.strip() == "2 would be published, 3 not"
    nowhere, gone, harbour = output.err.strip().splitlines()
    assert (
        nowhere
        == f"{file}:2: agency: nobody has added 'nowhere' here, so the request would be refused; add it: parvis agencies add nowhere"
    )
    assert gone.startswith(f"{file}:3: agency: its keys were revoked")
    assert "this agency's records are signed" in harbour


def test_where_no_database_knows_the_agencies_nothing_is_said_of_them_and_none_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "requests.jsonl"
    file.write_text(as_lines(a_request(agency="nowhere")))
    monkeypatch.setenv("PARVIS_DATA_DIR", str(tmp_path / "empty"))
    publish_cli([file], dry_run=True)
    assert capsys.readouterr().out.strip() == "1 would be published, 0 not"
    assert not (tmp_path / "empty").exists()
