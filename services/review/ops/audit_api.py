"""Hands out the audit log over the API: to each what they may read of it."""

from dataclasses import replace
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse

from schemas.values import Prose
from services.review.audit.export import IN_OWN_WORDS, Choice, ExportFormat, export
from services.review.cases import statistics_store
from services.review.cases.commands import CaseCommands
from services.review.cases.request_dependencies import CommandsDep
from services.review.people.authentication import LogExporterDep, PersonFirst
from services.review.people.rules import Person
from services.runtime import clock

router = APIRouter(prefix="/api/v1", route_class=PersonFirst)

MEDIA_TYPES = {ExportFormat.CSV: "text/csv; charset=utf-8; header=present", ExportFormat.JSONL: "application/jsonl"}


@router.get("/audit/export")
async def export_audit(
    person: LogExporterDep,
    commands: CommandsDep,
    case: UUID | None = None,
    actor: Prose | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    form: Annotated[ExportFormat, Query(alias="format")] = ExportFormat.JSONL,
) -> StreamingResponse:
    """Entries by case, person and period, the oldest first. That they were handed out is an entry itself."""
    return handed_out(commands, chosen_by(person, Choice(case, actor, _in_utc(since), _in_utc(until))), form, person)


def chosen_by(person: Person, choice: Choice) -> Choice:
    """The choice, within the cases that somebody may see; who is limited sees nothing that is of no case."""
    return replace(choice, cases=statistics_store.ids_in(person.scope) if person.scope.limited else None)


def hidden_from(person: Person) -> frozenset[str]:
    """The fields of details that are not for somebody."""
    return frozenset() if person.reads_cases else IN_OWN_WORDS


def handed_out(commands: CaseCommands, choice: Choice, form: ExportFormat, person: Person) -> StreamingResponse:
    """The entries as a file, written while it is read."""
    lines = export(commands.database, choice, form, person.email, clock.now(), hidden_from(person))
    headers = {"Content-Disposition": f'attachment; filename="audit.{form.value}"', "Cache-Control": "no-store"}
    return StreamingResponse(lines, media_type=MEDIA_TYPES[form], headers=headers)


def _in_utc(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=clock.now().tzinfo) if moment and not moment.tzinfo else moment
