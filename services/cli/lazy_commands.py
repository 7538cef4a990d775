"""The table of `parvis` commands, each with its line of help; the module of a command is imported only when it runs."""

import importlib
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

COMMANDS: dict[str, tuple[str, str]] = {
    "up": ("up:up_cli", "Run everything on this machine, with no other server: the embedded broker, all services, SQLite."),
    "serve": ("up:serve_cli", "Run one service against the configured Kafka and database."),
    "practice": (
        "practice:practice_cli",
        "Run the workbench for practice, on invented letters and a store of its own: nothing can be sent from it.",
    ),
    "publish": (
        "publish:publish_cli",
        "Send requests from files to Kafka, signed where PARVIS_AGENCY_KEY is set. What is bad is reported, the rest goes.",
    ),
    "classify": ("models:classify_cli", "Triage texts: one JSON object a line."),
    "train": (
        "model_training:train_cli",
        "Train a classifier on labelled data, of any categories and languages, or on what was learnt from cases; say what it is worth.",
    ),
    "evaluate": ("models:evaluate_cli", "Measure a classifier on labelled data."),
    "status": (
        "status:status_cli",
        "Show whether it is healthy, what is stuck, since when, who is affected and what to do. Exit code 1: some work stands still.",
    ),
    "doctor": (
        "doctor:doctor_cli",
        "Try every setting and dependency: one sentence each for what is wrong and what to do. Exit code 1 where anything is.",
    ),
    "trace": (
        "trace:trace_cli",
        "Draw every step of one request in the terminal: its trace, from arrival to delivery, failed steps first.",
    ),
    "models": ("models_group:models", "The registry of trained classifiers, and how one takes another's place."),
    "knowledge": ("knowledge:knowledge", "The agency's published answers, from which drafts are written."),
    "drafts": ("drafts:drafts", "How good the drafts are."),
    "report": (
        "weekly_report:report_cli",
        "Write a week's report: what came in and what rises, what is late, how drafts fared, what knowledge is missing.",
    ),
    "templates": ("templates:templates", "The letters that drafts without a model are made of."),
    "taxonomy": ("taxonomy:taxonomy", "The agency's own list of what people write about."),
    "agencies": ("agencies:agencies", "Who may publish requests."),
    "people": ("people_and_tokens:people", "Who may sign in."),
    "tokens": ("people_and_tokens:tokens", "How a program acts as a person."),
    "mailboxes": ("mailboxes:mailboxes", "The mailboxes that mail is taken from."),
    "topics": ("kafka:topics", "Topics, from code to broker."),
    "dead-letters": ("kafka:dead_letters", "Records that could not be read or kept failing."),
    "explain": (
        "explain:explain_cli",
        "Tell a citizen in plain words how their message was handled, by machine and by people. That it was looked at is logged.",
    ),
    "erase": (
        "erase:erase_cli",
        "Erase a citizen: identity and words go from every table, file and span; who decided what and when stays in the log.",
    ),
    "export": (
        "export:export_cli",
        "Hand out all that is kept of a citizen, as JSON with their files in a zip, for a data-subject request.",
    ),
    "audit": ("audit:audit", "The log of who did what: verify its chain, hand it out."),
    "recover": (
        "recover:recover_cli",
        "After a database was restored from a backup: take back from Kafka what came since, so that nothing is lost or sent twice.",
    ),
    "db": ("database:db", "The database's tables."),
    "schemas": ("schemas:schemas", "The events' JSON Schemas and the AsyncAPI document."),
}
"""Module and name of each command or group in `services.cli`, and its line of help; a test compares the line with the command's own."""


class LazyGroup(TyperGroup):
    """A group that knows its commands' names and help, and imports one only to run it."""

    def __init__(self, **attributes: Any) -> None:  # noqa: ANN401 - what typer hands on to its own class
        super().__init__(**attributes)
        self.commands = {name: TyperCommand(name, help=words) for name, (_, words) in COMMANDS.items()}

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:  # noqa: ANN401
        """Imports the command that is to run."""
        name, command, rest = super().resolve_command(ctx, args)
        return name, loaded(name) if name in COMMANDS else command, rest


def loaded(name: str) -> Any:  # noqa: ANN401 - a command of typer's own click
    """Imports the command or group of that name."""
    module, _, attribute = COMMANDS[name][0].partition(":")
    target = getattr(importlib.import_module(f"services.cli.{module}"), attribute)
    if isinstance(target, typer.Typer):
        group: Any = typer.main.get_group(target)
    else:
        single = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
        single.command(name)(target)
        group = typer.main.get_command(single)
    group.name = name
    return group
