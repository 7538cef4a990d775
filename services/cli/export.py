"""`parvis export`: hands out what is kept of a citizen, as they may ask for."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

if TYPE_CHECKING:
    from services.runtime.database import Database
    from services.runtime.settings import Settings


def export_cli(
    to: Annotated[Path, typer.Option(help="The file to write: a zip with data.json, files and mails. It must not be there yet.")],
    request: Annotated[list[UUID] | None, typer.Option(help="The number of a request; may be given several times.")] = None,
    email: Annotated[str, typer.Option(help="All requests of whoever has this address, in all states.")] = "",
    by: Annotated[str, typer.Option(help="Who takes it out, for the log; without it the machine's user.")] = "",
) -> None:
    """Hand out all that is kept of a citizen, as JSON with their files in a zip, for a data-subject request."""
    from services.cli import context
    from services.runtime.errors import InvalidInput

    if bool(request) + bool(email.strip()) != 1:
        raise InvalidInput("say whose: --request NUMBER, or --email ADDRESS", field="--request")
    if to.exists():
        raise InvalidInput(f"--to: {to} is there already", field="--to")
    settings = context.settings()
    count, packed = context.on_database(settings, lambda database: _exported(database, settings, request or [], email.strip(), by))
    # Whoever else uses the machine does not read it.
    with os.fdopen(os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(packed)
    print(f"{count} requests: {to}")


async def _exported(database: "Database", settings: "Settings", requests: list[UUID], email: str, by: str) -> tuple[int, bytes]:
    from services.cli.people_and_tokens import acting
    from services.review.audit import store as audit
    from services.review.erasure import erasing, store
    from services.review.erasure.export import export
    from services.review.erasure.store import Tables
    from services.runtime import clock
    from services.runtime.errors import NotFound

    chosen = await erasing.requests_of(database, email) if email else list(dict.fromkeys(requests))
    if not chosen:
        raise NotFound(f"nothing is kept of {email}")
    async with database.transaction() as session:
        now, actor, tables = clock.now(), await acting(session, by or None), await Tables.of(session)
        for request_id in chosen:
            if not await store.known(session, tables, request_id):
                raise NotFound(f"nothing is kept of a request {request_id}")
            await audit.add(session, audit.Entry(now, actor, audit.READ, request_id, {audit.FOR: "export"}))
        return len(chosen), await export(session, settings, chosen, now)
