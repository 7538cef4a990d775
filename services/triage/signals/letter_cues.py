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
_SHORTEST_PREFIX = 2


class Element(NamedTuple):
    """One place of a phrase: which words may stand there."""

    words: frozenset[str]
    beginnings: tuple[str, ...]
    gap: bool
    """Whether other words may stand before it."""

    def matches(self, word: str) -> bool:
        """Whether it is this word."""
        return word in self.words or (bool(self.beginnings) and word.startswith(self.beginnings))


class _Phrase(NamedTuple):
    """`rest` follows its first element; the names are those of its features. `needed` are the bits of the elements of `rest`."""

    cue: str
    wording: str
    rest: tuple[Element, ...]
    needed: int


class _Vocabulary(NamedTuple):
    """By the first letters of a word that they may match: the phrases that begin so, and the elements of all others with their bits."""

    phrases: dict[str, list[tuple[Element, _Phrase]]]
    elements: dict[str, list[tuple[Element, int]]]


@cache
def _vocabulary() -> _Vocabulary:
    vocabulary = _Vocabulary({}, {})
    bits: dict[tuple[frozenset[str], tuple[str, ...]], int] = {}
    for cue, lines in yaml.safe_load(CUES.read_text(encoding="utf-8")).items():
        for line in filter(None, fold(lines).split("\n")):
            first, *rest = elements(line)
            needed = 0
            for element in rest:
                words = element.words, element.beginnings
                if words not in bits:
                    bits[words] = 1 << len(bits)
                    for start in _starts(element):
                        vocabulary.elements.setdefault(start, []).append((element, bits[words]))
                needed |= bits[words]
            for start in _starts(first):
                vocabulary.phrases.setdefault(start, []).append((first, _Phrase(cue, f"p {line}", tuple(rest), needed)))
    return vocabulary


def _starts(element: Element) -> set[str]:
    return {word[:_SHORTEST_PREFIX] for word in (*element.words, *element.beginnings)}


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


def _begun_by(word: str) -> tuple[_Phrase, ...]:
    return tuple(phrase for first, phrase in _vocabulary().phrases.get(word[:_SHORTEST_PREFIX], ()) if first.matches(word))


def _matched_by(word: str) -> int:
    return reduce(or_, (bit for element, bit in _vocabulary().elements.get(word[:_SHORTEST_PREFIX], ()) if element.matches(word)), 0)


_phrases_begun = Memory(_begun_by)
_elements_matched = Memory(_matched_by)


def places(tokens: Sequence[str], by_name: dict[str, float]) -> dict[str, list[int]]:
    """Where each cue stands among the words of a letter; its wordings are noted in `by_name`."""
    by_cue: dict[str, list[int]] = {}
    different = set(tokens)
    matched = reduce(or_, set(map(_elements_matched.__getitem__, different)), 0)
    # Few phrases have all their words in the message: only those are looked for in their order.
    possible = {
        word: phrases
        for word in different
        if (begun := _phrases_begun[word]) and (phrases := [phrase for phrase in begun if phrase.needed & matched == phrase.needed])
    }
    for place, token in enumerate(tokens):
        for phrase in possible.get(token, ()):
            if not phrase.rest or _goes_on(tokens, place + 1, phrase.rest):
                by_name[phrase.wording] = WORTH
                if phrase.cue in by_cue:
                    by_cue[phrase.cue].append(place)
                else:
                    by_cue[phrase.cue] = [place]
    return by_cue


def _goes_on(tokens: Sequence[str], place: int, rest: Sequence[Element]) -> bool:
    for element in rest:
        reach = _GAP_WORDS + 1 if element.gap else 1
        for at in range(place, min(place + reach, len(tokens))):
            if element.matches(tokens[at]):
                place = at + 1
                break
        else:
            return False
    return True
