"""Decides whether a candidate may replace the model in use, by what both predict for the same held-out messages."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from scipy.stats import binomtest

from services.triage.classification import evaluation
from services.triage.classification.evaluation import Judged, Report

CHANCE = 0.05
"""A gain that chance would show more often than this is not a measured one."""
MARGIN = 0.05
"""What a language, a channel, a category or a source may lose."""
GAP = 0.10
"""How far the best and the worst served language may lie apart."""
ROWS_BY_CHANCE = 2
"""A difference of so few messages is nobody's loss: one message more or less must not decide."""
LANGUAGE_ROWS = 30
"""A language with fewer held-out messages can't be compared with another."""


@dataclass(frozen=True)
class Pair:
    """One held-out message and what both models said of it."""

    channel: str
    source: str
    champion: Judged
    candidate: Judged


@dataclass(frozen=True)
class Demands:
    """What is asked of a candidate."""

    margin: float = MARGIN
    gap: float = GAP


@dataclass(frozen=True)
class Slice:
    """Some of the messages: the share that each model has right, and on how many of them only one has it right."""

    n: int
    champion: float
    candidate: float
    won: int
    lost: int


@dataclass(frozen=True)
class Comparison:
    """Both models on the same messages. `asked` are the categories of the taxonomy, `known` those of the candidate."""

    champion: Report
    candidate: Report
    all: Slice
    by_language: Mapping[str, Slice]
    by_channel: Mapping[str, Slice]
    by_category: Mapping[str, Slice]
    by_source: Mapping[str, Slice]
    wrong_answers: tuple[int, int]
    """Of the champion and of the candidate: answered without a person's sorting, and wrong."""

    def parts(self) -> list[tuple[str, str, Slice]]:
        """All, and each part by its kind and name, in the order of a table."""
        groups = (("source", self.by_source), ("language", self.by_language), ("channel", self.by_channel), ("category", self.by_category))
        return [("all", "", self.all), *((kind, name, part) for kind, parts in groups for name, part in parts.items())]

    def as_json(self) -> dict[str, Any]:
        """Render for programs, and for the log."""
        groups = ("by_source", "by_language", "by_channel", "by_category")
        return {
            "all": asdict(self.all),
            "champion": asdict(self.champion.overall),
            "candidate": asdict(self.candidate.overall),
            **{group: {name: asdict(part) for name, part in getattr(self, group).items()} for group in groups},
        }


def compare(pairs: Sequence[Pair], speed: tuple[float, float] = (0.0, 0.0)) -> Comparison:
    """Every figure of both, in all and by language, channel, category and source."""
    return Comparison(
        champion=evaluation.report([pair.champion for pair in pairs], speed[0]),
        candidate=evaluation.report([pair.candidate for pair in pairs], speed[1]),
        all=_slice(pairs),
        by_language=_sliced(pairs, lambda pair: [pair.champion.language]),
        by_channel=_sliced(pairs, lambda pair: [pair.channel] if pair.channel else []),
        # A category is touched by its own messages, and by those that are taken for its own.
        by_category=_sliced(pairs, lambda pair: {pair.champion.label, pair.champion.predicted, pair.candidate.predicted}),
        by_source=_sliced(pairs, lambda pair: [pair.source]),
        wrong_answers=(_wrong(pair.champion for pair in pairs), _wrong(pair.candidate for pair in pairs)),
    )


def reasons_against(comparison: Comparison, demands: Demands, *, knows: Collection[str], asked: Collection[str]) -> list[str]:
    """What speaks against promoting the candidate, in sentences; nothing where nothing does.

    `knows` are the categories that the candidate can say, `asked` those of the taxonomy in use.
    """
    return [
        *_of_categories(knows, asked),
        *_of_the_whole(comparison, demands),
        *_of_the_parts(comparison, demands),
        *_of_the_gap(comparison, demands),
    ]


def chance_of(won: int, lost: int) -> float:
    """How often as many or more would be won among these if both models were equally good (the sign test, exact)."""
    return float(binomtest(won, won + lost, alternative="greater").pvalue) if won + lost else 1.0


def gap_of(report: Report) -> tuple[float, str, str] | None:
    """How far languages with enough messages lie apart in accuracy, with the best and the worst served; None with fewer than two."""
    measured = sorted((f.accuracy, name) for name, f in report.by_language.items() if f.n >= LANGUAGE_ROWS)
    return (measured[-1][0] - measured[0][0], measured[-1][1], measured[0][1]) if len(measured) > 1 else None


def _of_categories(knows: Collection[str], asked: Collection[str]) -> list[str]:
    strange, missing = sorted({*knows} - {*asked}), sorted({*asked} - {*knows})
    against = [f"it can say what the taxonomy does not have: {', '.join(strange)}"] if strange else []
    return against + ([f"it can't say what the taxonomy has: {', '.join(missing)}"] if missing else [])


def _of_the_whole(comparison: Comparison, demands: Demands) -> list[str]:
    against: list[str] = []
    whole, chance = comparison.all, chance_of(comparison.all.won, comparison.all.lost)
    if whole.candidate <= whole.champion or chance > CHANCE:
        against.append(
            f"no measured gain: {whole.candidate:.1%} right instead of {whole.champion:.1%} of {whole.n} held-out messages, "
            f"better on {whole.won} and worse on {whole.lost}; chance alone does as well in {chance:.0%} of all cases, "
            f"and at most {CHANCE:.0%} is asked for"
        )
    before, after = comparison.champion.overall, comparison.candidate.overall
    more = comparison.wrong_answers[1] - comparison.wrong_answers[0]
    if before.answered_precision - after.answered_precision > demands.margin and more > ROWS_BY_CHANCE:
        against.append(
            f"of what it answers without a person's sorting {after.answered_precision:.1%} is right, "
            f"and was {before.answered_precision:.1%}: {more} more wrong answers"
        )
    return against


def _of_the_parts(comparison: Comparison, demands: Demands) -> list[str]:
    groups = (
        ("language", comparison.by_language),
        ("channel", comparison.by_channel),
        ("category", comparison.by_category),
        ("source", comparison.by_source),
    )
    return [
        f"{kind} {name} loses {part.champion - part.candidate:.1%}: {part.candidate:.1%} right instead of {part.champion:.1%} "
        f"of {part.n}, and {demands.margin:.0%} is allowed"
        for kind, parts in groups
        for name, part in parts.items()
        if part.champion - part.candidate > demands.margin and part.lost - part.won > ROWS_BY_CHANCE
    ]


def _of_the_gap(comparison: Comparison, demands: Demands) -> list[str]:
    gap, before = gap_of(comparison.candidate), gap_of(comparison.champion)
    if not gap or gap[0] <= demands.gap:
        return []
    return [
        f"language {gap[2]} is served {gap[0]:.1%} worse than {gap[1]}, and {demands.gap:.0%} is allowed"
        + (f" (the model in use: {before[0]:.1%})" if before else "")
    ]


def _slice(pairs: Sequence[Pair]) -> Slice:
    champion, candidate = [pair.champion.right for pair in pairs], [pair.candidate.right for pair in pairs]
    return Slice(
        n=len(pairs),
        champion=sum(champion) / max(len(pairs), 1),
        candidate=sum(candidate) / max(len(pairs), 1),
        won=sum(b and not a for a, b in zip(champion, candidate, strict=True)),
        lost=sum(a and not b for a, b in zip(champion, candidate, strict=True)),
    )


def _sliced(pairs: Sequence[Pair], names: Callable[[Pair], Collection[str]]) -> dict[str, Slice]:
    slices: dict[str, list[Pair]] = defaultdict(list)
    for pair in pairs:
        for name in names(pair):
            slices[name].append(pair)
    return {name: _slice(those) for name, those in sorted(slices.items())}


def _wrong(judged: Iterable[Judged]) -> int:
    return sum(row.answered and not row.right for row in judged)
