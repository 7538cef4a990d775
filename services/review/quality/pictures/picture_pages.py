"""The page of pictures and the CSV beside each."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, ConfigDict, model_validator

from schemas.values import Prose
from services.domain.taxonomy import Taxonomy
from services.review.cases.daily_figures.daily_store import Chosen
from services.review.cases.queue import case_lists, case_walk, queue_page
from services.review.cases.request_dependencies import CommandsDep
from services.review.people.authentication import PersonFirst
from services.review.people.pages import FiguresDep
from services.review.people.rules import Person
from services.review.quality.pictures import picture_shapes, picture_store
from services.review.quality.pictures.picture_rows import MOST_DAYS, By, Row
from services.review.quality.pictures.picture_shapes import OUTCOMES, BarChart, Matrix, Name, Point
from services.review.quality.pictures.picture_store import Judged
from services.review.web import csv_cells
from services.review.web.forms import HEADERS
from services.review.web.templating import Choice, Page, render
from services.review.web.translation import reader
from services.runtime import clock
from services.runtime.errors import InvalidInput

router = APIRouter(include_in_schema=False, route_class=PersonFirst)

DAYS = 30
PERIODS = (7, 30, 90, 365)
BYS: tuple[By, ...] = ("day", "category", "language")


class PictureFilters(BaseModel):
    """What the address asks for. An empty choice is no choice."""

    model_config = ConfigDict(frozen=True)

    first: date | None = None
    last: date | None = None
    agency: Prose = ""
    department: Prose = ""
    category: Prose = ""
    language: Prose = ""
    by: By = "day"

    @model_validator(mode="before")
    @classmethod
    def _without_empty_choices(cls, sent: object) -> object:
        return {name: value for name, value in sent.items() if value != ""} if isinstance(sent, dict) else sent

    def within(self, today: date) -> "PictureFilters":
        """The same with its days. Raises InvalidInput where they are no period."""
        last = min(self.last or today, today)
        first = self.first or last - timedelta(days=DAYS - 1)
        if first > last:
            raise InvalidInput(f"first: {first} is after {last}: give the first day of the period, then its last", field="first")
        if (last - first).days >= MOST_DAYS:
            raise InvalidInput(f"first: at most {MOST_DAYS} days are shown at once, from {first} to {last} is more", field="first")
        return self.model_copy(update={"first": first, "last": last})

    def chosen(self, person: Person) -> Chosen:
        """The same for the store, within what the person may see."""
        assert self.first, "given by within()"
        assert self.last, "given by within()"
        choices = {name: getattr(self, name) or None for name in ("agency", "department", "category", "language")}
        return Chosen(self.first, self.last, person.scope, **choices)

    def address(self, path: str = "/quality/pictures", **changed: str) -> str:
        """The address with these filters, some of them changed."""
        shown = self.model_dump(mode="json") | changed
        return f"{path}?{urlencode({name: value for name, value in shown.items() if value})}"


class PeriodLink(BaseModel):
    """A period that is one press away."""

    days: int
    address: str
    current: bool


class ByLink(BaseModel):
    """What bars may stand for."""

    by: By
    address: str
    current: bool


class PicturesPage(Page):
    """Pictures of a period."""

    filters: PictureFilters
    today: date
    periods: list[PeriodLink]
    bys: list[ByLink]
    agencies: list[str]
    departments: list[Choice]
    categories: list[Choice]
    languages: list[Choice]
    charts: list[BarChart]
    matrix: Matrix
    points: list[Point]
    csv: dict[Name, str]
    narrowed: bool
    clear_address: str


FiltersDep = Annotated[PictureFilters, Query()]


async def _of_agency(filters: FiltersDep, commands: CommandsDep) -> PictureFilters:
    return filters.within(commands.taxonomy.day(clock.now()))


PeriodDep = Annotated[PictureFilters, Depends(_of_agency)]


@router.get("/quality/pictures")
async def show_pictures(filters: PeriodDep, visitor: FiguresDep, commands: CommandsDep) -> Response:
    """What came in, how fast it was answered, what became of drafts, and how far the classifier can be believed."""
    person, taxonomy, now = visitor.person, commands.taxonomy, clock.now()
    chosen = filters.chosen(person)
    async with commands.database.reading() as session:
        rows = await picture_store.rows(session, chosen, filters.by)
        by_urgency = await picture_store.rows(session, chosen, "urgency")
        judged = await picture_store.judged(session, chosen)
        agencies = [name for name in await case_walk.agencies_of_cases(session) if person.scope.has_agency(name)]
        languages = await case_lists.languages(session, person.scope)
    lead = picture_shapes.lead_within(filters.model_dump(include={"agency", "department", "category", "language"}))

    def named(category: str) -> str:
        return taxonomy.label(category, reader().language)

    def label(row: Row) -> str:
        return named(row.name) if filters.by == "category" and row.name else row.name

    drawn = (rows, filters.by, taxonomy, lead, label)
    of_urgency = picture_shapes.times("urgency", by_urgency, "urgency", taxonomy, lead, lambda row: row.name)
    period = _moments(chosen, taxonomy)

    def lead_in_period(more: dict[str, Any]) -> str:
        return lead(period | more)

    page = PicturesPage(
        now=now,
        viewer=visitor.viewer,
        filters=filters,
        today=taxonomy.day(now),
        periods=_periods(filters, taxonomy.day(now)),
        bys=[ByLink(by=by, address=filters.address(by=by), current=by == filters.by) for by in BYS],
        agencies=agencies,
        departments=queue_page.departments(taxonomy, person),
        categories=queue_page.categories(taxonomy),
        languages=queue_page.languages(languages, filters.language),
        charts=[picture_shapes.received(*drawn), picture_shapes.times("time", *drawn), picture_shapes.outcomes(*drawn), of_urgency],
        matrix=picture_shapes.matrix(judged.cells, named, lead_in_period),
        points=picture_shapes.points(judged.sureness, lead_in_period),
        csv={name: filters.address(f"/quality/pictures/{name}.csv") for name in COLUMNS},
        narrowed=bool(filters.agency or filters.department or filters.category or filters.language),
        clear_address=filters.address(agency="", department="", category="", language=""),
    )
    return render("pictures.html", page)


@router.get("/quality/pictures/{name}.csv")
async def picture_as_csv(name: Name, filters: PeriodDep, visitor: FiguresDep, commands: CommandsDep) -> Response:
    """The numbers of one picture. Lengths are in seconds."""
    chosen = filters.chosen(visitor.person)
    async with commands.database.reading() as session:
        if name in ("overruled", "sureness"):
            lines = _judged_cells(name, await picture_store.judged(session, chosen))
        else:
            by: By = "urgency" if name == "urgency" else filters.by
            lines = (_cells(name, row) for row in await picture_store.rows(session, chosen, by))
        text = "".join([csv_cells.line(COLUMNS[name]), *map(csv_cells.line, lines)])
    named = f"{name}-{chosen.first}-{chosen.last}.csv"
    headers = {**HEADERS, "Cache-Control": "no-store", "Content-Disposition": f'attachment; filename="{named}"'}
    return Response(text, media_type="text/csv; charset=utf-8", headers=headers)


_OF_ROW = ("name", "first_day", "last_day")
_LENGTHS = ("answers", "half_within_seconds", "nine_in_ten_within_seconds")
COLUMNS: dict[Name, tuple[str, ...]] = {
    "received": (*_OF_ROW, "messages"),
    "time": (*_OF_ROW, *_LENGTHS),
    "outcome": (*_OF_ROW, *OUTCOMES),
    "urgency": (*_OF_ROW, *_LENGTHS),
    "overruled": ("classified", "now", "cases"),
    "sureness": ("sure_from", "sure_to", "cases", "left_as_sorted", "sure_on_average", "share_left", "at_least", "at_most"),
}


def _cells(name: Name, row: Row) -> tuple[object, ...]:
    of_row = (row.name, row.first, row.last)
    if name == "received":
        return (*of_row, row.received)
    if name == "outcome":
        return (*of_row, *(row.decisions.get(kind, 0) for kind in OUTCOMES))
    return (*of_row, row.answers, *("" if length is None else round(length) for length in (row.half, row.most)))


def _judged_cells(name: Name, judged: Judged) -> Iterable[tuple[object, ...]]:
    if name == "overruled":
        return ((cell.classified, cell.now, cell.cases) for cell in judged.cells)
    return (
        ((p.tenth - 1) / 10, p.tenth / 10, p.cases, p.kept, round(p.sure, 4), round(p.share, 4), round(p.low, 4), round(p.high, 4))
        for p in judged.sureness
    )


def _moments(chosen: Chosen, taxonomy: Taxonomy) -> dict[str, Any]:
    until = taxonomy.begins(chosen.last + timedelta(days=1))
    return {"since": taxonomy.begins(chosen.first).isoformat(), "until": until.isoformat()}


def _periods(filters: PictureFilters, today: date) -> list[PeriodLink]:
    links = []
    for days in PERIODS:
        first = today - timedelta(days=days - 1)
        address = filters.address(first=first.isoformat(), last="")
        links.append(PeriodLink(days=days, address=address, current=filters.first == first and filters.last == today))
    return links
