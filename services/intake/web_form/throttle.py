"""How much may be sent and asked: by address and by agency, of this process. Nothing is kept of an address but a count."""

from dataclasses import dataclass
from ipaddress import IPv6Network

from services.intake.quota import Quotas

HOUR = 60.0  # minutes
GUESSES = 20
"""Unknown references that one address may ask for at once; one more each three minutes."""
SITE = 10
"""How many times as much a /48 of IPv6 may: one site can have all of it, or many people a /64 each."""


@dataclass(frozen=True)
class Limits:
    """`per_address` and `per_agency` are messages an hour; 0: no limit."""

    per_address: int
    per_agency: int


class Throttle:
    """`now` is in seconds and never goes back. What is answered is the seconds to wait, 0 where none."""

    def __init__(self, limits: Limits) -> None:
        self._addresses = _ByAddress(limits.per_address)
        self._agencies = _hourly(limits.per_agency)
        self._guesses = _ByAddress(GUESSES)

    def from_address(self, address: str, agency: str, now: float) -> int:
        """Takes one form of the address, whatever stands in it."""
        if wait := self._addresses.wait(address, now, agency):
            return wait
        self._addresses.take(address, now, agency)
        return 0

    def to_agency(self, agency: str, now: float) -> int:
        """Takes one message to the agency."""
        quota = self._agencies.take(agency, 1, now)
        return quota.wait if quota else 0

    def wait_to_ask(self, address: str, now: float) -> int:
        """Whether the address may ask for a reference at all: who has guessed too often is told nothing of a right one either."""
        return self._guesses.wait(address, now)

    def guessed(self, address: str, now: float) -> None:
        """Counts a reference that there is not."""
        self._guesses.take(address, now)


class _ByAddress:
    """Counts each address, which of IPv6 is a /64, and the /48 round it."""

    def __init__(self, limit: int) -> None:
        self._addresses, self._sites = _hourly(limit), _hourly(limit * SITE)

    def wait(self, address: str, now: float, agency: str = "") -> int:
        site = _site(address)
        return max(self._addresses.wait(f"{agency} {address}", now), self._sites.wait(f"{agency} {site}", now) if site else 0)

    def take(self, address: str, now: float, agency: str = "") -> None:
        self._addresses.take(f"{agency} {address}", 1, now)
        if site := _site(address):
            self._sites.take(f"{agency} {site}", 1, now)


def _hourly(limit: int) -> Quotas:
    return Quotas(limit / HOUR, max(limit, 1))


def _site(address: str) -> str:
    return str(IPv6Network(address).supernet(new_prefix=48)) if ":" in address else ""
