"""Awkward mails, each a file with what is expected of it (`tests/mail/corpus`): read as a person would, and cut anywhere never a fault."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from services.intake.mail import bounce, mail_kind, mail_reader, mail_requests
from services.intake.mail.mail_kind import Ours
from services.intake.mail.received_mail import LONGEST_TEXT, Address, ReceivedMail
from services.intake.rules import accept
from tests.harness.processor_time import bounded

FOLDER = Path(__file__).parents[2] / "mail" / "corpus"
EXPECTED: dict[str, dict[str, Any]] = yaml.safe_load((FOLDER / "expected.yaml").read_text())
NAMES = sorted(EXPECTED)
OURS = Ours(addresses=("info@city.example", "no-reply@city.example"), domains=("city.example",))
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
NONE_YET = UUID("4a1f6f38-37d3-4f0e-9a52-7e6e8f5b1a11")
UNLESS_NAMED: dict[str, Any] = {"files": [], "remarks": [], "kind": None}


def original(name: str) -> bytes:
    return (FOLDER / f"{name}.eml").read_bytes()


def email(address: Address | None) -> str | None:
    return address.email if address else None


def seen(mail: ReceivedMail) -> dict[str, Any]:
    """What the expectations speak of."""
    return {
        "sender": email(mail.sender),
        "name": mail.sender.name if mail.sender else "",
        "reply_to": email(mail.reply_to),
        "to": [address.email for address in mail.to],
        "delivered_to": list(mail.delivered_to),
        "subject": mail.subject,
        "date": mail.date.isoformat() if mail.date else None,
        "message_id": mail.message_id,
        "in_reply_to": mail.in_reply_to,
        "references": list(mail.references),
        "language": mail.language,
        "text": mail.text,
        "text_length": len(mail.text),
        "files": [" ".join(filter(None, (f.name, f.media_type, "inline" * f.inline, f.content_id))) for f in mail.files],
        "remarks": sorted(remark.code for remark in mail.remarks),
        "kind": mail_kind.of(mail, OURS),
        "returned": [f"{r.recipient} {r.action} {r.status} {r.message_id} {r.envelope_id}" for r in bounce.returned(mail)],
    }


def test_every_mail_has_its_expectation() -> None:
    assert {path.stem for path in FOLDER.glob("*.eml")} == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_mail_is_read_as_expected(name: str) -> None:
    expected = UNLESS_NAMED | EXPECTED[name]
    mail = mail_reader.read(original(name))
    what = seen(mail)
    for words in expected.pop("text_has", []):
        assert words in mail.text
    assert mail.text.startswith(expected.pop("text_starts", ""))
    assert {key: what[key] for key in expected} == expected
    assert mail.raw == original(name)


@pytest.mark.parametrize("name", NAMES)
def test_a_mail_becomes_a_request_of_which_nothing_is_dropped(name: str) -> None:
    mail = mail_reader.read(original(name))
    taken = accept(mail_requests.request_of(mail, "belrive", NOW, automatic=mail_kind.of(mail, OURS)), "belrive", NOW, NONE_YET)
    assert taken.dropped == []
    assert taken.request_id == mail_requests.request_id(mail, "belrive")


def must_hold(raw: bytes) -> None:
    """What holds of any bytes: they are read, kept, bounded, and a request."""
    mail = mail_reader.read(raw)
    assert mail.raw == raw
    assert len(mail.text) <= LONGEST_TEXT
    kind = mail_kind.of(mail, OURS)
    bounce.returned(mail)
    accept(mail_requests.request_of(mail, "belrive", NOW, automatic=kind), "belrive", NOW, NONE_YET)


@pytest.mark.parametrize("name", NAMES)
def test_a_mail_that_is_cut_anywhere_is_read_as_far_as_it_goes(name: str) -> None:
    raw = original(name)
    for tenth in range(1, 10, 2):
        must_hold(raw[: len(raw) * tenth // 10])


SOURCES = [original(name) for name in NAMES if len(original(name)) < 5_000]
PIECES = st.binary(max_size=30) | st.sampled_from([
    b"From: ", b"To: ", b"Subject: ", b"Content-Type: ", b"Content-Disposition: ", b"Content-Transfer-Encoding: ", b"Date: ",
    b"Message-ID: ",
    b"\r\n", b"\r\n\r\n", b"--b\r\n", b"--b--",
    b"multipart/mixed; boundary=b", b"multipart/alternative; boundary=b", b"text/html", b"base64",
    b"=?utf-8?B?", b"?=", b"=?q?Q?=", b'"', b"<", b">", b"@", b"a@b.example", b"charset=utf-16", b"message/rfc822", b"multipart/report",
    b"application/ms-tnef", b"begin 644 a\r\n", b"text/calendar", b"BEGIN:VCALENDAR", b"filename*0*=", b"utf-8''%C3", b"<table><td>",
])  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.lists(PIECES, max_size=25))
def test_any_pieces_of_mails_are_read(pieces: list[bytes]) -> None:
    must_hold(b"".join(pieces))


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(SOURCES), st.lists(st.tuples(st.integers(0, 4_999), st.binary(max_size=4)), max_size=8))
def test_a_mail_with_bytes_changed_is_read(raw: bytes, changes: list[tuple[int, bytes]]) -> None:
    for place, octets in changes:
        raw = raw[:place] + octets + raw[place + len(octets) :]
    must_hold(raw)


@bounded
def test_many_lines_under_many_boundaries_are_read_as_far_as_the_work_is_bounded() -> None:
    nested = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(300))
    mail = mail_reader.read(b"From: jane.doe@example.org\r\n" + nested + b"x\r\n" * 200_000)
    assert "only the beginning" in str(mail.remarks[0])


@bounded
def test_files_that_begin_and_never_end_are_read_once() -> None:
    mail = mail_reader.read(b"From: jane.doe@example.org\r\n\r\n" + b"begin 644 a\r\nM\r\n" * 100_000)
    assert mail.files[0].name == "message.txt"
