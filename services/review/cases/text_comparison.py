"""Sets two texts side by side and marks the words in which they differ. Pure."""

import re
from dataclasses import dataclass

from rapidfuzz.distance import Levenshtein

from services.review.cases.classification_explanation import Piece

_WORDS = re.compile(r"\s+|\S+")


@dataclass(frozen=True)
class Comparison:
    """Both texts in pieces: what only one of them has is marked."""

    left: list[Piece]
    right: list[Piece]


def compare(left: str, right: str) -> Comparison:
    """Compares by words, so that a changed date is one mark and not three."""
    words = _WORDS.findall(left), _WORDS.findall(right)
    sides: tuple[list[Piece], list[Piece]] = [], []
    for step in Levenshtein.opcodes(*words):
        for side, text, start, end in ((0, words[0], step.src_start, step.src_end), (1, words[1], step.dest_start, step.dest_end)):
            if start < end:
                sides[side].append(Piece(text="".join(text[start:end]), marked=step.tag != "equal"))
    return Comparison(*sides)
