"""What the decisions of a period say together: functions of values."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from schemas.replies_decided import Decision

KINDS: tuple[Decision, ...] = ("approved", "edited", "rejected", "closed")


@dataclass(frozen=True)
class Decided:
    """One decision that stood, with when the message had come in."""

    kind: Decision
    category: str | None
    received_at: datetime
    decided_at: datetime


@dataclass(frozen=True)
class Figures:
    """The decisions of one category, or of all. Only replies count for the time: a rejected draft is not an answer."""

    total: int
    by_kind: dict[Decision, int]
    median_time: timedelta | None

    def share(self, kind: Decision) -> float:
        """Of all decisions, how many were of this kind."""
        return self.by_kind[kind] / self.total if self.total else 0.0


def figures(decided: Sequence[Decided]) -> Figures:
    """Counts, and the median time from the message to its reply."""
    counts = Counter(one.kind for one in decided)
    times = [one.decided_at - one.received_at for one in decided if one.kind in ("approved", "edited")]
    middle = timedelta(seconds=median(t.total_seconds() for t in times)) if times else None
    return Figures(len(decided), {kind: counts[kind] for kind in KINDS}, middle)


def by_category(decided: Sequence[Decided]) -> list[tuple[str, Figures]]:
    """The same for each category, the busiest first."""
    found: dict[str, list[Decided]] = defaultdict(list)
    for one in decided:
        found[one.category or ""].append(one)
    return sorted(((name, figures(those)) for name, those in found.items()), key=lambda pair: (-pair[1].total, pair[0]))
