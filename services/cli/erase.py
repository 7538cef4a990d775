"""`parvis erase`: removes a citizen's identity and words, and proves it."""

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

if TYPE_CHECKING:
    from services.review.erasure.erasing import Erased
    from services.runtime.database import Database
    from services.runtime.settings import Settings


def erase_cli(
    request: Annotated[list[UUID] | None, typer.Option(help="The number of a request; may be given several times.")] = None,
    email: Annotated[str, typer.Option(help="All requests of whoever has this address, in all states.")] = "",
    overdue: Annotated[bool, typer.Option("--overdue", help="What PARVIS_ERASE_AFTER_DAYS says is kept for too long.")] = False,
    close: Annotated[bool, typer.Option("--close", help="Also what nobody has answered yet, and what waits to be delivered.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would go; change nothing.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False,
    by: Annotated[str, typer.Option(help="Who erases, for the log; without it the machine's user.")] = "",
) -> None:
    """Erase a citizen: identity and words go from every table, file and span; who decided what and when stays in the log."""
    from services.cli import context
    from services.review.erasure.remains import remains
    from services.runtime import clock
    from services.runtime.errors import InvalidInput

    if bool(request) + bool(email.strip()) + overdue != 1:
        raise InvalidInput("say what: --request NUMBER, or --email ADDRESS, or --overdue", field="--request")
    settings = context.settings()
    asked = Asked(tuple(dict.fromkeys(request or ())), email.strip(), overdue, close, dry_run, by)
    erased = context.on_database(settings, lambda database: _erased(database, settings, asked))
    remaining = remains(settings, clock.now())
    if as_json:
        print(json.dumps(_as_json(erased, remaining, dry_run=dry_run), ensure_ascii=False, indent=2))
    else:
        _print(erased, remaining, dry_run=dry_run)
    if not erased.complete:
        raise typer.Exit(1)


@dataclass(frozen=True)
class Asked:
    """What the command line says."""

    requests: tuple[UUID, ...]
    email: str
    overdue: bool
    close: bool
    dry_run: bool
    by: str


async def _erased(database: "Database", settings: "Settings", asked: Asked) -> "Erased":
    from services.cli.people_and_tokens import acting
    from services.review.erasure import erasing, sweep
    from services.runtime import clock

    async with database.reading() as session:
        actor = await acting(session, asked.by or None)
    requests = list(asked.requests)
    if asked.email:
        requests = await erasing.requests_of(database, asked.email)
    if asked.overdue:
        requests = [overdue.request_id for overdue in await sweep.overdue(database, settings, clock.now())]
    order = erasing.Order(actor, "retention" if asked.overdue else "asked for", close=asked.close)
    eraser = erasing.Eraser(database, settings)
    if asked.dry_run:
        return await eraser.rehearse(requests, order, asked.email)
    return await eraser.erase(requests, order, asked.email, proves=not asked.overdue)


def _as_json(erased: "Erased", remaining: list[str], *, dry_run: bool) -> dict[str, Any]:
    return {
        "dry_run": dry_run,
        "requests": [str(request_id) for request_id in erased.request_ids],
        "closed": [str(request_id) for request_id in erased.closed],
        "rows": dict(sorted(erased.tables.items())),
        "files": erased.files,
        "mails": erased.mails,
        "spans": erased.spans,
        "database_written_anew": erased.purged,
        "left": [asdict(leftover) for leftover in erased.left],
        "mails_left": erased.mails_left,
        "remains": remaining,
        "complete": erased.complete,
    }


def _print(erased: "Erased", remaining: list[str], *, dry_run: bool) -> None:
    from services.cli import context

    print(f"{'would erase' if dry_run else 'erased'} {len(erased.request_ids)} requests")
    for request_id in erased.request_ids:
        print(f"  {request_id}{' (closed without an answer)' if request_id in erased.closed else ''}")
    rows = [(table, str(count)) for table, count in sorted(erased.tables.items())]
    rows += [("files", str(erased.files)), ("mails kept as files", str(erased.mails)), ("spans", str(erased.spans))]
    context.out.print(context.table("", ("where", "changed or deleted"), rows))
    if dry_run:
        return
    if not erased.purged:
        print("SQLite could not write its file anew: run `parvis erase` once more when less is being written")
    for leftover in erased.left:
        whose = f", as {', '.join(leftover.requests[:3])}" if leftover.requests else ""
        mark = "STILL THERE" if leftover.ours else "left"
        print(f"{mark}: {leftover.rows} in {leftover.column}{whose}: {leftover.why or 'this should have gone'}")
    for name in erased.mails_left:
        print(f"left: mail/{name}: of another request")
    print("looked through every column of every table: " + ("nothing is left of them" if erased.complete else "see above"))
    print("what an erasure can't reach:")
    for sentence in remaining:
        print(f"  {sentence}")
