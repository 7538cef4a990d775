"""What an agency's API key is good for, and until when. Pure."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


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
