"""`parvis evaluate`, `parvis classify`, `parvis models`: a thin shell around triage's own functions."""

import getpass
import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from services.cli import context
from services.runtime import clock
from services.runtime.settings import Settings

if TYPE_CHECKING:
    from services.domain.taxonomy import Taxonomy
    from services.triage.classification.classifier import Classifier
    from services.triage.classification.examples import Example
    from services.triage.classification.model_store import LiveClassifier

models = typer.Typer(no_args_is_help=True, help="The registry of trained classifiers, and how one takes another's place.")

T = TypeVar("T")

LABELLED = "JSONL or CSV: text, category, and if known subject, language, urgency, department."
Data = Annotated[Path, typer.Argument(help=LABELLED, exists=True)]
Json = Annotated[bool, typer.Option("--json", help="Print it as JSON.")]
Why = Annotated[str | None, typer.Option(help="Why it is done all the same; kept in the log.")]
By = Annotated[str, typer.Option(help="Who does it, for the log.")]


def classify_cli(
    texts: Annotated[list[str] | None, typer.Argument(help="Texts; none: lines of standard input.")] = None,
    model: Annotated[Path | None, typer.Option(help="A trained model's name or folder; none: the one in use.")] = None,
) -> None:
    """Triage texts: one JSON object a line."""
    from itertools import islice
    from uuid import uuid4

    from schemas.requests_received import RequestReceived
    from services.domain import taxonomy
    from services.triage import rules

    settings = context.settings()
    kinds = taxonomy.load(settings.taxonomy)
    classifier = _answering(settings, kinds, model)
    lines = iter(texts) if texts else (line.rstrip("\n") for line in sys.stdin)
    while batch := [line for line in islice(lines, 64) if line.strip()]:
        requests = [
            RequestReceived(request_id=uuid4(), agency="none", channel="web", received_at=clock.now(), body=line[:20_000]) for line in batch
        ]
        for triaged in rules.triage(requests, classifier, kinds, settings.mail_from):
            print(triaged.model_dump_json(exclude={"request_id", "agency", "channel", "received_at"}))


def evaluate_cli(
    data: Data,
    model: Annotated[Path | None, typer.Option(help="A trained model's name or folder; none: the one in use.")] = None,
    as_json: Json = False,
) -> None:
    """Measure a classifier on labelled data."""
    from services.domain import taxonomy
    from services.triage.classification import evaluation
    from services.triage.classification.examples import read_examples
    from services.triage.classification.served_text import served
    from services.triage.letter import agency_of

    settings = context.settings()
    kinds = taxonomy.load(settings.taxonomy)
    classifier = _answering(settings, kinds, model)
    rows = read_examples(data)
    report = evaluation.evaluate(
        classifier, with_progress("hiding personal details", lambda tell: served(rows, agency_of(kinds, settings.mail_from), tell))
    )
    print(json.dumps(report.as_json(), indent=2) if as_json else report.as_text())


def _answering(settings: Settings, kinds: "Taxonomy", model: Path | None) -> "Classifier | LiveClassifier":
    """The classifier that was asked for, or the one in use. Standard error says which it is."""
    from services.runtime import encoder_backends
    from services.triage.classification import model_store

    encoder = encoder_backends.of_triage(settings)
    if model:
        folder = _folder(settings, model)
        chosen = model_store.load(folder).reading_with(encoder)
        lacking = f"; its encoder {chosen.missing_encoder} is not what PARVIS_TRIAGE_ENCODER gives" if chosen.missing_encoder else ""
        context.errors.print(f"model {chosen.version}: the one in {folder}{lacking}", markup=False)
        return chosen
    live = model_store.default_classifier(settings.models, kinds, encoder)
    context.errors.print(f"model {live.version}: {live.origin}", markup=False)
    return live


def _folder(settings: Settings, model: Path) -> Path:
    """A folder as it is given, or of that name in the registry."""
    return model if model.is_dir() or len(model.parts) > 1 else settings.models / model


def accepted_rows(settings: Settings, kinds: "Taxonomy", until: datetime, agency: str | None) -> "list[Example]":
    """The corrections that were accepted until then, without those that are held out."""
    from services.review.learning import rules, store
    from services.triage.classification.examples import Example

    decisions = context.in_transaction(settings, lambda session: store.decided(session, "accepted", agency=agency))
    lessons = [
        decision.lesson for decision in decisions if decision.decided_at <= until and not rules.is_held_out(decision.lesson.request_id)
    ]
    rows = [Example(decision.text, decision.category, decision.language) for decision in lessons if decision.category in kinds.categories]
    if len(rows) < len(lessons):
        context.errors.print(f"{len(lessons) - len(rows)} accepted corrections have a category that left the taxonomy: passed over")
    return rows


@models.command("list")
def list_cli(as_json: Json = False) -> None:
    """Show every trained classifier, and which is in use."""
    from services.runtime import encoder_backends
    from services.triage.classification import model_folder, model_store

    settings = context.settings()
    model_folder.check(settings.models)
    listed = model_store.list_models(settings.models)
    in_use = next((model.name for model in listed if model.current), None)
    encoder = encoder_backends.of_triage(settings)
    context.errors.print(f"in use: {in_use or model_store.default_name(taxonomy_of(settings), encoder)}", markup=False)
    if as_json:
        print(json.dumps([asdict(model) for model in listed], indent=2, default=str))
        return
    rows = [_listed(model.name, model.facts, encoder.name if encoder else None, current=model.current) for model in listed]
    columns = ["", "name", "made", "rows", "categories", "right on held-out rows", "encoder", "learnt from"]
    context.out.print(context.table(f"in {settings.models}", columns, rows))
    if not in_use:
        context.out.print("none was promoted: the default model is in use")


def _listed(name: str, facts: Mapping[str, Any], encoder: str | None, *, current: bool) -> list[str]:
    right = facts.get("held_out", {}).get("accuracy")
    learnt_with = facts.get("encoder") or {}
    asks = learnt_with["name"] if learnt_with.get("kept") else None
    learnt = facts.get("learnt_from") or facts.get("trained_on") or ""
    return [
        "*" if current else "",
        name,
        str(facts.get("made_at", ""))[:16].replace("T", " "),
        str(facts.get("rows", "")),
        str(len(facts.get("categories", []))),
        "" if right is None else f"{right:.1%}",
        "" if asks is None else asks if asks == encoder else f"{asks} is missing: words alone decide",
        learnt if isinstance(learnt, str) else json.dumps(learnt),
    ]


@models.command("rollback")
def rollback_cli(why: Why = None, by: By = "") -> None:
    """Go back to the model before, from the next batch on."""
    from services.review.audit import store as audit
    from services.runtime.database import Session
    from services.triage.classification import model_store

    settings = context.settings()
    left = model_store.current(settings.models)

    async def roll_back(session: Session) -> str:
        now_in_use = model_store.rollback(settings.models) or "the default model"
        detail: dict[str, object] = {"model": now_in_use, "instead_of": left, "why": (why or "").strip()}
        await audit.add(session, audit.Entry(clock.now(), actor(by), "roll back model", None, detail))
        return now_in_use

    print(f"{context.in_transaction(settings, roll_back)} sorts from the next batch on, instead of {left}")


def with_progress(doing: str, work: Callable[[Callable[[float, str], None]], T]) -> T:
    """Runs the work with a progress bar on standard error."""
    from rich.progress import Progress

    with Progress(console=context.errors, transient=True) as progress:
        task = progress.add_task(doing, total=1.0)
        return work(lambda share, step: progress.update(task, completed=share, description=step))


def taxonomy_of(settings: Settings) -> "Taxonomy":
    """The taxonomy in use."""
    from services.domain import taxonomy

    return taxonomy.load(settings.taxonomy)


def actor(by: str) -> str:
    """The name for the log: a command has no sign-in, so the machine's own user where nobody else is named."""
    return by.strip() or f"{getpass.getuser()} at the command line"
