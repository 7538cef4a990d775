"""Settings, database transaction and table output that the commands share."""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from services.cli import preflight
from services.local import run_file
from services.runtime.errors import InvalidInput
from services.runtime.settings import KafkaSettings, Settings

if TYPE_CHECKING:  # a command that needs no database starts without it
    from services.runtime.database import Database, Session

R = TypeVar("R")

errors = Console(stderr=True, highlight=False, soft_wrap=True)
# A table is folded to a terminal; what another program reads is never folded.
out = Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else 10_000)


def settings() -> Settings:
    """The settings, with the Kafka of what runs on the data directory where none is configured."""
    configured = Settings()
    if not configured.kafka.bootstrap and (run := run_file.read(configured.data_dir.resolve())):
        there = {"kafka": KafkaSettings(bootstrap=run.kafka_bootstrap, ephemeral=run.ephemeral)}
        return configured.model_copy(update={"service_urls": tuple(run.services.items()), **there})
    return configured


def kafka(settings: Settings) -> KafkaSettings:
    """The settings of Kafka. Raises InvalidInput where neither a setting nor a running installation names one."""
    if not settings.kafka.bootstrap:
        raise InvalidInput(
            f"no Kafka: nothing runs on {settings.data_dir} and PARVIS_KAFKA_BOOTSTRAP is empty; start `parvis up` or set it",
            field="PARVIS_KAFKA_BOOTSTRAP",
        )
    return settings.kafka


def in_transaction(settings: Settings, work: "Callable[[Session], Awaitable[R]]") -> R:
    """Runs the work in one transaction, on a database brought up to date first."""

    async def run(database: "Database") -> R:
        async with database.transaction() as session:
            return await work(session)

    return on_database(settings, run)


def on_database(settings: Settings, work: "Callable[[Database], Awaitable[R]]") -> R:
    """Runs the work on a database brought up to date first."""
    from services.migrations.upgrade import upgrade
    from services.runtime.database import Database

    preflight.check_data(settings)
    upgrade(settings.database)

    async def run() -> R:
        database = Database(settings.database)
        try:
            return await work(database)
        finally:
            await database.close()

    return asyncio.run(run())


def table(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> Table:
    """A plain table; numbers are aligned by whoever made them text."""
    # What is told in it came from elsewhere: brackets in an error are brackets, and no markup.
    output = Table(title=escape(title), title_justify="left", box=None, pad_edge=False, header_style="bold")
    for column in columns:
        output.add_column(Text(column), overflow="fold")
    for row in rows:
        output.add_row(*(Text(str(cell)) for cell in row))
    return output


def day_of(text: str, now: datetime) -> datetime:
    """The moment that a period begins: a day, or so many days before now. Raises InvalidInput."""
    days = text.removesuffix("d")
    try:
        if days.isdecimal() and days != text:
            return now - timedelta(days=int(days))
        moment = datetime.fromisoformat(text)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise InvalidInput(f"--since: {text!r} is no day as 2026-03-01 and no number of days as 30d", field="--since") from None
