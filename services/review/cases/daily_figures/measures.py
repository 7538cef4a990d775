"""What is counted of a day, in which steps, and what can be said of counts: middle values and how far chance reaches. Pure."""

import math
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Literal

from services.review.cases.case_state import UNDELIVERED, State

Span = Literal["day", "month"]
"""What figures are kept of: each day, and each month that is over."""
Measure = Literal["received", "sorted", "decided"]
"""Messages by the day they came; those of them that a person sorted or answered as sorted; decisions by the day they were made."""

SURE_STEPS = tuple(step / 10 for step in range(1, 10))
"""How sure the classifier was, in tenths."""
_HOUR, _DAY = 3_600, 86_400
LENGTH_STEPS = (
    *(60 * minutes for minutes in (10, 30)),
    *(_HOUR * hours for hours in (1, 2, 3, 5, 8, 14, 24, 36)),
    *(_DAY * days for days in (2, 3, 4, 5, 7, 10, 14, 21, 30, 60)),
)
"""How long an answer took, in seconds: fine enough that a middle value is right within the step that it lies in."""

ANSWERED: tuple[str, ...] = ("approved", "edited")
REPLIES: tuple[str, ...] = (*ANSWERED, "by_hand")
"""What a citizen had an answer by, of whatever kind: how long it took is kept of all of them."""
JUDGED_STATES = frozenset({State.APPROVED, State.SENT, State.BY_HAND}) | UNDELIVERED
"""Whoever answers a case as it is sorted says that it is sorted rightly."""


def month_of(day: date) -> tuple[date, date]:
    """The first and the last day of its month."""
    first = day.replace(day=1)
    return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def days_beside(first: date, last: date, months: Iterable[date]) -> list[tuple[date, date]]:
    """The stretches of a period that lie in none of these months."""
    stretches, start = [], first
    for month in sorted(months):
        if start < month:
            stretches.append((start, month - timedelta(days=1)))
        start = month_of(month)[1] + timedelta(days=1)
    return [*stretches, (start, last)] if start <= last else stretches


def quantile(counts: Mapping[int, int], share: float) -> float | None:
    """The number of seconds within which that share of answers was given, from how many took which step; None of none."""
    wanted, passed = share * sum(counts.values()), 0
    if not wanted:
        return None
    edges = (0.0, *LENGTH_STEPS)
    for bucket in sorted(counts):
        if passed + counts[bucket] >= wanted:
            start, end = edges[bucket], edges[min(bucket + 1, len(edges) - 1)]
            return start + (end - start) * (wanted - passed) / counts[bucket]
        passed += counts[bucket]
    return None


def interval(part: int, whole: int) -> tuple[float, float]:
    """Between which shares the true one lies, 19 times of 20 (Wilson)."""
    if not whole:
        return 0.0, 1.0
    z, share = 1.96, part / whole
    middle = share + z * z / (2 * whole)
    reach = z * math.sqrt(share * (1 - share) / whole + z * z / (4 * whole * whole))
    scale = 1 + z * z / whole
    return max((middle - reach) / scale, 0.0), min((middle + reach) / scale, 1.0)
