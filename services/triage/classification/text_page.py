"""Lays out a batch of texts as one row of folded code points, and says where words begin: in scripts without blanks, at each letter."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from services.domain.placeholders import PLACEHOLDER
from services.domain.unspaced_scripts import MARKED_SPANS, UNSPACED_SPANS

SPACE = 32
_DROPPED = 0
_TABLE_SIZE = 0x3000  # scripts with case, accents or punctuation lie below; what is above stands for itself, but for _FOLDED_ABOVE
_FOLDED_ABOVE = ((0x3000, 0x3004), (0x3008, 0x3021), (0x3030, 0x3031), (0x303D, 0x3040), (0x30FB, 0x30FC), (0xFF00, 0xFF66))
"""Punctuation of Chinese and Japanese, and Latin letters and digits as wide as theirs; ends excluded."""
_FIRST_WITHOUT_SPACES = UNSPACED_SPANS[0][0]
_MARKED = np.uint32(0x80000000)  # beyond every code point: a letter with its marks is never a blank
_MARK_STEP = np.uint32(0x9E3779B1)


def _folded(code: int) -> int:
    """One code point for one, so that places in the text stay what they are: lower case, no accent, 0 for any digit."""
    character = chr(code)
    kind = unicodedata.category(character)
    if kind.startswith("M"):
        return _DROPPED
    if kind.startswith("N"):
        return ord("0")
    if not kind.startswith("L"):
        return SPACE
    base = unicodedata.normalize("NFD", character)[0].lower()
    return ord(base[0])


_TABLE = np.fromiter(map(_folded, range(_TABLE_SIZE)), dtype=np.uint32, count=_TABLE_SIZE)
_WIDE = {code: _folded(ord(unicodedata.normalize("NFKC", chr(code))[0])) for start, end in _FOLDED_ABOVE for code in range(start, end)}
_WIDE_CODES = np.array(sorted(_WIDE), dtype=np.uint32)
_WIDE_FOLDED = np.array([_WIDE[code] for code in sorted(_WIDE)], dtype=np.uint32)
_EDGES = np.array(sorted(edge for span in UNSPACED_SPANS for edge in span), dtype=np.uint32)
_MARK_EDGES = np.array([edge for span in MARKED_SPANS for edge in span], dtype=np.uint32)


def without_placeholders(text: str) -> str:
    """Blanks of the same length where personal details were: no weight is learnt from them, and places stay."""
    return PLACEHOLDER.sub(lambda match: " " * len(match.group()), text) if "[" in text else text


@dataclass(frozen=True)
class Page:
    """The texts of a batch as one row of code points, one blank before each word and one behind the last.

    `codes`, `rows` (of which text) and `places` (where in it) are (characters,); `blanks` is (words + 1,), the places of the blanks.
    A letter of a script without spaces is a word: of each word, (words,), `alone` says whether it is one, and `joined` whether
    it stood right behind the word before it. Both are None where there is no such letter.
    """

    codes: NDArray[np.uint32]
    rows: NDArray[np.int32]
    places: NDArray[np.int64]
    blanks: NDArray[np.int64]
    alone: NDArray[np.bool_] | None = None
    joined: NDArray[np.bool_] | None = None
    unmarked: NDArray[np.int64] | None = None
    """The places of all that is no mark on the letter before it; None where there is no mark."""

    def word_ends(self) -> NDArray[np.int64]:
        """Where each word ends, the marks on its last letter included: (words,)."""
        last = self.places[self.blanks[1:] - 1]
        if self.unmarked is None:
            return last + 1
        ends: NDArray[np.int64] = self.unmarked[np.searchsorted(self.unmarked, last, side="right")]
        return ends


def page_of(texts: Sequence[str]) -> Page:
    """Lay out one text at least."""
    cleaned = [without_placeholders(text) for text in texts]
    lengths = np.fromiter(map(len, cleaned), dtype=np.int64, count=len(cleaned)) + 1
    lengths[-1] += 1
    joined = " " + " ".join(cleaned) + " "
    raw = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    codes = _TABLE[np.minimum(raw, np.uint32(_TABLE_SIZE - 1))]
    high = np.flatnonzero(raw >= _TABLE_SIZE)
    if len(high):
        codes[high] = _folded_above(raw[high])
    rows = np.repeat(np.arange(len(cleaned), dtype=np.int32), lengths)
    places = np.arange(len(codes), dtype=np.int64)
    alone = _letters_without_spaces(codes, raw)
    unmarked = None
    if not codes.all():
        present = codes != _DROPPED
        codes, rows, places = codes[present], rows[present], places[present]
        unmarked = places
        alone = None if alone is None else alone[present]
    # The last blank of a run stays: it is the one that belongs to the row of the word behind it.
    blank = codes == SPACE
    kept = np.ones(len(codes), dtype=bool)
    kept[:-1] = ~(blank[:-1] & blank[1:])
    codes, rows, places = codes[kept], rows[kept], places[kept]
    if alone is None:
        return Page(codes, rows, places, np.flatnonzero(codes == SPACE), unmarked=unmarked)
    return replace(_set_apart(codes, rows, places, alone[kept]), unmarked=unmarked)


def _folded_above(codes: NDArray[np.uint32]) -> NDArray[np.uint32]:
    at = np.minimum(np.searchsorted(_WIDE_CODES, codes), len(_WIDE_CODES) - 1)
    folded: NDArray[np.uint32] = np.where(_WIDE_CODES[at] == codes, _WIDE_FOLDED[at], codes)
    return folded


def _inside(edges: NDArray[np.uint32], codes: NDArray[np.uint32]) -> NDArray[np.bool_]:
    """Whether each code point, (characters,), lies in one of the spans: behind an odd number of edges."""
    inside: NDArray[np.bool_] = np.searchsorted(edges, codes, side="right") % 2 == 1
    return inside


def _letters_without_spaces(codes: NDArray[np.uint32], raw: NDArray[np.uint32]) -> NDArray[np.bool_] | None:
    """Which of the characters are letters of scripts without spaces, (characters,), and None where none is.

    Adds to such letters in `codes` the marks on them, so that a letter with its vowel is one.
    """
    high = np.flatnonzero(raw >= _FIRST_WITHOUT_SPACES)
    own = high[_inside(_EDGES, raw[high])]
    letters = own[(codes[own] != _DROPPED) & (codes[own] != SPACE) & (codes[own] != ord("0"))]
    if not len(letters):
        return None
    alone = np.zeros(len(codes), dtype=bool)
    alone[letters] = True
    marks = own[(codes[own] == _DROPPED) & _inside(_MARK_EDGES, raw[own])]
    if len(marks):
        before = np.maximum.accumulate(np.where(codes != _DROPPED, np.arange(len(codes)), 0))[marks]
        marks, before = marks[alone[before]], before[alone[before]]
        np.add.at(codes, before, raw[marks] * _MARK_STEP)
        codes[before] |= _MARKED
    return alone


def _set_apart(codes: NDArray[np.uint32], rows: NDArray[np.int32], places: NDArray[np.int64], alone: NDArray[np.bool_]) -> Page:
    """Puts a blank on both sides of each letter of a script without spaces."""
    blank = codes == SPACE
    before = np.zeros(len(codes), dtype=bool)
    before[1:] = (alone[1:] | alone[:-1]) & ~blank[1:] & ~blank[:-1]
    behind = np.flatnonzero(before)
    codes = np.insert(codes, behind, SPACE)
    rows, places = np.insert(rows, behind, rows[behind]), np.insert(places, behind, places[behind])
    alone, joined = np.insert(alone, behind, values=False), np.insert(before, behind, values=False)
    blanks = np.flatnonzero(codes == SPACE)
    return Page(codes, rows, places, blanks, alone[blanks[:-1] + 1], joined[blanks[:-1] + 1])
