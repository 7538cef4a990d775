"""Classifies texts: a calibrated linear model over n-grams, one matrix product for a whole batch, with the exact weight of every word."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.special import log_softmax

from schemas.requests_triaged import Alternative
from services.runtime.encoder import Encoder
from services.triage.classification.features import HashedNgrams, WordWeights
from services.triage.classification.meaning_stage import MeaningStage
from services.triage.classification.trust import Scores, Trust

SHOWN_REASONS = 8
MAX_PLACES = 20
"""Of each reason: after twenty marks a reader knows, and a hostile message can't make its event grow."""
SHOWN_ALTERNATIVES = 3


@dataclass(frozen=True)
class Prediction:
    """`confidence` is calibrated; `answered` says that it is above the category's own threshold.

    `by_words` is what n-grams alone would have said, where the meaning of the text changed that.
    """

    category: str
    confidence: float
    alternatives: list[Alternative]
    answered: bool
    by_words: str | None = None


@dataclass(frozen=True)
class Reason:
    """A word that spoke for the category: what it added to its log-odds, and where it stands in the text, end excluded."""

    weight: float
    places: list[tuple[int, int]]


@dataclass(frozen=True)
class Classifier:
    """Features, one weight for each column and category, and trust in the result.

    A blend of linear models, each at its own temperature, is again one linear model: that is what `weights` (columns, categories) and
    `biases` (categories,) hold. `trust` and `thresholds` are those of n-grams alone; where there is a second stage and its `encoder`
    answers, it decides what they are unsure of.
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
    meaning: MeaningStage | None = field(default=None, repr=False)
    encoder: Encoder | None = field(default=None, repr=False, compare=False)

    def reading_with(self, encoder: Encoder | None) -> Self:
        """The same with the encoder that its second stage has learnt from; without it n-grams decide alone."""
        fits = self.meaning is not None and encoder is not None and encoder.name == self.meaning.encoder_name
        return replace(self, encoder=encoder if fits else None)

    @property
    def missing_encoder(self) -> str | None:
        """The name of the encoder that the model asks for and has not got."""
        return self.meaning.encoder_name if self.meaning and not self.encoder else None

    def logits(self, rows: csr_matrix) -> Scores:
        """The scores of every category before they become probabilities: (texts, categories), of rows (texts, columns)."""
        return np.asarray(rows @ self.weights, dtype=np.float64) + self.biases

    def predict(
        self,
        texts: Sequence[str],
        languages: Sequence[str] | None = None,  # noqa: ARG002
        by_words_alone: Collection[int] = (),
    ) -> list[Prediction]:
        """One prediction a text; `by_words_alone` numbers those that no encoder may see.

        The features carry the language: what was detected is for models that want it.
        """
        if not texts:
            return []
        return self._predictions(self.features.transform(texts), texts, by_words_alone)

    def explained(self, texts: Sequence[str], by_words_alone: Collection[int] = ()) -> list[tuple[Prediction, list[Reason]]]:
        """The same with the words that spoke for the category, strongest first. `by_words_alone` numbers texts that no encoder may see."""
        explanations: list[tuple[Prediction, list[Reason]]] = []
        for read in self.features.read(texts):
            predictions = self._predictions(read.matrix, read.texts, {number - read.start for number in by_words_alone})
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

    def _predictions(self, rows: csr_matrix, texts: Sequence[str], by_words_alone: Collection[int]) -> list[Prediction]:
        logits = self.logits(rows)
        confidence = self.trust.confidence(logits, rows)
        by_words = logits.argmax(axis=1)
        thresholds = [self.thresholds] * len(texts)
        if self.meaning and self.encoder:
            seen = [number for number in range(len(texts)) if number not in by_words_alone]
            close = self.meaning.unsure(logits)
            unsure = [number for number in seen if close[number]]
            vectors = self.meaning.read(self.encoder, [texts[number] for number in unsure]) if unsure else None
            if vectors is not None:
                logits[unsure], confidence[unsure] = self.meaning.decide(logits[unsure], rows[unsure], vectors)
            if vectors is not None or not unsure:
                for number in seen:
                    thresholds[number] = self.meaning.thresholds
        chances = np.exp(log_softmax(logits, axis=1))
        order = np.argsort(-logits, axis=1, kind="stable")[:, : SHOWN_ALTERNATIVES + 1]
        return [
            self._prediction(best, chance, float(sure), words, floors)
            for best, chance, sure, words, floors in zip(order.tolist(), chances, confidence, by_words.tolist(), thresholds, strict=True)
        ]

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return {category: number for number, category in enumerate(self.categories)}

    @cached_property
    def _against_mean(self) -> NDArray[np.float32]:
        """(categories, columns): by how much each column sets a category apart from the mean of all."""
        return np.ascontiguousarray((self.weights - self.weights.mean(axis=1, keepdims=True)).T)

    def _prediction(self, best: list[int], chances: Scores, sure: float, by_words: int, thresholds: Mapping[str, float]) -> Prediction:
        category = self.categories[best[0]]
        # The first category has the calibrated confidence: what is left is shared out among the others as they stand.
        rest = (1 - sure) / max(1 - float(chances[best[0]]), 1e-9)
        others = [
            Alternative(category=self.categories[other], probability=min(max(float(chances[other]) * rest, 0.0), 1.0)) for other in best[1:]
        ]
        changed = self.categories[by_words] if by_words != best[0] else None
        return Prediction(category, sure, others, sure >= thresholds.get(category, 1.0), changed)


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
