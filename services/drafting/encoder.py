"""Turns texts into vectors, each once; drafting does without them where they can't be had."""

import hashlib
import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

log = logging.getLogger(__name__)

Vectors = npt.NDArray[np.float32]

REST = 60.0  # seconds for which an encoder that failed is not asked: a message must not wait for it again and again
BATCH = 64  # texts asked for at once
REMEMBERED = 20_000  # vectors of texts: an agency's passages several times over, 40 MB


class Encoder(Protocol):
    """Gives a vector of length 1 for each text, or nothing at all."""

    def vectors(self, texts: Sequence[str]) -> Vectors | None:
        """The vectors by row; None where it failed, was too slow or is resting."""


class EncoderFailed(Exception):
    """It gave no usable answer; the message says why."""


class CachingEncoder:
    """Asks for each text once, keeps its vector by the text's hash, and rests after a failure."""

    def __init__(self, name: str, encode: Callable[[list[str]], Vectors], *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._name = name
        self._encode = encode
        self._monotonic = monotonic
        self._resting_until = 0.0
        self._known: OrderedDict[str, Vectors] = OrderedDict()

    def vectors(self, texts: Sequence[str]) -> Vectors | None:
        """From memory where it was asked before."""
        keys = [hashlib.sha256(text.encode("utf-8", "replace")).hexdigest() for text in texts]
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in self._known}
        if missing and (self._monotonic() < self._resting_until or not self._ask(missing)):
            return None
        for key in keys:
            self._known.move_to_end(key)
        rows = np.stack([self._known[key] for key in keys])
        while len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
        return rows

    def _ask(self, missing: dict[str, str]) -> bool:
        keys, texts = list(missing), list(missing.values())
        try:
            for begin in range(0, len(texts), BATCH):
                rows = _of_length_one(self._encode(texts[begin : begin + BATCH]), len(texts[begin : begin + BATCH]))
                self._known |= zip(keys[begin : begin + BATCH], rows, strict=True)
        except EncoderFailed as error:
            self._resting_until = self._monotonic() + REST
            log.warning("the encoder %s gave no vectors, so words alone are compared for %.0f seconds: %s", self._name, REST, error)
            return False
        return True


def _of_length_one(rows: Vectors, texts: int) -> Vectors:
    rows = np.asarray(rows, dtype=np.float32)
    if rows.ndim != 2 or rows.shape[0] != texts or not np.isfinite(rows).all():  # noqa: PLR2004
        raise EncoderFailed(f"{rows.shape} is no vector for each of {texts} texts")
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.maximum(lengths, 1e-9), dtype=np.float32)
