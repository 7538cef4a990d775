"""The entry point of `parvis`: runs a command, and prints a known fault as one sentence."""

import sys

import typer

from services.cli.lazy_commands import LazyGroup

app = typer.Typer(
    cls=LazyGroup,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Parvis answers the people who write to a public agency, with a named person deciding on every reply.",
)


@app.callback()
def _parvis() -> None:
    """The group's words are in `help`."""


def main() -> None:
    """Runs a command; a known fault is one sentence and the next step, with exit code 1."""
    try:
        app()
    except Exception as error:
        from rich.console import Console

        from services.cli import error_messages

        message = error_messages.sentence(error)
        if message is None:
            raise
        Console(stderr=True, soft_wrap=True, highlight=False).print(message, style="red", markup=False)
        sys.exit(1)


if __name__ == "__main__":
    main()
