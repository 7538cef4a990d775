"""Turns texts into vectors of their meaning, each once; whoever asks does without them where they can't be had."""

import hashlib
import logging
import time
import unicodedata
from collections import OrderedDict
from collections.abc import Callable, Sequence
from threading import Lock
from typing import Protocol

import numpy as np
import numpy.typing as npt

log = logging.getLogger(__name__)

Vectors = npt.NDArray[np.float32]

REST = 60.0  # seconds for which an encoder that failed is not asked: a message must not wait for it again and again
BATCH = 64  # texts asked for at once
REMEMBERED = 20_000  # vectors of texts: an agency's passages several times over, 40 MB
LONGEST = 4_000
"""Characters of a text that are encoded. Time and memory grow with them, and an encoder itself has no limit."""
_LONGEST_READ = 20_000  # before it is normalised: what is written as one sign may become eighteen


class Encoder(Protocol):
    """Gives a vector of length 1 for each text, or nothing at all."""

    @property
    def name(self) -> str:
        """What gives the vectors, and in which version: vectors of two names can't be compared."""

    def vectors(self, texts: Sequence[str]) -> Vectors | None:
        """The vectors by row, (texts, width) and float32; None where it failed, was too slow or is resting."""


class EncoderFailed(Exception):
    """It gave no usable answer; the message says why."""


class CachingEncoder:
    """Asks for each text once, keeps its vector by the text's hash, and rests after a failure. Threads may share it: they take turns."""

    def __init__(
        self,
        name: str,
        encode: Callable[[list[str]], Vectors],
        *,
        remembered: int = REMEMBERED,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name = name
        self._encode = encode
        self._remembered = remembered
        self._monotonic = monotonic
        self._resting_until = 0.0
        self._cache: OrderedDict[str, Vectors] = OrderedDict()
        self._lock = Lock()

    def vectors(self, texts: Sequence[str]) -> Vectors | None:
        """From memory where it was asked before."""
        cleaned = [encodable(text) for text in texts]
        keys = [hashlib.sha256(text.encode()).hexdigest() for text in cleaned]
        with self._lock:
            missing = {key: text for key, text in zip(keys, cleaned, strict=True) if key not in self._cache}
            if missing and (self._monotonic() < self._resting_until or not self._ask(missing)):
                return None
            for key in keys:
                self._cache.move_to_end(key)
            rows = np.stack([self._cache[key] for key in keys])
            while len(self._cache) > self._remembered:
                self._cache.popitem(last=False)
        return rows

    def _ask(self, missing: dict[str, str]) -> bool:
        keys, texts = list(missing), list(missing.values())
        try:
            for begin in range(0, len(texts), BATCH):
                rows = _of_length_one(self._encode(texts[begin : begin + BATCH]), len(texts[begin : begin + BATCH]))
                self._cache |= zip(keys[begin : begin + BATCH], rows, strict=True)
        except EncoderFailed as error:
            self._resting_until = self._monotonic() + REST
            log.warning("the encoder %s gave no vectors, so words alone decide for %.0f seconds: %s", self.name, REST, error)
            return False
        return True


def encodable(text: str) -> str:
    """The beginning of a text as any encoder can take it: no NUL, no half of a pair of surrogates, and short once it is normalised."""
    whole = text[:_LONGEST_READ].encode("utf-8", "replace").decode()
    return unicodedata.normalize("NFKC", whole).replace("\0", " ")[:LONGEST]


def _of_length_one(rows: Vectors, texts: int) -> Vectors:
    rows = np.asarray(rows, dtype=np.float32)
    if rows.ndim != 2 or rows.shape[0] != texts or not np.isfinite(rows).all():  # noqa: PLR2004
        raise EncoderFailed(f"{rows.shape} is no vector for each of {texts} texts")
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.maximum(lengths, 1e-9), dtype=np.float32)
