"""What pictures show, worked out of sums of days: a row a day, category, language or urgency, what was sorted as what, how sure. Pure."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from schemas.values import Urgency
from services.review.cases.daily_figures import measures

By = Literal["day", "category", "language", "urgency"]

MOST_BARS = 31
"""Of days; a longer period is shown by the week, and then by the month."""
WEEK = 7
MOST_DAYS = 366
SHOWN_CATEGORIES = 12


@dataclass(frozen=True)
class Row:
    """One bar: a stretch of days, or all days of one category, language or urgency. Lengths are in seconds."""

    name: str
    first: date
    last: date
    received: int
    decisions: Mapping[str, int]
    half: float | None
    """Half of the answers took no longer."""
    most: float | None
    """Nine of ten answers took no longer."""

    @property
    def answers(self) -> int:
        """How many replies were approved, as drafted or edited."""
        return sum(self.decisions.get(kind, 0) for kind in measures.ANSWERED)

    @property
    def on_drafts(self) -> int:
        """How many drafts were decided on."""
        return self.answers + self.decisions.get("rejected", 0)


@dataclass(frozen=True)
class Overruled:
    """So many cases that the classifier sorted as `classified` and that people have as `now`."""

    classified: str
    now: str
    cases: int


@dataclass(frozen=True)
class Sureness:
    """Of cases that the classifier was about so sure of, how many people left as they were, and where the true share lies."""

    tenth: int
    """Counted from 1: the first is 0 to 10 %."""
    cases: int
    kept: int
    sure: float
    low: float
    high: float

    @property
    def share(self) -> float:
        """Of all, how many were left."""
        return self.kept / self.cases


def are_months(first: date, last: date) -> bool:
    """Whether a bar stands for a month."""
    return (last - first).days + 1 > MOST_BARS * WEEK


def stretches(first: date, last: date) -> list[tuple[date, date]]:
    """The days of a period, each by itself, or by the week or month where they would be too many."""
    days = (last - first).days + 1
    if days <= MOST_BARS:
        return [(day, day) for day in (first + timedelta(days=number) for number in range(days))]
    parts, start = [], first
    while start <= last:
        if not are_months(first, last):
            end = start + timedelta(days=WEEK - 1 - start.weekday())
        else:
            _, end = measures.month_of(start)
        parts.append((start, min(end, last)))
        start = end + timedelta(days=1)
    return parts


def rows_of_days(first: date, last: date, received: Iterable[tuple[date, int]], decided: Iterable[tuple[date, str, int, int]]) -> list[Row]:
    """A row each stretch of days, those without a case as well. `decided` is day, kind, step of length and number."""
    parts = stretches(first, last)
    part_of = {start + timedelta(days=n): start.isoformat() for start, end in parts for n in range((end - start).days + 1)}
    came, kinds = _tally(((part_of[day], n) for day, n in received), ((part_of[day], kind, bucket, n) for day, kind, bucket, n in decided))
    return [_row(start.isoformat(), start, end, came, kinds) for start, end in parts]


def rows_of_names(
    by: By, first: date, last: date, received: Iterable[tuple[str, int]], decided: Iterable[tuple[str, str, int, int]]
) -> list[Row]:
    """A row each name, the most cases first; urgencies in their own order."""
    came, kinds = _tally(received, decided)
    rows = [_row(name, first, last, came, kinds) for name in {*came, *kinds}]
    order = {urgency.value: number for number, urgency in enumerate(Urgency)} if by == "urgency" else {}
    return sorted(rows, key=lambda row: (order.get(row.name, 0), -row.received, -row.on_drafts, row.name))


_Kinds = Mapping[str, Mapping[tuple[str, int], int]]


def _tally(received: Iterable[tuple[str, int]], decided: Iterable[tuple[str, str, int, int]]) -> tuple[Counter[str], _Kinds]:
    came: Counter[str] = Counter()
    kinds: dict[str, Counter[tuple[str, int]]] = defaultdict(Counter)
    for name, number in received:
        came[name] += number
    for name, kind, bucket, number in decided:
        kinds[name][kind, bucket] += number
    return came, kinds


def _row(name: str, first: date, last: date, came: Mapping[str, int], kinds: _Kinds) -> Row:
    decisions: Counter[str] = Counter()
    lengths: Counter[int] = Counter()
    for (kind, bucket), number in kinds.get(name, {}).items():
        decisions[kind] += number
        if kind in measures.ANSWERED:
            lengths[bucket] += number
    return Row(name, first, last, came.get(name, 0), decisions, measures.quantile(lengths, 0.5), measures.quantile(lengths, 0.9))


def overruled(judged: Iterable[tuple[str, str, int]]) -> list[Overruled]:
    """What was sorted as what, from (classified, now, number)."""
    cells: Counter[tuple[str, str]] = Counter()
    for classified, now, number in judged:
        cells[classified, now] += number
    return [Overruled(classified, now, number) for (classified, now), number in sorted(cells.items())]


def most_mistaken(cells: Sequence[Overruled]) -> list[str]:
    """The categories that most overruled cases were taken for or were, in the order of their names."""
    mistaken: Counter[str] = Counter()
    for cell in cells:
        if cell.classified != cell.now:
            mistaken[cell.classified] += cell.cases
            mistaken[cell.now] += cell.cases
    return sorted(name for name, _ in sorted(mistaken.items(), key=lambda pair: (-pair[1], pair[0]))[:SHOWN_CATEGORIES])


def sureness(judged: Iterable[tuple[int, bool, int, float]]) -> list[Sureness]:
    """Each tenth that has a case, from (step, left as it was, number, sum of how sure)."""
    cases: Counter[int] = Counter()
    kept: Counter[int] = Counter()
    sums: dict[int, float] = defaultdict(float)
    for bucket, is_kept, number, total in judged:
        cases[bucket] += number
        kept[bucket] += number if is_kept else 0
        sums[bucket] += total
    points = []
    for bucket in sorted(cases):
        low, high = measures.interval(kept[bucket], cases[bucket])
        points.append(Sureness(bucket + 1, cases[bucket], kept[bucket], sums[bucket] / cases[bucket], low, high))
    return points
