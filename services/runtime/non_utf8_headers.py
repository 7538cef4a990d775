"""Reads Kafka records whose header names are not UTF-8: the client library fails at them, which would block the partition."""

from collections.abc import Iterator
from typing import Any, SupportsIndex

from aiokafka.consumer import fetcher
from aiokafka.record.default_records import _DefaultRecordBatchPy
from aiokafka.record.memory_records import MemoryRecords, _MemoryRecordsPy


class _Text(bytearray):
    """Bytes that are read as text whatever they are."""

    def __getitem__(self, place: SupportsIndex | slice) -> Any:  # noqa: ANN401 - a number, or more of the same
        taken = super().__getitem__(place)
        return _Text(taken) if isinstance(taken, bytearray) else taken

    def decode(self, encoding: str = "utf-8", errors: str = "replace") -> str:
        """As text, with U+FFFD for what is none."""
        return super().decode(encoding, errors)


class _TolerantBatch(_DefaultRecordBatchPy):  # type: ignore[misc]  # the client's, untyped
    """The client's own reader in Python, over such bytes."""

    def _read_msg(self, *arguments: Any) -> Any:  # noqa: ANN401 - the client's
        buffer: bytearray = self._buffer  # type: ignore[has-type]  # the client's, untyped
        self._buffer = buffer if isinstance(buffer, _Text) else _Text(buffer)
        return super()._read_msg(*arguments)


class _Batch:
    """One batch, read fast where that works."""

    def __init__(self, batch: Any, raw: bytes, number: int) -> None:  # noqa: ANN401 - of either reader
        self._batch, self._raw, self._number = batch, raw, number

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        return getattr(self._batch, name)

    def __iter__(self) -> Iterator[Any]:
        try:
            return iter(list(self._batch))
        except UnicodeDecodeError:
            slices = _MemoryRecordsPy(self._raw)
            for _ in range(self._number):
                slices.next_batch()
            assert slices._next_slice is not None  # noqa: SLF001 - the reader is one of the client's two
            return iter(list(_TolerantBatch(slices._next_slice)))  # noqa: SLF001


class TolerantRecords:
    """What a fetch has brought, batch by batch, as the client's fetcher asks for it."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw
        self._records = MemoryRecords(raw)
        self._number = 0

    def size_in_bytes(self) -> int:
        """Of all batches."""
        return int(self._records.size_in_bytes())

    def has_next(self) -> bool:
        """Whether there is another batch."""
        return bool(self._records.has_next())

    def next_batch(self) -> _Batch | None:
        """The next one."""
        batch = self._records.next_batch()
        self._number += 1
        return None if batch is None else _Batch(batch, self._raw, self._number - 1)


def install() -> None:
    """The client has no place for a reader of one's own: its fetcher is given this one by name."""
    fetcher.MemoryRecords = TolerantRecords
