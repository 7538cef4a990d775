"""Word and character n-grams of a whole batch at once: NumPy over the code points of all texts, no loop over them."""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from services.domain.placeholders import PLACEHOLDER

SPACE = 32
_DROPPED = 0
_TABLE_SIZE = 0x3000  # scripts with case, accents or punctuation lie below; what is above stands for itself
_CHUNK_CHARACTERS = 400_000  # keeps the arrays of one step in the cache and a million rows out of memory
_CHUNK_ROWS = 4096
_FEW_ROWS = 50  # below this, a gram seen once is all there is
_MIX = np.uint32(0x9E3779B1)
_STEP = np.uint32(0x01000193)
_SECOND_WORD = np.uint32(0x85EBCA6B)


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
_POWERS = np.cumprod(np.full(64, _STEP, dtype=np.uint32), dtype=np.uint32)


def without_placeholders(text: str) -> str:
    """Blanks of the same length where personal details were: no weight is learnt from them, and places stay."""
    return PLACEHOLDER.sub(lambda match: " " * len(match.group()), text) if "[" in text else text


@dataclass(frozen=True)
class _Page:
    """The texts of a batch as one row of code points, one blank before each word and one behind the last."""

    codes: NDArray[np.uint32]
    rows: NDArray[np.int32]
    places: NDArray[np.int64]
    blanks: NDArray[np.int64]


@dataclass(frozen=True)
class _Grams:
    """Every n-gram of one size, in no order: its row, its bucket, and the first and last word that it lies in."""

    rows: NDArray[np.int32]
    buckets: NDArray[np.uint32]
    first: NDArray[np.int64]
    last: NDArray[np.int64]


@dataclass(frozen=True)
class Place:
    """A word of a text and what it added: `text[start:end]` is the word as it was written."""

    start: int
    end: int
    weight: float


def _page(texts: Sequence[str]) -> _Page:
    cleaned = [without_placeholders(text) for text in texts]
    lengths = np.fromiter(map(len, cleaned), dtype=np.int64, count=len(cleaned)) + 1
    lengths[-1] += 1
    joined = " " + " ".join(cleaned) + " "
    raw = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    codes = _TABLE[np.minimum(raw, np.uint32(_TABLE_SIZE - 1))]
    high = raw >= _TABLE_SIZE
    if high.any():
        codes[high] = raw[high]
    rows = np.repeat(np.arange(len(cleaned), dtype=np.int32), lengths)
    places = np.arange(len(codes), dtype=np.int64)
    if not codes.all():
        present = codes != _DROPPED
        codes, rows, places = codes[present], rows[present], places[present]
    # The last blank of a run stays: it is the one that belongs to the row of the word behind it.
    blank = codes == SPACE
    kept = np.ones(len(codes), dtype=bool)
    kept[:-1] = ~(blank[:-1] & blank[1:])
    codes, rows, places = codes[kept], rows[kept], places[kept]
    return _Page(codes, rows, places, np.flatnonzero(codes == SPACE))


def _mixed(hashes: NDArray[np.uint32], bits: int) -> NDArray[np.uint32]:
    hashes = hashes ^ (hashes >> np.uint32(15))
    hashes *= _MIX
    hashes ^= hashes >> np.uint32(13)
    hashes *= _SECOND_WORD
    return hashes >> np.uint32(32 - bits)


def _word_grams(page: _Page, sizes: tuple[int, int], bits: int) -> Iterator[_Grams]:
    """Words, and runs of neighbours within a row."""
    starts = page.blanks[:-1]
    if not len(starts):
        return
    inside = np.arange(len(page.codes), dtype=np.int64)
    inside[: page.blanks[-1]] -= np.repeat(starts, np.diff(page.blanks))
    letters = page.codes * _POWERS[np.minimum(inside, len(_POWERS) - 1)]
    letters[page.blanks] = 0
    words = np.add.reduceat(letters, starts, dtype=np.uint32)
    rows = page.rows[starts]
    at = np.arange(len(starts), dtype=np.int64)
    hashes = words
    for size in range(1, min(sizes[1], len(words)) + 1):
        if size > 1:
            hashes = hashes[:-1] * _SECOND_WORD + words[size - 1 :]
        if size >= sizes[0]:
            whole = rows[: len(hashes)] == rows[size - 1 :]
            buckets = _mixed(hashes[whole] ^ np.uint32(size * 0x57), bits)
            first = at[: len(hashes)][whole]
            yield _Grams(rows[first], buckets, first, first + (size - 1))


def _character_grams(page: _Page, sizes: tuple[int, int], bits: int) -> Iterator[_Grams]:
    """Runs of letters that lie in one word, the blanks around it included."""
    count = len(page.codes)
    until = np.zeros(count, dtype=np.int64)
    until[: page.blanks[-1]] = np.repeat(page.blanks[1:], np.diff(page.blanks))
    until -= np.arange(count, dtype=np.int64)
    word = np.cumsum(page.codes == SPACE, dtype=np.int64) - 1
    hashes = page.codes
    for size in range(1, min(sizes[1], count) + 1):
        if size > 1:
            hashes = hashes[:-1] * _STEP + page.codes[size - 1 :]
        if size >= sizes[0]:
            starts = np.flatnonzero(until[: len(hashes)] >= max(size - 1, 1))
            at = word[starts]
            yield _Grams(page.rows[starts], _mixed(hashes[starts] ^ np.uint32(size * 0x01010101), bits), at, at)


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


class HashedNgrams(TransformerMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """Texts to TF-IDF of word and character n-grams: learnt buckets become columns, all others fall away.

    Words and characters are two blocks, each of length one in every row, weighed by `word_weight` against one.
    """

    def __init__(  # noqa: PLR0913 - scikit-learn's manner
        self,
        words: tuple[int, int] = (1, 2),
        characters: tuple[int, int] = (2, 5),
        *,
        min_rows: int = 2,
        max_columns: int = 400_000,
        word_weight: float = 1.0,
        bits: int = 20,
    ) -> None:
        self.words = words
        self.characters = characters
        self.min_rows = min_rows
        self.max_columns = max_columns
        self.word_weight = word_weight
        self.bits = bits

    def fit(self, X: Sequence[str], y: object = None) -> Self:  # noqa: ARG002, N803 - scikit-learn's names
        """Learns which buckets occur in enough rows, and how rare each is."""
        texts = _texts(X)
        counts = [np.zeros(1 << self.bits, dtype=np.int32) for _ in range(2)]
        for _, chunk in _chunks(texts):
            for block, grams in enumerate(self._blocks(_page(chunk))):
                for gram in grams:
                    keys = np.sort((gram.rows.astype(np.uint64) << np.uint64(32)) | gram.buckets)
                    buckets = keys[_firsts(keys)].astype(np.uint32)
                    number, times = np.unique(buckets, return_counts=True)
                    counts[block][number] += times.astype(np.int32)
        floor = self.min_rows if len(texts) >= _FEW_ROWS else 1
        both = np.concatenate(counts)
        if np.count_nonzero(both >= floor) > self.max_columns:
            floor = int(np.partition(both, -self.max_columns)[-self.max_columns]) + 1
        self.word_buckets_ = np.flatnonzero(counts[0] >= floor).astype(np.int32)
        self.character_buckets_ = np.flatnonzero(counts[1] >= floor).astype(np.int32)
        seen = np.concatenate([counts[0][self.word_buckets_], counts[1][self.character_buckets_]])
        self.idf_ = (np.log((1 + len(texts)) / (1 + seen)) + 1).astype(np.float32)
        return self

    def transform(self, X: Sequence[str]) -> csr_matrix:  # noqa: N803
        """One sparse row for each text."""
        check_is_fitted(self, "idf_")
        texts = _texts(X)
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
        return len(self.idf_)

    def places(self, text: str, weights: NDArray[np.float32]) -> list[Place]:
        """Each word of the text and the sum of what it added: `weights` has one number for each column.

        The sum over all words is the row's product with `weights`. A gram that occurs often shares its weight among its
        places, and one of two words between both.
        """
        page = _page([text])
        row = self._rows([text])
        worth = np.zeros(self.width, dtype=np.float64)
        worth[row.indices] = row.data * weights[row.indices]
        columns, first, last = [], [], []
        for block, grams in enumerate(self._blocks(page)):
            for gram in grams:
                found = self._columns(block)[gram.buckets]
                known = found >= 0
                columns.append(found[known])
                first.append(gram.first[known])
                last.append(gram.last[known])
        total = np.zeros(max(len(page.blanks) - 1, 0), dtype=np.float64)
        if columns:
            column = np.concatenate(columns)
            times = np.bincount(column, minlength=self.width) if len(column) else np.zeros(self.width)
            share = worth[column] / times[column] / 2
            np.add.at(total, np.concatenate(first), share)
            np.add.at(total, np.concatenate(last), share)
        starts = page.places[page.blanks[:-1] + 1] - 1
        ends = page.places[page.blanks[1:] - 1]
        return [Place(int(start), int(end), float(weight)) for start, end, weight in zip(starts, ends, total, strict=True)]

    def _blocks(self, page: _Page) -> tuple[Iterator[_Grams], Iterator[_Grams]]:
        return _word_grams(page, self.words, self.bits), _character_grams(page, self.characters, self.bits)

    def _columns(self, block: int) -> NDArray[np.int32]:
        """The column of each bucket, or -1: a table is twice as fast as a search."""
        tables: list[NDArray[np.int32]] | None = getattr(self, "_tables", None)
        if tables is None:
            tables = [np.full(1 << self.bits, -1, dtype=np.int32) for _ in range(2)]
            border = len(self.word_buckets_)
            tables[0][self.word_buckets_] = np.arange(border, dtype=np.int32)
            tables[1][self.character_buckets_] = np.arange(border, border + len(self.character_buckets_), dtype=np.int32)
            self._tables = tables
        return tables[block]

    def _rows(self, texts: Sequence[str]) -> csr_matrix:
        """One chunk: a single sort counts every gram of every row."""
        page = _page(texts)
        keys = []
        for block, grams in enumerate(self._blocks(page)):
            table = self._columns(block)
            for gram in grams:
                column = table[gram.buckets]
                known = column >= 0
                keys.append((gram.rows[known].astype(np.uint64) << np.uint64(32)) | column[known].astype(np.uint64))
        ordered = np.sort(np.concatenate(keys)) if keys else np.empty(0, dtype=np.uint64)
        first = np.flatnonzero(_firsts(ordered))
        times = np.diff(np.append(first, len(ordered)))
        unique = ordered[first]
        rows = (unique >> np.uint64(32)).astype(np.int64)
        columns = unique.astype(np.uint32).astype(np.int32)
        data = (1 + np.log(times.astype(np.float32))) * self.idf_[columns]
        half = rows * 2 + (columns >= len(self.word_buckets_))
        lengths = np.sqrt(np.bincount(half, weights=data * data, minlength=2 * len(texts)))
        scales = np.divide(1.0, lengths, out=np.zeros_like(lengths), where=lengths > 0)
        scales[::2] *= self.word_weight
        scales /= np.sqrt(1 + self.word_weight**2)
        data *= scales[half].astype(np.float32)
        indptr = np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=len(texts)))])
        return csr_matrix((data, columns, indptr), shape=(len(texts), self.width))

    def __getstate__(self) -> dict[str, Any]:
        """Without the tables, which are made again in a millisecond."""
        return {name: value for name, value in super().__getstate__().items() if name != "_tables"}

    def __sklearn_tags__(self) -> Any:  # noqa: ANN401 - scikit-learn has no types
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.two_d_array = False
        return tags


def _texts(given: Sequence[str]) -> Sequence[str]:
    if isinstance(given, str):
        raise ValueError("give a list of texts, not one text")  # noqa: TRY004 - scikit-learn expects ValueError
    return given if isinstance(given, list) else list(given)


def _firsts(ordered: NDArray[np.uint64]) -> NDArray[np.bool_]:
    first = np.ones(len(ordered), dtype=bool)
    first[1:] = ordered[1:] != ordered[:-1]
    return first
