"""What the small charts of the operations page show: figures of the last sixty minutes, and the lines that are drawn of them. Pure."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Literal

from pydantic import BaseModel

MINUTES = 60

Values = Sequence[int | None]
"""One for each minute, the oldest first. What is not known is None, and never a zero."""

ChartName = Literal["received", "behind", "drafts", "waiting"]
LineName = Literal["all", "model", "template"]


def minute_of(at: datetime) -> int:
    """The minute since 1970."""
    return int(at.timestamp() // 60)


def beginning_of(minute: int) -> datetime:
    """When that minute began."""
    return datetime.fromtimestamp(minute * 60, UTC)


class Line(BaseModel):
    """One line of a chart, as what it says in words: `last`, which may be unknown, and `highest`, which was first met at `highest_at`."""

    name: LineName
    values: list[int | None]
    last: int | None
    highest: int | None
    highest_at: datetime | None


class Chart(BaseModel):
    """A small chart. `since`: the first minute that is known; `unknown`: how many minutes are not, from then on."""

    name: ChartName
    first: datetime
    lines: list[Line]
    since: datetime | None
    unknown: int

    @property
    def top(self) -> int:
        """The value at the upper edge: the highest of all lines."""
        return max([line.highest or 0 for line in self.lines], default=0)

    def path(self, line: Line) -> str:
        """The line as SVG draws it, a tenth of a minute and a hundredth of the height a step; a gap where nothing is known.

        A minute alone between two gaps is drawn as a dot: its line has no length, and round ends.
        """
        steps: list[str] = []
        drawing = False
        for place, value in enumerate(line.values):
            if value is not None:
                up = 100 - round(100 * value / self.top) if self.top else 100
                alone = not drawing and (place + 1 == len(line.values) or line.values[place + 1] is None)
                steps.append(f"{'L' if drawing else 'M'}{place * 10} {up}" + ("h0" if alone else ""))
            drawing = value is not None
        return "".join(steps)


def chart(name: ChartName, first_minute: int, values: Mapping[LineName, Values]) -> Chart:
    """The chart of these values, of which the first is that of `first_minute`."""
    length = len(next(iter(values.values())))
    read = [any(of_line[place] is not None for of_line in values.values()) for place in range(length)]
    begin = read.index(True) if True in read else None
    return Chart(
        name=name,
        first=beginning_of(first_minute),
        lines=[_line(line, first_minute, list(of_line)) for line, of_line in values.items()],
        since=None if begin is None else beginning_of(first_minute + begin),
        unknown=0 if begin is None else read[begin:].count(False),
    )


def _line(name: LineName, first_minute: int, values: list[int | None]) -> Line:
    highest = max((value for value in values if value is not None), default=None)
    at = beginning_of(first_minute + values.index(highest)) if highest is not None else None
    return Line(name=name, values=values, last=values[-1] if values else None, highest=highest, highest_at=at)


def counted(counts: Mapping[int, int], first_minute: int, heard_until: int) -> list[int | None]:
    """Events of each minute. From `heard_until` on not everything may have been heard of: the zeros at the end are not known to be any."""
    values: list[int | None] = [counts.get(first_minute + place, 0) for place in range(MINUTES)]
    for place in reversed(range(max(heard_until - first_minute, 0), MINUTES)):
        if values[place]:
            break
        values[place] = None
    return values


class Samples:
    """What was read once a minute, of the last sixty minutes alone."""

    def __init__(self) -> None:
        self._by_minute: dict[int, int | None] = {}

    def note(self, at: datetime, value: int | None) -> None:
        """The reading of that minute, of several the last; None where it could not be read."""
        minute = minute_of(at)
        self._by_minute[minute] = value
        for old in [other for other in self._by_minute if other <= minute - MINUTES]:
            del self._by_minute[old]

    def values(self, last_minute: int) -> list[int | None]:
        """Of sixty minutes up to that one."""
        return [self._by_minute.get(minute) for minute in range(last_minute - MINUTES + 1, last_minute + 1)]
