"""The entry point: every group, and how a known fault is told."""

import sys

import typer
from rich.console import Console

from services.cli import error_messages, kafka, labelled_files, models, monitoring, people, promote, publish, taxonomy, up

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Parvis answers the people who write to a public agency, with a named person deciding on every reply.",
)
app.command("up")(up.up_cli)
app.command("serve")(up.serve_cli)
app.command("publish")(publish.publish_cli)
app.command("classify")(models.classify_cli)
app.command("train")(models.train_cli)
app.command("evaluate")(models.evaluate_cli)
app.command("status")(kafka.status_cli)
models.models.command("promote")(promote.promote_cli)
models.models.command("shadow")(monitoring.shadow_cli)
models.models.command("drift")(monitoring.drift_cli)
app.add_typer(models.models, name="models")
app.add_typer(taxonomy.taxonomy, name="taxonomy")
app.add_typer(people.agencies, name="agencies")
app.add_typer(people.people, name="people")
app.add_typer(people.tokens, name="tokens")
app.add_typer(kafka.topics, name="topics")
app.add_typer(kafka.dead_letters, name="dead-letters")
app.add_typer(labelled_files.db, name="db")
app.add_typer(labelled_files.schemas, name="schemas")


def main() -> None:
    """Runs a command; a known fault is one sentence and the next step, with exit code 1."""
    console = Console(stderr=True, soft_wrap=True, highlight=False)
    try:
        app()
    except Exception as error:
        message = error_messages.sentence(error)
        if message is None:
            raise
        console.print(message, style="red", markup=False)
        sys.exit(1)


if __name__ == "__main__":
    main()
