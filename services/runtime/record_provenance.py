"""Tells a handler where the record in hand came from: its headers and bytes, and whether one of our services signed it."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Protocol

from services.runtime.errors import Refused
from services.runtime.kafka_records import Outgoing, Received


class NotVouchedFor(Refused):
    """A record that only a service of ours may publish, and that none has signed."""

    title = "No service of ours has signed this record"


@dataclass(frozen=True)
class Origin:
    """`vouched`: one of our services signed exactly this record. Its headers and bytes are as they came."""

    vouched: bool = False
    headers: dict[str, str] = field(default_factory=dict)
    value: bytes = b""


NOWHERE = Origin()
_current: ContextVar[Origin] = ContextVar("origin", default=NOWHERE)


class Seal(Protocol):
    """Signs what leaves and verifies what comes, where the process has the key."""

    async def headers(self, record: Outgoing) -> dict[str, str]:
        """The headers that sign a record that leaves."""

    async def opened(self, record: Received) -> Origin:
        """The origin of a record. Raises NotVouchedFor where only a service of ours may write to its topic and none signed it."""


def current() -> Origin:
    """The origin of the record in hand."""
    return _current.get()


@contextmanager
def handling(origin: Origin) -> Iterator[None]:
    """Sets the origin of the record in hand for the block."""
    token = _current.set(origin)
    try:
        yield
    finally:
        _current.reset(token)
