"""Where a record that is worked on came from, beside what its value says of itself."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Protocol

from services.runtime.errors import Refused
from services.runtime.kafka_records import Outgoing, Received


class NotVouchedFor(Refused):
    """Says that one of our services said it, and none did."""

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
    """What a process with the key can do that no other can."""

    async def headers(self, record: Outgoing) -> dict[str, str]:
        """What is added to a record that leaves."""

    async def opened(self, record: Received) -> Origin:
        """Where a record came from. Raises NotVouchedFor where only a service of ours may write to its topic and none signed it."""


def current() -> Origin:
    """Of the record that is worked on now."""
    return _current.get()


@contextmanager
def handling(origin: Origin) -> Iterator[None]:
    """Makes it the current one."""
    token = _current.set(origin)
    try:
        yield
    finally:
        _current.reset(token)
