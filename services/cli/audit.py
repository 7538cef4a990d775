"""`parvis audit`: verifies the chain of the audit log, hands the log out, and prints where the chain stands."""

import asyncio
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer
from pydantic import SecretStr

from services.review.audit.export import ExportFormat
from services.runtime.errors import InvalidInput

if TYPE_CHECKING:
    from datetime import datetime

    from services.review.audit.anchors import Anchor
    from services.review.audit.export import Choice
    from services.review.audit.sealer import Sealer
    from services.review.audit.verification import Verified
    from services.runtime.database import Database
    from services.runtime.settings import Settings

audit = typer.Typer(no_args_is_help=True, help="The log of who did what: verify its chain, hand it out.")

Url = Annotated[str, typer.Option(help="Of this database; without it the configured one.")]


@audit.command("verify")
def verify_cli(
    database_url: Url = "",
    anchor: Annotated[list[str] | None, typer.Option(help="Kept elsewhere: a line as published, PLACE:HASH, or a file of lines.")] = None,
    public_key: Annotated[list[str] | None, typer.Option(help="Anchors must be signed by this key, or one of these.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False,
) -> None:
    """Find every entry that was changed, taken out, put in or moved. Ends with 1 where one was; changes nothing."""
    settings = of_database(database_url)
    from services.review.audit.sealer import ANCHOR_FILE, key_of

    kept = [published for text in anchor or [] for published in anchors_in(text)]
    file = settings.data_dir / ANCHOR_FILE
    if not settings.database_url.get_secret_value() and file.exists():
        kept += anchors_in(str(file))
    own = key_of(settings)
    trusted = {key.lower() for key in public_key or []} or ({own.public} if own else set())
    verified = asyncio.run(_verified(settings, kept, trusted))
    if as_json:
        print(json.dumps(asdict(verified), ensure_ascii=False, indent=2))
    else:
        _print(verified)
    if verified.faults:
        raise typer.Exit(1)


def _print(verified: "Verified") -> None:
    for fault in verified.faults:
        print(f"{fault.kind}: {fault.detail}")
    if not verified.signed:
        print("no key: the signatures of anchors were not checked; give --public-key, or PARVIS_AUDIT_KEY")
    outcome = f"{len(verified.faults)} faults" if verified.faults else "nothing was changed, taken out, put in or moved"
    print(f"{verified.entries} sealed entries and {verified.anchors} anchors: {outcome}")
    print(f"the chain stands at {verified.entries}:{verified.head}")


def anchors_in(text: str) -> "list[Anchor]":
    """The anchors of a file, or the one that is written there itself. Raises InvalidInput."""
    from services.review.audit import anchors

    if not text.lstrip().startswith("{") and ":" not in text[1:]:
        path = Path(text)
        if not path.is_file():
            raise InvalidInput(f"--anchor: there is no file {text}", field="--anchor")
        return [anchors.read(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    return [anchors.read(text)]


def of_database(url: str) -> "Settings":
    """The settings with that database. Raises InvalidInput where there is none yet: looking at one must not make it."""
    from sqlalchemy.engine import make_url

    from services.cli import context

    settings = context.settings()
    if url:
        settings = settings.model_copy(update={"database_url": SecretStr(url)})
    if settings.database.startswith("sqlite"):
        file = Path(make_url(settings.database).database or "")
        if not file.is_file():
            raise InvalidInput(f"there is no database {file}: give --database-url, or set PARVIS_DATA_DIR", field="--database-url")
    return settings


async def _verified(settings: "Settings", kept: "list[Anchor]", trusted: set[str]) -> "Verified":
    from rich.progress import Progress

    from services.cli import context
    from services.review.audit.verification import verify
    from services.runtime import clock
    from services.runtime.database import Database

    url = (
        settings.database.replace("sqlite:///", "sqlite+aiosqlite:///", 1) if settings.database.startswith("sqlite:") else settings.database
    )
    database = Database(url)
    try:
        missing = [name for name in await database.missing() if name.startswith("review_audit")]
        if missing:
            raise InvalidInput(f"the database has no {missing[0]}: run `parvis db upgrade` with it", field="--database-url")
        with Progress(console=context.errors, transient=True, disable=not sys.stderr.isatty()) as progress:
            bar = progress.add_task("verifying", total=None)
            async with database.reading() as session:
                return await verify(
                    session,
                    clock.now(),
                    elsewhere=kept,
                    trusted=trusted,
                    progress=lambda done, total: progress.update(bar, completed=done, total=total),
                )
    finally:
        await database.close()


@audit.command("export")
def export_cli(
    case: Annotated[UUID | None, typer.Option(help="Only entries of this case.")] = None,
    person: Annotated[str, typer.Option(help="Only what this person did.")] = "",
    since: Annotated[str, typer.Option(help="Since this day (2026-03-01), or in so many days (30d).")] = "",
    until: Annotated[str, typer.Option(help="Before this day.")] = "",
    form: Annotated[ExportFormat, typer.Option("--format", help="What to write.")] = ExportFormat.JSONL,
    out: Annotated[Path | None, typer.Option(help="Into this file; without it to standard output.", dir_okay=False)] = None,
    by: Annotated[str, typer.Option(help="Who takes it out, for the log; without it the machine's user.")] = "",
) -> None:
    """Hand out the log by case, person and period. That it was is logged."""
    from services.cli import context
    from services.review.audit.export import Choice
    from services.runtime import clock

    now = clock.now()
    begin, end = (context.day_of(day, now) if day else None for day in (since, until))
    choice = Choice(case, person.strip().lower() or None, begin, end)
    count = context.on_database(context.settings(), lambda database: _exported(database, choice, form, out, by, now))
    typer.echo(f"{count} lines", err=True)


async def _exported(database: "Database", choice: "Choice", form: ExportFormat, out: Path | None, by: str, now: "datetime") -> int:
    from services.cli.people_and_tokens import acting
    from services.review.audit.export import export

    async with database.reading() as session:
        actor = await acting(session, by or None)
    count = 0
    file = out.open("w", encoding="utf-8", newline="") if out else sys.stdout
    try:
        async for line in export(database, choice, form, actor, now):
            file.write(line)
            count += 1
    finally:
        if out:
            file.close()
    return count


@audit.command("anchor")
def anchor_cli() -> None:
    """Sign where the chain stands now, and print the line to be kept outside of the database."""
    from services.cli import context

    settings = context.settings()
    line = context.on_database(settings, lambda database: _anchored(database, settings))
    print(line)


async def _anchored(database: "Database", settings: "Settings") -> str:
    from services.review.audit import chain_store
    from services.review.audit.sealer import sealer_of

    sealer = sealer_of(database, settings)
    await sealer.seal_all(thorough=True)
    made = await sealer.anchor(at_once=True)
    if not made:
        async with database.reading() as session:
            made = await chain_store.last_anchor(session)
    if not made:
        raise InvalidInput("the log is empty: there is nothing to sign yet")
    return made.line


@audit.command("seal")
def seal_cli() -> None:
    """Seal what waits, which review does by itself while it runs."""
    from services.cli import context
    from services.review.audit.sealer import sealer_of

    settings = context.settings()
    count = context.on_database(settings, lambda database: _sealed(sealer_of(database, settings)))
    print(f"{count} entries sealed")


async def _sealed(sealer: "Sealer") -> int:
    count = await sealer.seal_all(thorough=True)
    await sealer.anchor()
    return count
