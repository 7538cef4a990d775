"""A learned score of danger: what each word, its letters, its neighbours and what it speaks of weigh, summed over a part of the message.

The weights come from `python -m benchmarks.danger_weights`, trained on messages of our own and nothing else. Everything but the length
is a sum over words, so a word that was met before costs one look-up.
"""

import base64
import json
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import accumulate, pairwise
from math import sqrt
from pathlib import Path
from typing import NamedTuple

import numpy as np
import yaml
from numpy.typing import NDArray

from services.triage.phrases import SENTENCE_ENDS, Found, Text

WEIGHTS = Path(__file__).with_name("danger_weights.json")
WORDS = Path(__file__).with_name("danger_words.yaml")
BITS = 18
_SHORTEST_SENTENCE, _SHORTEST_GROUP, _LONGEST_WHOLE = 5, 25, 60
_SHOWN_WORDS = 12
_REACH = 6
"""How many words apart two subjects still belong together, within a sentence."""
_SMALLEST_LENGTH = 3
_SHORTEST_TELLING = 4
_SHORTEST_BEGINNING, _LONGEST_WORD, _MOST_KNOWN = 2, 24, 50_000
_WORD, _SHORT_WORD, _LETTERS, _SUBJECT, _NEIGHBOURS, _PAIR, _QUESTION = 1.0, 0.4, 0.35, 2.0, 0.7, 0.7, 0.3
"""How much each sort of feature may say, found by cross-validation: letters are many and say the same thing several times."""

SENTENCE_PENALTY = 1.5
"""A sentence alone must be so much surer: what is around it may say that all is well."""

Feature = tuple[str, float]


class Part(NamedTuple):
    """From which token to which; not `whole` is a sentence torn from what is around it."""

    start: int
    end: int
    whole: bool


def words(text: Text) -> list[str]:
    """The tokens that are looked at, the longest cut: nobody fills the memory of known words with them."""
    return [word[:_LONGEST_WORD] for word in text.tokens]


def parts(tokens: Sequence[str]) -> list[Part]:
    """What is scored: a short message whole, a long one in groups of sentences, and beside them each sentence alone."""
    groups = [(0, len(tokens))] if len(tokens) <= _LONGEST_WHOLE else list(_cut(tokens, _SHORTEST_GROUP))
    sentences = [part for part in _cut(tokens, 0) if part[1] - part[0] >= _SHORTEST_SENTENCE and part not in groups]
    return [*(Part(*group, whole=True) for group in groups), *(Part(*sentence, whole=False) for sentence in sentences)]


def _cut(tokens: Sequence[str], shortest: int) -> Iterator[tuple[int, int]]:
    """Behind each sentence that ends when enough words have come together, and where nothing ends for long."""
    start = 0
    for place, token in enumerate(tokens):
        length = place - start
        if (token in SENTENCE_ENDS and length >= shortest) or length >= _LONGEST_WHOLE:
            yield start, place + 1
            start = place + 1
    if len(tokens) > start:
        yield start, len(tokens)


def features(tokens: Sequence[str]) -> Iterator[Feature]:
    """Everything the score can learn of a part of a message, by name."""
    shrink = _shrink(tokens)
    for word in tokens:
        yield from ((name, worth * shrink) for name, worth in _of_word(word))
    yield from ((name, worth * shrink) for pair in pairwise(tokens) for name, worth in _of_neighbours(*pair))
    yield from ((name, worth * shrink) for _, one, other in _near_subjects(tokens) for name, worth in _of_subjects(one, other))
    yield from _of_question(tokens)


def bucket(name: str) -> int:
    """Where a feature's weight stands in the table."""
    return zlib.crc32(name.encode()) & ((1 << BITS) - 1)


def _shrink(tokens: Sequence[str]) -> float:
    return 1 / sqrt(len(tokens) + _SMALLEST_LENGTH)


def _of_word(word: str) -> Iterator[Feature]:
    if word in SENTENCE_ENDS:
        return
    if word[0] == "_":  # a figure of speech stood here: who jokes is seldom in danger
        yield "w_", _WORD
        return
    if word[0].isdigit():
        word = "0"
    # Short words are those of grammar, and tell one writer from another more than one message from another.
    yield f"w{word}", _WORD if len(word) >= _SHORTEST_TELLING else _SHORT_WORD
    bounded = f"<{word}>"
    for size in (3, 4, 5):
        for start in range(len(bounded) - size + 1 if size < len(bounded) else 0):
            yield f"c{bounded[start : start + size]}", _LETTERS
    for subject in subjects(word):
        yield f"k{subject}", _SUBJECT


def _of_neighbours(one: str, other: str) -> Iterator[Feature]:
    # A question mark says something about its word; where sentences end, habits of writing say more than danger does.
    if other == "?" or not (one in SENTENCE_ENDS or other in SENTENCE_ENDS):
        yield f"b{one} {other}", _NEIGHBOURS


def _of_subjects(some: Sequence[str], others: Sequence[str]) -> Iterator[Feature]:
    for one in some:
        for other in others:
            if one != other:
                yield f"p{min(one, other)} {max(one, other)}", _PAIR


def _of_question(tokens: Sequence[str]) -> Iterator[Feature]:
    if "?" in tokens:
        yield "question", _QUESTION
        if tokens[-1] == "?":
            yield "question last", _QUESTION


def _near_subjects(tokens: Sequence[str]) -> Iterator[tuple[int, tuple[str, ...], tuple[str, ...]]]:
    """Each word's subjects with those of the words just before it in its sentence, and the word's place."""
    recent: list[tuple[int, tuple[str, ...]]] = []
    for place, word in enumerate(tokens):
        if word in SENTENCE_ENDS:
            recent.clear()
            continue
        found = subjects(word)
        if found:
            recent = [before for before in recent if place - before[0] <= _REACH]
            for _, others in recent:
                yield place, found, others
            recent.append((place, found))


@cache
def _listed() -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    whole: dict[str, list[str]] = {}
    beginnings: dict[str, list[str]] = {}
    for subject, words in yaml.safe_load(WORDS.read_text(encoding="utf-8")).items():
        for word in dict.fromkeys(words.split()):
            (beginnings if word.endswith("*") else whole).setdefault(word.rstrip("*"), []).append(subject)
    return whole, beginnings


@lru_cache(maxsize=_MOST_KNOWN)
def subjects(word: str) -> tuple[str, ...]:
    """What a word speaks of: the names of the lists that it is in."""
    whole, beginnings = _listed()
    begun = (name for length in range(_SHORTEST_BEGINNING, len(word) + 1) for name in beginnings.get(word[:length], ()))
    return tuple(dict.fromkeys((*whole.get(word, ()), *begun)))


@dataclass(frozen=True)
class _Model:
    """The weights by bucket, and what a part without any starts from."""

    table: NDArray[np.float32]
    bias: float

    def sum(self, found: Iterable[Feature]) -> float:
        return sum(float(self.table[bucket(name)]) * worth for name, worth in found)


def stored(table: NDArray[np.float32], bias: float) -> str:
    """The weights as they are kept: 8 bits each, packed."""
    step = float(np.abs(table).max()) / 127
    packed = zlib.compress(np.round(table / step).astype(np.int8).tobytes(), 9)
    return json.dumps({"bias": round(bias, 4), "step": step, "int8 zlib base64": base64.b64encode(packed).decode()}, indent=0) + "\n"


@cache
def _model() -> _Model:
    kept = json.loads(WEIGHTS.read_text(encoding="utf-8"))
    table = np.frombuffer(zlib.decompress(base64.b64decode(kept["int8 zlib base64"])), dtype=np.int8)
    return _Model(table.astype(np.float32) * np.float32(kept["step"]), kept["bias"])


@lru_cache(maxsize=_MOST_KNOWN)
def _word_weight(word: str) -> float:
    return _model().sum(_of_word(word))


@lru_cache(maxsize=_MOST_KNOWN)
def _neighbours_weight(one: str, other: str) -> float:
    return _model().sum(_of_neighbours(one, other))


@lru_cache(maxsize=_MOST_KNOWN)
def _subjects_weight(some: tuple[str, ...], others: tuple[str, ...]) -> float:
    return _model().sum(_of_subjects(some, others))


def _weights(tokens: Sequence[str]) -> list[float]:
    """What each word adds, with what binds it to the words before it."""
    found = [_word_weight(word) for word in tokens]
    for place, (one, other) in enumerate(pairwise(tokens), start=1):
        found[place] += _neighbours_weight(one, other)
    for place, some, others in _near_subjects(tokens):
        found[place] += _subjects_weight(some, others)
    return found


def alarms(text: Text) -> Iterator[Found]:
    """The parts of a text that score above zero, where the threshold has been put; of each the run of words that says it most strongly."""
    model, seen, found = _model(), 0, words(text)
    sums = [0.0, *accumulate(_weights(found))]
    for part in sorted(parts(found)):
        if part.start < seen:
            continue
        tokens = found[part.start : part.end]
        said = (sums[part.end] - sums[part.start]) * _shrink(tokens) + model.sum(_of_question(tokens))
        if model.bias + said > (0 if part.whole else SENTENCE_PENALTY):
            first, seen = _strongest(sums, part), part.end
            yield Found("score", *text.span(first, min(first + _SHOWN_WORDS, part.end)))


def _strongest(sums: Sequence[float], part: Part) -> int:
    """Where the run of words begins that weighs most."""
    last = max(part.end - _SHOWN_WORDS, part.start)
    return max(range(part.start, last + 1), key=lambda start: sums[min(start + _SHOWN_WORDS, part.end)] - sums[start])
