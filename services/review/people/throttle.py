"""Throttles sign-ins: doubling pauses after wrong passwords, by name and address together, so that no stranger locks anybody out."""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta

FREE = 5
"""Wrong tries that cost nothing: people mistype."""
FIRST_WAIT = timedelta(seconds=1)
LONGEST_WAIT = timedelta(minutes=5)
FORGOTTEN_AFTER = timedelta(hours=1)
MOST_KEPT = 20_000
"""Whoever fills this with made-up names loses the oldest: at the speed of password hashing that takes a quarter of an hour."""


def wait_after(failures: int) -> timedelta:
    """The pause after so many wrong tries in a row: none for the first few, then doubling."""
    if failures < FREE:
        return timedelta()
    return min(FIRST_WAIT * (1 << min(failures - FREE, 20)), LONGEST_WAIT)


@dataclass
class Failures:
    """Wrong tries in a row."""

    count: int
    last_at: datetime


class Throttle:
    """The wrong tries of one process, by whatever tells those who try apart. What is kept is bounded."""

    def __init__(self, most_kept: int = MOST_KEPT) -> None:
        self._failures: OrderedDict[str, Failures] = OrderedDict()
        self._most_kept = most_kept

    def wait(self, key: str, now: datetime) -> timedelta:
        """How long it is until the next try is looked at; zero or less is now."""
        failures = self._current(key, now)
        return failures.last_at + wait_after(failures.count) - now if failures else timedelta()

    def failed(self, key: str, now: datetime) -> int:
        """Counts a wrong try; returns how many there were in a row."""
        failures = self._current(key, now)
        count = failures.count + 1 if failures else 1
        self._failures[key] = Failures(count, now)
        self._failures.move_to_end(key)
        while len(self._failures) > self._most_kept:
            self._failures.popitem(last=False)
        return count

    def succeeded(self, key: str) -> None:
        """The next wrong try is the first."""
        self._failures.pop(key, None)

    def _current(self, key: str, now: datetime) -> Failures | None:
        failures = self._failures.get(key)
        return failures if failures and now - failures.last_at < FORGOTTEN_AFTER else None
