"""Trains the second stage of a classifier: a linear model over vectors, blended with n-grams and calibrated with them on held-out rows."""

import hashlib
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.svm import LinearSVC

from services.runtime.encoder import Encoder, Vectors
from services.runtime.errors import Unavailable
from services.triage.classification import evaluation
from services.triage.classification.classifier import Classifier
from services.triage.classification.examples import Example
from services.triage.classification.meaning_stage import MeaningStage, encoded_part, lead
from services.triage.classification.trust import Scores
from services.triage.classification.trust_fitting import Labels, best_temperature, fitted_trust, spread, thresholds_for

GATE = 1.0
"""The lead of the n-grams' first category, in log-odds, from which no vector is asked for."""
STRENGTH = 0.3
SHARE = 0.5
"""What vectors count against n-grams. As much (1.0) gives half a point of macro F1 on five real sets, and answers less at 95 %."""
MOST_ENCODED = 20_000
_AT_ONCE = 256
_PILOT_ROWS = 100


class SilentEncoder(Unavailable):
    """The encoder that training was told to use gave no vectors."""


@dataclass(frozen=True)
class HeldOut:
    """What n-grams say of rows that they had not seen: scores (rows, categories); confidence, labels and folds (rows,)."""

    rows: Sequence[Example]
    matrix: csr_matrix
    logits: Scores
    confidence: NDArray[np.float64]
    labels: Labels
    fold: Labels

    def only(self, rows: Labels) -> "HeldOut":
        """Of these rows alone."""
        examples = [self.rows[row] for row in rows.tolist()]
        return HeldOut(examples, self.matrix[rows], self.logits[rows], self.confidence[rows], self.labels[rows], self.fold[rows])


def affordable(encoder: Encoder, rows: Sequence[Example], budget_seconds: float | None) -> int:
    """How many rows can be encoded in half of the budget, judged by a few of them. Raises SilentEncoder."""
    if budget_seconds is None or len(rows) <= _PILOT_ROWS:
        return MOST_ENCODED
    began = time.perf_counter()
    encoded(encoder, rows[:: len(rows) // _PILOT_ROWS][:_PILOT_ROWS])
    return min(MOST_ENCODED, max(int(budget_seconds / 2 / (time.perf_counter() - began) * _PILOT_ROWS), 2 * _PILOT_ROWS))


def encoded(encoder: Encoder, rows: Sequence[Example]) -> Vectors:
    """The vectors of these rows, (rows, width). Raises SilentEncoder."""
    parts: list[Vectors] = []
    for start in range(0, len(rows), _AT_ONCE):
        vectors = encoder.vectors([encoded_part(row.text) for row in rows[start : start + _AT_ONCE]])
        if vectors is None:
            raise SilentEncoder(f"the encoder {encoder.name} gave no vectors: see the log for why, or train without it", field="--encoder")
        parts.append(vectors)
    return np.concatenate(parts)


def with_second_stage(
    classifier: Classifier, encoder: Encoder, held_out: HeldOut, described: Sequence[Example], seed: int, gate: float = GATE
) -> Classifier:
    """The classifier with a second stage, where that does better on the rows that were held out; its facts say so either way.

    `described` is taught and never held out. Raises SilentEncoder.
    """
    categories, precision = classifier.categories, classifier.facts["wanted_precision"]
    stage, logits, confidence = _second_stage(encoder, held_out, described, categories, precision, seed, gate)
    by_words = evaluation.figures(
        evaluation.judged(held_out.rows, held_out.logits.argmax(axis=1), held_out.confidence, classifier.thresholds, categories)
    )
    both = evaluation.held_out_facts(evaluation.judged(held_out.rows, logits.argmax(axis=1), confidence, stage.thresholds, categories))
    pays = both["accuracy"] + both["macro_f1"] > by_words.accuracy + by_words.macro_f1
    asked = round(float(stage.unsure(held_out.logits).mean()), 4)
    facts = {"name": encoder.name, "kept": pays, "rows": len(held_out.rows), "asked": asked, "by_words": asdict(by_words)}
    if not pays:
        return replace(classifier, facts={**classifier.facts, "encoder": facts | {"with_meaning": both["accuracy"]}})
    version = hashlib.blake2b(f"{classifier.version} {encoder.name}".encode() + stage.weights.tobytes(), digest_size=6).hexdigest()
    facts = {**classifier.facts, "encoder": facts, "held_out": both}
    return replace(classifier, version=version, facts=facts, meaning=stage).reading_with(encoder)


def _second_stage(
    encoder: Encoder, held_out: HeldOut, described: Sequence[Example], categories: Sequence[str], precision: float, seed: int, gate: float
) -> tuple[MeaningStage, Scores, NDArray[np.float64]]:
    """The stage, and the scores (rows, categories) and confidence (rows,) of both stages together on rows that neither had seen."""
    labels, width = held_out.labels, len(categories)
    described_labels = np.array([categories.index(row.category) for row in described])
    every, every_label = encoded(encoder, [*held_out.rows, *described]), np.concatenate([labels, described_labels])
    vectors = every[: len(labels)]
    fold = np.concatenate([held_out.fold, np.full(len(described), -1)])
    scores = np.zeros((len(labels), width))
    for part in range(int(held_out.fold.max()) + 1):
        weights, biases = _fitted(every[fold != part], every_label[fold != part], width, seed)
        own = held_out.fold == part
        scores[own] = vectors[own] @ weights + biases
    scale = SHARE / best_temperature(scores, labels)
    both = held_out.logits + scale * scores
    temperature = best_temperature(both, labels)
    both /= temperature
    unsure = lead(held_out.logits) < gate
    logits, confidence = held_out.logits.copy(), held_out.confidence.copy()
    trust = fitted_trust(both[unsure], held_out.matrix[unsure], labels[unsure])
    logits[unsure], confidence[unsure] = both[unsure], trust.confidence(both[unsure], held_out.matrix[unsure])
    thresholds = thresholds_for(precision, logits.argmax(axis=1), confidence, labels, categories)
    weights, biases = (np.asarray(scale * part, dtype=np.float32) for part in _fitted(every, every_label, width, seed))
    return MeaningStage(encoder.name, weights, biases, temperature, gate, trust, thresholds), logits, confidence


def _fitted(vectors: Vectors, labels: Labels, width: int, seed: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """A margin for each category against all others: (columns, categories) and (categories,)."""
    model = LinearSVC(C=STRENGTH, tol=0.05, class_weight="balanced", random_state=seed).fit(vectors, labels)
    return spread(model.coef_.T, np.atleast_1d(model.intercept_), model.classes_, width)
