"""What kind of letter it is: a report, a question, praise, another body's matter. Cues of ours and learned weights, a look-up a word.

The weights are `python -m training.letter_kinds`'s. They are few, so that all of it takes a few hundredths of a millisecond a message.
"""

import json
import math
import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple, Self

import numpy as np
import yaml
from numpy.typing import NDArray

from schemas.requests_triaged import LETTER_KINDS, LetterKind
from services.triage.signals.wording_matcher import Memory, fold

WEIGHTS = Path(__file__).with_name("letter_weights.json")
CUES = Path(__file__).with_name("letter_cues.yaml")
KINDS = LETTER_KINDS
_TOKENS = re.compile(r"\w+|[?!]")
_HIDDEN = re.compile(r"\[[A-Z]+_[0-9]+\]")
_GAP = ".."
_GAP_WORDS = 4
_READ_FIRST, _READ_LAST = 1_200, 400
"""Characters: what a letter wants stands where it begins or where it ends."""
_OPENING, _CLOSING = 12, 12
_STEM = 6
_SHORTEST_PREFIX = 2
_LENGTHS = (6, 12, 25, 50, 100, 200)
_MANY = 3
_CUE, _CUE_IN_PLACE = 2.0, 1.0
_PHRASE, _KNOWN_WORD = 1.0, 0.7


_DOUBTS: dict[LetterKind, frozenset[str]] = {
    "praise": frozenset(
        ("complaint_word", "complaint_demand", "complaint_conduct", "negation_of_praise", "often defect", "asked last", "asks")
    ),
    "no_answer": frozenset(("complaint_word", "complaint_demand", "asks", "often defect")),
    "not_ours": frozenset(("often defect", "no_reply_needed")),
    "several": frozenset(("length 5", "length 6")),
}
"""Cues beside which a letter is not surely of the kind: irony praises, what asks something needs an answer, a long story is one."""

_NEEDED: dict[LetterKind, frozenset[str]] = {"several": frozenset(("ordinals", "subject ordinals", "numbered"))}
"""Without one of which it is not surely of the kind."""


class LetterReading(NamedTuple):
    """`probability` is calibrated; `sure` where it is above the floor of its kind, from which a draft may rest on it."""

    kind: LetterKind
    probability: float
    sure: bool


class _Element(NamedTuple):
    words: frozenset[str]
    beginnings: tuple[str, ...]
    gap: bool
    """Whether other words may stand before it."""

    def matches(self, word: str) -> bool:
        return word in self.words or (bool(self.beginnings) and word.startswith(self.beginnings))


class _Phrase(NamedTuple):
    """`rest` follows its first element; the names are those of its features."""

    cue: str
    wording: str
    rest: tuple[_Element, ...]


class _Word(NamedTuple):
    """What a word may begin, and its own feature."""

    phrases: tuple[_Phrase, ...]
    name: str


@cache
def _phrases() -> dict[str, list[tuple[_Element, _Phrase]]]:
    """Every phrase by the first letters of a word that it may begin with."""
    by_start: dict[str, list[tuple[_Element, _Phrase]]] = {}
    for cue, lines in yaml.safe_load(CUES.read_text(encoding="utf-8")).items():
        for line in filter(None, fold(lines).split("\n")):
            first, *rest = _elements(line)
            phrase = _Phrase(cue, f"p {line}", tuple(rest))
            for start in {word[:_SHORTEST_PREFIX] for word in (*first.words, *first.beginnings)}:
                by_start.setdefault(start, []).append((first, phrase))
    return by_start


def _elements(line: str) -> Iterator[_Element]:
    gap = False
    for part in line.split():
        if part == _GAP:
            gap = True
            continue
        words = part.split("|")
        yield _Element(
            frozenset(word for word in words if not word.endswith("*")),
            tuple(word.rstrip("*") for word in words if word.endswith("*")),
            gap,
        )
        gap = False


def _looked_up(word: str) -> _Word:
    phrases = tuple(phrase for first, phrase in _phrases().get(word[:_SHORTEST_PREFIX], ()) if first.matches(word))
    return _Word(phrases, "w 0" if word[0].isdigit() else f"w {word[:_STEM]}")


_entries = Memory(_looked_up)


def words(subject: str | None, body: str) -> list[list[str]]:
    """The folded words of subject and body; a long body by its beginning and its end, a placeholder is no word."""
    if len(body) > _READ_FIRST + _READ_LAST:
        body = f"{body[:_READ_FIRST]} {body[-_READ_LAST:]}"
    return [_TOKENS.findall(fold(_HIDDEN.sub(" ", text))) if text else [] for text in (subject, body)]


def features(subject: str | None, body: str) -> dict[str, float]:
    """What the weights are learned of: cues and where they stand, the words, the length, questions."""
    titled, written = words(subject, body)
    by_name: dict[str, float] = {}
    for cue in _places(titled, by_name):
        by_name[f"subject {cue}"] = _CUE
    count = len(written)
    places = _places(written, by_name)
    for cue, seen_at in places.items():
        by_name[cue] = _CUE
        if seen_at[0] < _OPENING:
            by_name[f"first {cue}"] = _CUE_IN_PLACE
        if seen_at[-1] >= count - _CLOSING:
            by_name[f"last {cue}"] = _CUE_IN_PLACE
        if len(seen_at) >= _MANY:
            by_name[f"often {cue}"] = _CUE_IN_PLACE
    by_name[f"length {bisect_left(_LENGTHS, count)}"] = 1.0
    by_name[f"different {min(len(places), 9) // 2}"] = 1.0
    asked = written.count("?")
    if asked > 1:
        by_name[f"asked {min(asked, _MANY)}"] = _CUE_IN_PLACE
    if asked and written[-1] == "?":
        by_name["asked last"] = 1.0
    if "1" in written and "2" in written:
        by_name["numbered"] = _CUE
    if not titled:
        by_name["no subject"] = 1.0
    return by_name


def _places(tokens: Sequence[str], by_name: dict[str, float]) -> dict[str, list[int]]:
    """Where each cue stands; words and wordings are noted as features."""
    places: dict[str, list[int]] = {}
    for place, token in enumerate(tokens):
        word = _entries[token]
        by_name[word.name] = _KNOWN_WORD
        for phrase in word.phrases:
            if not phrase.rest or _goes_on(tokens, place + 1, phrase.rest):
                by_name[phrase.wording] = _PHRASE
                if phrase.cue in places:
                    places[phrase.cue].append(place)
                else:
                    places[phrase.cue] = [place]
    return places


def _goes_on(tokens: Sequence[str], place: int, rest: Sequence[_Element]) -> bool:
    for element in rest:
        reach = _GAP_WORDS + 1 if element.gap else 1
        for at in range(place, min(place + reach, len(tokens))):
            if element.matches(tokens[at]):
                place = at + 1
                break
        else:
            return False
    return True


@dataclass(frozen=True)
class _Model:
    """`weights` is (features, kinds); `floors` is the probability of each kind from which it is sure."""

    places: dict[str, int]
    weights: NDArray[np.float64]
    bias: NDArray[np.float64]
    temperature: float
    floors: dict[str, float]

    @classmethod
    def of(cls, text: str) -> Self:
        kept = json.loads(text)
        names = list(kept["weights"])
        weights = np.array([kept["weights"][name] for name in names], dtype=float)
        return cls({name: n for n, name in enumerate(names)}, weights, np.array(kept["bias"]), kept["temperature"], kept["floors"])

    def probabilities(self, by_name: dict[str, float]) -> list[float]:
        """Of each kind, in their order."""
        places = self.places
        rows = [place for place in map(places.get, by_name) if place is not None]
        worths = [worth for name, worth in by_name.items() if name in places]
        scores = (np.array(worths) @ self.weights[rows] + self.bias).tolist() if rows else self.bias.tolist()
        highest = max(scores)
        raised = [math.exp((score - highest) / self.temperature) for score in scores]
        total = sum(raised)
        return [value / total for value in raised]


@cache
def _model() -> _Model:
    return _Model.of(WEIGHTS.read_text(encoding="utf-8"))


def letter_kind(subject: str | None, body: str) -> LetterReading | None:
    """The likeliest kind of a redacted message; none where there is no word."""
    if not body.strip() and not (subject or "").strip():
        return None
    model = _model()
    by_name = features(subject, body)
    probabilities = model.probabilities(by_name)
    best = max(range(len(KINDS)), key=probabilities.__getitem__)
    kind, probability = KINDS[best], probabilities[best]
    return LetterReading(kind, round(probability, 4), sure=probability >= model.floors[kind] and not doubtful(kind, by_name))


def doubtful(kind: LetterKind, by_name: Mapping[str, float]) -> bool:
    """Whether the message has something beside which no probability makes it sure, or lacks what it takes."""
    needed = _NEEDED.get(kind)
    return not _DOUBTS.get(kind, frozenset()).isdisjoint(by_name) or (needed is not None and needed.isdisjoint(by_name))
