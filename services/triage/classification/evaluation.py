"""Evaluates a classifier on labelled rows: accuracy, calibration and coverage in one report, the same for every set and model."""

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from services.triage.classification.classifier import Prediction
from services.triage.classification.examples import Example

BINS = 15
LOOK_UP_ROWS = 256  # texts asked at a time, as a busy service asks


class Predicts(Protocol):
    """All that is asked of what is measured."""

    def predict(self, texts: Sequence[str], languages: Sequence[str] | None = None) -> list[Prediction]:
        """One prediction a text."""


@dataclass(frozen=True)
class Labelled:
    """A message and every category that would be right."""

    text: str
    categories: tuple[str, ...]
    language: str | None = None


@dataclass(frozen=True)
class Judged:
    """One row after the fact: what was said, how sure, and the label it is held against."""

    label: str
    predicted: str
    confidence: float
    answered: bool
    language: str

    @property
    def right(self) -> bool:
        """Whether the first category was it."""
        return self.predicted == self.label


@dataclass(frozen=True)
class Figures:
    """What is said of all rows, and of those of one language. `answered` is the share above its category's threshold."""

    n: int
    accuracy: float
    macro_f1: float
    ece: float
    coverage_at_95: float
    coverage_at_90: float
    answered: float
    answered_precision: float


@dataclass(frozen=True)
class CategoryFigures:
    """Of one category; `n` counts the rows whose label it is."""

    n: int
    precision: float
    recall: float
    f1: float


@dataclass(frozen=True)
class Report:
    """All that `parvis evaluate` prints."""

    overall: Figures
    by_language: dict[str, Figures]
    by_category: dict[str, CategoryFigures]
    texts_per_second: float

    def as_json(self) -> dict[str, Any]:
        """Render for programs: the figures of all rows stand at the top level."""
        return {
            **asdict(self.overall),
            "by_language": {language: asdict(figures) for language, figures in self.by_language.items()},
            "by_category": {category: asdict(figures) for category, figures in self.by_category.items()},
            "texts_per_second": self.texts_per_second,
        }

    def as_text(self) -> str:
        """Render for people: all, each language, and each category that has rows, the weakest first."""
        heads = ["", "rows", "accuracy", "macro F1", "ECE", "cover@95", "cover@90", "answered", "of them right"]
        rows = [heads, _cells("all", self.overall), *(_cells(name, figures) for name, figures in self.by_language.items())]
        asked = sorted((f for f in self.by_category.items() if f[1].n), key=lambda pair: (pair[1].f1, pair[0]))
        labels = [["category", "rows", "precision", "recall", "F1"]]
        labels += [[name, str(f.n), f"{f.precision:.1%}", f"{f.recall:.1%}", f"{f.f1:.1%}"] for name, f in asked]
        return f"{_table(rows)}\n\n{_table(labels)}\n\n{self.texts_per_second:,.0f} texts a second"


def evaluate(classifier: Predicts, rows: "Sequence[Example | Labelled]") -> Report:
    """Predicts every row and compares. A row with several categories is right by any."""
    asked = [row if isinstance(row, Labelled) else Labelled(row.text, (row.category, *row.also), row.language) for row in rows]
    predictions: list[Prediction] = []
    started = time.perf_counter()
    for start in range(0, len(asked), LOOK_UP_ROWS):
        part = asked[start : start + LOOK_UP_ROWS]
        predictions += classifier.predict([row.text for row in part], [row.language or "und" for row in part])
    seconds = time.perf_counter() - started
    return report(
        [
            # Where one of several is hit, that one is the label; else the first.
            Judged(
                p.category if p.category in row.categories else row.categories[0],
                p.category,
                p.confidence,
                p.answered,
                row.language or "und",
            )
            for p, row in zip(predictions, asked, strict=True)
        ],
        texts_per_second=len(asked) / max(seconds, 1e-9),
    )


def judged(
    rows: Sequence[Example],
    predicted: NDArray[np.int64],
    confidence: NDArray[np.float64],
    thresholds: Mapping[str, float],
    categories: Sequence[str],
) -> list[Judged]:
    """The rows after the fact: `predicted` and `confidence` are (rows,)."""
    return [
        Judged(row.category, name, float(sure), bool(sure >= thresholds[name]), row.language or "und")
        for row, name, sure in zip(rows, [categories[best] for best in predicted], confidence, strict=True)
    ]


def report(judged: Sequence[Judged], texts_per_second: float = 0.0) -> Report:
    """Every figure of rows that were judged already."""
    languages = sorted({row.language for row in judged})
    return Report(
        overall=figures(judged),
        by_language={language: figures([row for row in judged if row.language == language]) for language in languages},
        by_category=by_category(judged),
        texts_per_second=round(texts_per_second, 1),
    )


def figures(judged: Sequence[Judged]) -> Figures:
    """The figures of these rows; macro F1 is the mean over the categories that are a label of one of them."""
    if not judged:
        return Figures(0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    right = np.array([row.right for row in judged])
    confidence = np.array([row.confidence for row in judged])
    answered = np.array([row.answered for row in judged])
    f1 = [category.f1 for category in by_category(judged).values() if category.n]
    return Figures(
        n=len(judged),
        accuracy=_rounded(right.mean()),
        macro_f1=_rounded(np.mean(f1)),
        ece=_rounded(ece(confidence, right)),
        coverage_at_95=_rounded(coverage_at(0.95, confidence, right)),
        coverage_at_90=_rounded(coverage_at(0.90, confidence, right)),
        answered=_rounded(answered.mean()),
        answered_precision=_rounded(right[answered].mean()) if answered.any() else 0.0,
    )


def by_category(judged: Sequence[Judged]) -> dict[str, CategoryFigures]:
    """Precision, recall and F1 of every category that was meant or said."""
    meant = Counter(row.label for row in judged)
    predicted = Counter(row.predicted for row in judged)
    hit = Counter(row.label for row in judged if row.right)
    figures_by_category: dict[str, CategoryFigures] = {}
    for name in sorted(meant | predicted):
        precision = hit[name] / predicted[name] if predicted[name] else 0.0
        recall = hit[name] / meant[name] if meant[name] else 0.0
        f1 = 2 * precision * recall / (precision + recall) if hit[name] else 0.0
        figures_by_category[name] = CategoryFigures(meant[name], _rounded(precision), _rounded(recall), _rounded(f1))
    return figures_by_category


@dataclass(frozen=True)
class Bin:
    """The rows of one span of confidence: how many, how sure on average, and how many of them right."""

    n: int
    confidence: float
    accuracy: float


def bins(confidence: NDArray[np.float64], right: NDArray[np.bool_]) -> list[Bin]:
    """15 spans of equal width, the empty ones left out. `confidence` and `right` are (rows,), here and below."""
    own = np.minimum((confidence * BINS).astype(int), BINS - 1)
    return [
        Bin(int(chosen.sum()), _rounded(confidence[chosen].mean()), _rounded(right[chosen].mean()))
        for chosen in (own == number for number in range(BINS))
        if chosen.any()
    ]


def ece(confidence: NDArray[np.float64], right: NDArray[np.bool_]) -> float:
    """Expected calibration error: the mean gap between confidence and accuracy over the bins, by their rows."""
    own = np.minimum((confidence * BINS).astype(int), BINS - 1)
    gaps = np.bincount(own, weights=confidence - right, minlength=BINS)
    return float(np.abs(gaps).sum() / max(len(right), 1))


def coverage_at(precision: float, confidence: NDArray[np.float64], right: NDArray[np.bool_]) -> float:
    """The largest share, taken by falling confidence, of which so many are right. Rows of equal confidence go together."""
    enough = [share for share, reached in precision_curve(confidence, right) if reached >= precision]
    return enough[-1] if enough else 0.0


def precision_curve(confidence: NDArray[np.float64], right: NDArray[np.bool_]) -> list[tuple[float, float]]:
    """(share answered, precision) for every confidence that a threshold could be set at, falling."""
    if not len(right):
        return []
    order = np.argsort(-confidence, kind="stable")
    count = np.arange(1, len(order) + 1)
    reached = np.cumsum(right[order]) / count
    ordered = confidence[order]
    ends = np.flatnonzero(np.append(ordered[1:] != ordered[:-1], True))
    return [(float(count[end] / len(order)), float(reached[end])) for end in ends]


def held_out_facts(judged: Sequence[Judged]) -> dict[str, Any]:
    """Everything that the model card shows of rows that the judging model had not seen."""
    facts = report(judged).as_json()
    del facts["texts_per_second"]
    confidence = np.array([row.confidence for row in judged])
    right = np.array([row.right for row in judged])
    curve = precision_curve(confidence, right)
    shown = np.unique(np.linspace(0, len(curve) - 1, min(len(curve), 100)).astype(int))
    confused = Counter((row.label, row.predicted) for row in judged)
    return {
        **facts,
        "calibration": [asdict(bin_) for bin_ in bins(confidence, right)],
        "coverage": [[round(share, 4), round(reached, 4)] for share, reached in (curve[at] for at in shown)],
        "confused": [[label, predicted, count] for (label, predicted), count in sorted(confused.items())],
    }


def _cells(name: str, f: Figures) -> list[str]:
    shares = (f.accuracy, f.macro_f1, f.ece, f.coverage_at_95, f.coverage_at_90, f.answered, f.answered_precision)
    return [name, str(f.n), *(f"{share:.1%}" for share in shares)]


def _table(rows: Sequence[Sequence[str]]) -> str:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if column == 0 else cell.rjust(width) for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    )


def _rounded(value: float | np.floating[Any]) -> float:
    return round(float(value), 4)
