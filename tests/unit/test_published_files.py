"""What `parvis publish` finds in files before anything is sent."""

import json
from pathlib import Path

from services.cli.publish import BadLine, GoodLine, SeenIds, read_requests, signed
from services.domain import agency_signing_key
from services.runtime.kafka_records import Outgoing
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
