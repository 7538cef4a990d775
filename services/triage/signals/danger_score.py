"""Scores danger by a learned linear model over words, letters, neighbours and subjects, summed over a part of the message.

The weights come from `python -m training.danger_weights`, trained on messages of our own and nothing else. Everything but the length
is a sum over words: what a word says by itself is remembered, and what binds it to others is worked out for a whole batch at once.
"""

import base64
import json
import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain
from pathlib import Path
from typing import NamedTuple, Self

import numpy as np
import yaml
from numpy.typing import NDArray

from services.triage.signals.wording_matcher import SENTENCE_ENDS, Found, Memory, Text

WEIGHTS = Path(__file__).with_name("danger_weights.json")
WORDS = Path(__file__).with_name("danger_words.yaml")
BITS = 20
MOST_SHOWN = 3
_SHORTEST_SENTENCE, _SHORTEST_GROUP, _LONGEST_WHOLE = 5, 25, 60
_SHOWN_WORDS = 12
_REACH = 6
"""How many words apart two subjects still belong together, within a sentence."""
_SMALLEST_LENGTH = 3
_SHORTEST_TELLING = 4
_SHORTEST_BEGINNING, _LONGEST_WORD = 2, 24
_WORD, _SHORT_WORD, _LETTERS, _SUBJECT, _NEIGHBOURS, _PAIR, _QUESTION = 1.0, 0.5, 0.35, 1.4, 1.0, 0.5, 0.3
"""How much each sort of feature may say, found by cross-validation: letters are many and say the same thing several times."""

_TORN_OUT = 2.0
_MANY_GROUPS = 10  # nobody is to be missed for having written at length

_CRC_OF_LETTERS = zlib.crc32(b"c")
"""From which the letters of a word go on: their features are named `c` and they."""
_HIDDEN = re.compile(r"(?<![a-z])[a-z]+_[0-9]+")  # what is left of a placeholder once its brackets are gone
_MOST_TOKENS = 20_000  # worked on at once: a batch of long messages would take a gigabyte

Numbers = NDArray[np.int64]
Worths = NDArray[np.float64]


class Part(NamedTuple):
    """From which token to which; not `whole` is a sentence torn from what is around it."""

    start: int
    end: int
    whole: bool


class Features(NamedTuple):
    """Where each stands (a token, or a part of a message), in which bucket its weight is, and how much it may say: all (features,)."""

    places: Numbers
    buckets: Numbers
    worths: Worths


def words(text: Text) -> list[str]:
    """The tokens that are looked at, the longest cut: nobody fills the memory of known words with them."""
    return [word[:_LONGEST_WORD] for word in text.tokens]


def parts(tokens: Sequence[str]) -> list[Part]:
    """What is scored: a short message whole, a long one in groups of sentences, and beside them each sentence alone."""
    count = len(tokens)
    ends = [place for place, token in enumerate(tokens, start=1) if token in SENTENCE_ENDS]
    groups = [(0, count)] if count <= _LONGEST_WHOLE else _cut(count, ends, _SHORTEST_GROUP)
    sentences = [part for part in _cut(count, ends, 0) if part[1] - part[0] >= _SHORTEST_SENTENCE and part not in groups]
    return [*(Part(*group, whole=True) for group in groups), *(Part(*sentence, whole=False) for sentence in sentences)]


def doubts(messages: Numbers, whole: NDArray[np.bool_]) -> Worths:
    """By how much each part must be surer (parts,), from the number of the message that it is of and whether it is `whole`: all (parts,).

    What is around a sentence may say that all is well; and a long message has more parts, and so more chances to be taken wrongly.
    """
    groups = np.clip(np.bincount(messages, weights=whole), 1, _MANY_GROUPS)
    return np.where(whole, 0, _TORN_OUT) + np.log(groups)[messages]


def _cut(count: int, ends: Sequence[int], shortest: int) -> list[tuple[int, int]]:
    """Behind each sentence that ends when enough words have come together, and where nothing ends for long."""
    cuts, start = [], 0
    for end in (*ends, count):
        while end - start > _LONGEST_WHOLE:
            cuts.append((start, start + _LONGEST_WHOLE))
            start += _LONGEST_WHOLE
        if end - start > shortest or start < end == count:
            cuts.append((start, end))
            start = end
    return cuts


@dataclass(frozen=True)
class _Page:
    """The tokens of several texts as one row: the text of each, its number for hashing, and which sentences they end.

    `ends` is (texts,), the number of the token behind each; `texts`, `hashes`, `stops` and `asks` are (tokens,).
    """

    tokens: list[str]
    ends: Numbers
    texts: Numbers
    hashes: Numbers
    stops: NDArray[np.bool_]
    asks: NDArray[np.bool_]

    @classmethod
    def of(cls, texts: Sequence[Sequence[str]]) -> Self:
        tokens = [token for text in texts for token in text]
        lengths = np.fromiter(map(len, texts), dtype=np.int64, count=len(texts))
        hashes = np.fromiter(map(_hashes.__getitem__, tokens), dtype=np.int64, count=len(tokens))
        texts_of = np.repeat(np.arange(len(texts)), lengths)
        return cls(tokens, np.cumsum(lengths), texts_of, hashes, np.isin(hashes, _STOPS), hashes == _hashes["?"])

    def sentences(self) -> Numbers:
        """The same number for the tokens of one sentence."""
        return np.cumsum(self.stops) + self.texts * (len(self.tokens) + 1)


def features(texts: Sequence[Sequence[str]]) -> Features:
    """Everything the score can learn of each part of a message, given by its tokens."""
    page = _Page.of(texts)
    own = [(place, bucket, worth) for place, word in enumerate(page.tokens) for bucket, worth in _of_word(word)]
    by_token = _together([Features(*map(np.array, zip(*own, strict=True))), *_bonds(page)])
    rows = page.texts[by_token.places]
    lengths = np.diff(page.ends, prepend=0)
    asked = [
        Features(np.flatnonzero(mask), np.full(mask.sum(), _bucket(name)), np.full(mask.sum(), _QUESTION))
        for name, mask in _questions(page, page.ends - lengths, page.ends)
    ]
    return _together([Features(rows, by_token.buckets, by_token.worths * _shrink(lengths)[rows]), *asked])


def _together(some: Sequence[Features]) -> Features:
    return Features(*(np.concatenate(values) for values in zip(*some, strict=True)))


def _bucket(name: str) -> int:
    return zlib.crc32(name.encode()) >> (32 - BITS)


def _shrink(lengths: Numbers) -> Worths:
    return 1 / np.sqrt(lengths + _SMALLEST_LENGTH)


def _known_as(word: str) -> str:
    """All numbers are one word, and so are all figures of speech: who jokes is seldom in danger. A placeholder is none."""
    if word[0] == "_":
        return "_"
    return "0" if word[0].isdigit() else "" if _HIDDEN.fullmatch(word) else word


def _of_word(word: str) -> list[tuple[int, float]]:
    """The bucket of each feature of the word itself, and how much it may say."""
    if word in SENTENCE_ENDS:
        return []
    spoken, word = word, _known_as(word)
    if not word:
        return []
    # Short words are those of grammar, and tell one writer from another more than one message from another.
    itself = _bucket(f"w{word}"), _WORD if len(word) >= _SHORTEST_TELLING or word == "_" else _SHORT_WORD
    if word == "_":
        return [itself]
    bounded = f"<{word}>"
    letters = [
        (zlib.crc32(bounded[start : start + size].encode(), _CRC_OF_LETTERS) >> 32 - BITS, _LETTERS)
        for size in (3, 4, 5)
        if size < len(bounded)
        for start in range(len(bounded) - size + 1)
    ]
    return [itself, *letters, *((_bucket(f"k{subject}"), _SUBJECT) for subject in subjects(spoken))]


def _bonds(page: _Page) -> Iterator[Features]:
    """What binds a token to those before it: its neighbour, and what both speak of."""
    yield _neighbours(page)
    yield _near_subjects(page)


def _neighbours(page: _Page) -> Features:
    # A question mark says something about its word; where sentences end, habits of writing say more than danger does.
    within_sentence = page.asks[1:] | ~(page.stops[:-1] | page.stops[1:])
    places = np.flatnonzero(within_sentence & (page.texts[1:] == page.texts[:-1])) + 1
    mixed = (page.hashes[places - 1] * 0x9E3779B1 + page.hashes[places]) * 0x85EBCA6B & 0xFFFFFFFF
    return Features(places, mixed >> (32 - BITS), np.full(len(places), _NEIGHBOURS))


def _near_subjects(page: _Page) -> Features:
    """Each word's subjects with those of the words just before it in its sentence."""
    spoken = list(map(_numbered_subjects.__getitem__, page.tokens))
    at = np.repeat(np.arange(len(spoken)), np.fromiter(map(len, spoken), dtype=np.int64, count=len(spoken)))
    subject = np.fromiter(chain.from_iterable(spoken), dtype=np.int64, count=len(at))
    sentence = page.sentences()[at]
    buckets, rows, step = _pair_buckets(), [np.empty((2, 0), dtype=np.int64)], 1
    while True:
        close = np.flatnonzero((at[step:] - at[:-step] <= _REACH) & (sentence[step:] == sentence[:-step]))
        if not len(close):
            break
        pairs = buckets[subject[close], subject[close + step]]
        apart = (at[close + step] > at[close]) & (pairs >= 0)
        rows.append(np.stack([at[close + step][apart], pairs[apart]]))
        step += 1
    places, pairs = np.concatenate(rows, axis=1)
    return Features(places, pairs, np.full(len(places), _PAIR))


def _questions(page: _Page, starts: Numbers, ends: Numbers) -> list[tuple[str, NDArray[np.bool_]]]:
    """Which parts ask something, and which end with it: (parts,) each, as `starts` and `ends` are."""
    asked = np.concatenate([[0], np.cumsum(page.asks)])
    return [("question", asked[ends] > asked[starts]), ("question last", asked[ends] > asked[np.maximum(ends - 1, starts)])]


@cache
def _listed() -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    whole: dict[str, list[str]] = {}
    beginnings: dict[str, list[str]] = {}
    for subject, listed in yaml.safe_load(WORDS.read_text(encoding="utf-8")).items():
        for word in dict.fromkeys(listed.split()):
            (beginnings if word.endswith("*") else whole).setdefault(word.rstrip("*"), []).append(subject)
    return whole, beginnings


def subjects(word: str) -> tuple[str, ...]:
    """What a word speaks of: the names of the lists that it is in."""
    if _HIDDEN.fullmatch(word):
        return ()
    whole, beginnings = _listed()
    begun = [name for length in _beginning_lengths() for name in beginnings.get(word[:length], ())]
    return tuple(dict.fromkeys((*whole.get(word, ()), *begun)))


@cache
def _beginning_lengths() -> list[int]:
    return sorted({length for length in map(len, _listed()[1]) if _SHORTEST_BEGINNING <= length <= _LONGEST_WORD})


@cache
def _subject_numbers() -> dict[str, int]:
    names = {name for listed in _listed() for names in listed.values() for name in names}
    return {name: number for number, name in enumerate(sorted(names))}


@cache
def _pair_buckets() -> Numbers:
    """Of each pair of subjects, in either order; -1 for one with itself: (subjects, subjects)."""
    names = sorted(_subject_numbers())
    return np.array(
        [[_bucket(f"p{min(subject, other)} {max(subject, other)}") if subject != other else -1 for other in names] for subject in names]
    )


@dataclass(frozen=True)
class _Model:
    """The weights by bucket, (2 ** BITS,), and what a part without any starts from."""

    table: NDArray[np.float32]
    bias: float

    def sum(self, terms: Sequence[tuple[int, float]]) -> float:
        """The weights of these buckets, each by its worth."""
        weights: list[float] = self.table[[bucket for bucket, _ in terms]].tolist()
        return sum([weight * worth for weight, (_, worth) in zip(weights, terms, strict=True)])


def stored(table: NDArray[np.float32], bias: float) -> str:
    """The weights (2 ** BITS,) as they are kept: 8 bits each, packed."""
    step = float(np.abs(table).max()) / 127
    packed = zlib.compress(np.round(table / step).astype(np.int8).tobytes(), 9)
    return json.dumps({"bias": round(bias, 4), "step": step, "int8 zlib base64": base64.b64encode(packed).decode()}, indent=0) + "\n"


def read(text: str) -> tuple[float, NDArray[np.float32]]:
    """The bias and the table of weights, shape (2 ** BITS,), of what `stored` gave."""
    kept = json.loads(text)
    table = np.frombuffer(zlib.decompress(base64.b64decode(kept["int8 zlib base64"])), dtype=np.int8)
    return kept["bias"], table.astype(np.float32) * np.float32(kept["step"])


@cache
def _model() -> _Model:
    bias, table = read(WEIGHTS.read_text(encoding="utf-8"))
    return _Model(table, bias)


def forget() -> None:
    """Has the weights read anew: a benchmark measures those of another release."""
    _model.cache_clear()
    _own_weights.clear()


_hashes = Memory(lambda word: zlib.crc32(_known_as(word).encode()))
_numbered_subjects = Memory(lambda word: tuple(_subject_numbers()[name] for name in subjects(word)))
_own_weights = Memory(lambda word: _model().sum(_of_word(word)))
_STOPS = np.array([_hashes[end] for end in SENTENCE_ENDS])


@dataclass(frozen=True)
class Scored:
    """The parts of a text that are alarms, and the score of the part that scores highest, also where that is none.

    `part` and `run` are from which to which token that part goes, and the words in it that say it most strongly.
    """

    alarms: list[Found]
    highest: float
    part: tuple[int, int]
    run: tuple[int, int]


def scored(texts: Sequence[Text]) -> list[Scored]:
    """Each text's score. Alarms are what scores above zero, where the threshold has been put."""
    return [each for portion in _portions(texts) for each in _scored_alike(portion)]


def alarms(texts: Sequence[Text]) -> list[list[Found]]:
    """Of each text the parts that are alarms."""
    return [each.alarms for each in scored(texts)]


def _portions(texts: Sequence[Text]) -> Iterator[list[Text]]:
    portion: list[Text] = []
    size = 0
    for text in texts:
        portion.append(text)
        size += len(text.tokens)
        if size >= _MOST_TOKENS:
            yield portion
            portion, size = [], 0
    if portion:
        yield portion


def highest(text: Text) -> float:
    """The score of the part of a text that scores highest, also where that is no alarm."""
    return scored([text])[0].highest


def _scored_alike(texts: Sequence[Text]) -> list[Scored]:
    first, sums, (row, start, end), scores = _scored([words(text) for text in texts])

    def run(which: int) -> tuple[int, int]:
        begin, stop = int(start[which]), int(end[which])
        strongest = begin + _strongest(sums[first[which] + begin : first[which] + stop + 1])
        return strongest, min(strongest + _SHOWN_WORDS, stop)

    alarms_by_text: list[list[Found]] = [[] for _ in texts]
    seen = [0] * len(texts)
    for which in np.flatnonzero(scores > 0).tolist():
        number, begin = int(row[which]), int(start[which])
        if begin >= seen[number] and len(alarms_by_text[number]) < MOST_SHOWN:
            seen[number] = int(end[which])
            alarms_by_text[number].append(Found("score", *texts[number].span(*run(which)), score=float(scores[which])))
    # The last of each text, in the order of their scores, is its highest.
    order = np.lexsort((scores, row))
    tops = order[np.searchsorted(row[order], np.arange(len(texts)), side="right") - 1].tolist()
    return [
        Scored(theirs, float(scores[top]), (int(start[top]), int(end[top])), run(top))
        for theirs, top in zip(alarms_by_text, tops, strict=True)
    ]


def _scored(tokens: Sequence[Sequence[str]]) -> tuple[Numbers, Worths, tuple[Numbers, Numbers, Numbers], Worths]:
    """Of each part: where its text begins, the running sums of all tokens' weights, text, start and end, and its score."""
    page = _Page.of(tokens)
    cut = [(number, *part) for number, text in enumerate(tokens) for part in sorted(parts(text))]
    row, start, end, whole = np.array(cut, dtype=np.int64).reshape(-1, 4).T
    first = np.concatenate([[0], page.ends])[row]
    sums = np.concatenate([[0.0], np.cumsum(_weights(page))])
    return first, sums, (row, start, end), _scores(page, sums, first + start, first + end) - doubts(row, whole > 0)


def _weights(page: _Page) -> Worths:
    """What each token adds, with what binds it to those before it."""
    own = np.fromiter(map(_own_weights.__getitem__, page.tokens), dtype=np.float64, count=len(page.tokens))
    bonds = _together(list(_bonds(page)))
    return own + np.bincount(bonds.places, weights=_model().table[bonds.buckets] * bonds.worths, minlength=len(own))


def _scores(page: _Page, sums: Worths, starts: Numbers, ends: Numbers) -> Worths:
    """The score of parts of a page, from the running sums of its tokens' weights."""
    model = _model()
    scores = (sums[ends] - sums[starts]) * _shrink(ends - starts) + model.bias
    for name, mask in _questions(page, starts, ends):
        scores[mask] += model.table[_bucket(name)] * _QUESTION
    return scores


def _strongest(sums: Worths) -> int:
    """Where the run of words begins that weighs most."""
    last = max(len(sums) - 1 - _SHOWN_WORDS, 0)
    return int(np.argmax(sums[min(_SHOWN_WORDS, len(sums) - 1) :][: last + 1] - sums[: last + 1]))
