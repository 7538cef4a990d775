"""What an agency's API key is good for, and until when. Pure."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from services.runtime.errors import InvalidInput

MOST_DAYS = 3660


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


def terms(label: str, scopes: Collection[str], days: int | None, now: datetime) -> KeyTerms:
    """The terms that somebody asked for. Raises InvalidInput."""
    try:
        chosen = {KeyScope(scope) for scope in scopes}
    except ValueError:
        raise InvalidInput(f"scope: a key is for {' or '.join(KeyScope)}, or both", field="scope") from None
    return KeyTerms(" ".join(label.split())[:80], tuple(scope for scope in KeyScope if scope in chosen), ends(days, now))


def ends(days: int | None, now: datetime) -> datetime | None:
    """When something ends that is good for so many days. Raises InvalidInput."""
    if days is not None and not 1 <= days <= MOST_DAYS:
        raise InvalidInput(f"days: a key is good for 1 to {MOST_DAYS} days", field="days")
    return None if days is None else now + timedelta(days=days)
