"""`parvis train`: trains a classifier, says what it is worth, and how it is tried beside the one in use."""

import json
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

import typer

from services.cli import context
from services.cli.models import LABELLED, Json, accepted_rows, taxonomy_of, with_progress
from services.runtime import clock
from services.runtime.errors import InvalidInput
from services.runtime.settings import Settings

if TYPE_CHECKING:
    from services.domain.taxonomy import Taxonomy
    from services.triage.classification.examples import Example
    from services.triage.classification.training import Recipe


@dataclass(frozen=True)
class TrainingSet:
    """What a classifier is taught, and how; `learnt_from` says in its folder where that came from."""

    rows: "Sequence[Example]"
    recipe: "Recipe"
    descriptions: "Sequence[Example]" = ()
    learnt_from: Mapping[str, Any] = field(default_factory=dict)

    def with_cases(self, settings: Settings, kinds: "Taxonomy", agency: str | None, *, only: bool) -> Self:
        """The accepted corrections as well and, without `only`, the messages that come with Parvis. Raises InvalidInput."""
        from services.triage.classification import model_store
        from services.triage.classification.served_text import served
        from services.triage.letter import agency_of

        until = clock.now()
        accepted = accepted_rows(settings, kinds, until, agency)
        if not accepted:
            raise InvalidInput(
                f"no correction{f' of {agency}' if agency else ''} was accepted, or only some that are held out for measuring: "
                "supervisors accept them at GET /api/v1/learning",
                field="--from-cases",
            )
        agency_in_mail = agency_of(kinds, settings.mail_from)
        corpus = [] if only else served(model_store.corpus_rows(kinds), agency_in_mail)
        cases = {"corpus": not only, "cases": {"until": until.isoformat(), "agency": agency, "rows": len(accepted)}}
        return replace(
            self,
            rows=[*self.rows, *accepted, *corpus],  # what was accepted is kept as it was served
            recipe=recipe_for(len(accepted) + len(self.rows), len(corpus)),
            descriptions=served(model_store.described(kinds), agency_in_mail),
            learnt_from={**self.learnt_from, **cases},
        )


def train_cli(
    folder: Annotated[Path, typer.Option("--out", help="The folder to write the model to.")],
    data: Annotated[Path | None, typer.Argument(help=LABELLED)] = None,
    from_cases: Annotated[bool, typer.Option("--from-cases", help="Learn from the corrections that supervisors have accepted.")] = False,
    agency: Annotated[str | None, typer.Option(help="With --from-cases: this agency's only.")] = None,
    only: Annotated[bool, typer.Option("--only", help="With --from-cases: without the messages that come with Parvis.")] = False,
    seed: Annotated[int, typer.Option(help="The same seed gives the same model.")] = 0,
    budget: Annotated[float, typer.Option(help="Seconds that the search may take.", min=1)] = 300.0,
    precision: Annotated[float, typer.Option(help="The share to be right of what it answers by itself.", min=0.5, max=0.999)] = 0.8,
    encoder: Annotated[
        Literal["none", "local", "endpoint"] | None,
        typer.Option(help="What tells the meaning of texts that words leave unsure; without it PARVIS_TRIAGE_ENCODER."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Train a classifier on labelled data, of any categories and languages, or on what was learnt from cases; say what it is worth."""
    from services.runtime import encoder_backends
    from services.triage.classification import champion_challenger, model_store, training
    from services.triage.classification.examples import read_examples
    from services.triage.classification.served_text import served
    from services.triage.classification.training_verdict import verdict
    from services.triage.letter import agency_of

    if not data and not from_cases:
        raise InvalidInput("give labelled data, or --from-cases", field="DATA")
    settings = context.settings()
    meanings = encoder_backends.chosen(encoder or settings.triage_encoder, settings)
    kinds = taxonomy_of(settings)
    agency_in_mail = agency_of(kinds, settings.mail_from)
    labelled = read_examples(data) if data else []
    rows = with_progress("hiding personal details", lambda tell: served(labelled, agency_in_mail, tell))
    training_set = TrainingSet(rows, training.FAMILY, learnt_from={"data": data.name} if data else {})
    if from_cases:
        training_set = training_set.with_cases(settings, kinds, agency, only=only)
    classifier = with_progress(
        f"training on {len(training_set.rows)} examples",
        lambda tell: training.train(
            training_set.rows,
            recipe=training_set.recipe,
            seed=seed,
            budget_seconds=budget,
            progress=tell,
            descriptions=training_set.descriptions,
            precision=precision,
            encoder=meanings,
        ),
    )
    marks = champion_challenger.marks_of(row.text for row in training_set.rows)
    model_store.save(classifier, folder, {"learnt_from": training_set.learnt_from, "marks": marks})
    worth = verdict(classifier.facts, training_set.rows, kinds.names)
    shadow = None if worth.worth == "useless" else shadow_command(folder, settings.models)
    if as_json:
        print(json.dumps({"version": classifier.version, "folder": str(folder), **worth.as_json(), "shadow": shadow}, indent=2))
        return
    print(f"{classifier.version} in {folder}\n\n{worth.as_text()}")
    if meanings and not classifier.meaning:
        print(f"\nThe encoder {meanings.name} made it no better and was left out: words alone decide.")
    elif meanings:
        print(f"\nIt asks for the encoder {meanings.name}: start triage with PARVIS_TRIAGE_ENCODER={encoder or settings.triage_encoder}.")
    if shadow:
        print(f"\nTo let it sort beside the model in use, deciding nothing (`parvis models shadow` then compares both):\n{shadow}")


def shadow_command(folder: Path, models: Path) -> str:
    """The line that starts triage with the model in shadow: by its name where it lies among the `models`, else by its folder."""
    whole = folder.resolve()
    model = whole.name if whole.parent == models.resolve() else str(whole)
    return f"PARVIS_SHADOW_MODEL={shlex.quote(model)} parvis {'serve triage' if Settings().kafka.bootstrap else 'up'}"


def recipe_for(own: int, corpus: int) -> "Recipe":
    """The training recipe for the rows: a search pays where an agency's own are the most, since ours are few for each category."""
    from services.triage.classification import training

    return training.FAMILY if own > corpus else training.QUICK
