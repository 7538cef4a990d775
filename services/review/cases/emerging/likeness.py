"""Says how much messages have in common, weighed by how rare that is in an agency's own letters. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt

from services.review.cases.emerging.message_terms import Terms

Evidence = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Vector = npt.NDArray[np.float32]

WEEK = timedelta(days=7).total_seconds()
MEANS_THE_SAME = 0.3
"""The cosine of two texts from which on their meanings speak for one matter; below it they are only written in one tone."""
OF_MEANING = 10.0
"""What a cosine of 1 would add above that, in the same measure as the words: as much as one or two rare words in common."""


class Postings:
    """Messages by their terms: what each has in common with another is summed up without reading all of them."""

    def __init__(self, terms: Sequence[Terms], vectors: Sequence[Vector | None] = ()) -> None:
        self.size = len(terms)
        rows = np.repeat(np.arange(self.size, dtype=np.int64), [len(own) for own in terms]) if self.size else np.zeros(0, dtype=np.int64)
        together = np.concatenate(terms) if self.size else np.zeros(0, dtype=np.uint32)
        order = np.argsort(together, kind="stable")
        self._terms, self._rows = together[order], rows[order]
        self._with_vector = np.array([row for row, vector in enumerate(vectors) if vector is not None], dtype=np.int64)
        self._vectors = np.stack([vector for vector in vectors if vector is not None]) if len(self._with_vector) else None

    def having(self, terms: Terms) -> npt.NDArray[np.int64]:
        """In how many messages each of the terms is."""
        return np.searchsorted(self._terms, terms, side="right") - np.searchsorted(self._terms, terms, side="left")

    def with_term(self, term: np.uint32) -> npt.NDArray[np.int64]:
        """The numbers of the messages that have the term."""
        return self._rows[np.searchsorted(self._terms, term, side="left") : np.searchsorted(self._terms, term, side="right")]

    def evidence(self, terms: Terms, weights: Evidence, vector: Vector | None = None) -> Evidence:
        """Of each message the weight of what it shares with these terms, and of how alike they mean, where both have a vector."""
        begins, ends = np.searchsorted(self._terms, terms, side="left"), np.searchsorted(self._terms, terms, side="right")
        shared = np.zeros(self.size)
        for begin, end, weight in zip(begins, ends, weights, strict=True):
            shared[self._rows[begin:end]] += weight
        if vector is not None and self._vectors is not None and self._vectors.shape[1] == len(vector):
            alike = self._vectors @ vector
            shared[self._with_vector] += OF_MEANING * np.maximum(alike - MEANS_THE_SAME, 0.0)
        return shared


class History:
    """What an agency's letters of the last weeks were about: the usual that an hour is compared with."""

    def __init__(self, moments: Sequence[datetime], terms: Sequence[Terms], vectors: Sequence[Vector | None] = ()) -> None:
        self._in_week = np.array([moment.timestamp() % WEEK for moment in moments], dtype=np.float64)
        self.postings = Postings(terms, vectors)

    @property
    def size(self) -> int:
        """How many letters it holds."""
        return self.postings.size

    def at_the_hour(self, now: datetime, within: timedelta) -> Flags:
        """Which of the letters came at this hour of this weekday, so much to either side."""
        apart = np.abs(self._in_week - now.timestamp() % WEEK)
        return np.asarray(np.minimum(apart, WEEK - apart) <= within.total_seconds(), dtype=np.bool_)

    def weights(self, terms: Terms) -> Evidence:
        """How much it says that two letters share a term, in nats: next to nothing for what stands in most of them."""
        return np.maximum(np.log((self.size + 1) / (self.postings.having(terms) + 0.5)), 0.0)
