"""Agencies and their API keys as they may be shown, and what a key is good for. Pure."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

SHOWN = 11
"""Characters of a key that are shown: `pk_` and eight more, enough to tell keys apart, useless to guess the rest."""


class KeyScope(StrEnum):
    """What a program may do with a key."""

    SEND = "send"
    """Hand over requests, by HTTP and signed by Kafka."""
    READ = "read"
    """See the agency's requests and the replies to them."""


@dataclass(frozen=True)
class KeyTerms:
    """The terms of a key. Without scopes it is good for everything, without an end until it is revoked."""

    label: str = ""
    scopes: tuple[KeyScope, ...] = ()
    expires_at: datetime | None = None

    def as_json(self) -> dict[str, object]:
        """The limits, for the log; empty where there are none."""
        limits = {"label": self.label, "scopes": list(self.scopes), "expires_at": self.expires_at and self.expires_at.isoformat()}
        return {name: limit for name, limit in limits.items() if limit}

    def allows(self, scope: KeyScope) -> bool:
        """Whether the key is good for it."""
        return not self.scopes or scope in self.scopes


NO_LIMITS = KeyTerms()


@dataclass(frozen=True)
class Key:
    """A key as it may be shown. `prefix`: how it begins. `used_on`: the last day that it was used."""

    agency: str
    prefix: str
    terms: KeyTerms
    created_at: datetime
    used_on: date | None


@dataclass(frozen=True)
class Agency:
    """Somebody who may publish, with the keys that are good now, the oldest first."""

    slug: str
    name: str
    keys: tuple[Key, ...]
