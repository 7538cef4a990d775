"""How far the log has been read where numbers are given before a transaction ends: a lower one may appear after a higher one. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field

MOST_MISSING = 1000
"""More than that are no transactions under way but a sequence that jumped."""


@dataclass
class LogPosition:
    """The highest number read, and those below it that were not there: each is asked for until its patience is over."""

    newest: int
    patience: float
    missing: dict[int, float] = field(default_factory=dict)

    @property
    def safe(self) -> int:
        """The number up to which nothing can appear any more: whoever begins after it loses nothing."""
        return min(self.missing, default=self.newest + 1) - 1

    def advance(self, numbers: Iterable[int], now: float) -> None:
        """Notes what was read at that moment; what is missing between becomes awaited."""
        read = set(numbers)
        self.missing = {number: until for number, until in self.missing.items() if number not in read and until > now}
        ahead = sorted(number for number in read if number > self.newest)
        if not ahead:
            return
        begin = max(self.newest + 1, ahead[-1] - MOST_MISSING)
        self.missing |= {number: now + self.patience for number in range(begin, ahead[-1]) if number not in read}
        self.newest = ahead[-1]
