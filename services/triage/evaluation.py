"""How good a classifier is on labelled rows: one report, the same for every set and model."""

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from services.triage.classifier import Prediction
from services.triage.training import Example

BINS = 15


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
class Figures:
    """What is said of all rows, and of those of one language."""

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
        """The figures of all rows at the top level."""
        return {
            **asdict(self.overall),
            "by_language": {language: asdict(figures) for language, figures in self.by_language.items()},
            "by_category": {category: asdict(figures) for category, figures in self.by_category.items()},
            "texts_per_second": self.texts_per_second,
        }


def evaluate(classifier: Predicts, rows: Sequence[Example | Labelled]) -> Report:
    """Predicts every row and compares. A row with several categories is right by any."""
    asked = [row if isinstance(row, Labelled) else Labelled(row.text, (row.category,), row.language) for row in rows]
    started = time.perf_counter()
    predictions = classifier.predict([row.text for row in asked], [row.language or "und" for row in asked])
    seconds = time.perf_counter() - started
    judged = [
        # Where one of several is hit, that one is the label; else the first.
        (p, p.category if p.category in row.categories else row.categories[0], row.language or "und")
        for p, row in zip(predictions, asked, strict=True)
    ]
    languages = sorted({language for _, _, language in judged})
    return Report(
        overall=_figures([(p, label) for p, label, _ in judged]),
        by_language={language: _figures([(p, label) for p, label, own in judged if own == language]) for language in languages},
        by_category=_by_category([(p.category, label) for p, label, _ in judged]),
        texts_per_second=round(len(asked) / max(seconds, 1e-9), 1),
    )


def _figures(judged: Sequence[tuple[Prediction, str]]) -> Figures:
    right = np.array([p.category == label for p, label in judged], dtype=bool)
    confidence = np.array([p.confidence for p, _ in judged])
    answered = np.array([p.answered for p, _ in judged], dtype=bool)
    by_category = _by_category([(p.category, label) for p, label in judged])
    seen = [figures.f1 for figures in by_category.values() if figures.n]
    return Figures(
        n=len(judged),
        accuracy=_rounded(right.mean()) if len(judged) else 0.0,
        macro_f1=_rounded(float(np.mean(seen))) if seen else 0.0,
        ece=_rounded(ece(confidence, right)),
        coverage_at_95=_rounded(coverage_at(0.95, confidence, right)),
        coverage_at_90=_rounded(coverage_at(0.90, confidence, right)),
        answered=_rounded(answered.mean()) if len(judged) else 0.0,
        answered_precision=_rounded(right[answered].mean()) if answered.any() else 0.0,
    )


def ece(confidence: NDArray[np.float64], right: NDArray[np.bool_]) -> float:
    """Expected calibration error: the mean gap between confidence and precision over 15 bins of equal width."""
    if not len(right):
        return 0.0
    bins = np.minimum((confidence * BINS).astype(int), BINS - 1)
    gaps = np.bincount(bins, weights=confidence - right, minlength=BINS)
    return float(np.abs(gaps).sum() / len(right))


def coverage_at(precision: float, confidence: NDArray[np.float64], right: NDArray[np.bool_]) -> float:
    """The largest share of rows, taken by falling confidence, of which at least so many are right; equal confidence goes together."""
    if not len(right):
        return 0.0
    order = np.argsort(-confidence, kind="stable")
    hits = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    ends = np.append(confidence[order][1:] != confidence[order][:-1], True)
    enough = np.flatnonzero((hits >= precision) & ends)
    return float((enough[-1] + 1) / len(order)) if len(enough) else 0.0


def _by_category(pairs: Sequence[tuple[str, str]]) -> dict[str, CategoryFigures]:
    found: dict[str, CategoryFigures] = {}
    for category in sorted({name for pair in pairs for name in pair}):
        hit = sum(1 for predicted, label in pairs if predicted == label == category)
        said = sum(1 for predicted, _ in pairs if predicted == category)
        meant = sum(1 for _, label in pairs if label == category)
        precision = hit / said if said else 0.0
        recall = hit / meant if meant else 0.0
        f1 = 2 * precision * recall / (precision + recall) if hit else 0.0
        found[category] = CategoryFigures(meant, _rounded(precision), _rounded(recall), _rounded(f1))
    return found


def _rounded(value: float) -> float:
    return round(float(value), 4)
