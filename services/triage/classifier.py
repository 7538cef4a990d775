"""A linear classifier that knows how sure it is: one product for a whole batch, and exact reasons."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.special import expit, log_softmax

from schemas.requests_triaged import Alternative, Term
from services.triage.features import HashedNgrams

SHOWN_TERMS = 8
SHOWN_ALTERNATIVES = 3

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
    weights: NDArray[np.float32]
    biases: NDArray[np.float32]
    trust: Trust
    thresholds: Mapping[str, float]

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
        return [
            self._terms(text, self.categories.index(category)) if category in self.categories else []
            for text, category in zip(texts, categories, strict=True)
        ]

    def _prediction(self, best: list[int], chances: Scores, sure: float) -> Prediction:
        category = self.categories[best[0]]
        # The first category has the calibrated confidence: what is left is shared out among the others as they stand.
        rest = (1 - sure) / max(1 - float(chances[best[0]]), 1e-9)
        others = [
            Alternative(category=self.categories[other], probability=min(max(float(chances[other]) * rest, 0.0), 1.0)) for other in best[1:]
        ]
        return Prediction(category, sure, others, sure >= self.thresholds.get(category, 1.0))

    def _terms(self, text: str, category: int) -> list[Term]:
        against_all = self.weights[:, category] - self.weights.mean(axis=1)
        total: dict[str, float] = {}
        for place in self.features.places(text, against_all):
            word = text[place.start : place.end]
            total[word] = total.get(word, 0.0) + place.weight
        strongest = sorted((pair for pair in total.items() if pair[1] > 0), key=lambda pair: -pair[1])[:SHOWN_TERMS]
        return [Term(term=word, weight=round(weight, 4)) for word, weight in strongest]
