"""Computes the fingerprint (MinHash) of a text, by which near-duplicates are found among a million cases."""

import re
from itertools import pairwise

from rensa import RMinHash  # type: ignore[import-untyped]  # it has no types

from schemas import invisible_characters
from services.domain import fingerprints
from services.domain.placeholders import PLACEHOLDER
from services.domain.word_finder import WordFinder

MAX_WORDS = 2_000
_SEED = 1  # with another seed nothing would be like what is stored: raise fingerprints.VERSION with it
_KIND = re.compile(r"_[0-9]+\]")
# Scripts that put no blanks between words: each letter is taken for one.
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
_WORDS = WordFinder(re.compile(rf"[{_UNSPACED}]|[^\W{_UNSPACED}]+"))


def fingerprint(subject: str | None, body: str) -> str:
    """Of the word pairs of the redacted text; empty where there are no words."""
    words = _WORDS.findall(invisible_characters.comparable(_without_numbers(f"{subject or ''} {body}")))[:MAX_WORDS]
    if not words:
        return ""
    pairs = list(map(" ".join, pairwise(words))) or words
    sketch = RMinHash(num_perm=fingerprints.SLOTS, seed=_SEED)
    sketch.update(pairs)
    return fingerprints.write([(slot ^ slot >> 16) & 0xFFFF for slot in sketch.digest()])


def _without_numbers(text: str) -> str:
    """[NAME_2] becomes [NAME]: the same letter with one more name in it stays the same letter."""
    return PLACEHOLDER.sub(lambda match: _KIND.sub("]", match.group()), text) if "[" in text else text
