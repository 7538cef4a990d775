"""The shapes of pictures: how long each bar is, in thousandths of the longest, and where it leads. Pure."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, Literal

from pydantic import BaseModel

from services.domain.taxonomy import Taxonomy
from services.review.cases.queue.queue_page import QueueFilters, Tab
from services.review.quality.pictures.picture_rows import By, Overruled, Row, Sureness, most_mistaken

Name = Literal["received", "time", "outcome", "urgency", "overruled", "sureness"]
WHOLE = 1_000
SHADES = 4
"""Beside none at all."""
FEW = 20
"""Cases, below which a point of the curve says little and is drawn open."""
OUTCOMES = ("approved", "edited", "rejected")


class Shape(BaseModel):
    """A part of a bar, with what it stands for; several lie one after another."""

    kind: str
    start: int
    length: int
    number: int
    address: str


class Bar(BaseModel):
    """One row as a bar. `mark` is where nine of ten end."""

    row: Row
    label: str
    shapes: list[Shape]
    mark: int | None = None
    address: str


class BarChart(BaseModel):
    """Bars of one picture, and what the longest stands for: a number, seconds or hundredths."""

    name: Name
    by: By
    bars: list[Bar]
    longest: float


class Cell(BaseModel):
    """How many cases the classifier said to be of the row's category and people have as the column's."""

    number: int
    shade: int
    right: bool
    address: str


class MatrixRow(BaseModel):
    """All that the classifier said to be of one category."""

    label: str
    cells: list[Cell]


class Matrix(BaseModel):
    """Categories that are mistaken most, one against another; `others` are mistaken ones of further categories."""

    columns: list[str]
    rows: list[MatrixRow]
    judged: int
    overruled: int
    others: int


class Point(BaseModel):
    """A tenth of certainty on the curve: across what was said, upwards what was right, in thousandths from below."""

    sureness: Sureness
    across: int
    up: int
    low: int
    high: int
    few: bool
    address: str


Lead = Callable[[dict[str, Any]], str]
"""Makes the address of a list out of its filters, within those of the page."""


def lead_within(filters: dict[str, Any]) -> Lead:
    """Addresses of lists that keep the filters of the page."""

    def lead(more: dict[str, Any]) -> str:
        chosen = {name: value for name, value in {"tab": Tab.ALL, **filters, **more}.items() if value}
        return QueueFilters.model_validate(chosen).address()

    return lead


def of_row(row: Row, by: By, taxonomy: Taxonomy, *, decided: bool = False, **more: str) -> dict[str, Any]:
    """The filters of the cases that a row counts: by when they came, or by when they were decided."""
    since, until = taxonomy.begins(row.first).isoformat(), taxonomy.begins(row.last + timedelta(days=1)).isoformat()
    period = {"decided_since": since, "decided_until": until} if decided else {"since": since, "until": until}
    return {**period, **({} if by == "day" else {by: row.name}), **more}


def received(rows: Sequence[Row], by: By, taxonomy: Taxonomy, lead: Lead, label: Callable[[Row], str]) -> BarChart:
    """How many messages came."""
    longest = max((row.received for row in rows), default=0)
    bars = []
    for row in rows:
        address = lead(of_row(row, by, taxonomy))
        shape = Shape(kind="all", start=0, length=_part(row.received, longest), number=row.received, address=address)
        bars.append(Bar(row=row, label=label(row), shapes=[shape], address=address))
    return BarChart(name="received", by=by, bars=bars, longest=longest)


def times(name: Name, rows: Sequence[Row], by: By, taxonomy: Taxonomy, lead: Lead, label: Callable[[Row], str]) -> BarChart:
    """Within which time half of the answers were given, and nine of ten."""
    longest = max((row.most or 0.0 for row in rows), default=0.0)
    bars = []
    for row in rows:
        address = lead(of_row(row, by, taxonomy, decided=True, decision="answered"))
        shape = Shape(kind="all", start=0, length=_part(row.half or 0, longest), number=row.answers, address=address)
        mark = _part(row.most, longest) if row.most else None
        bars.append(Bar(row=row, label=label(row), shapes=[shape] if row.answers else [], mark=mark, address=address))
    return BarChart(name=name, by=by, bars=bars, longest=longest)


def outcomes(rows: Sequence[Row], by: By, taxonomy: Taxonomy, lead: Lead, label: Callable[[Row], str]) -> BarChart:
    """Which share of drafts was approved as drafted, edited, rejected."""
    bars = []
    for row in rows:
        shapes, start = [], 0
        for kind in OUTCOMES:
            number = row.decisions.get(kind, 0)
            length = _part(number, row.on_drafts)
            if number:
                address = lead(of_row(row, by, taxonomy, decided=True, decision=kind))
                shapes.append(Shape(kind=kind, start=start, length=length, number=number, address=address))
            start += length
        bars.append(Bar(row=row, label=label(row), shapes=shapes, address=lead(of_row(row, by, taxonomy, decided=True))))
    return BarChart(name="outcome", by=by, bars=bars, longest=100)


def matrix(cells: Sequence[Overruled], named: Callable[[str], str], lead: Lead) -> Matrix:
    """What the classifier said against what people made of it."""
    names = most_mistaken(cells)
    number_of = {(cell.classified, cell.now): cell.cases for cell in cells}
    wrong = sum(cell.cases for cell in cells if cell.classified != cell.now)
    shown = sum(number_of.get((classified, now), 0) for classified in names for now in names if classified != now)
    most = max((number_of.get((classified, now), 0) for classified in names for now in names if classified != now), default=0)
    rows = []
    for classified in names:
        line = []
        for now in names:
            number = number_of.get((classified, now), 0)
            shade = -(-number * SHADES // most) if number and classified != now else 0
            line.append(
                Cell(
                    number=number,
                    shade=shade,
                    right=classified == now,
                    address=lead({"judged": True, "classified": classified, "category": now}),
                )
            )
        rows.append(MatrixRow(label=named(classified), cells=line))
    columns = [named(name) for name in names]
    return Matrix(columns=columns, rows=rows, judged=sum(cell.cases for cell in cells), overruled=wrong, others=wrong - shown)


def points(sureness: Sequence[Sureness], lead: Lead) -> list[Point]:
    """The calibration curve."""
    return [
        Point(
            sureness=point,
            across=round(point.sure * WHOLE),
            up=round(point.share * WHOLE),
            low=round(point.low * WHOLE),
            high=round(point.high * WHOLE),
            few=point.cases < FEW,
            address=lead({"judged": True, "sure": point.tenth}),
        )
        for point in sureness
    ]


def _part(value: float, whole: float) -> int:
    return round(value / whole * WHOLE) if whole else 0
