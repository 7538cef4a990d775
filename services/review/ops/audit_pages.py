"""The page of the audit log: who did what, by case, person and period, and the same as a file."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Query, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from schemas.values import Prose
from services.review.audit import chain_store
from services.review.audit.chain import LoggedEntry
from services.review.audit.export import Choice, ExportFormat
from services.review.cases.page.case_view import Problem
from services.review.cases.request_dependencies import CommandsDep
from services.review.ops.audit_api import chosen_by, handed_out, hidden_from
from services.review.people.authentication import PersonFirst
from services.review.people.pages import LogExporterDep
from services.review.web import moments
from services.review.web.phrases import fault, word
from services.review.web.templating import Page, render
from services.review.web.translation import reader
from services.runtime import clock
from services.runtime.errors import InvalidInput

router = APIRouter(include_in_schema=False, prefix="/audit", route_class=PersonFirst)

SHOWN = 100
MOST_OF_A_FIELD = 300
FIRST_SHOWN = timedelta(days=30)
"""How far back the page goes that nobody has chosen anything of. An empty field is any time."""


class LogFilter(BaseModel):
    """What the form sends. An empty field is any; both days belong to the period, and are days where the reader is."""

    case: Prose = ""
    person: Prose = ""
    first: Prose = ""
    last: Prose = ""


class ExportFilter(LogFilter):
    """The same, with the kind of file."""

    form: ExportFormat = ExportFormat.CSV


class ListFilter(LogFilter):
    """The same, with the number that a list goes on before."""

    before: Annotated[int | None, Query(ge=1, lt=2**63)] = None


class EntryLine(BaseModel):
    """One entry."""

    at: datetime
    actor: str
    action: str
    request_id: UUID | None
    fields: list[tuple[str, str]]


class AuditPage(Page):
    """The form, and the newest entries that fit it."""

    filter: LogFilter
    problem: Problem | None
    entries: list[EntryLine]
    older: str | None
    limited: bool


def choice_of(asked: LogFilter) -> Choice:
    """What the form asks for. Raises InvalidInput with the field that can't be read."""
    first, last = _day("first", asked.first), _day("last", asked.last)
    if first and last and last < first:
        raise InvalidInput("last: the last day is before the first", field="last")
    try:
        request_id = UUID(asked.case.strip()) if asked.case.strip() else None
    except ValueError:
        raise InvalidInput("case: the number of a case, as its page shows it", field="case") from None
    until = _beginning(last + timedelta(days=1)) if last else None
    return Choice(request_id, asked.person.strip().lower() or None, _beginning(first) if first else None, until)


def _day(field: str, text: str) -> date | None:
    try:
        day = date.fromisoformat(text) if text else None
    except ValueError:
        day = date.min
    if day and not 2000 <= day.year < 9999:  # noqa: PLR2004 - the years of a log
        raise InvalidInput(f"{field}: a day, as 2026-03-01", field=field)
    return day


def _beginning(day: date) -> datetime:
    """When the day begins where the reader is: the moments of the list are theirs as well."""
    return datetime.combine(day, time(), reader().zone).astimezone(UTC)


@router.get("")
async def show_log(asked: Annotated[ListFilter, Query()], visitor: LogExporterDep, commands: CommandsDep) -> Response:
    """The newest entries that fit, of the last days where nothing is chosen."""
    if not asked.model_fields_set:
        asked = asked.model_copy(update={"first": str((clock.now() - FIRST_SHOWN).astimezone(reader().zone).date())})
    try:
        choice = chosen_by(visitor.person, choice_of(asked))
    except InvalidInput as error:
        problem = Problem(kind="invalid", field=error.field or "", detail=fault(error))
        return render("audit.html", _page(visitor, asked, [], problem), error.status)
    async with commands.database.reading() as session:
        entries = await chain_store.newest(session, choice, asked.before, SHOWN + 1)
    return render("audit.html", _page(visitor, asked, entries))


@router.get("/export")
async def export_log(asked: Annotated[ExportFilter, Query()], visitor: LogExporterDep, commands: CommandsDep) -> StreamingResponse:
    """All entries that fit, as a file. That they were handed out is an entry itself."""
    return handed_out(commands, chosen_by(visitor.person, choice_of(asked)), asked.form, visitor.person)


def _page(visitor: LogExporterDep, asked: ListFilter, entries: list[LoggedEntry], problem: Problem | None = None) -> AuditPage:
    hidden = hidden_from(visitor.person)
    asked_again = asked.model_dump(exclude={"before"})  # also what is empty: that is a choice
    older = urlencode(asked_again | {"before": entries[SHOWN - 1].number}) if len(entries) > SHOWN else None
    return AuditPage(
        now=clock.now(),
        viewer=visitor.viewer,
        filter=asked,
        problem=problem,
        entries=[_line(entry, hidden) for entry in entries[:SHOWN]],
        older=older,
        limited=visitor.person.scope.limited,
    )


def _line(entry: LoggedEntry, hidden: frozenset[str]) -> EntryLine:
    fields = [(word(f"{name.replace('_', ' ')}:"), _shown(name, value)) for name, value in entry.detail.items() if name not in hidden]
    return EntryLine(at=entry.at, actor=entry.actor, action=word(entry.action), request_id=entry.request_id, fields=fields)


def _shown(name: str, value: object) -> str:
    part = _moment if name.endswith("_at") else _part
    text = " → ".join(map(part, value)) if isinstance(value, list) else part(value)
    return text if len(text) <= MOST_OF_A_FIELD else text[:MOST_OF_A_FIELD] + "…"


def _moment(value: object) -> str:
    """A moment is kept in UTC, and shown where the reader is."""
    try:
        return moments.exact(datetime.fromisoformat(str(value)))
    except (ValueError, OverflowError):
        return _part(value)


def _part(value: object) -> str:
    """One value as the reader writes it. What somebody wrote stays as it is, whatever it looks like."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return word("yes" if value else "no")
    return word(str(value))
