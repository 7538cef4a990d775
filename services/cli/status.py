"""`parvis status`: how the installation fares, for a person, a script or a screen on the wall."""

import asyncio
import time
from typing import Annotated

import typer
from rich.console import Group, RenderableType
from rich.live import Live
from rich.text import Text

from services.cli import context
from services.domain.waiting_deliveries import WaitingDelivery
from services.review.ops.health import Overview
from services.runtime import clock
from services.runtime.settings import Settings

REFRESH_SECONDS = 2.0
MOST_DELIVERIES = 10
COLOURS = {"critical": "bold red", "warning": "yellow"}


def status_cli(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
    watch: Annotated[bool, typer.Option("--watch", help="Show it anew every two seconds, until Ctrl-C.")] = False,
) -> None:
    """Show whether it is healthy, what is stuck, since when, who is affected and what to do. Exit code 1: some work stands still."""
    settings = context.settings()
    context.kafka(settings)
    if watch:
        _watch(settings)
        return
    overview, deliveries = _read(settings)
    if as_json:
        print(overview.model_dump_json(indent=2))
    else:
        context.out.print(_rendered(overview, deliveries))
    raise typer.Exit(1 if overview.stands_still else 0)


def _watch(settings: Settings) -> None:
    with Live(console=context.out, auto_refresh=False, screen=context.out.is_terminal) as live:
        try:
            while True:
                live.update(_rendered(*_read(settings)), refresh=True)
                time.sleep(REFRESH_SECONDS)
        except KeyboardInterrupt:
            return


def _read(settings: Settings) -> tuple[Overview, list[WaitingDelivery]]:
    from sqlalchemy.exc import SQLAlchemyError

    from services.local import delivery_access, run_file
    from services.review.ops.overview import OverviewReader
    from services.runtime.database import Database

    async def read() -> tuple[Overview, list[WaitingDelivery]]:
        database = Database(settings.database)
        try:
            deliveries = delivery_access.for_pages()
            overview = await OverviewReader(settings, database, deliveries, run_file.written_at(settings.data_dir.resolve())).now()
            try:
                async with database.reading() as session:
                    return overview, await deliveries.waiting(session, limit=MOST_DELIVERIES)
            except (SQLAlchemyError, OSError):
                return overview, []
        finally:
            await database.close()

    return asyncio.run(read())


def _rendered(overview: Overview, deliveries: list[WaitingDelivery]) -> RenderableType:
    parts: list[RenderableType] = []
    for finding in overview.findings:
        since = f", since {_ago(overview, finding.since)}" if finding.since else ""
        line = Text.assemble((f"{finding.severity}: ", COLOURS[finding.severity]), f"{finding.what}{since}")
        parts += [line, *(Text(f"    {words}") for words in (finding.affected, finding.todo) if words)]
    parts.append(Text("" if overview.findings else "healthy: nothing is stuck", style="green"))
    if overview.services:
        rows = [(s.service, s.state, s.detail or "; ".join(t.detail for t in s.troubles)) for s in overview.services]
        parts.append(context.table("services", ("service", "state", "waits for"), rows))
    facts = overview.database
    states = [(state, n, _ago(overview, facts.oldest.get(state))) for state, n in facts.counts.items() if n]
    parts.append(context.table("\ncases", ("state", "cases", "oldest"), states))
    waits = [
        (w.work, w.request_id, w.why, w.attempts, f"in {_span(w.next_attempt_at.timestamp() - overview.at.timestamp())}")
        for w in deliveries
    ]
    if waits:
        parts.append(context.table("\ndeliveries that wait", ("what", "request", "why", "attempts", "next try"), waits))
    lags = [(lag.group, lag.topic, lag.records) for lag in overview.kafka.lags]
    parts.append(context.table("\nlag", ("group", "topic", "records"), lags))
    letters = sum(group.count for group in facts.letters)
    parts.append(Text(f"\n{letters} dead letters wait" + (": `parvis dead-letters list`" if letters else "")))
    return Group(*parts)


def _ago(overview: Overview, moment: object) -> str:
    return _span((overview.at - moment).total_seconds()) if isinstance(moment, type(clock.now())) else ""


def _span(seconds: float) -> str:
    """A length of time in its largest unit, rounded down."""
    for unit, length in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= length:
            return f"{seconds // length:.0f} {unit}"
    return f"{max(seconds, 0):.0f} s"
