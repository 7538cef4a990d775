"""Tells which of many patterns a text could match at all, by one search for the literals that each of them cannot do without.

What a pattern needs is read off the pattern itself, so that nobody has to keep a list beside it and nothing can be left out of one.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from re import _constants as sre  # type: ignore[attr-defined, unused-ignore]  # what patterns are parsed to has no public name
from re import _parser as parser  # type: ignore[attr-defined, unused-ignore]
from typing import Any

from ahocorasick_rs import AhoCorasick, Implementation

_SHORTEST = 3
"""Letters of a literal: shorter ones are in every text."""
_MOST = 80
"""Texts that a stretch of a pattern is spelt out to."""
_MOST_NEEDED = 400
"""Literals of which one is needed: among more of them some is in a text by chance."""
_EQUAL_CASES = str.maketrans({"\u0131": "i", "\u0307": None})
"""Dotless and dotted i, which `re` takes for i where it disregards case, and `casefold` does not."""

Literals = frozenset[str]
"""One of which every match contains."""
Needs = tuple[Literals, ...]
"""All of which a match contains one of."""


_Part = tuple[Literals | None, list[Literals]]
"""All the texts that a part of a pattern can be, where they are few, and what is needed for it."""


def without_case(text: str) -> str:
    """A form that is the same for texts between which `re.IGNORECASE` sees no difference."""
    folded = text.casefold()
    return folded if folded.isascii() else folded.translate(_EQUAL_CASES)


def needs(pattern: re.Pattern[str]) -> list[Needs]:
    """The ways to match it: what a text must contain for each. With IGNORECASE the literals are as `without_case` makes them."""
    parts = list(parser.parse(pattern.pattern, pattern.flags))
    *before, (kind, value) = parts or [(None, None)]
    branches = value[1] if kind is sre.BRANCH and all(part[0] is sre.AT for part in before) else [parts]
    return [tuple(sorted(_Run(pattern).read(branch).literals, key=_rarity, reverse=True)) for branch in branches]


def _rarity(literals: Literals) -> tuple[int, int]:
    """Fewest texts have long literals, and one of few."""
    return min(map(len, literals)), -len(literals)


class _Run:
    """What is needed of the parts read so far, and all the texts that the last of them can be."""

    def __init__(self, pattern: re.Pattern[str]) -> None:
        self._pattern = pattern
        self.literals: list[Literals] = []
        self.exact: Literals | None = frozenset({""})
        """None once a part could not be spelt out."""
        self._tail = frozenset({""})

    def read(self, parts: Iterable[tuple[Any, Any]]) -> "_Run":
        for kind, value in parts:
            spelt, literals = self._part(kind, value)
            if spelt is not None and len(spelt) * len(self._tail) <= _MOST:
                self._tail = frozenset(map("".join, product(self._tail, spelt)))
                continue
            self._end_tail()
            self.exact = None
            if spelt is not None:
                self._tail = spelt
            self.literals += literals
        if self.exact is not None:
            self.exact = self._tail
        self._end_tail()
        return self

    def _end_tail(self) -> None:
        if min(map(len, self._tail)) >= _SHORTEST:
            self.literals.append(self._tail)
        self._tail = frozenset({""})

    def _part(self, kind: Any, value: Any) -> _Part:  # noqa: ANN401, PLR0911 - the parser's own constants, and one for each sort
        match kind:
            case sre.LITERAL:
                return frozenset({self._letter(value)}), []
            case sre.AT | sre.ASSERT | sre.ASSERT_NOT:
                return frozenset({""}), []
            case sre.IN if all(of is sre.LITERAL for of, _ in value):
                return frozenset(self._letter(code) for _, code in value), []
            case sre.SUBPATTERN if value[1] or value[2]:
                return None, []  # flags of its own: its letters may be others than those of the pattern
            case sre.SUBPATTERN | sre.ATOMIC_GROUP:
                return self._group(value[-1] if kind is sre.SUBPATTERN else value)
            case sre.MAX_REPEAT | sre.MIN_REPEAT | sre.POSSESSIVE_REPEAT:
                return self._repeated(*value)
            case sre.BRANCH:
                return self._branches(value[1])
        return None, []

    def _group(self, parts: Iterable[tuple[Any, Any]]) -> _Part:
        run = _Run(self._pattern).read(parts)
        return run.exact, run.literals

    def _repeated(self, least: int, most: int, parts: Iterable[tuple[Any, Any]]) -> _Part:
        spelt, literals = self._group(parts)
        if (least, most) == (0, 1):
            return spelt and spelt | {""}, []
        return None, literals if least else []

    def _branches(self, branches: Iterable[Iterable[tuple[Any, Any]]]) -> _Part:
        runs = list(map(self._group, branches))
        if all(spelt is not None for spelt, _ in runs):
            together = frozenset[str]().union(*(spelt or () for spelt, _ in runs))
            if len(together) <= _MOST:
                return together, []
        best = [max(literals, key=_rarity, default=frozenset[str]()) for _, literals in runs]
        union = frozenset[str]().union(*best)
        return None, [union] if all(best) and len(union) <= _MOST_NEEDED else []

    def _letter(self, code: int) -> str:
        return without_case(chr(code)) if self._pattern.flags & re.IGNORECASE else chr(code)


@dataclass(frozen=True)
class _Way:
    """One way to match one of the patterns."""

    bit: int
    others: tuple[frozenset[int], ...]
    """Numbers of literals, of each set of which one is needed beside that which led here."""


class Prefilter:
    """The literals of all the patterns that were added. Those that regard case and those that don't have one each."""

    def __init__(self) -> None:
        self._needs: list[tuple[int, list[Needs]]] = []

    def add(self, pattern: re.Pattern[str]) -> int:
        """The bit of the pattern in what `possible` says."""
        bit = 1 << len(self._needs)
        self._needs.append((bit, needs(pattern)))
        self.__dict__.pop("_search", None)
        return bit

    @cached_property
    def _search(self) -> tuple[AhoCorasick, list[Sequence[_Way]], int]:
        """The automaton, the ways that each of its literals leads to, and the patterns that need nothing."""
        numbers: dict[str, int] = {}
        ways: dict[int, list[_Way]] = {}
        always = 0
        for bit, alternatives in self._needs:
            for first, *others in (sets or [frozenset[str]()] for sets in alternatives):
                always |= 0 if first else bit
                numbered = tuple(frozenset(numbers.setdefault(literal, len(numbers)) for literal in literals) for literals in others)
                for literal in first:
                    ways.setdefault(numbers.setdefault(literal, len(numbers)), []).append(_Way(bit, numbered))
        automaton = AhoCorasick(list(numbers), implementation=Implementation.DFA)
        return automaton, [tuple(ways.get(number, ())) for number in range(len(numbers))], always

    def possible(self, text: str) -> int:
        """The bits of the patterns that the text could match: of all others it is certain that it does not."""
        automaton, ways, possible = self._search
        if not text.isascii():
            text = text.encode("utf-8", "replace").decode()  # half a surrogate pair is in no literal, and no UTF-8
        seen = {number for number, _, _ in automaton.find_matches_as_indexes(text, overlapping=True)}
        for number in seen:
            for way in ways[number]:
                if not possible & way.bit and not any(map(seen.isdisjoint, way.others)):
                    possible |= way.bit
        return possible
