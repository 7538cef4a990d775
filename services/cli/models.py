"""`parvis train`, `parvis evaluate`, `parvis classify`."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from services.cli import context

Data = Annotated[Path, typer.Argument(help="JSONL or CSV: text, category, and if known language, urgency, department.", exists=True)]


def classify_cli(texts: Annotated[list[str] | None, typer.Argument(help="Texts; none: lines of standard input.")] = None) -> None:
    """Triage texts: one JSON object a line."""
    from itertools import islice
    from uuid import uuid4

    from schemas.requests_received import RequestReceived
    from services.domain import taxonomy
    from services.runtime import clock
    from services.triage import model_store, rules

    known = context.settings()
    kinds = taxonomy.load(known.taxonomy)
    classifier = model_store.default_classifier(known.models, kinds)
    lines = iter(texts) if texts else (line.rstrip("\n") for line in sys.stdin)
    while batch := [line for line in islice(lines, 64) if line.strip()]:
        requests = [
            RequestReceived(request_id=uuid4(), agency="none", channel="web", received_at=clock.now(), body=line[:20_000]) for line in batch
        ]
        for triaged in rules.triage(requests, classifier, kinds):
            print(triaged.model_dump_json(exclude={"request_id", "agency", "channel", "received_at"}))


def evaluate_cli(
    data: Data,
    model: Annotated[Path | None, typer.Option(help="A trained model's folder; none: the one in use.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Measure a classifier on labelled data."""
    from services.domain import taxonomy
    from services.triage import evaluation, model_store, training

    known = context.settings()
    classifier = model_store.load(model) if model else model_store.default_classifier(known.models, taxonomy.load(known.taxonomy))
    report = evaluation.evaluate(classifier, training.read_examples(data))
    print(json.dumps(report.as_json(), indent=2) if as_json else report.as_text())


def train_cli(
    data: Data,
    out: Annotated[Path, typer.Option("--out", help="The folder to write the model to.")],
    seed: Annotated[int, typer.Option(help="The same seed gives the same model.")] = 0,
    budget: Annotated[float, typer.Option(help="Seconds that the search may take.", min=1)] = 300.0,
) -> None:
    """Train a classifier on labelled data, of any categories and languages."""
    from rich.progress import Progress

    from services.triage import model_store, training

    examples = training.read_examples(data)
    with Progress(console=context.errors, transient=True) as progress:
        task = progress.add_task(f"training on {len(examples)} examples", total=1.0)
        classifier = training.train(
            examples,
            seed=seed,
            budget_seconds=budget,
            progress=lambda share, step: progress.update(task, completed=share, description=step),
        )
    model_store.save(classifier, out)
    print(f"{classifier.version} in {out}")
