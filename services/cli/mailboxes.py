"""`parvis mailboxes`: tries the mailboxes that mail is taken from, and takes nothing."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from services.runtime.errors import InvalidInput, ParvisError

if TYPE_CHECKING:  # `--help` opens no mailbox
    from services.intake.mail.mailboxes import Mailbox

mailboxes = typer.Typer(no_args_is_help=True, help="The mailboxes that mail is taken from.")


@mailboxes.callback()
def _group() -> None:
    """Keeps `check` a command of its own while it is the only one."""


@mailboxes.command("check")
def check_cli(
    file: Annotated[Path | None, typer.Argument(help="The file of mailboxes; PARVIS_MAILBOXES.", exists=True, dir_okay=False)] = None,
) -> None:
    """Sign in to each mailbox and say what waits there, without taking or marking anything."""
    from services.intake.mail import mailboxes as configured
    from services.runtime.settings import Settings

    path = file or Settings().mailboxes
    if path is None:
        raise InvalidInput("PARVIS_MAILBOXES is empty: give the file of mailboxes", field="FILE")
    sources = configured.read(path)
    faults = [fault for mailbox in sources.mailboxes if (fault := _fault(mailbox))]
    for entry in sources.received:
        print(f"{entry.agency}: {', '.join(entry.addresses)} by {sources.receiver.listen}")
    for fault in faults:
        typer.echo(fault, err=True)
    if faults:
        raise typer.Exit(1)


def _fault(mailbox: "Mailbox") -> str | None:
    """Prints what is seen of the mailbox; returns why it can't be opened."""
    from services.intake.mail import imap_folder, oauth_tokens

    try:
        with imap_folder.opened(mailbox, oauth_tokens.sign_in_of(mailbox), changes=False) as folder:
            waiting = len(folder.waiting())
            way = "tells at once what comes" if folder.idles else f"is asked every {mailbox.poll_seconds:.0f} s"
            print(f"{mailbox.agency}: {mailbox.name}: {waiting} to be taken; {folder.marks_by}; the server {way}")
    except ParvisError as error:
        return error.detail
    except imap_folder.FAULTS as error:
        return f"{mailbox.name}: {error}"
    return None
