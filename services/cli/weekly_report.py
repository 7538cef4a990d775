"""`parvis report`: a week in words."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from services.review.quality.weekly_store import WeeklyReport
    from services.runtime.database import Database
    from services.runtime.settings import Settings


class ReportFormat(StrEnum):
    """What the report is written as."""

    MD = "md"
    HTML = "html"


def report_cli(
    name: Annotated[str, typer.Argument(metavar="[YYYY-Www]", help="The week, as 2026-W10; without it the last whole one.")] = "",
    week: Annotated[bool, typer.Option("--week", help="Of a week, which is what there is.")] = True,  # noqa: ARG001 - how it is called
    agency: Annotated[str, typer.Option(help="Only messages to this agency.")] = "",
    form: Annotated[ReportFormat, typer.Option("--format", help="What to write.")] = ReportFormat.MD,
) -> None:
    """Write a week's report: what came in and what rises, what is late, how drafts fared, what knowledge is missing."""
    from services.cli import context
    from services.review.quality.weekly_store import written

    settings = context.settings()
    report = context.on_database(settings, lambda database: _report(database, settings, name, agency))
    print(written(report, form.value))


async def _report(database: "Database", settings: "Settings", name: str, agency: str) -> "WeeklyReport":
    from services.domain import taxonomy
    from services.review.quality import store, weekly, weekly_store
    from services.runtime import clock

    own, now = taxonomy.load(settings.taxonomy), clock.now()
    week = weekly.week_of(name, now, own)
    await store.note_all_edits(database)
    async with database.reading() as session:
        return await weekly_store.report(session, week, own, agency, now)
