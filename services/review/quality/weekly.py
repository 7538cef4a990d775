"""Says what of a week is worth telling: what came in, and what rises beyond chance against the weeks before. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

from services.domain.chance import chance_of
from services.domain.taxonomy import Taxonomy
from services.runtime.errors import InvalidInput

WEEKS_BEFORE = 4
FEWEST = 5
"""Messages of a category in a week, below which nothing rises."""
BY_CHANCE = 0.001
"""What is as likely as this without any change is no rise."""


@dataclass(frozen=True)
class Week:
    """An ISO week of the agency's own days, as moments."""

    name: str
    since: datetime
    until: datetime


@dataclass(frozen=True)
class CategoryWeek:
    """Messages of a category, in the week and on average before; `examples` are redacted, of what rises alone."""

    category: str
    now: int
    before: float
    rises: bool
    examples: tuple[str, ...] = ()


def week_of(text: str, now: datetime, taxonomy: Taxonomy) -> Week:
    """The week of that name, as 2026-W10; without a name the last whole one. Raises InvalidInput."""
    zone = ZoneInfo(taxonomy.calendar.time_zone) if taxonomy.calendar else UTC
    if text:
        try:
            year, _, number = text.upper().partition("-W")
            monday = date.fromisocalendar(int(year), int(number), 1)
        except ValueError:
            raise InvalidInput(
                f"--week: {text!r} is no week: give one as 2026-W10, or none for the last whole one", field="--week"
            ) from None
    else:
        today = now.astimezone(zone).date()
        monday = today - timedelta(days=today.weekday() + 7)
    year_number = monday.isocalendar()
    return Week(f"{year_number.year}-W{year_number.week:02}", _start(monday, zone), _start(monday + timedelta(days=7), zone))


def _start(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)


def earlier(week: Week, weeks: int, taxonomy: Taxonomy) -> Week:
    """The week so many weeks before, by the agency's midnights."""
    zone = ZoneInfo(taxonomy.calendar.time_zone) if taxonomy.calendar else UTC
    monday = week.since.astimezone(zone).date() - timedelta(days=7 * weeks)
    return Week("", _start(monday, zone), _start(monday + timedelta(days=7), zone))


def compared(now: Mapping[str, int], before: Sequence[Mapping[str, int]]) -> list[CategoryWeek]:
    """Each category of the week against the weeks before, the most first. With nothing before nothing rises."""
    has_earlier = any(week.values() for week in map(dict, before))
    lines = []
    for category in sorted(now.keys() | {name for week in before for name in week}):
        count, earlier_count = now.get(category, 0), sum(week.get(category, 0) for week in before)
        rises = has_earlier and count >= FEWEST and chance_of(count, earlier_count, len(before)) < BY_CHANCE
        lines.append(CategoryWeek(category, count, earlier_count / len(before) if before else 0.0, rises))
    return sorted(lines, key=lambda line: (-line.now, line.category))
