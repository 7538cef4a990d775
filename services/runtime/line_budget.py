"""Rate-limits the log lines that refused callers can cause."""

from datetime import datetime, timedelta

MOST_AT_ONCE = 100
"""Lines of one kind that may be written one after the other."""
ONE_MORE_EACH = timedelta(seconds=30)
"""Whoever tries without end adds so few lines: some 3,000 a day."""


class Budget:
    """How many lines may be written: a bucket that fills again with time. What did not fit is counted."""

    def __init__(self, most: int = MOST_AT_ONCE, each: timedelta = ONE_MORE_EACH) -> None:
        self._most = most
        self._each = each
        self._left = float(most)
        self._as_of: datetime | None = None
        self._left_out = 0

    def take(self, now: datetime) -> int | None:
        """Nothing where no line may be written now; else how many were left out since the last one."""
        if self._as_of:
            self._left = min(self._left + max((now - self._as_of) / self._each, 0.0), self._most)
        self._as_of = now
        if self._left < 1:
            self._left_out += 1
            return None
        self._left -= 1
        left_out, self._left_out = self._left_out, 0
        return left_out
