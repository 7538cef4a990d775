"""Hands out the audit log over the API, to auditors, and to supervisors of the cases within their limits."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse

from schemas.values import Prose
from services.review.audit.export import Choice, ExportFormat, export
from services.review.cases import statistics_store
from services.review.cases.request_dependencies import CommandsDep
from services.review.people.authentication import FiguresDep, PersonFirst
from services.runtime import clock

router = APIRouter(prefix="/api/v1", route_class=PersonFirst)

MEDIA_TYPES = {ExportFormat.CSV: "text/csv; charset=utf-8; header=present", ExportFormat.JSONL: "application/jsonl"}


@router.get("/audit/export")
async def export_audit(
    person: FiguresDep,
    commands: CommandsDep,
    case: UUID | None = None,
    actor: Prose | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    form: Annotated[ExportFormat, Query(alias="format")] = ExportFormat.JSONL,
) -> StreamingResponse:
    """Entries by case, person and period, the oldest first. That they were handed out is an entry itself."""
    theirs = statistics_store.ids_in(person.scope) if person.scope.limited else None
    choice = Choice(case, actor, _in_utc(since), _in_utc(until), theirs)
    lines = export(commands.database, choice, form, person.email, clock.now())
    headers = {"Content-Disposition": f'attachment; filename="audit.{form.value}"', "Cache-Control": "no-store"}
    return StreamingResponse(lines, media_type=MEDIA_TYPES[form], headers=headers)


def _in_utc(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=clock.now().tzinfo) if moment and not moment.tzinfo else moment
