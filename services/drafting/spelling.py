"""Gives the word that was meant: of those that a folder of articles has, the one that is a slip of the pen away. Pure."""

import re
from collections import defaultdict
from collections.abc import Iterable

SHORTEST = 5
"""Letters: of a shorter word too many others are one letter away."""


class Spelling:
    """Words by what is left of them when one letter is taken out, double letters taken for single ones."""

    def __init__(self, words: Iterable[str]) -> None:
        self._by_rest: dict[str, list[str]] = defaultdict(list)
        for word in words:
            if len(word) >= SHORTEST and word.isalpha():
                for rest in _rests(word):
                    self._by_rest[rest].append(word)

    def nearest(self, word: str) -> str | None:
        """The known word that differs by one letter left out, put in, changed or swapped with the next, or by a double letter."""
        if len(word) < SHORTEST or not word.isalpha():
            return None
        near = {near_word for rest in _rests(word) for near_word in self._by_rest.get(rest, ()) if abs(len(near_word) - len(word)) <= 2}  # noqa: PLR2004
        # A slip seldom hits the first letter; of several the one that begins alike for longest is meant.
        return max(near, key=lambda other: (_alike(other, word), -abs(len(other) - len(word)), other), default=None)


def _rests(word: str) -> set[str]:
    single = re.sub(r"(.)\1", r"\1", word)
    return {single, *(single[:place] + single[place + 1 :] for place in range(len(single)))}


def _alike(first: str, second: str) -> int:
    return next((place for place, (a, b) in enumerate(zip(first, second, strict=False)) if a != b), min(len(first), len(second)))
