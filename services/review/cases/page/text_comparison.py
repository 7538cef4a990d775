"""Sets two texts side by side and marks the words in which they differ. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

from rapidfuzz.distance import Levenshtein

from services.review.cases.page.classification_explanation import Piece

MOST_PARTS = 6_000  # on each side: a reply has a thousand words; the comparison needs memory for all pairs

_WORDS = re.compile(r"\s+|\S+")
_LINES = re.compile(r"[^\n]*\n|[^\n]+")


@dataclass(frozen=True)
class Comparison:
    """Both texts in pieces: what only one of them has is marked."""

    left: list[Piece]
    right: list[Piece]


def compare(left: str, right: str) -> Comparison:
    """Compares by words, so that a changed date is one mark and not three; by lines where there are too many words."""
    for part in (_WORDS, _LINES):
        sides = part.findall(left), part.findall(right)
        if max(map(len, sides)) <= MOST_PARTS:
            return _compared(*sides)
    return Comparison(*([Piece(text=text, marked=left != right)] for text in (left, right)))


def _compared(left: list[str], right: list[str]) -> Comparison:
    steps = Levenshtein.opcodes(left, right)
    return Comparison(
        _joined((left[step.src_start : step.src_end], step.tag != "equal") for step in steps),
        _joined((right[step.dest_start : step.dest_end], step.tag != "equal") for step in steps),
    )


def _joined(parts: Iterable[tuple[list[str], bool]]) -> list[Piece]:
    """What follows on each other and is marked alike is one piece."""
    runs = groupby((part for part in parts if part[0]), key=itemgetter(1))
    return [Piece(text="".join(word for words, _ in run for word in words), marked=marked) for marked, run in runs]
