"""The second stage of a classifier: what n-grams are unsure of is decided by them and the meaning of the text together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from services.runtime.encoder import Encoder, Vectors
from services.triage.classification.text_page import without_placeholders
from services.triage.classification.trust import Scores, Trust

READ = 600
"""Characters of a text that are encoded: what it is about stands there. 4,000 do no better and cost up to twice as much."""


@dataclass(frozen=True)
class MeaningStage:
    """One linear model over vectors, whose scores are added to those of the n-grams, and trust in what comes of it.

    `weights` are (width of a vector, categories), `biases` (categories,). `gate` is the lead of the first category on the second, in
    log-odds, from which n-grams decide alone; `thresholds` are those of both stages together.
    """

    encoder_name: str
    weights: NDArray[np.float32] = field(repr=False)
    biases: NDArray[np.float32] = field(repr=False)
    temperature: float
    gate: float
    trust: Trust
    thresholds: Mapping[str, float] = field(repr=False)

    def unsure(self, logits: Scores) -> NDArray[np.bool_]:
        """Which texts vectors are asked for: (texts,), of the n-grams' scores (texts, categories)."""
        return lead(logits) < self.gate

    def read(self, encoder: Encoder, texts: Sequence[str]) -> Vectors | None:
        """The vectors, (texts, width); None where there are none, or none of the kind that this model has learnt from."""
        vectors = encoder.vectors([encoded_part(text) for text in texts])
        return vectors if vectors is not None and vectors.shape[1] == len(self.weights) else None

    def decide(self, logits: Scores, rows: csr_matrix, vectors: Vectors) -> tuple[Scores, Scores]:
        """The scores of both stages, (texts, categories), and the confidence in the first category, (texts,)."""
        both: Scores = np.asarray((logits + vectors @ self.weights + self.biases) / self.temperature, dtype=np.float64)
        return both, self.trust.confidence(both, rows)


def lead(logits: Scores) -> NDArray[np.float64]:
    """By how much the first category leads, (texts,), of scores (texts, categories)."""
    first_two = np.partition(logits, -2, axis=1)[:, -2:]
    return np.asarray(first_two[:, 1] - first_two[:, 0])


def encoded_part(text: str) -> str:
    """What an encoder gets of a text: its beginning, without the placeholders of personal details."""
    return " ".join(without_placeholders(text[: 2 * READ]).split())[:READ]
