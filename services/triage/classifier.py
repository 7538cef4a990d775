"""A linear classifier that knows how sure it is: one product for a whole batch, and exact reasons."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.special import expit, log_softmax

from schemas.requests_triaged import Alternative, Term
from services.triage.features import HashedNgrams, WordWeights

SHOWN_TERMS = 8
SHOWN_ALTERNATIVES = 3
SMOOTHING_ROWS = 10.0  # a category's own precision counts once it has as many held-out rows as this

Scores = NDArray[np.float64]


@dataclass(frozen=True)
class Prediction:
    """`confidence` is calibrated; `answered` says that it is above the category's own threshold."""

    category: str
    confidence: float
    alternatives: list[Alternative]
    answered: bool


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
    known = np.log1p(np.diff(rows.indptr))
    return np.column_stack([odds, np.minimum(lead, 10), known])


@dataclass(frozen=True)
class Classifier:
    """Features, one weight for each column and category, and trust in the result.

    A blend of linear models, each at its own temperature, is again one linear model: that is what `weights` holds.
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
        """The scores of every category before they become probabilities."""
        return np.asarray(rows @ self.weights, dtype=np.float64) + self.biases

    def predict(self, texts: Sequence[str], languages: Sequence[str] | None = None) -> list[Prediction]:  # noqa: ARG002
        """One prediction a text. The features carry the language: what was detected is for models that want it."""
        if not texts:
            return []
        rows = self.features.transform(texts)
        logits = self.logits(rows)
        chances = np.exp(log_softmax(logits, axis=1))
        confidence = self.trust.confidence(logits, rows)
        order = np.argsort(-logits, axis=1, kind="stable")[:, : SHOWN_ALTERNATIVES + 1]
        return [self._prediction(best, chance, float(sure)) for best, chance, sure in zip(order.tolist(), chances, confidence, strict=True)]

    def explain(self, texts: Sequence[str], categories: Sequence[str]) -> list[list[Term]]:
        """The words of each text that spoke for the category, strongest first: what they added to its log-odds."""
        known = [row for row, category in enumerate(categories) if category in self._numbers]
        terms: list[list[Term]] = [[] for _ in texts]
        choices = np.array([self._numbers[categories[row]] for row in known], dtype=np.int64)
        asked = [texts[row] for row in known]
        for words in self.features.word_weights(asked, choices, self._against_mean):
            for row, start, end, weight in _strongest(words):
                terms[known[row]].append(Term(term=asked[row][start:end], weight=round(weight, 4)))
        return terms

    def word_weights(self, text: str, category: str) -> list[tuple[int, int, float]]:
        """Start, end and weight of every word, in their order: all together, and the bias, are what set the category apart."""
        choices = np.array([self._numbers[category]])
        return [
            (int(start), int(end), float(weight))
            for words in self.features.word_weights([text], choices, self._against_mean)
            for start, end, weight in zip(words.starts, words.ends, words.weights, strict=True)
        ]

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return {category: number for number, category in enumerate(self.categories)}

    @cached_property
    def _against_mean(self) -> NDArray[np.float32]:
        """One row for each category: by how much each column sets it apart from the mean of all."""
        return np.ascontiguousarray((self.weights - self.weights.mean(axis=1, keepdims=True)).T)

    def _prediction(self, best: list[int], chances: Scores, sure: float) -> Prediction:
        category = self.categories[best[0]]
        # The first category has the calibrated confidence: what is left is shared out among the others as they stand.
        rest = (1 - sure) / max(1 - float(chances[best[0]]), 1e-9)
        others = [
            Alternative(category=self.categories[other], probability=min(max(float(chances[other]) * rest, 0.0), 1.0)) for other in best[1:]
        ]
        return Prediction(category, sure, others, sure >= self.thresholds.get(category, 1.0))


def _strongest(words: WordWeights) -> Iterator[tuple[int, int, int, float]]:
    """Row, place and summed weight of the words that spoke for it: each word once, where it stands first."""
    keys = (words.rows.astype(np.uint64) << np.uint64(32)) | words.alike
    _, first, group = np.unique(keys, return_index=True, return_inverse=True)
    total = np.bincount(group, weights=words.weights, minlength=len(first))
    for_it = np.flatnonzero(total > 0)
    order = for_it[np.lexsort((-total[for_it], words.rows[first[for_it]]))]
    rows = words.rows[first[order]]
    begins = np.searchsorted(rows, rows)
    shown = np.flatnonzero(np.arange(len(rows)) - begins < SHOWN_TERMS)
    at = first[order[shown]]
    yield from zip(rows[shown].tolist(), words.starts[at].tolist(), words.ends[at].tolist(), total[order[shown]].tolist(), strict=True)


def thresholds_for(
    precision: float, predicted: NDArray[np.int64], confidence: Scores, labels: NDArray[np.int64], categories: Sequence[str]
) -> dict[str, float]:
    """For each category the lowest confidence down to which held-out rows were right often enough, few rows leaning on confidence."""
    found: dict[str, float] = {}
    for index, category in enumerate(categories):
        own = np.flatnonzero(predicted == index)
        own = own[np.argsort(-confidence[own], kind="stable")]
        sure = confidence[own]
        count = np.arange(1, len(own) + 1)
        right = np.cumsum(labels[own] == index)
        expected = np.cumsum(sure) / count
        smoothed = (right + SMOOTHING_ROWS * expected) / (count + SMOOTHING_ROWS)
        enough = np.flatnonzero(smoothed >= precision)
        found[category] = float(sure[enough[-1]]) if len(enough) else min(1.0, precision + 0.1)
    return found
