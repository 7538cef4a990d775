"""Says in words what a model that was just trained is worth, and what would make it better, from its figures on held-out rows."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from scipy.stats import binomtest

from services.triage.classification.examples import Example

Worth = Literal["useless", "proposes", "answers"]

CHANCE = 0.001
"""What guessing would show more often than this is no sign that anything was learnt."""
LEAST_GAIN = 0.05
"""Of what guessing gets wrong, a share smaller than this that is right is no use to anybody, however sure it is (Cohen's kappa)."""
LITTLE = 0.05
"""A model that answers less than this share by itself only proposes."""
FEW_ROWS, GOOD_ROWS = 20, 50
"""Of a category. On five real sets its F1 was 0.27 in the mean with fewer rows than the first, 0.42 between them, and 0.56 with up to
100 (`python -m benchmarks.training_verdict`)."""
SHOWN_CONFUSIONS = 5
SHOWN_NAMES = 3
SHOWN_CHARACTERS = 60


@dataclass(frozen=True)
class Confusion:
    """Two categories, how many rows of either were taken for the other, and of how many."""

    first: str
    second: str
    taken: int
    of: int


@dataclass(frozen=True)
class RareCategory:
    """A category with few rows: how many of them were right, and what the others were taken for most."""

    category: str
    rows: int
    right: int
    taken_for: str | None


@dataclass(frozen=True)
class SuspectRow:
    """A label that looks wrong. `row` is as a spreadsheet counts it, or the line of JSONL; None where the row came from no file."""

    row: int | None
    label: str
    looks_like: str
    probability: float
    begins: str
    """The first words, without personal details."""


@dataclass(frozen=True)
class Verdict:
    """`by_chance` is the share that guessing in the same proportions would have right; other shares are of held-out rows."""

    worth: Worth
    rows: int
    accuracy: float
    by_chance: float
    coverage_at_95: float
    coverage_at_90: float
    wanted_precision: float
    answered: float
    answered_precision: float
    confused: list[Confusion]
    rare: list[RareCategory]
    suspect: list[SuspectRow]
    not_in_taxonomy: list[str]

    def as_json(self) -> dict[str, Any]:
        """Render for programs."""
        return asdict(self) | {"summary": self.summary()}

    def summary(self) -> str:
        """What it is worth, in a few sentences."""
        if self.worth == "useless":
            return (
                f"It has learnt nothing: {self.accuracy:.1%} of {self.rows} messages that it had not seen are right, and guessing "
                f"would have {self.by_chance:.1%}. Look whether text and category of a row still belong together, and whether a person "
                "could tell the category from the text alone."
            )
        right = f"{self.accuracy:.1%} of {self.rows} messages that it had not seen are right (guessing: {self.by_chance:.1%})."
        as_set = (
            f"As it is set, {self.wanted_precision:.0%} of its answers are to be right: "
            f"it answers {self.answered:.0%}, and {self.answered_precision:.0%} of these are."
        )
        if self.worth == "proposes":
            return f"It proposes, and answers next to nothing by itself at 95% ({self.coverage_at_95:.0%}). {right} {as_set}"
        return f"It answers {self.coverage_at_95:.0%} by itself at 95%, and {self.coverage_at_90:.0%} at 90%. {right} {as_set}"

    def as_text(self) -> str:
        """Render for people."""
        parts = [self.summary()]
        if self.worth == "useless":
            return parts[0]
        if self.confused:
            parts.append(
                "Confused most:\n"
                + "\n".join(
                    f"- {_printable(pair.first)} and {_printable(pair.second)}: {pair.taken} of {pair.of} messages"
                    for pair in self.confused
                )
                + "\nIf people confuse them too, make them one category; if not, give both more rows that show the difference."
            )
        if self.suspect:
            parts.append(
                "Labels that look wrong, the most doubtful first; put right those that are:\n"
                + "\n".join(
                    f"- {'of no file' if row.row is None else f'row {row.row}'}: {_printable(row.label)}, "
                    f'looks like {_printable(row.looks_like)} ({row.probability:.0%}): "{row.begins}"'
                    for row in self.suspect
                )
            )
        if self.rare:
            parts.append(
                f"Too few rows (fewer than {FEW_ROWS}; from {GOOD_ROWS} on a category is learnt well enough to tell):\n"
                + "\n".join(map(_advice, self.rare))
            )
        if self.not_in_taxonomy:
            names = "; ".join(map(_printable, self.not_in_taxonomy[:SHOWN_NAMES])) + (
                "; ..." if len(self.not_in_taxonomy) > SHOWN_NAMES else ""
            )
            parts.append(
                f"The taxonomy in use does not have {len(self.not_in_taxonomy)} of its categories ({names}). Before the model can be "
                "promoted they must stand in a file for PARVIS_TAXONOMY (`parvis taxonomy check FILE`), under the same names: small "
                "letters, digits and _."
            )
        return "\n\n".join(parts)


def _printable(text: str) -> str:
    """One line that a terminal takes for no command, whatever strangers wrote or a file has for a label."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


def verdict(facts: Mapping[str, Any], rows: Sequence[Example], categories: Collection[str]) -> Verdict:
    """The verdict on a classifier of these `facts`, trained on these rows; `categories` are those of the taxonomy in use."""
    held_out = facts["held_out"]
    confused = [(label, predicted, int(count)) for label, predicted, count in held_out["confused"]]
    meant: Counter[str] = Counter()
    guesses: Counter[str] = Counter()
    right: Counter[str] = Counter()
    for label, predicted, count in confused:
        meant[label] += count
        guesses[predicted] += count
        right[label] += count * (label == predicted)
    total = meant.total()
    by_chance = sum(meant[name] * guesses[name] for name in meant) / total**2
    guessed = float(binomtest(right.total(), total, by_chance, alternative="greater").pvalue) > CHANCE
    gain = (right.total() / total - by_chance) / max(1 - by_chance, 1e-9)
    worth: Worth = "useless" if guessed or gain < LEAST_GAIN else "proposes" if held_out["coverage_at_95"] < LITTLE else "answers"
    return Verdict(
        worth=worth,
        rows=total,
        accuracy=held_out["accuracy"],
        by_chance=round(by_chance, 4),
        coverage_at_95=held_out["coverage_at_95"],
        coverage_at_90=held_out["coverage_at_90"],
        wanted_precision=facts["wanted_precision"],
        answered=held_out["answered"],
        answered_precision=held_out["answered_precision"],
        confused=_pairs(confused, meant),
        rare=_rare(facts["rows_by_category"], confused),
        suspect=[] if worth == "useless" else [_suspect(doubt, rows) for doubt in facts["doubtful_labels"]],
        not_in_taxonomy=sorted({*facts["rows_by_category"]} - {*categories}),
    )


def _pairs(confused: Sequence[tuple[str, str, int]], meant: Mapping[str, int]) -> list[Confusion]:
    taken: Counter[tuple[str, str]] = Counter()
    for label, predicted, count in confused:
        if label != predicted:
            taken[min(label, predicted), max(label, predicted)] += count
    ordered = sorted(taken.items(), key=lambda pair: (-pair[1], pair[0]))
    return [Confusion(*pair, count, meant.get(pair[0], 0) + meant.get(pair[1], 0)) for pair, count in ordered[:SHOWN_CONFUSIONS]]


def _rare(rows_by_category: Mapping[str, int], confused: Sequence[tuple[str, str, int]]) -> list[RareCategory]:
    rare = sorted((count, name) for name, count in rows_by_category.items() if count < FEW_ROWS)
    categories: list[RareCategory] = []
    for rows, name in rare:
        answers = Counter({predicted: count for label, predicted, count in confused if label == name})
        right = answers.pop(name, 0)
        most = answers.most_common(1)
        categories.append(RareCategory(name, rows, right, most[0][0] if most else None))
    return categories


def _advice(rare: RareCategory) -> str:
    joined = f", or make it a part of {_printable(rare.taken_for)}, which it was taken for most" if rare.taken_for else ""
    return f"- {_printable(rare.category)}: {rare.rows}, {rare.right} of them right; label {FEW_ROWS - rare.rows} more at least{joined}"


def _suspect(doubt: Mapping[str, Any], rows: Sequence[Example]) -> SuspectRow:
    row = rows[doubt["row"]]
    shown = _printable(row.text)
    begins = shown if len(shown) <= SHOWN_CHARACTERS else shown[:SHOWN_CHARACTERS].rsplit(" ", 1)[0] + "…"
    return SuspectRow(row.row, doubt["label"], doubt["looks_like"], doubt["probability"], begins)
