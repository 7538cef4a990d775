"""Compares an assertion with the sentences of the sources: how much of it stands there, and whether it says the same."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from services.domain.phrases import Phrase
from services.drafting import tokenization
from services.drafting.claims.word_lists import patterns

NEAR = 0.45  # share of an assertion's content words from which a source's sentence speaks of the same thing
TIGHT = 0.6  # and from which it says the same thing, or its opposite
CLAUSE = 120  # characters before a "not" in which its clause begins
ALIKE = 2  # content words that two sentences about the same thing share at least
SHARE_OF_BEST = 0.7
SCOPE = 3  # content words that a "not" denies
NEARLY = 0.7  # share of a word's runs of four letters from which it is a form of a word of the sources
GRAM = 4
SAME_SUBJECT = 6  # letters by which two nouns are the same

_PHONE = re.compile(r"\d{2,5}(?: \d{2,4}){2,4}")
_CLAUSE_ENDS = re.compile(r"[.,;:!?()]|\b(?:but|mais|and|et|because|car|since|puisque|so|donc)\b")


@dataclass(frozen=True)
class Source:
    """A sentence of a published passage, with its content words and those that it denies."""

    plain: str
    stems: frozenset[str]
    denied: frozenset[str]
    denied_anywhere: frozenset[str]
    """These, and those of its conditions."""


@dataclass(frozen=True)
class Sources:
    """Everything an assertion may rest on, in one language."""

    texts: tuple[str, ...]
    language: str

    @cached_property
    def single(self) -> tuple[Source, ...]:
        """Each sentence."""
        return tuple(source(text, self.language) for text in self._split)

    @cached_property
    def sentences(self) -> tuple[Source, ...]:
        """Each sentence, and each with the one after it: a draft may say two of them in one."""
        double = (f"{first} {second}" for first, second in zip(self._split, self._split[1:], strict=False))
        return (*self.single, *(source(text, self.language) for text in double))

    @cached_property
    def _split(self) -> list[str]:
        return [sentence for text in self.texts for sentence in sentences_of(text)]

    @cached_property
    def plain(self) -> str:
        """All of it, in lower case and without accents."""
        return "\n".join(tokenization.plain(text) for text in self.texts)

    @cached_property
    def stems(self) -> frozenset[str]:
        """The content words of all."""
        return frozenset().union(*(sentence.stems for sentence in self.single)) if self.single else frozenset()

    @cached_property
    def grams(self) -> frozenset[str]:
        """Four letters in a row of these: `repair` is in `repairing`, whatever a stemmer says."""
        return frozenset(gram for stem in self.stems for gram in _grams(stem))

    def has(self, stem: str) -> bool:
        """Whether this word, or one that is nearly the same, stands in them."""
        grams = _grams(stem)
        return stem in self.stems or (len(grams) > 1 and sum(gram in self.grams for gram in grams) >= NEARLY * len(grams))

    def near(self, stems: Sequence[str]) -> list[Source]:
        """The sentences that speak of the same thing, at least half as much as the nearest one does."""
        words = {stem for stem in stems if not stem.isdigit()}
        shares = [(len(words & sentence.stems), sentence) for sentence in self.sentences]
        most = max((share for share, _ in shares), default=0)
        return [sentence for share, sentence in shares if share and share >= most / 2]

    def nearest(self, stems: Sequence[str]) -> tuple[Source | None, float]:
        """The sentence that shares most of these content words, and the share."""
        words = {stem for stem in stems if not stem.isdigit()}
        if not words or not self.single:
            return None, 0.0
        best = max(self.single, key=lambda sentence: (len(words & sentence.stems), -len(sentence.stems)))
        return best, len(words & best.stems) / len(words)


def sentences_of(text: str) -> list[str]:
    """The sentences of a published text; a colon, a semicolon and a line end one as well."""
    return [sentence for sentence in re.split(r"(?<=[.!?:;])\s+|\n+", text) if sentence.strip()]


def source(text: str, language: str) -> Source:
    """A sentence with its content words and those that it denies."""
    return Source(
        tokenization.plain(text),
        frozenset(tokenization.content(text, language)),
        denied(text, language),
        denied(text, language, conditions=True),
    )


def denied(text: str, language: str, *, conditions: bool = False) -> frozenset[str]:
    """The content words that a "not" of this text denies: the next few in its clause, but for clauses that only set a condition."""
    plain, words = tokenization.plain(text), patterns("strength")
    stems: list[str] = []
    loose = words["loose_negation"].finditer(plain) if conditions else ()
    for match in (*words["negation"].finditer(plain), *loose):
        begin = max((m.end() for m in _CLAUSE_ENDS.finditer(plain, max(0, match.start() - CLAUSE), match.start())), default=0)
        if words["no_denial"].match(plain, match.start()) or (not conditions and words["conditional"].search(plain, begin, match.start())):
            continue
        end = _CLAUSE_ENDS.search(plain, match.end())
        stems += tokenization.content(plain[match.end() : end.start() if end else len(plain)], language)[:SCOPE]
        if conditions and match.group().startswith(("no", "aucun")):  # "need no permit" denies the need as well
            stems += tokenization.content(plain[begin : match.start()], language)[-1:]
    return frozenset(stems)


def reversal(assertion: Source, sources: Sources) -> Phrase | None:
    """What an assertion denies that a source about the same thing says, or says that one of them denies, and no other source does."""
    words = {stem for stem in assertion.stems if not stem.isdigit()}
    most = max((len(words & s.stems) for s in sources.single), default=0)
    advice = bool(patterns("strength")["advice"].search(assertion.plain))
    words_of_nothing = patterns("strength")["loose_negation"].search(assertion.plain)
    for about in sources.single:
        shared = words & about.stems
        if len(shared) < ALIKE or len(shared) < min(NEAR * len(words), TIGHT * len(about.stems)):
            continue
        elsewhere = [s for s in sources.single if s is not about and len(words & s.stems) >= max(ALIKE, len(shared) / 3)]
        more = {stem for stem in shared & assertion.denied - about.denied_anywhere if not any(stem in s.denied_anywhere for s in elsewhere)}
        fewer = {
            stem for stem in shared & about.denied - assertion.denied_anywhere if not any(stem in s.stems - s.denied for s in elsewhere)
        }
        harm = patterns("strength")["harm"]
        if (
            more
            and not about.denied_anywhere
            and len(shared) > max(ALIKE, SHARE_OF_BEST * most)
            and not advice
            and not harm.search(about.plain)
        ):
            return Phrase("the passage says so without a \u201cnot\u201d")
        if fewer and not assertion.denied and not words_of_nothing and not harm.search(assertion.plain):
            return Phrase("the passage says so with a \u201cnot\u201d")
    return None


def strengthened(plain: str, near: Source | None, sources: Sources) -> Phrase | None:
    """A word such as `always` that the sources do not have for this."""
    words = patterns("strength")
    for match in words["strong"].finditer(plain):
        if match.group() in _STILL and (near is None or (match.group() in _NEVER and words["advice"].search(plain))):
            continue
        if match.group() in _LEAST and words["left"].search(plain):
            continue  # "as long as at least 30 days are left", of "up to 30 days before"
        figure = re.match(r"\D{0,12}\d{1,9}", plain[match.end() :])
        phrase = match.group() + (figure.group() if figure and match.group() in _LEAST else "")
        if phrase != match.group() and not any(word in sources.plain for word in _OR_MORE):
            return Phrase(f"\u201c{match.group()}\u201d is stronger than the passages")
        if figure and match.group() in _LEAST and re.search(rf"{_AT_MOST}\D{{0,12}}{re.sub(r'[^0-9]', '', figure.group())}", sources.plain):
            return Phrase(f"\u201c{phrase}\u201d, where the passage says at most")
        if phrase == match.group() and not any(word in sources.plain for word in _same_strength(phrase)):
            return Phrase(f"\u201c{phrase}\u201d is stronger than the passages")
    will, may = words["will"].search(plain), words["may"].search(near.plain) if near else None
    if near and will and may and not words["may"].search(plain) and not words["will"].search(near.plain):
        after = set(re.findall(r"\w{4,20}", plain[will.end() : will.end() + 40])[:2])
        if any(word in near.plain[may.end() : may.end() + 40] for word in after):
            return Phrase("the passage only says that it may be so")
    return None


def hedge_lost(plain: str, near: Source | None) -> bool:
    """Whether the passage says a figure with `normally` or `up to`, and the sentence the same figure without."""
    words = patterns("strength")
    if near is None or words["either"].search(plain) or words["normally"].search(plain) or words["may"].search(plain):
        return False
    for match in words["normally"].finditer(near.plain):
        gap = 3 if match.group() in _BESIDE_A_FIGURE else 40
        figures = re.findall(r"(?<!\d)[1-9]\d{0,5}", _PHONE.sub(" ", near.plain[match.end() :])[:gap])
        if figures and re.search(rf"(?<!\d){figures[0]}(?!\d)", plain):
            return True
    return False


def _same_strength(word: str) -> tuple[str, ...]:
    return next((group for group in _EQUAL if word in group), (word,))


_AT_MOST = r"\b(?:up to|at most|no more than|maximum|jusqu'a|au plus|au maximum)"
_NEVER = ("never", "jamais")
_STILL = ("always", "never", "toujours", "jamais")
"""Words that also mean something weaker where the sources speak of something else."""
_LEAST = ("at least", "au moins")
_BESIDE_A_FIGURE = ("about", "around")
"""They hedge the figure right after them; "advice about bedbugs on 0800" hedges nothing."""
_OR_MORE = (
    *_LEAST,
    "or more",
    "or over",
    "minimum",
    "no less",
    "older than",
    "more than",
    "over ",
    "from ",
    "between ",
    "entre ",
    "a partir",
    "plus de",
    "des ",
)
_EQUAL = (
    ("always", "toujours", "every time", "in all cases", "dans tous les cas", "chaque fois", "every day", "at any time"),
    ("whatever the", "quel que soit", "quelle que soit", "toute l'annee", "all year"),
    ("never", "jamais", "no longer", "cannot", "can't", "ne peut", "must not", "not allowed"),
)


def _grams(word: str) -> list[str]:
    return [word[i : i + GRAM] for i in range(len(word) - GRAM + 1)] or [word]
