"""Classifies texts: a calibrated linear model over n-grams, one matrix product for a whole batch, with the exact weight of every word."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.special import expit, log_softmax

from schemas.requests_triaged import Alternative
from services.triage.classification.features import HashedNgrams, WordWeights

SHOWN_REASONS = 8
MAX_PLACES = 20
"""Of each reason: after twenty marks a reader knows, and a hostile message can't make its event grow."""
SHOWN_ALTERNATIVES = 3
SMOOTHING_ROWS = 10.0  # a category's own precision counts once it has as many held-out rows as this

Scores = NDArray[np.float64]
"""(texts, categories) where nothing else is said."""


@dataclass(frozen=True)
class Prediction:
    """`confidence` is calibrated; `answered` says that it is above the category's own threshold."""

    category: str
    confidence: float
    alternatives: list[Alternative]
    answered: bool


@dataclass(frozen=True)
class Reason:
    """A word that spoke for the category: what it added to its log-odds, and where it stands in the text, end excluded."""

    weight: float
    places: list[tuple[int, int]]


@dataclass(frozen=True)
class Trust:
    """How likely the first category is right, from the shape of the scores: a logistic regression on held-out rows."""

    coefficients: tuple[float, ...]
    intercept: float

    def confidence(self, logits: Scores, rows: csr_matrix) -> Scores:
        """One probability a row."""
        odds: Scores = evidence(logits, rows) @ np.array(self.coefficients) + self.intercept
        return np.clip(expit(odds), 0.001, 0.999)  # type: ignore[no-any-return]  # SciPy has no types


def evidence(logits: Scores, rows: csr_matrix) -> Scores:
    """What trust is judged by: the first probability, its lead on the second, and how much of the text is known."""
    chances = log_softmax(logits, axis=1)
    ordered = np.sort(chances, axis=1)
    first = np.minimum(ordered[:, -1], -1e-9)
    odds = first - np.log1p(-np.exp(first))
    lead = ordered[:, -1] - ordered[:, -2]
    known_terms = np.log1p(np.diff(rows.indptr))
    return np.column_stack([odds, np.minimum(lead, 10), known_terms])


@dataclass(frozen=True)
class Classifier:
    """Features, one weight for each column and category, and trust in the result.

    A blend of linear models, each at its own temperature, is again one linear model: that is what `weights` (columns, categories) and
    `biases` (categories,) hold.
    """

    version: str
    categories: tuple[str, ...]
    features: HashedNgrams
    weights: NDArray[np.float32] = field(repr=False)
    biases: NDArray[np.float32] = field(repr=False)
    trust: Trust
    thresholds: Mapping[str, float] = field(repr=False)
    facts: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """What training found on the way, as JSON: the recipe, the data, the figures on held-out rows."""

    def logits(self, rows: csr_matrix) -> Scores:
        """The scores of every category before they become probabilities: (texts, categories), of rows (texts, columns)."""
        return np.asarray(rows @ self.weights, dtype=np.float64) + self.biases

    def predict(self, texts: Sequence[str], languages: Sequence[str] | None = None) -> list[Prediction]:  # noqa: ARG002
        """One prediction a text. The features carry the language: what was detected is for models that want it."""
        if not texts:
            return []
        return self._predictions(self.features.transform(texts))

    def explained(self, texts: Sequence[str]) -> list[tuple[Prediction, list[Reason]]]:
        """The same with the words that spoke for the category, strongest first."""
        explanations: list[tuple[Prediction, list[Reason]]] = []
        for read in self.features.read(texts):
            predictions = self._predictions(read.matrix)
            choices = np.array([self._numbers[prediction.category] for prediction in predictions])
            reasons: list[list[Reason]] = [[] for _ in predictions]
            for row, reason in _strongest(read.word_weights(choices, self._against_mean).phrases()):
                reasons[row - read.start].append(reason)
            explanations += zip(predictions, reasons, strict=True)
        return explanations

    def word_weights(self, text: str, category: str) -> list[tuple[int, int, float]]:
        """Start, end and weight of every word, in their order: all together, and the bias, are what set the category apart."""
        choices = np.array([self._numbers[category]])
        every = [read.word_weights(choices, self._against_mean) for read in self.features.read([text])]
        return [
            (int(start), int(end), float(weight))
            for words in every
            for start, end, weight in zip(words.starts, words.ends, words.weights, strict=True)
        ]

    def _predictions(self, rows: csr_matrix) -> list[Prediction]:
        logits = self.logits(rows)
        chances = np.exp(log_softmax(logits, axis=1))
        confidence = self.trust.confidence(logits, rows)
        order = np.argsort(-logits, axis=1, kind="stable")[:, : SHOWN_ALTERNATIVES + 1]
        return [self._prediction(best, chance, float(sure)) for best, chance, sure in zip(order.tolist(), chances, confidence, strict=True)]

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return {category: number for number, category in enumerate(self.categories)}

    @cached_property
    def _against_mean(self) -> NDArray[np.float32]:
        """(categories, columns): by how much each column sets a category apart from the mean of all."""
        return np.ascontiguousarray((self.weights - self.weights.mean(axis=1, keepdims=True)).T)

    def _prediction(self, best: list[int], chances: Scores, sure: float) -> Prediction:
        category = self.categories[best[0]]
        # The first category has the calibrated confidence: what is left is shared out among the others as they stand.
        rest = (1 - sure) / max(1 - float(chances[best[0]]), 1e-9)
        others = [
            Alternative(category=self.categories[other], probability=min(max(float(chances[other]) * rest, 0.0), 1.0)) for other in best[1:]
        ]
        return Prediction(category, sure, others, sure >= self.thresholds.get(category, 1.0))


def _strongest(words: WordWeights) -> Iterator[tuple[int, Reason]]:
    """With its row each word that spoke for it, row by row and strongest first: once, with the weight of all its places."""
    keys = (words.rows.astype(np.uint64) << np.uint64(32)) | words.alike
    order = np.argsort(keys, kind="stable")
    begins = np.flatnonzero(np.diff(keys[order], prepend=~keys[order[:1]]))
    ends = np.append(begins[1:], len(order))
    total = np.add.reduceat(words.weights[order], begins) if len(begins) else np.empty(0)
    rows = words.rows[order[begins]]
    for_it = np.flatnonzero(total > 0)
    ranked = for_it[np.lexsort((begins[for_it], -total[for_it], rows[for_it]))]
    shown = ranked[np.arange(len(ranked)) - np.searchsorted(rows[ranked], rows[ranked]) < SHOWN_REASONS]
    starts, stops = words.starts[order].tolist(), words.ends[order].tolist()
    columns = (rows[shown], begins[shown], np.minimum(ends, begins + MAX_PLACES)[shown], np.round(total, 4)[shown])
    for row, begin, end, weight in zip(*(column.tolist() for column in columns), strict=True):
        yield row, Reason(weight, list(zip(starts[begin:end], stops[begin:end], strict=True)))


def thresholds_for(
    precision: float, predicted: NDArray[np.int64], confidence: Scores, labels: NDArray[np.int64], categories: Sequence[str]
) -> dict[str, float]:
    """For each category the lowest confidence down to which held-out rows were right often enough, few rows leaning on confidence.

    `predicted`, `confidence` and `labels` are (rows,).
    """
    thresholds: dict[str, float] = {}
    for index, category in enumerate(categories):
        own = np.flatnonzero(predicted == index)
        own = own[np.argsort(-confidence[own], kind="stable")]
        sure = confidence[own]
        count = np.arange(1, len(own) + 1)
        right = np.cumsum(labels[own] == index)
        expected = np.cumsum(sure) / count
        smoothed = (right + SMOOTHING_ROWS * expected) / (count + SMOOTHING_ROWS)
        enough = np.flatnonzero(smoothed >= precision)
        thresholds[category] = float(sure[enough[-1]]) if len(enough) else precision  # confidence is calibrated
    return thresholds
