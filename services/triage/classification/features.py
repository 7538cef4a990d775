"""Extracts word and character n-grams of a whole batch at once: NumPy over the code points of all texts, no loop over them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from services.triage.classification.text_page import SPACE, Page, page_of

UNSPACED_LETTERS = (1, 3)
"""Of scripts without spaces: runs of so many letters stand for what letters inside words are elsewhere."""
_CHUNK_CHARACTERS = 150_000  # keeps the arrays of one step in the cache, and a million rows out of memory
_CHUNK_ROWS = 4096
_COLUMN_BITS = 20
_FEW_ROWS = 50  # below this, a gram seen once is all there is
_MIX = np.uint32(0x9E3779B1)
_STEP = np.uint32(0x01000193)
_SECOND_WORD = np.uint32(0x85EBCA6B)


_LOGS = np.log(np.maximum(np.arange(1024), 1)).astype(np.float32)
_POWERS = np.cumprod(np.full(64, _STEP, dtype=np.uint32), dtype=np.uint32)


@dataclass(frozen=True)
class _Grams:
    """Every n-gram of one size, in no order: its row, its bucket, and the first and last word that it lies in; all (grams,)."""

    rows: NDArray[np.int32]
    buckets: NDArray[np.uint32]
    first: NDArray[np.int32]
    last: NDArray[np.int32]


@dataclass(frozen=True)
class WordWeights:
    """Every word of a batch, row by row, and what it added: `texts[row][start:end]` is the word as it was written; all (words,)."""

    rows: NDArray[np.int32]
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    weights: NDArray[np.float64]
    alike: NDArray[np.uint32]
    """The same number for the same word, whatever its case and accents."""
    joined: NDArray[np.bool_] | None = None
    """Whether it is a letter of a script without spaces that stood right behind the one before; None where there are none."""

    def phrases(self) -> "WordWeights":
        """The same where such letters that stand together and each spoke for it more than most are one word: a reader knows it again."""
        if self.joined is None or not len(self.rows):
            return self
        own = self.rows - self.rows[0]
        favourable = np.maximum(self.weights, 0)
        mean = np.bincount(own, weights=favourable) / np.maximum(np.bincount(own, weights=favourable > 0), 1)
        spoke = self.weights > mean[own]
        goes_on = self.joined.copy()
        goes_on[1:] &= spoke[1:] & spoke[:-1]
        begins = np.flatnonzero(~goes_on)
        last = np.append(begins[1:], len(goes_on)) - 1
        place = np.arange(len(goes_on)) - np.repeat(begins, last - begins + 1)
        alike = np.add.reduceat(self.alike * _POWERS[np.minimum(place, len(_POWERS) - 1)], begins, dtype=np.uint32)
        return WordWeights(self.rows[begins], self.starts[begins], self.ends[last], np.add.reduceat(self.weights, begins), alike)


@dataclass(frozen=True)
class Read:
    """A part of a batch, taken apart: one sparse row for each text, and from which words each of its cells comes."""

    start: int
    """The number of the first text in the batch."""
    texts: Sequence[str]
    matrix: csr_matrix
    times: NDArray[np.int64]
    """(cells,): of each cell how often its gram occurs."""
    first: NDArray[np.int32]
    last: NDArray[np.int32]
    """(occurrences,): of each, cell by cell, the first and the last word that it lies in."""
    page: Page

    def word_weights(self, choices: NDArray[np.int64], weights: NDArray[np.float32]) -> WordWeights:
        """What each word added to the product of its row with the row of `weights` that was chosen for it.

        The sum over all words of a row is that product. A gram that occurs often shares its weight among its places, and a
        gram of several words gives half to the first and half to the last.
        """
        rows = np.repeat(np.arange(len(self.texts)), np.diff(self.matrix.indptr))
        worth = self.matrix.data * weights[choices[rows], self.matrix.indices] / self.times / 2
        shared = np.repeat(worth, self.times).astype(np.float64)
        begin = self.page.blanks[:-1]
        total = np.zeros(len(begin))
        total += np.bincount(self.first, weights=shared, minlength=len(begin))
        total += np.bincount(self.last, weights=shared, minlength=len(begin))
        # The joined page has one blank before each text.
        offsets = np.cumsum([0, *(len(text) + 1 for text in self.texts[:-1])]) + 1
        own = self.page.rows[begin]
        return WordWeights(
            own + np.int32(self.start),
            self.page.places[begin + 1] - offsets[own],
            self.page.word_ends() - offsets[own],
            total,
            _word_hashes(self.page),
            self.page.joined,
        )


def _mixed(hashes: NDArray[np.uint32], bits: int) -> NDArray[np.uint32]:
    hashes = hashes ^ (hashes >> np.uint32(15))
    hashes *= _MIX
    hashes ^= hashes >> np.uint32(13)
    hashes *= _SECOND_WORD
    return hashes >> np.uint32(32 - bits)


def _word_hashes(page: Page) -> NDArray[np.uint32]:
    """One number for each word, from its letters and their places in it: (words,)."""
    starts = page.blanks[:-1]
    inside = np.arange(len(page.codes), dtype=np.int32)
    inside[: page.blanks[-1]] -= np.repeat(starts.astype(np.int32), np.diff(page.blanks))
    letters = page.codes * _POWERS[np.minimum(inside, len(_POWERS) - 1)]
    letters[page.blanks] = 0
    hashes: NDArray[np.uint32] = np.add.reduceat(letters, starts, dtype=np.uint32) if len(starts) else np.empty(0, dtype=np.uint32)
    return hashes


def _word_grams(page: Page, sizes: tuple[int, int], bits: int) -> Iterator[_Grams]:
    """Words, and runs of neighbours within a row."""
    starts = page.blanks[:-1]
    if not len(starts):
        return
    words = _word_hashes(page)
    rows = page.rows[starts]
    at = np.arange(len(starts), dtype=np.int32)
    hashes = words
    for size in range(1, min(sizes[1], len(words)) + 1):
        if size > 1:
            hashes = hashes[:-1] * _SECOND_WORD + words[size - 1 :]
        if size >= sizes[0]:
            whole = rows[: len(hashes)] == rows[size - 1 :]
            buckets = _mixed(hashes[whole] ^ np.uint32(size * 0x57), bits)
            first = at[: len(hashes)][whole]
            yield _Grams(rows[first], buckets, first, first + np.int32(size - 1))


def _character_grams(page: Page, sizes: tuple[int, int], bits: int) -> Iterator[_Grams]:
    """Runs of letters that lie in one word, the blanks around it included."""
    count = len(page.codes)
    until = np.zeros(count, dtype=np.int32)
    until[: page.blanks[-1]] = np.repeat(page.blanks[1:], np.diff(page.blanks))
    until -= np.arange(count, dtype=np.int32)
    word = np.cumsum(page.codes == SPACE, dtype=np.int32) - 1
    hashes = page.codes
    if page.alone is not None:
        until[: page.blanks[-1]][np.repeat(page.alone, np.diff(page.blanks))] = 0  # a letter by itself has none inside
    for size in range(1, min(sizes[1], count) + 1):
        if size > 1:
            hashes = hashes[:-1] * _STEP + page.codes[size - 1 :]
        if size >= sizes[0]:
            starts = np.flatnonzero(until[: len(hashes)] >= max(size - 1, 1))
            at = word[starts]
            yield _Grams(page.rows[starts], _mixed(hashes[starts] ^ np.uint32(size * 0x01010101), bits), at, at)


def _unspaced_grams(page: Page, sizes: tuple[int, int], bits: int) -> Iterator[_Grams]:
    """Runs of letters of scripts without spaces, which are words of their own, with nothing between them."""
    if page.alone is None or page.joined is None:
        return
    starts = page.blanks[:-1]
    letters = page.codes[starts + 1]
    rows = page.rows[starts]
    whole, hashes = page.alone, letters
    for size in range(1, min(sizes[1], len(letters)) + 1):
        if size > 1:
            hashes = hashes[:-1] * _STEP + letters[size - 1 :]
            whole = whole[:-1] & page.alone[size - 1 :] & page.joined[size - 1 :]
        if size >= sizes[0]:
            first = np.flatnonzero(whole).astype(np.int32)
            yield _Grams(rows[first], _mixed(hashes[first] ^ np.uint32(size * 0x01010101), bits), first, first + np.int32(size - 1))


def _chunks(texts: Sequence[str]) -> Iterator[tuple[int, Sequence[str]]]:
    """Parts of a batch that one step can hold, with the number of their first row."""
    start = characters = 0
    for number, text in enumerate(texts):
        characters += len(text)
        if characters >= _CHUNK_CHARACTERS or number - start + 1 >= _CHUNK_ROWS:
            yield start, texts[start : number + 1]
            start, characters = number + 1, 0
    if start < len(texts):
        yield start, texts[start:]


@dataclass(frozen=True)
class GramSettings:
    """Which n-grams are columns: runs of so many words and letters, in `min_rows` texts at least; 2 ** `bits` buckets of each."""

    words: tuple[int, int] = (1, 2)
    characters: tuple[int, int] = (3, 5)
    min_rows: int = 2
    max_columns: int = 400_000
    word_weight: float = 1.0
    bits: int = 20

    def __post_init__(self) -> None:
        """Raises ValueError for more bits than a column's number has."""
        if not 1 <= self.bits <= _COLUMN_BITS:
            raise ValueError(f"bits: give 1 to {_COLUMN_BITS}, not {self.bits}")


class HashedNgrams:
    """Texts to TF-IDF of word and character n-grams: learnt buckets become columns, all others fall away.

    Words and characters are two blocks, each of length one in every row, weighed by `word_weight` against one. It is used as
    scikit-learn's vectorizers are, and is none: a process that sorts messages would load 60 MB of that library and use nothing of it.
    """

    word_buckets: NDArray[np.int32]
    character_buckets: NDArray[np.int32]
    rarity: NDArray[np.float32]
    """(columns,): of each, words before characters, the logarithm of how seldom it is."""

    def __init__(self, settings: GramSettings | None = None) -> None:
        self.settings = settings or GramSettings()

    @classmethod
    def learnt(
        cls, settings: GramSettings, word_buckets: NDArray[np.int32], character_buckets: NDArray[np.int32], rarity: NDArray[np.float32]
    ) -> Self:
        """What `fit` has made, put together again."""
        features = cls(settings)
        features.word_buckets, features.character_buckets, features.rarity = word_buckets, character_buckets, rarity
        return features

    def fit(self, texts: Sequence[str]) -> Self:
        """Learns which buckets occur in enough rows, and how rare each is."""
        texts = _texts(texts)
        counts = [np.zeros(1 << self.settings.bits, dtype=np.int32) for _ in range(2)]
        for _, chunk in _chunks(texts):
            for block, grams in enumerate(self._blocks(page_of(chunk))):
                for gram in grams:
                    keys = np.sort((gram.rows.astype(np.uint64) << np.uint64(32)) | gram.buckets)
                    buckets = keys[_firsts(keys)].astype(np.uint32)
                    number, times = np.unique(buckets, return_counts=True)
                    counts[block][number] += times.astype(np.int32)
        floor = self.settings.min_rows if len(texts) >= _FEW_ROWS else 1
        both = np.concatenate(counts)
        if np.count_nonzero(both >= floor) > self.settings.max_columns:
            floor = int(np.partition(both, -self.settings.max_columns)[-self.settings.max_columns]) + 1
        self.word_buckets = np.flatnonzero(counts[0] >= floor).astype(np.int32)
        self.character_buckets = np.flatnonzero(counts[1] >= floor).astype(np.int32)
        seen = np.concatenate([counts[0][self.word_buckets], counts[1][self.character_buckets]])
        self.rarity = (np.log((1 + len(texts)) / (1 + seen)) + 1).astype(np.float32)
        return self

    def fit_transform(self, texts: Sequence[str]) -> csr_matrix:
        """Learns from the texts, and gives their rows."""
        return self.fit(texts).transform(texts)

    def transform(self, texts: Sequence[str]) -> csr_matrix:
        """One sparse row for each text: (texts, columns)."""
        texts = _texts(texts)
        parts = [self._rows(chunk) for _, chunk in _chunks(texts)]
        if not parts:
            return csr_matrix((0, self.width), dtype=np.float32)
        ends = np.cumsum([0, *(part.indptr[-1] for part in parts)])
        indptr = np.concatenate([[0], *(part.indptr[1:].astype(np.int64) + end for part, end in zip(parts, ends, strict=False))])
        data = np.concatenate([part.data for part in parts])
        indices = np.concatenate([part.indices for part in parts])
        return csr_matrix((data, indices, indptr), shape=(len(texts), self.width))

    @property
    def width(self) -> int:
        """How many columns there are."""
        return len(self.rarity)

    def read(self, texts: Sequence[str]) -> Iterator[Read]:
        """The same rows with the words that they come from, a part of the batch at a time."""
        for start, chunk in _chunks(_texts(texts)):
            page = page_of(chunk)
            rows, columns, first, last = self._known(page)
            # One sort brings the places of a gram together and remembers where each was: row, column, place.
            order = (rows.astype(np.uint64) << np.uint64(52)) | (columns.astype(np.uint64) << np.uint64(32))
            order |= np.arange(len(rows), dtype=np.uint64)
            order.sort()
            at = order.astype(np.uint32)
            begins = np.flatnonzero(_firsts(order >> np.uint64(32)))
            times = np.diff(np.append(begins, len(order)))
            chosen = at[begins]
            matrix = self._matrix(rows[chosen].astype(np.int64), columns[chosen], times, len(chunk))
            yield Read(start, chunk, matrix, times, first[at], last[at], page)

    def _blocks(self, page: Page) -> tuple[Iterator[_Grams], Iterator[_Grams]]:
        characters = chain(
            _character_grams(page, self.settings.characters, self.settings.bits),
            _unspaced_grams(page, UNSPACED_LETTERS, self.settings.bits),
        )
        return _word_grams(page, self.settings.words, self.settings.bits), characters

    def _columns(self, block: int) -> NDArray[np.int32]:
        """The column of each bucket, or -1, (2 ** bits,): a table is twice as fast as a search."""
        tables: list[NDArray[np.int32]] | None = getattr(self, "_tables", None)
        if tables is None:
            tables = [np.full(1 << self.settings.bits, -1, dtype=np.int32) for _ in range(2)]
            border = len(self.word_buckets)
            tables[0][self.word_buckets] = np.arange(border, dtype=np.int32)
            tables[1][self.character_buckets] = np.arange(border, border + len(self.character_buckets), dtype=np.int32)
            self._tables = tables
        return tables[block]

    def _known(self, page: Page) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]]:
        """Row, column, first and last word of every gram that has a column: (grams,) each."""
        pieces: list[tuple[NDArray[np.int32], ...]] = []
        for block, grams in enumerate(self._blocks(page)):
            table = self._columns(block)
            for gram in grams:
                columns = table[gram.buckets]
                in_vocabulary = np.flatnonzero(columns >= 0)
                pieces.append((gram.rows[in_vocabulary], columns[in_vocabulary], gram.first[in_vocabulary], gram.last[in_vocabulary]))
        if not pieces:
            none = np.empty(0, dtype=np.int32)
            return none, none, none, none
        rows, columns, first, last = (np.concatenate(parts) for parts in zip(*pieces, strict=True))
        return rows, columns, first, last

    def _rows(self, texts: Sequence[str]) -> csr_matrix:
        """One chunk: a single sort counts every gram of every row."""
        rows, columns, _, _ = self._known(page_of(texts))
        # 12 bits for the row and 20 for the column: half the width sorts twice as fast.
        ordered = (rows.astype(np.uint32) << np.uint32(_COLUMN_BITS)) | columns.astype(np.uint32)
        ordered.sort()
        begins = np.flatnonzero(_firsts(ordered))
        times = np.diff(np.append(begins, len(ordered)))
        unique = ordered[begins]
        row = (unique >> np.uint32(_COLUMN_BITS)).astype(np.int64)
        column = (unique & np.uint32((1 << _COLUMN_BITS) - 1)).astype(np.int32)
        return self._matrix(row, column, times, len(texts))

    def _matrix(self, rows: NDArray[np.int64], columns: NDArray[np.int32], times: NDArray[np.int64], texts: int) -> csr_matrix:
        """TF-IDF (texts, columns), damped, from cells in order, all (cells,); each block of a row has length one before both are joined."""
        data: NDArray[np.float32] = (1 + _LOGS[np.minimum(times, len(_LOGS) - 1)]) * self.rarity[columns]
        half = rows * 2 + (columns >= len(self.word_buckets))
        lengths = np.sqrt(np.bincount(half, weights=data * data, minlength=2 * texts))
        scales = np.divide(1.0, lengths, out=np.zeros_like(lengths), where=lengths > 0)
        scales[::2] *= self.settings.word_weight
        scales /= np.sqrt(1 + self.settings.word_weight**2)
        data *= scales.astype(np.float32)[half]
        indptr = np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=texts))])
        return csr_matrix((data, columns, indptr), shape=(texts, self.width))


def _texts(given: Sequence[str]) -> Sequence[str]:
    if isinstance(given, str):
        raise ValueError("give a list of texts, not one text")  # noqa: TRY004 - a list of letters would be one as well
    return given if isinstance(given, list) else list(given)


def _firsts(ordered: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Which of the values (values,) differ from the one before: (values,)."""
    first = np.ones(len(ordered), dtype=bool)
    first[1:] = ordered[1:] != ordered[:-1]
    return first
