"""Finds labels that look wrong: rows of which a model that had not seen them says something else, and is sure (confident learning)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_softmax

SHOWN = 20
SURE = 0.9
"""So sure of another category a model is never by habit, though it be surer still of most rows that have it."""


@dataclass(frozen=True)
class DoubtfulLabel:
    """`row` is the number of the row among those that were given; `looks_like` is what the model says, with its probability."""

    row: int
    label: str
    looks_like: str
    probability: float


def doubtful_labels(
    logits: NDArray[np.float64], labels: NDArray[np.int64], categories: Sequence[str], right_too: Sequence[frozenset[str]] = ()
) -> list[DoubtfulLabel]:
    """At most 20, the most doubtful first. `logits` are (rows, categories) of models that had not seen the row, `labels` (rows,).

    A row counts where another category is as likely as it is, on the mean, of the rows that have it as their label (Northcutt and
    others, 2021). They are ordered by how many times likelier it is than the label, which finds more of the wrong labels that we
    planted than the difference does. `right_too` are other categories of a row that are no mistake.
    """
    log_chances = log_softmax(logits, axis=1)
    at = np.arange(len(labels))
    own = log_chances[at, labels]
    best = log_chances.argmax(axis=1)
    first = log_chances[at, best]
    rows_of = np.bincount(labels, minlength=len(categories))
    usual = np.bincount(labels, weights=np.exp(own), minlength=len(categories)) / np.maximum(rows_of, 1)
    # A category that has no row of its own was described only: nothing is known of how sure it usually is.
    doubtful = np.flatnonzero((best != labels) & (rows_of[best] > 0) & (np.exp(first) >= np.minimum(usual[best], SURE)))
    ordered = doubtful[np.argsort((own - first)[doubtful], kind="stable")]
    listed = [
        DoubtfulLabel(row, categories[labels[row]], categories[best[row]], round(float(np.exp(first[row])), 4)) for row in ordered.tolist()
    ]
    return [doubt for doubt in listed if not right_too or doubt.looks_like not in right_too[doubt.row]][:SHOWN]
