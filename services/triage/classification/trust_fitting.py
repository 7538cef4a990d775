"""Learns how far a classifier can be trusted, from rows held out: temperature, confidence and each category's threshold. Pure."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.sparse import csr_matrix
from scipy.special import log_softmax
from sklearn.linear_model import LogisticRegression

from services.triage.classification.trust import Scores, Trust, evidence

SMOOTHING_ROWS = 10.0  # a category's own precision counts once it has as many held-out rows as this

Labels = NDArray[np.int64]
"""(rows,): the number of the category of each."""
Fitted = tuple[NDArray[np.float32], NDArray[np.float32]]
"""One weight for each column and category, (columns, categories), and one bias for each category, (categories,)."""


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


def spread(weights: NDArray[np.float64], biases: NDArray[np.float64], labels: Labels, width: int) -> Fitted:
    """Brings a model, (columns, labels) and (labels,), to all `width` categories.

    Those that its rows did not have get a score below the others.
    """
    if weights.shape[1] == 1:
        weights, biases = np.hstack([-weights, weights]), np.hstack([-biases, biases])
    whole = np.zeros((weights.shape[0], width), dtype=np.float32)
    whole[:, labels] = weights
    low = np.full(width, biases.min() - 1, dtype=np.float32)
    low[labels] = biases
    return whole, low


def best_temperature(scores: NDArray[Any], labels: Labels) -> float:
    """The one number by which scores (rows, categories) must be divided to be the best log-probabilities."""
    at = np.arange(len(labels))

    def loss(log_temperature: float) -> float:
        return -float(log_softmax(scores / np.exp(log_temperature), axis=1)[at, labels].mean())

    return float(np.exp(minimize_scalar(loss, bounds=(-9, 5), method="bounded", options={"xatol": 0.02}).x))


def fitted_trust(logits: Scores, rows: csr_matrix, labels: Labels) -> Trust:
    """Trust learnt from the scores (rows, categories) of held-out rows, their cells and labels."""
    right = logits.argmax(axis=1) == labels
    if right.all() or not right.any():
        return Trust((1.0, 0.0, 0.0), 0.0)
    model = LogisticRegression(C=1.0, max_iter=200).fit(evidence(logits, rows), right)
    return Trust(tuple(float(c) for c in model.coef_[0]), float(model.intercept_[0]))
