"""`parvis models promote`: compares both models on messages that neither has learnt from, and logs why one is put in use."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from services.cli import context
from services.cli.models import By, Json, Why, accepted_rows, actor, taxonomy_of, with_progress
from services.runtime import clock
from services.runtime.errors import Conflict
from services.runtime.settings import Settings

if TYPE_CHECKING:
    from services.domain.taxonomy import Taxonomy
    from services.runtime.encoder import Encoder
    from services.triage.classification.champion_challenger import Message, Taught
    from services.triage.classification.promotion_gate import Comparison, Pair

FEW_HELD_OUT = 50
"""Fewer accepted corrections than this that were held out say nothing by themselves."""
MOST_SEEN_BEFORE = 0.02
"""More of a file than this, if the candidate has learnt from it, and the file says nothing of what it would do with new messages."""


class NotPromoted(Conflict):
    """The candidate does not take over; the message says what speaks against it, and what can be done."""


def promote_cli(
    name: Annotated[str, typer.Argument(help="A model of the registry.")],
    on: Annotated[
        Path | None,
        typer.Option(help="Labelled messages that neither has learnt from; none: held-out corrections, and our own messages in folds."),
    ] = None,
    margin: Annotated[float, typer.Option(help="What a language, channel, category or source may lose.", min=0, max=1)] = 0.05,
    gap: Annotated[float, typer.Option(help="How far languages may lie apart.", min=0, max=1)] = 0.10,
    why: Why = None,
    by: By = "",
    as_json: Json = False,
) -> None:
    """Put a model in use, if it is measurably better than the one that is and nobody is served worse by it."""
    from services.review.audit import store as audit
    from services.runtime import encoder_backends
    from services.runtime.database import Session
    from services.triage.classification import model_folder, model_store, promotion_gate

    settings = context.settings()
    kinds = taxonomy_of(settings)
    if not model_folder.is_model(settings.models / name):
        model_store.promote(settings.models, name)  # says what there is
    if model_store.current(settings.models) == name:
        raise Conflict(f"{name} is in use already")
    encoder = encoder_backends.of_triage(settings)
    champion = model_store.default_classifier(settings.models, kinds, encoder).classifier
    candidate = model_store.load(settings.models / name).reading_with(encoder)
    measured = measured_on(settings, kinds, _Rivals(settings, kinds, name, encoder), on, champion, candidate)
    comparison = promotion_gate.compare(measured.pairs)
    against = promotion_gate.reasons_against(comparison, promotion_gate.Demands(margin, gap), knows=candidate.categories, asked=kinds.names)
    against += [measured.wanting] if measured.wanting else []
    if as_json:
        print(json.dumps({"model": name, "instead_of": champion.version, "against": against, **comparison.as_json()}, indent=2))
    else:
        context.out.print(compared(comparison, champion.version, name))
    if against and not (why and why.strip()):
        reasons = "\n".join(f"- {reason}" for reason in against)
        raise NotPromoted(f'{name} was not promoted:\n{reasons}\nTo do it all the same, say why: --why "..."; it is kept in the log')
    detail: dict[str, object] = {
        "model": name,
        "instead_of": champion.version,
        "messages": comparison.all.n,
        "right": [round(comparison.all.champion, 4), round(comparison.all.candidate, 4)],
    }
    detail |= {"against": against, "why": (why or "").strip()} if against else {}

    async def promote(session: Session) -> None:
        await audit.add(session, audit.Entry(clock.now(), actor(by), "promote model", None, detail))
        model_store.promote(settings.models, name)

    context.in_transaction(settings, promote)
    context.errors.print(f"{name} sorts from the next batch on; `parvis models rollback` goes back")


def compared(comparison: "Comparison", champion: str, candidate: str) -> Any:  # noqa: ANN401 - a rich table
    """Both models side by side, in all and in every part."""
    rows = [
        [kind, name, part.n, f"{part.champion:.1%}", f"{part.candidate:.1%}", f"{part.candidate - part.champion:+.1%}", part.won, part.lost]
        for kind, name, part in comparison.parts()
    ]
    return context.table("right on held-out messages", ["", "", "messages", champion, candidate, "", "better on", "worse on"], rows)


@dataclass(frozen=True)
class Measured:
    """Both models' answers to messages that neither has learnt from; `wanting` says what such messages lack to judge by."""

    pairs: "Sequence[Pair]"
    wanting: str = ""


@dataclass(frozen=True)
class _Rivals:
    """The training record of both models, from their `model.json`."""

    settings: Settings
    kinds: "Taxonomy"
    candidate: str
    encoder: "Encoder | None" = None

    def facts(self, name: str) -> Mapping[str, Any]:
        """The content of the model's `model.json`."""
        from services.triage.classification import model_store

        return next((model.facts for model in model_store.list_models(self.settings.models) if model.name == name), {})

    def taught(self, name: str | None) -> "Taught | None":
        """What the model was made of beside our own messages; None where it learnt from a file, or not from our own messages."""
        from services.triage.classification import training
        from services.triage.classification.champion_challenger import Taught

        if name is None:
            return Taught(training.QUICK, encoder=self.encoder)
        facts = self.facts(name)
        learnt = facts.get("learnt_from") or {}
        if not learnt.get("corpus") or "data" in learnt:
            return None
        cases = learnt["cases"]
        rows = accepted_rows(self.settings, self.kinds, datetime.fromisoformat(cases["until"]), cases["agency"])
        recipe = training.QUICK if facts.get("recipe") == training.QUICK.name else training.FAMILY
        return Taught(recipe, rows, self.encoder if facts.get("encoder") else None)


def measured_on(settings: Settings, kinds: "Taxonomy", rivals: _Rivals, on: Path | None, champion: Any, candidate: Any) -> Measured:  # noqa: ANN401 - classifiers
    """Asks both about the file, or about the accepted corrections that were held out and, in folds, about our own messages."""
    from services.triage.classification import champion_challenger, model_store
    from services.triage.classification.examples import read_examples
    from services.triage.classification.served_text import served
    from services.triage.letter import agency_of

    agency = agency_of(kinds, settings.mail_from)
    if on:
        messages = champion_challenger.read_messages(on, agency)
        marks = rivals.facts(rivals.candidate).get("marks") or []
        # Models of recipes before 5 have learnt from messages as they were written, and have marks of these.
        written = [row.text for row in read_examples(on)]
        seen_before = max(champion_challenger.share_seen(marks, texts) for texts in (written, [message.text for message in messages]))
        wanting = (
            f"it has learnt from {seen_before:.0%} of these messages: give some that it has not seen"
            if seen_before > MOST_SEEN_BEFORE
            else ""
        )
        return Measured(champion_challenger.judge(champion, candidate, messages)[0], wanting)
    held_out = held_out_messages(settings, kinds)
    pairs, _ = champion_challenger.judge(champion, candidate, held_out)
    first, second = rivals.taught(model_store.current(settings.models)), rivals.taught(rivals.candidate)
    rows, descriptions = served(model_store.corpus_rows(kinds), agency), served(model_store.described(kinds), agency)
    if first and second and rows:
        pairs += with_progress(
            "measuring",
            lambda tell: champion_challenger.judge_by_folds(
                rows, first, second, source="messages of ours", descriptions=descriptions, progress=tell
            ),
        )
    elif len(held_out) < FEW_HELD_OUT:
        return Measured(
            pairs,
            f"only {len(held_out)} accepted corrections are held out, and the messages that come with Parvis can't be asked about: "
            f"{FEW_HELD_OUT} are needed, or labelled messages with --on",
        )
    return Measured(pairs)


def held_out_messages(settings: Settings, kinds: "Taxonomy") -> "list[Message]":
    """The accepted corrections that no model learns from."""
    from services.review.learning import rules, store
    from services.triage.classification.champion_challenger import Message

    accepted = context.in_transaction(settings, lambda session: store.decided(session, "accepted"))
    return [
        Message(decision.lesson.text, decision.lesson.category, decision.lesson.language, decision.lesson.channel, "accepted corrections")
        for decision in accepted
        if rules.is_held_out(decision.lesson.request_id) and decision.lesson.category in kinds.categories
    ]
