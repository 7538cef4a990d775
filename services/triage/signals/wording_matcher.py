"""Matches wording: words near each other, in any order, within a sentence, at the cost of one look-up a word.

An element is `gas|gaz|smell*|PERSON`: words, beginnings of words, and names of word lists. Words are folded: lower case, no accents.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import islice
from operator import or_
from typing import Generic, TypeVar

from services.domain.word_finder import WordFinder
from services.triage.prefilter import Prefilter

T = TypeVar("T")

_ACCENTED = "àâäáãåçéèêëíìîïñóòôöõúùûüýÿ\u2019\u2018\u02bc`\u00b4\u00a0\u202f\u2011\u2010"
_PLAIN = "aaaaaaceeeeiiiinooooouuuuyy'''''  --"
_FOLD = dict(zip(_ACCENTED, _PLAIN, strict=True))
_FOLDED = re.compile(f"[{re.escape(_ACCENTED)}]")
_TOKENS = re.compile(r"\w+|[.!?\n]")
_TOKEN_FINDER = WordFinder(_TOKENS)
_SHORTEST_BEGINNING, _LONGEST_BEGINNING, _LONGEST_WORD = 3, 10, 24
SENTENCE_ENDS = frozenset(".!?\n")
_NEGATIONS = "no not never nobody none without isn wasn aren weren hasn haven didn doesn don nothing ne n pas aucun aucune sans jamais ni"
_BREAKS = "and but because there et mais car y ca c que qui so since while"
_SENTENCE_GAP = 6
"""How far apart a full stop puts two words: a short sentence still belongs to the one before it, a long one does not."""
_NEGATION_REACH = 3
_UNLESS_REACH = 6
_MOST_KNOWN = 50_000
_TRIES = 40
"""Places looked at for one rule: a text that repeats itself denied more often than this is not a message."""


_PREFILTER = Prefilter()
"""Of all `Patterns` there are: a text is searched once for all of them."""
_words: dict[str, int] = {}
_beginnings: dict[str, int] = {}
"""The bits of all elements of all `Wording` there is, by words and beginnings of words: a word is looked up once for all of them."""


def fold(text: str) -> str:
    """Lower case without accents, letter for letter, so that places in it are places in the text."""
    folded = text.lower()
    if folded.isascii():
        return folded.replace("`", "'")
    if len(folded) != len(text):  # a few capitals, as the Turkish dotted I, become two characters
        folded = "".join(lowered if len(lowered := letter.lower()) == 1 else letter for letter in text)
    return _FOLDED.sub(lambda match: _FOLD[match[0]], folded)


class Text:
    """A folded text with its words, taken apart once."""

    __slots__ = ("_possible", "_wording", "folded", "tokens", "words")

    def __init__(self, folded: str) -> None:
        self.folded = folded
        self.tokens: list[str] = _TOKEN_FINDER.findall(folded)
        self.words = set(self.tokens)
        self._possible: int | None = None
        self._wording: int | None = None

    @property
    def possible(self) -> int:
        """The bits of the patterns that it could match."""
        if self._possible is None:
            self._possible = _PREFILTER.possible(self.folded)
        return self._possible

    @property
    def wording(self) -> int:
        """The bits of the elements, of all rules of all `Wording` there is, that any of its words is of."""
        if self._wording is None:
            self._wording = reduce(or_, set(map(_elements.__getitem__, self.words)), 0)
        return self._wording

    def span(self, first: int, end: int) -> tuple[int, int]:
        """Where the tokens from `first` up to `end` stand, in characters."""
        spans = [match.span() for match in islice(_TOKENS.finditer(self.folded), first, end)]
        return spans[0][0], spans[-1][1]


class Memory(dict[str, T], Generic[T]):
    """What was worked out for a word, as long as there is room. Threads may share it: at worst a word is worked out twice."""

    def __init__(self, work_out: Callable[[str], T]) -> None:
        self._work_out = work_out

    def __missing__(self, word: str) -> T:
        value = self._work_out(word)
        if len(word) <= _LONGEST_WORD:
            if len(self) >= _MOST_KNOWN:
                self.clear()
            self[word] = value
        return value


def _elements_of(word: str) -> int:
    mask = _words.get(word, 0)
    for length in range(_SHORTEST_BEGINNING, min(len(word), _LONGEST_BEGINNING) + 1):
        mask |= _beginnings.get(word[:length], 0)
    return mask


_elements = Memory(_elements_of)


@dataclass(frozen=True)
class Near:
    """All `elements` within `reach` words of the first; `ordered` where they must follow each other; `unless` one of these is near."""

    about: str
    elements: tuple[str, ...]
    reach: int
    ordered: bool = False
    negatable: bool = True
    unless: str = ""


def near(about: str, wording: str, reach: int, *, ordered: bool = False, negatable: bool = True, unless: str = "") -> Near:
    """A rule from its elements, written with a space between them."""
    return Near(about, tuple(wording.split()), reach, ordered, negatable, unless)


@dataclass(frozen=True)
class Found:
    """Where a rule holds, in characters; `score` is what a learned one says above its threshold, in log-odds."""

    about: str
    start: int
    end: int
    score: float = 0.0


@dataclass(frozen=True)
class _Compiled:
    rule: Near
    bits: tuple[int, ...]
    needed: int
    unless: int


class Wording:
    """Rules with their words looked up once for all."""

    _bits_taken = 0
    """By the elements of all others there are."""

    def __init__(self, rules: Iterable[Near], lists: Mapping[str, str]) -> None:
        self._lists = lists
        self._bits: dict[str, int] = {}
        self._first = Wording._bits_taken
        self._negation, self._break = self._bit(_NEGATIONS.replace(" ", "|")), self._bit(_BREAKS.replace(" ", "|"))
        self._rules = tuple(self._compile(rule) for rule in rules)
        self._all = (1 << len(self._bits)) - 1
        self._known = Memory(lambda word: _elements[word] >> self._first & self._all)
        Wording._bits_taken += len(self._bits)
        _elements.clear()

    def _compile(self, rule: Near) -> _Compiled:
        bits = tuple(self._bit(element) for element in rule.elements)
        needed = 0
        for bit in bits:
            needed |= bit
        return _Compiled(rule, bits, needed, self._bit(rule.unless) if rule.unless else 0)

    def _bit(self, element: str) -> int:
        bit = self._bits.get(element)
        if bit is not None:
            return bit
        bit = self._bits[element] = 1 << len(self._bits)
        for word in self._words(element):
            table = _beginnings if word.endswith("*") else _words
            word = word.rstrip("*")  # noqa: PLW2901 - the star has said its part
            table[word] = table.get(word, 0) | bit << self._first
        return bit

    def _words(self, element: str) -> Iterator[str]:
        for word in element.split("|"):
            if word.isupper():
                for listed in self._lists[word].split():
                    yield from self._words(listed)
            else:
                yield word

    def find(self, text: Text) -> Iterator[Found]:
        """The rules that hold, in their order, each at the first place where nothing denies it and then at the next ones."""
        total = text.wording >> self._first & self._all
        possible = [compiled for compiled in self._rules if total & compiled.needed == compiled.needed]
        if not possible:
            return
        marked = self._marked(text.tokens)
        spans: list[tuple[int, int]] = []
        for compiled in possible:
            for first, last in self._places(compiled, marked):
                spans = spans or [match.span() for match in _TOKENS.finditer(text.folded)]
                yield Found(compiled.rule.about, spans[first][0], spans[last][1])

    def _marked(self, tokens: Sequence[str]) -> list[tuple[int, int, int]]:
        """Of each word that any rule knows: its place, with a gap after each sentence, its lists, and its number."""
        place, marked = 0, []
        for index, token in enumerate(tokens):
            place += 1
            mask = self._known[token]
            if mask:
                marked.append((place, mask, index))
            elif token in SENTENCE_ENDS:
                place += _SENTENCE_GAP
        return marked

    def _places(self, compiled: _Compiled, marked: Sequence[tuple[int, int, int]]) -> Iterator[tuple[int, int]]:
        tried = 0
        for number, (_, mask, _) in enumerate(marked):
            if not mask & compiled.bits[0]:
                continue
            tried += 1
            if tried > _TRIES:
                return
            chosen = _choose(compiled, marked, number)
            if chosen and not self._denied(compiled, marked, chosen):
                yield marked[min(chosen)][2], marked[max(chosen)][2]

    def _denied(self, compiled: _Compiled, marked: Sequence[tuple[int, int, int]], chosen: Sequence[int]) -> bool:
        first, last = min(chosen), max(chosen)
        start, end = marked[first][0], marked[last][0]
        around = max(_UNLESS_REACH, compiled.rule.reach)
        if compiled.unless and any(
            mask & compiled.unless and start - around <= place <= end + around
            for place, mask, _ in marked[max(0, first - around) : last + around + 1]
        ):
            return True
        if not compiled.rule.negatable:
            return False
        for number in range(last, -1, -1):
            place, mask, _ = marked[number]
            if place < start - _NEGATION_REACH:
                return False
            if mask & self._negation and number not in chosen:
                return True
            if place < start and mask & self._break:
                return False
        return False


def _choose(compiled: _Compiled, marked: Sequence[tuple[int, int, int]], number: int) -> tuple[int, ...] | None:
    """For each further element the nearest word to the first that is not taken yet."""
    chosen = [number]
    origin, reach = marked[number][0], compiled.rule.reach
    around = sorted(
        range(max(0, number - reach) if not compiled.rule.ordered else number + 1, min(len(marked), number + reach + 1)),
        key=lambda other: abs(marked[other][0] - origin),
    )
    for bit in compiled.bits[1:]:
        after = marked[chosen[-1]][0] if compiled.rule.ordered else None
        for other in around:
            place, mask, _ = marked[other]
            if abs(place - origin) > reach:
                return None
            if mask & bit and other not in chosen and (after is None or place > after):
                chosen.append(other)
                break
        else:
            return None
    return tuple(chosen)


class Patterns:
    """Patterns, each tried only on a text that has what it cannot do without."""

    def __init__(self, patterns: Iterable[str]) -> None:
        compiled = list(map(re.compile, patterns))
        self._patterns = [(_PREFILTER.add(pattern), pattern) for pattern in compiled]
        self._all = sum(bit for bit, _ in self._patterns)

    def worth_trying(self, *texts: Text) -> list[re.Pattern[str]]:
        """Those that may match one of the texts, in the order they were given in."""
        possible = reduce(or_, (text.possible for text in texts)) & self._all
        return [pattern for bit, pattern in self._patterns if possible & bit] if possible else []
