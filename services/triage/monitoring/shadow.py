"""A candidate beside the model in use: it sorts the same messages, and only what it would have said is counted."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from schemas.requests_triaged import RequestTriaged
from services.domain import wish_for_person
from services.domain.message_parts import matter_of
from services.triage.classification.classifier import Prediction
from services.triage.monitoring.daily_counts import Counts, Key

MEASURES = ("messages", "agree", "answered", "would_answer")


@dataclass(frozen=True)
class Group:
    """The messages of one language, channel or category: how often both said the same, and how many each answers by itself."""

    messages: int
    agree: float
    answered: float
    would_answer: float


@dataclass(frozen=True)
class Difference:
    """What the model in use called one thing and the candidate another."""

    answered: str
    would_say: str
    messages: int


@dataclass(frozen=True)
class ModelComparison:
    """A candidate beside a champion on live messages. Who is right is not known here: that is for held-out rows to say."""

    champion: str
    candidate: str
    all: Group
    by_language: Mapping[str, Group]
    by_channel: Mapping[str, Group]
    by_category: Mapping[str, Group]
    differences: Sequence[Difference]


class Challenger(Protocol):
    """A model that is tried."""

    def predict(
        self, texts: Sequence[str], languages: Sequence[str] | None = None, by_words_alone: Collection[int] = ()
    ) -> list[Prediction]:
        """One prediction a text; `by_words_alone` numbers those that no encoder may see."""

    @property
    def version(self) -> str:
        """Which model this is."""


class Shadow:
    """Asks the candidate, which is loaded with the first batch: one that can't be loaded holds up no start."""

    def __init__(self, load: Callable[[], Challenger]) -> None:
        self._load = load
        self._candidate: Challenger | None = None

    def observe(self, decided: Sequence[RequestTriaged]) -> Counts:
        """What a batch adds to the counts."""
        candidate = self._candidate = self._candidate or self._load()
        wishes = {number for number, event in enumerate(decided) if not wish_for_person.a_model_may_draft(event)}
        predictions = candidate.predict([matter_of(event) for event in decided], [event.language.code for event in decided], wishes)
        return tally(decided, predictions, candidate.version)


def folder_of(models: Path, named: str) -> Path:
    """The candidate's folder: a path, or a name in the registry."""
    return Path(named) if "/" in named else models / named


def tally(decided: Sequence[RequestTriaged], predictions: Sequence[Prediction], candidate: str) -> Counts:
    """Sums of what was decided and what would have been. No word of anybody."""
    counts: Counter[Key] = Counter()
    for event, other in zip(decided, predictions, strict=True):
        models = (event.model_version, candidate)
        measures = {
            "messages": True,
            "agree": event.category == other.category,
            "answered": event.outcome == "routed",
            "would_answer": other.answered,
        }
        for name, holds in measures.items():
            counts[("by", *models, event.language.code, event.channel, event.category, name)] += holds
        if event.category != other.category:
            counts[("other", *models, event.category, other.category)] += 1
    return counts


def comparisons(counts: Counts) -> list[ModelComparison]:
    """Every champion and candidate that met, the pair with the most messages first."""
    pairs = {(key[1], key[2]) for key in counts if key[0] == "by"}
    return sorted(
        (_pair(counts, *pair) for pair in pairs),
        key=lambda comparison: (-comparison.all.messages, comparison.candidate, comparison.champion),
    )


def _pair(counts: Counts, champion: str, candidate: str) -> ModelComparison:
    sums: dict[str, dict[str, Counter[str]]] = {"language": {}, "channel": {}, "category": {}}
    whole: Counter[str] = Counter()
    differences: list[Difference] = []
    for key, value in counts.items():
        if key[1:3] != (champion, candidate):
            continue
        if key[0] == "other":
            differences.append(Difference(key[3], key[4], round(value)))
            continue
        _, _, _, language, channel, category, measure = key
        whole[measure] += value
        for by, name in (("language", language), ("channel", channel), ("category", category)):
            sums[by].setdefault(name, Counter())[measure] += value
    languages, channels, categories = ({name: _group(own) for name, own in sorted(by.items())} for by in sums.values())
    differences.sort(key=lambda difference: (-difference.messages, difference.answered, difference.would_say))
    return ModelComparison(champion, candidate, _group(whole), languages, channels, categories, differences)


def _group(sums: Mapping[str, float]) -> Group:
    messages = round(sums.get("messages", 0))
    agree, answered, would = (sums.get(name, 0) / max(messages, 1) for name in MEASURES[1:])
    return Group(messages, agree, answered, would)
