"""Compares a message with passages by the vectors of an encoder: the whole of it, and its sentence that comes closest."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from services.domain.articles import Passage
from services.drafting import tokenization
from services.runtime.encoder import Encoder, Vectors

BEGINNING = 1200
"""Characters of a message that are compared as a whole: what it is about stands there."""
SENTENCES, SHORTEST = 12, 4
"""How many of its sentences are compared by themselves, and from how many words on."""


@dataclass(frozen=True)
class Closeness:
    """The cosines of every passage with a message and with its closest sentence."""

    message: Vectors
    sentence: Vectors

    @property
    def fit(self) -> Vectors:
        """Both together."""
        return np.asarray((self.message + self.sentence) / 2)


class Meanings:
    """The passages' vectors, asked for once; while the encoder does not answer there are none, and words alone decide."""

    def __init__(self, passages: Sequence[Passage], encoder: Encoder) -> None:
        self._encoder = encoder
        self._texts = [f"{p.title}. {p.asked_as.replace(chr(10), ', ')}. {p.heading}. {p.text}" for p in passages]
        self._vectors = encoder.vectors(self._texts)

    def closeness(self, text: str) -> Closeness | None:
        """How close each passage is; None where the encoder gave no answer."""
        if self._vectors is None:
            self._vectors = self._encoder.vectors(self._texts)
        sentences = [s for s in tokenization.sentences(text) if len(s.split()) >= SHORTEST][:SENTENCES]
        vectors = self._encoder.vectors([text[:BEGINNING], *sentences]) if self._vectors is not None else None
        if self._vectors is None or vectors is None:
            return None
        cosines = self._vectors @ vectors.T
        return Closeness(cosines[:, 0], cosines.max(axis=1))
