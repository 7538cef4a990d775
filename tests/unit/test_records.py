"""Events as Kafka records and back."""

import base64
import codecs
import json
from dataclasses import dataclass, field

import pytest
from pydantic import ValidationError

from schemas.dead_letters import Header
from schemas.replies_decided import ReplyDecided
from schemas.requests_received import RequestReceived
from schemas.requests_triaged import RequestTriaged
from services.runtime import kafka_records
from services.runtime.clock import now
from services.runtime.dead_letters import dead_letter, message
from services.runtime.errors import InvalidRecord
from tests.builders import a_request
from tests.case_builders import received


@dataclass
class ARecord:
    topic: str = "parvis.requests.received.v1"
    partition: int = 2
    offset: int = 7
    timestamp: int = 1_770_000_000_000
    key: bytes | None = b"key"
    value: bytes | None = b"{not json"
    headers: list[tuple[str, bytes | None]] = field(default_factory=lambda: [("x", b"\xff"), ("y", None)])


def test_an_event_becomes_a_cloud_event_with_the_request_as_its_key() -> None:
    record = kafka_records.outgoing(received(), "intake")
    assert record.key.decode() == str(received().request_id)
    assert record.headers["ce_specversion"] == "1.0"
    assert record.headers["ce_type"] == record.topic == "parvis.requests.received.v1"
    assert record.headers["content-type"] == "application/json"
    assert record.headers["ce_id"] == kafka_records.outgoing(received(), "intake").headers["ce_id"]
    assert kafka_records.read_event(record.value, RequestReceived) == received()


@pytest.mark.parametrize("value", [None, b"", b"{not json", b"[1]", b"\xff\xfe", b'{"a":' * 5000, b"NaN"])
def test_what_is_no_event_is_said_to_be_none(value: bytes | None) -> None:
    with pytest.raises(InvalidRecord):
        kafka_records.read_event(value, RequestReceived)


def test_a_fault_names_the_field_and_none_of_the_citizens_words() -> None:
    with pytest.raises(InvalidRecord) as refused:
        kafka_records.read_event(
            json.dumps(a_request(received_at="yesterday, Ines said", citizen={"email": "not ines"})).encode(), RequestReceived
        )
    assert "received_at" in refused.value.detail
    assert "citizen.email" not in refused.value.detail
    assert "ines" not in refused.value.detail.lower()


@pytest.mark.parametrize("name", ["ines.marlow@example.org", "DE02 1203 0000 0000 2020 51", "Ines Marlow", "12 Elm Street\nx"])
@pytest.mark.parametrize("value", [{"deeper": 1}, [1], "x" * 100_000])
def test_no_name_that_is_not_the_schemas_stands_in_a_fault_or_a_dead_letter(name: str, value: object) -> None:
    sent = a_request(received_at="yesterday", metadata={name: value}, attachments=[{name: "x"}], citizen={name: {}})
    record = ARecord(value=json.dumps(sent).encode())
    with pytest.raises(InvalidRecord) as refused:
        kafka_records.read_event(record.value, RequestReceived)
    letter = dead_letter(record, "triage", refused.value, attempts=1, first_failed_at=now())

    assert "received_at" in letter.error_message
    assert name not in str(refused.value) + letter.error_message + str(refused.value.field)


def test_what_pydantic_says_of_an_event_of_ours_names_no_other_name_either() -> None:
    with pytest.raises(ValidationError) as invalid:
        RequestTriaged.model_validate({"redacted": {"body": "x", "found": {"ines.marlow@example.org": "many"}, "spans": [{}]}})

    sentence = message(invalid.value)

    assert "redacted.found.*: " in sentence
    assert "redacted.spans.0.field: " in sentence
    assert "ines" not in sentence


def test_a_dead_letter_keeps_the_bytes_and_the_same_failure_is_the_same_letter() -> None:
    record = ARecord()
    letter = dead_letter(record, "triage", InvalidRecord("no JSON"), attempts=1, first_failed_at=now())
    assert base64.b64decode(letter.value or "") == record.value
    assert [(h.key, h.value and base64.b64decode(h.value)) for h in letter.headers] == [("x", b"\xff"), ("y", None)]
    other = dead_letter(record, "review", InvalidRecord("no JSON"), attempts=1, first_failed_at=now())
    assert other.letter_id == letter.letter_id


def test_the_text_of_a_foreign_error_stays_out_of_the_dead_letter() -> None:
    try:
        raise ValueError("Ines Marlow lives at 12 Elm Street")  # noqa: TRY301
    except ValueError as error:
        letter = dead_letter(ARecord(), "triage", error, attempts=5, first_failed_at=now())
    assert "Ines" not in letter.error_message
    assert "test_records.py" in letter.error_message


def test_bodies_without_an_encoding_are_put_right_and_naive_times_are_refused() -> None:
    assert kafka_records.read_event(json.dumps(a_request(body="a\x00b")).encode(), RequestReceived).body == "a\ufffdb"
    for moment in ("2026-03-02T08:00:00", 1_770_000_000):
        with pytest.raises(InvalidRecord, match="received_at"):
            kafka_records.read_event(json.dumps(a_request(received_at=moment)).encode(), RequestReceived)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"received_at": "9999-12-31T23:59:59Z"}, "received_at"),
        ({"received_at": "0001-01-01T00:00:00+14:00"}, "received_at"),
        ({"received_at": "1700000000"}, "received_at"),
        ({"body": " \n\u200b "}, "body"),
    ],
)
def test_what_would_break_a_later_step_is_refused_at_the_door(change: dict[str, object], field: str) -> None:
    with pytest.raises(InvalidRecord, match=field):
        kafka_records.read_event(json.dumps(a_request(**change)).encode(), RequestReceived)


LONE = "\\ud83d"  # half an emoji, as a client writes it that cuts text by UTF-16 units


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        (LONE, "\ufffd"),
        (f"a{LONE}b{LONE}", "a\ufffdb\ufffd"),
        (r"\uDE00", "\ufffd"),
        (r"\ude00\ud83d", "\ufffd\ufffd"),
        (r"\ud83d\ud83d\ude00", "\ufffd😀"),
        (r"\ud83d\ude00", "😀"),
        (r"\\ud83d", r"\ud83d"),
        (r"\\\ud83d", "\\\ufffd"),
        (r"\ud83d\n", "\ufffd\n"),
        (r"\u0000", "\ufffd"),
    ],
)
@pytest.mark.parametrize("where", ["body", "subject", "name", "metadata", "unknown"])
def test_half_an_emoji_is_a_mark_in_its_place_wherever_it_stands(typed: str, meant: str, where: str) -> None:
    base = a_request(citizen={"name": "NAME"}, metadata={"a": "METADATA"}, unknown="UNKNOWN", body="BODY", subject="SUBJECT")
    sent = json.dumps(base).replace(f'"{where.upper()}"', f'"x{typed}x"').encode()
    request = kafka_records.read_event(sent, RequestReceived)
    texts = {
        "body": request.body,
        "subject": request.subject,
        "name": request.citizen and request.citizen.name,
        "metadata": request.metadata["a"],
    }
    assert texts.get(where, f"x{meant}x") == f"x{meant}x"
    assert request.dropped == []


def test_half_an_emoji_as_raw_bytes_or_in_a_name_is_one_too() -> None:
    sent = json.dumps(a_request(body="BODY", metadata={"NAME": "1"})).encode()
    request = kafka_records.read_event(sent.replace(b"BODY", b"a\xed\xa0\xbdb").replace(b"NAME", b"\\ud83d"), RequestReceived)
    assert (request.body, request.metadata) == ("a\ufffd\ufffd\ufffdb".replace("\ufffd\ufffd\ufffd", "\ufffd"), {"\ufffd": "1"})


def test_a_byte_order_mark_is_no_part_of_the_record() -> None:
    assert kafka_records.read_event(codecs.BOM_UTF8 + json.dumps(a_request()).encode(), RequestReceived).dropped == []
    with pytest.raises(InvalidRecord, match="no value"):
        kafka_records.read_event(codecs.BOM_UTF8, RequestReceived)


@pytest.mark.parametrize(
    ("more", "fault"),
    [
        ('"body": "another"', "twice"),
        ('"metadata": {"a": "1", "a": "2"}', "twice"),
        ('"extra": [{"a": 1, "a": 1}]', "twice"),
        ('"extra": NaN', "not JSON"),
        ('"extra": -Infinity', "not JSON"),
        ('"extra": 1e999', "larger"),
        (f'"extra": {"9" * 5000}', "not JSON"),
        (f'"extra": {"[" * 5000}{"]" * 5000}', "not JSON"),
        ('"extra": "\x01"', "not JSON"),
    ],
)
def test_json_that_is_read_differently_by_different_readers_is_refused_in_so_many_words(more: str, fault: str) -> None:
    sent = json.dumps(a_request())[:-1] + f", {more}}}"
    with pytest.raises(InvalidRecord, match=fault) as refused:
        kafka_records.read_event(sent.encode(), RequestReceived)
    assert "another" not in refused.value.detail


def test_a_decision_without_a_name_is_none() -> None:
    nobody = {"request_id": a_request()["request_id"], "decision_id": a_request()["request_id"], "decision": "approved", "decided_by": " "}
    with pytest.raises(InvalidRecord, match="decided_by"):
        kafka_records.read_event(json.dumps(nobody | {"decided_at": "2026-03-02T08:00:00Z", "body": "x"}).encode(), ReplyDecided)


@pytest.mark.parametrize("gap", ["\x00", "\ud83d"])
def test_a_headers_name_that_no_database_keeps_costs_no_dead_letter(gap: str) -> None:
    assert Header(key=f"x{gap}y", value=None).key == "x\ufffdy"
