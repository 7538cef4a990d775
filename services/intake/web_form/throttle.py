"""How much may be sent and asked: by address and by agency, of this process. Nothing is kept of an address but a count."""

import math
from dataclasses import dataclass

from services.intake.quota import Quotas

HOUR = 60.0  # minutes
GUESSES = 20
"""Unknown references that one address may ask for at once; one more each three minutes."""


@dataclass(frozen=True)
class Limits:
    """`per_address` and `per_agency` are messages an hour; 0: no limit."""

    per_address: int
    per_agency: int


class Throttle:
    """`now` is in seconds and never goes back. What is answered is the seconds to wait, 0 where none."""

    def __init__(self, limits: Limits) -> None:
        self._addresses = Quotas(limits.per_address / HOUR, max(limits.per_address, 1))
        self._agencies = Quotas(limits.per_agency / HOUR, max(limits.per_agency, 1))
        self._guesses = Quotas(GUESSES / HOUR, GUESSES)

    def send(self, address: str, agency: str, now: float) -> int:
        """Takes one message."""
        return _taken(self._addresses, f"{agency} {address}", now) or _taken(self._agencies, agency, now)

    def wait_to_ask(self, address: str, now: float) -> int:
        """Whether the address may ask for a reference at all: who has guessed too often is told nothing of a right one either."""
        quota = self._guesses.take(address, 0, now)
        return 0 if quota is None or quota.left else math.ceil(HOUR / GUESSES) * 60

    def guessed(self, address: str, now: float) -> None:
        """Counts a reference that there is not."""
        self._guesses.take(address, 1, now)


def _taken(quotas: Quotas, key: str, now: float) -> int:
    quota = quotas.take(key, 1, now)
    return 0 if quota is None or quota.granted else quota.wait
