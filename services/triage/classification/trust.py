"""How far a classifier's first category can be trusted: confidence from the shape of the scores. Pure."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.special import expit, log_softmax

Scores = NDArray[np.float64]
"""(texts, categories) where nothing else is said."""


EVIDENCE = 3
"""How many numbers speak for or against a first category: columns of `evidence`."""


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
