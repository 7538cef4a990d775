"""A record whose header name is no text is read, and what stands behind it as well."""

import struct
import sys

import pytest
from aiokafka.consumer import fetcher
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from aiokafka.record.memory_records import MemoryRecords
from aiokafka.record.util import calc_crc32c
from aiokafka.structs import TopicPartition

from services.runtime import broker
from services.runtime.kafka_records import as_text
from services.runtime.non_utf8_headers import TolerantRecords

CRC, AFTER_CRC = 17, 21


def a_batch(first: int, *names: bytes) -> bytes:
    """One record for each name, as a broker has them."""
    whose = {"is_transactional": 0, "producer_id": -1, "producer_epoch": -1, "base_sequence": -1}
    builder = DefaultRecordBatchBuilder(2, 0, batch_size=9_999, **whose)
    for offset, name in enumerate(names):
        builder.append(offset, timestamp=1, key=b"k", value=b"v%d" % offset, headers=[("x" * len(name), b"1")])
    raw = bytearray(builder.build())
    for name in names:
        at = raw.find(bytes([2 * len(name)]) + b"x" * len(name))
        raw[at + 1 : at + 1 + len(name)] = name
    raw[:8] = struct.pack(">q", first)
    raw[CRC:AFTER_CRC] = struct.pack(">I", calc_crc32c(bytes(raw[AFTER_CRC:])))
    return bytes(raw)


def fetched(raw: bytes) -> list[tuple[int, bytes | None, dict[str, str]]]:
    """What a consumer is given."""
    place = TopicPartition("parvis.requests.received.v1", 0)
    records = fetcher.PartitionRecords(place, fetcher.MemoryRecords(raw), [], 0, None, None, True, fetcher.READ_UNCOMMITTED)
    return [(record.offset, record.value, as_text(record.headers)) for record in records._records_iterator]


def test_the_clients_own_reader_fails_at_a_header_name_that_is_no_text() -> None:
    with pytest.raises(UnicodeDecodeError):
        list(MemoryRecords(a_batch(0, b"\xff\xfe")).next_batch() or ())


def test_every_record_is_read_whatever_its_header_is_called() -> None:
    assert broker.__name__ in sys.modules, "whoever makes a consumer has imported it, and this reader with it"
    raw = a_batch(0, b"trace", b"name") + a_batch(2, b"name", b"\xff\xfe", b"tail") + a_batch(5, b"\xc3\xa9t\xc3\xa9")
    assert fetched(raw) == [
        (0, b"v0", {"trace": "1"}),
        (1, b"v1", {"name": "1"}),
        (2, b"v0", {"name": "1"}),
        (3, b"v1", {"\ufffd\ufffd": "1"}),
        (4, b"v2", {"tail": "1"}),
        (5, b"v0", {"\u00e9t\u00e9": "1"}),
    ]


def test_nothing_is_said_of_what_is_not_there() -> None:
    records = TolerantRecords(b"")
    assert (records.has_next(), records.size_in_bytes()) == (False, 0)
