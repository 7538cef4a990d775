"""Finds the phrases by which kinds of letters are told (`letter_cues.yaml`), and where they stand."""

from collections.abc import Iterator, Sequence
from functools import cache, reduce
from operator import or_
from pathlib import Path
from typing import NamedTuple

import yaml

from services.triage.signals.wording_matcher import Memory, fold

CUES = Path(__file__).with_name("letter_cues.yaml")
WORTH = 0.25
"""Of a phrase as a feature."""
_GAP = ".."
_GAP_WORDS = 4
_SHORTEST_PREFIX, _LONGEST_PREFIX = 2, 24


class Element(NamedTuple):
    """One place of a phrase: which words may stand there."""

    words: frozenset[str]
    beginnings: tuple[str, ...]
    gap: bool
    """Whether other words may stand before it."""

    def matches(self, word: str) -> bool:
        """Whether it is this word."""
        return word in self.words or (bool(self.beginnings) and word.startswith(self.beginnings))


class _Next(NamedTuple):
    """The bit of an element that has to follow, and how many words may be looked at for it."""

    bit: int
    reach: int


class _Phrase(NamedTuple):
    """`rest` follows its first element; the names are those of its features. `needed` are the bits of the elements of `rest`."""

    cue: str
    wording: str
    rest: tuple[_Next, ...]
    needed: int


class _Cues(NamedTuple):
    """What a word is to the phrases: the bits of the elements that it matches, and the phrases that may begin with it."""

    elements: int
    phrases: tuple[_Phrase, ...]


class _Vocabulary(NamedTuple):
    """By words, and by beginnings with a star behind them: the numbers of the phrases that begin so, and the bits of all other elements."""

    phrases: list[_Phrase]
    begun: dict[str, set[int]]
    elements: dict[str, int]


@cache
def _vocabulary() -> _Vocabulary:
    vocabulary = _Vocabulary([], {}, {})
    bits: dict[tuple[frozenset[str], tuple[str, ...]], int] = {}
    for cue, lines in yaml.safe_load(CUES.read_text(encoding="utf-8")).items():
        for line in filter(None, fold(lines).split("\n")):
            first, *others = elements(line)
            needed, rest = 0, list[_Next]()
            for element in others:
                bit = bits.setdefault((element.words, element.beginnings), 1 << len(bits))
                for key in _keys(element):
                    vocabulary.elements[key] = vocabulary.elements.get(key, 0) | bit
                needed |= bit
                rest.append(_Next(bit, _GAP_WORDS + 1 if element.gap else 1))
            for key in _keys(first):
                vocabulary.begun.setdefault(key, set()).add(len(vocabulary.phrases))
            vocabulary.phrases.append(_Phrase(cue, f"p {line}", tuple(rest), needed))
    return vocabulary


def _keys(element: Element) -> Iterator[str]:
    yield from element.words
    yield from (f"{beginning}*" for beginning in element.beginnings)


def elements(line: str) -> Iterator[Element]:
    """The elements of a phrase as `letter_cues.yaml` has it."""
    gap = False
    for part in line.split():
        if part == _GAP:
            gap = True
            continue
        words = part.split("|")
        yield Element(
            frozenset(word for word in words if not word.endswith("*")),
            tuple(word.rstrip("*") for word in words if word.endswith("*")),
            gap,
        )
        gap = False


def _cues_of(word: str) -> _Cues:
    phrases, begun, bits = _vocabulary()
    keys = [word, *(f"{word[:length]}*" for length in range(_SHORTEST_PREFIX, min(len(word), _LONGEST_PREFIX) + 1))]
    numbers = sorted({number for key in keys if key in begun for number in begun[key]})
    return _Cues(reduce(or_, [bits[key] for key in keys if key in bits], 0), tuple([phrases[number] for number in numbers]))


_cues = Memory(_cues_of)


def places(tokens: Sequence[str], by_name: dict[str, float]) -> dict[str, list[int]]:
    """Where each cue stands among the words of a letter; its wordings are noted in `by_name`."""
    by_cue: dict[str, list[int]] = {}
    different = set(tokens)
    cues = dict(zip(different, map(_cues.__getitem__, different), strict=True))
    matched = reduce(or_, [cue.elements for cue in cues.values()], 0)
    # Few phrases have all their words in the message: only those are looked for in their order.
    possible = {
        word: phrases
        for word, (_, begun) in cues.items()
        if begun and (phrases := [phrase for phrase in begun if phrase.needed & matched == phrase.needed])
    }
    masks = [cues[token].elements for token in tokens]
    for place in [place for place, token in enumerate(tokens) if token in possible]:
        for phrase in possible[tokens[place]]:
            if not phrase.rest or _goes_on(masks, place + 1, phrase.rest):
                by_name[phrase.wording] = WORTH
                if phrase.cue in by_cue:
                    by_cue[phrase.cue].append(place)
                else:
                    by_cue[phrase.cue] = [place]
    return by_cue


def _goes_on(masks: Sequence[int], place: int, rest: Sequence[_Next]) -> bool:
    for bit, reach in rest:
        for mask in masks[place : place + reach]:
            place += 1
            if mask & bit:
                break
        else:
            return False
    return True
