"""Lays out a trace as a waterfall chart. Days of waiting take a sliver each, so that the milliseconds beside them can be read."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from services.review.ops.trace import SpanOut

WIDTH = 1000.0
"""Units across, whatever the screen."""
BREAK = 14.0
"""Units that a wait takes, however long it was."""
WAIT = 2.0
"""Seconds in which nothing runs before they count as a wait."""
THINNEST = 3.0
"""Units below which a bar can't be seen."""
DEEPEST = 4


@dataclass(frozen=True)
class Bar:
    """One step of the trace, placed."""

    span_id: str
    name: str
    service: str
    status: str
    offset: float
    """Seconds since the trace began."""
    seconds: float
    depth: int
    left: float
    width: float
    attributes: dict[str, Any]
    links: list[dict[str, str]]
    waited: float
    """Seconds of waiting just before it, if they are drawn short."""
    reason: str = ""
    """Why it failed, as one word."""
    events: list[dict[str, Any]] = field(default_factory=list)
    waits: bool = False
    """Whether it is a wait for a person, drawn across the times that are cut out."""


@dataclass(frozen=True)
class Stretch:
    """A time in which something ran, and where it is drawn."""

    start: float
    end: float
    left: float
    width: float

    def place(self, moment: float) -> float:
        """Where a moment of the stretch is drawn."""
        share = (moment - self.start) / (self.end - self.start) if self.end > self.start else 0.0
        return self.left + min(max(share, 0.0), 1.0) * self.width


def waterfall(spans: Sequence[SpanOut]) -> tuple[list[Bar], list[float]]:
    """The bars in the order of their start, and where the waits are drawn."""
    ordered = sorted(spans, key=lambda span: (span.start, span.end, span.span_id))
    if not ordered:
        return [], []
    began = ordered[0].start
    # A wait of three days is a step as well, and must not make slivers of all others.
    running = [s for s in ordered if not _waits(s)] or ordered
    stretches = _stretches([(_since(began, s.start), _since(began, s.end)) for s in running])
    depths = _depths(ordered)
    bars: list[Bar] = []
    reached = 0
    for span in ordered:
        start, end = _since(began, span.start), _since(began, span.end)
        at, until = _stretch_at(stretches, start), _stretch_at(stretches, end)
        waited = stretches[at].start - stretches[reached].end if at > reached else 0.0
        reached = max(reached, at)
        left = min(stretches[at].place(start), WIDTH - THINNEST)
        width = max(stretches[until].place(end) - left, THINNEST)
        bars.append(
            Bar(
                span.span_id,
                span.name,
                span.service,
                span.status,
                start,
                end - start,
                depths[span.span_id],
                round(left, 2),
                round(min(width, WIDTH - left), 2),
                span.attributes,
                span.links,
                waited,
                span.reason,
                span.events,
                _waits(span),
            )
        )
    return bars, [round(stretch.left - BREAK, 2) for stretch in stretches[1:]]


def _waits(span: SpanOut) -> bool:
    return bool(span.attributes.get("parvis.wait"))


def _stretch_at(stretches: Sequence[Stretch], moment: float) -> int:
    """The last one that has begun by then; the first where none has."""
    return max((i for i, stretch in enumerate(stretches) if stretch.start <= moment), default=0)


def _since(began: datetime, moment: datetime) -> float:
    return (moment - began).total_seconds()


def _stretches(times: Sequence[tuple[float, float]]) -> list[Stretch]:
    merged: list[list[float]] = []
    for start, end in times:
        if merged and start - merged[-1][1] <= WAIT:
            merged[-1][1] = max(merged[-1][1], end)
        else:
            merged.append([start, max(start, end)])
    # Many waits must leave room for what happened between them.
    room = max(WIDTH - BREAK * (len(merged) - 1), WIDTH / 2)
    busy = sum(end - start for start, end in merged)
    # Half of the room is shared evenly: a stretch of milliseconds beside one of minutes is still to be seen.
    widths = [room / 2 / len(merged) + (room / 2 * (end - start) / busy if busy else room / 2 / len(merged)) for start, end in merged]
    stretches: list[Stretch] = []
    left = 0.0
    for (start, end), width in zip(merged, widths, strict=True):
        stretches.append(Stretch(start, end, left, width))
        left += width + BREAK
    return stretches


def _depths(spans: Sequence[SpanOut]) -> dict[str, int]:
    parents = {span.span_id: span.parent_id for span in spans}
    depths: dict[str, int] = {}
    for span in spans:
        depth, above, seen = 0, span.parent_id, {span.span_id}
        while above in parents and above not in seen and depth < DEEPEST:
            seen.add(above)
            depth, above = depth + 1, parents[above]
        depths[span.span_id] = depth
    return depths
