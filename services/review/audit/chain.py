"""The chain of the audit log: each sealed entry's hash covers the entry and the hash before it. Pure."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from uuid import UUID

VERSION = 1
"""Of the canonical form. A later form gets the next number, and entries sealed by this one are still read by it."""
GENESIS = "0" * 64
"""What stands before the first entry."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
CLOCKS_DIFFER = timedelta(hours=1)
"""An entry may be sealed after one of so much later: transactions are open side by side, and clocks differ."""

FaultKind = Literal["changed", "missing", "gap", "unreadable", "backdated", "unsealed", "head", "anchor"]


@dataclass(frozen=True)
class LoggedEntry:
    """An entry as the database has it, with its number."""

    number: int
    at: datetime
    actor: str
    action: str
    request_id: UUID | None
    detail: dict[str, Any]


@dataclass(frozen=True)
class Seal:
    """The place of an entry in the chain."""

    sequence: int
    entry: int
    sealed_at: datetime
    version: int
    hash: str


@dataclass(frozen=True)
class Head:
    """Where the chain stands: its last place, the hash there, and the number of anchors."""

    sequence: int = 0
    hash: str = GENESIS
    anchors: int = 0


@dataclass(frozen=True)
class Fault:
    """What does not fit, at which place of the chain and at which entry, where it can be told."""

    kind: FaultKind
    detail: str
    sequence: int | None = None
    entry: int | None = None


def microseconds(moment: datetime) -> int:
    """Since 1970 in UTC: both databases give back exactly this much of a moment."""
    return (moment.astimezone(UTC) - EPOCH) // timedelta(microseconds=1)


def canonical(entry: LoggedEntry, sequence: int, sealed_at: datetime, version: int = VERSION) -> bytes:
    """The bytes that are hashed. Raises ValueError for a form that this release does not know."""
    if version != VERSION:
        raise ValueError(f"the form {version} of entries is not known to this release, which knows {VERSION}")
    form = {
        "action": entry.action,
        "actor": entry.actor,
        "at": microseconds(entry.at),
        "detail": entry.detail,
        "id": entry.number,
        "request_id": str(entry.request_id) if entry.request_id else None,
        "sealed_at": microseconds(sealed_at),
        "sequence": sequence,
        "version": version,
    }
    return json.dumps(form, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode("ascii")


def next_hash(previous: str, entry: LoggedEntry, sequence: int, sealed_at: datetime, version: int = VERSION) -> str:
    """The hash of an entry at that place, after the hash before it."""
    return hashlib.sha256(b"parvis audit\n" + previous.encode() + b"\n" + canonical(entry, sequence, sealed_at, version)).hexdigest()


def seal(head: Head, entry: LoggedEntry, sealed_at: datetime) -> Seal:
    """The seal of the entry that comes next."""
    sequence = head.sequence + 1
    return Seal(sequence, entry.number, sealed_at, VERSION, next_hash(head.hash, entry, sequence, sealed_at))


@dataclass
class Walk:
    """Goes through the chain from its beginning and says what does not fit. After a fault it goes on from the hash that is written down."""

    wanted: frozenset[int] = frozenset()
    """The places whose hashes somebody has from elsewhere: they are kept in `hashes`."""
    sequence: int = 0
    hash: str = GENESIS
    hashes: dict[int, str] = field(default_factory=dict)
    _latest: datetime = EPOCH

    def step(self, seal: Seal, entry: LoggedEntry | None) -> Iterator[Fault]:
        """The next seal with its entry; None where the entry is not there."""
        if seal.sequence != self.sequence + 1:
            lost = f"{self.sequence + 1}" if seal.sequence == self.sequence + 2 else f"{self.sequence + 1} to {seal.sequence - 1}"
            yield Fault("gap", f"place {lost} of the chain is missing", self.sequence + 1)
        if entry is None:
            yield Fault("missing", f"entry {seal.entry}, sealed at place {seal.sequence}, is not in the log", seal.sequence, seal.entry)
        else:
            yield from self._compare(seal, entry)
        self.sequence, self.hash = seal.sequence, seal.hash
        if seal.sequence in self.wanted:
            self.hashes[seal.sequence] = seal.hash

    def skip(self, unreadable: Fault) -> None:
        """Goes on after a place that can't be read."""
        if isinstance(unreadable.sequence, int):
            self.sequence = unreadable.sequence

    def _compare(self, seal: Seal, entry: LoggedEntry) -> Iterator[Fault]:
        try:
            expected = next_hash(self.hash, entry, seal.sequence, seal.sealed_at, seal.version)
        except ValueError as error:
            yield Fault("unreadable", f"entry {entry.number}: {error}", seal.sequence, entry.number)
            return
        if expected != seal.hash:
            words = f"entry {entry.number} at place {seal.sequence}, or the seal before it, is not what was sealed"
            yield Fault("changed", words, seal.sequence, entry.number)
        if entry.at < self._latest - CLOCKS_DIFFER:
            words = (
                f"entry {entry.number} says {entry.at:%Y-%m-%d %H:%M} and was sealed after entries of {self._latest:%Y-%m-%d %H:%M}: "
                "it was put in later, or a clock was wrong"
            )
            yield Fault("backdated", words, seal.sequence, entry.number)
        self._latest = max(self._latest, min(entry.at, seal.sealed_at))

    def finish(self, head: Head) -> Iterator[Fault]:
        """Compares the end with what is written down of it."""
        if head.sequence > self.sequence:
            words = f"the chain ends at place {self.sequence} and went to {head.sequence}: the end was cut off"
            yield Fault("head", words, self.sequence + 1)
        elif (head.sequence, head.hash) != (self.sequence, self.hash):
            yield Fault("head", f"the end of the chain at place {self.sequence} is not the one written down for it", self.sequence)
