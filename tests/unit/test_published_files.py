"""What `parvis publish` finds in files before anything is sent."""

import asyncio
import csv
import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
import typer
from pydantic import SecretStr

from schemas.requests_received import RequestReceived
from services.cli.publish import publish_cli, signed
from services.cli.request_files import BadLine, Defaults, GoodLine, SeenIds, read_requests
from services.domain import agency_signing_key
from services.migrations.upgrade import upgrade
from services.review.agencies import store
from services.runtime.database import Database
from services.runtime.errors import InvalidInput
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


CSV = """Message;Betreff;E-Mail;Name;Datum;Notiz
Die Lampe ist aus.;Lampe;ines@example.org;Ines Marlow;2026-03-02T08:00:00+01:00;x
;;;;;
Die Lampe ist aus.;Lampe;ines@example.org;Ines Marlow;2026-03-02T08:00:00+01:00;x
Der Müll liegt da.;;no address;;;
;Nur Betreff;;;;
"""
COLUMNS = {"body": "Message", "subject": "Betreff", "citizen.email": "E-Mail", "citizen.name": "Name", "received_at": "Datum"}


def good_ones(path: Path, defaults: Defaults) -> list[RequestReceived]:
    return [line.request for line in read_requests(path, None, defaults) if isinstance(line, GoodLine)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_a_spreadsheet_is_read_by_the_columns_that_are_named(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "letters.csv"
    path.write_text(CSV, encoding=encoding)
    defaults = Defaults("belrive", "", COLUMNS)

    lines = list(read_requests(path, None, defaults))
    first, again, waste = [line.request for line in lines if isinstance(line, GoodLine)]
    assert (first.agency, first.channel, first.subject, first.body) == ("belrive", "web", "Lampe", "Die Lampe ist aus.")
    assert first.citizen
    assert (first.citizen.name, first.citizen.email) == ("Ines Marlow", "ines@example.org")
    assert first.received_at.isoformat() == "2026-03-02T08:00:00+01:00"
    assert waste.body == "Der Müll liegt da."
    assert [note.field for note in waste.dropped] == ["citizen.email"]
    [bad] = [line for line in lines if isinstance(line, BadLine)]
    assert (bad.number, bad.fault.partition(":")[0]) == (6, "body")
    assert first.request_id != again.request_id, "two rows are two requests"
    assert [request.request_id for request in good_ones(path, defaults)] == [first.request_id, again.request_id, waste.request_id], (
        "and published again the same ones"
    )


def test_a_spreadsheet_without_a_message_names_the_columns_that_it_has(tmp_path: Path) -> None:
    path = tmp_path / "letters.csv"
    path.write_text(CSV)
    with pytest.raises(InvalidInput, match="--column body=Message; it has 'Message', 'Betreff'"):
        list(read_requests(path, None, Defaults("belrive")))
    with pytest.raises(InvalidInput, match="there is no column 'Nachricht'"):
        list(read_requests(path, None, Defaults("belrive", "", {"body": "Nachricht"})))


def a_mail(number: int) -> bytes:
    return (
        f"From: Ines Marlow <ines@example.org>\nTo: info@belrive.example\nSubject: Lamp {number}\n"
        f"Message-ID: <{number}@mail.example.org>\nDate: Mon, 02 Mar 2026 08:00:00 +0100\n\nThe lamp is out.\n"
    ).encode()


def test_mails_are_read_from_an_mbox_a_maildir_and_files(tmp_path: Path) -> None:
    mbox = tmp_path / "inbox.mbox"
    mbox.write_bytes(b"".join(b"From ines@example.org Mon Mar  2 08:00:00 2026\n" + a_mail(n) + b"\n" for n in (1, 2)))
    maildir = tmp_path / "Maildir"
    for folder in ("cur", "new", "tmp"):
        (maildir / folder).mkdir(parents=True)
    (maildir / "new" / "1.eml").write_bytes(a_mail(1))
    single = tmp_path / "one.eml"
    single.write_bytes(a_mail(1))

    defaults = Defaults("belrive")
    first, second = good_ones(mbox, defaults)
    assert (first.channel, first.subject, second.subject, first.message_id) == ("email", "Lamp 1", "Lamp 2", "<1@mail.example.org>")
    assert first.received_at.isoformat() == "2026-03-02T08:00:00+01:00"
    assert [request.request_id for path in (maildir, single) for request in good_ones(path, defaults)] == [first.request_id] * 2, (
        "one mail is one request, wherever it lies"
    )
    with pytest.raises(InvalidInput, match="--agency"):
        list(read_requests(single))


def test_what_is_no_file_of_requests_is_refused_with_what_is(tmp_path: Path) -> None:
    (tmp_path / "letters.docx").write_bytes(b"PK")
    for path in (tmp_path / "letters.docx", tmp_path):
        with pytest.raises(InvalidInput, match=r"JSONL, CSV, mbox, eml|must be a Maildir"):
            list(read_requests(path))


def test_what_is_refused_is_in_a_spreadsheet_that_runs_nothing(tmp_path: Path) -> None:
    path, refused = tmp_path / "letters.csv", tmp_path / "refused.csv"
    path.write_text('body,channel\n"=HYPERLINK(""http://evil.example"")",pigeon\nThe lamp is out.,web\n')
    command = ["publish", str(path), "--agency", "belrive", "--dry-run", "--refused", str(refused)]
    ended = subprocess.run(
        [Path(sys.executable).with_name("parvis"), *command],
        env=os.environ | {"PARVIS_DATA_DIR": str(tmp_path / "data")}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (ended.returncode, ended.stdout.strip()) == (1, "1 would be published, 1 not")
    [_, row] = csv.reader(refused.read_text("utf-8-sig").splitlines())
    assert row[:2] == [str(path), "2"]
    assert "channel" in row[2]
    assert not row[3].startswith("=")
