"""Compares an assertion with the sentence of the sources that is nearest to it: how much of it stands there, and whether it says the same."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from services.drafting import tokenization

NEAR = 0.45  # share of an assertion's content words from which a source's sentence speaks of the same thing

_NEGATION = re.compile(
    r"\b(?:not|no|never|nobody|none|neither|nor|cannot|without)\b|n't\b|\b(?:ne|n')\s?\w+(?: \w+)?\s(?:pas|plus|jamais|rien|aucune?|personne)\b"
    r"|\b(?:jamais|aucune?|sans|ni)\b|\bpas (?:de|d'|besoin)\b"
)
_OPPOSITES = (
    (r"\bopen\w*|\bouvert\w*|\bouvre\w*", r"\bclosed?\b|\bcloses\b|\bferme\w*"),
    (r"\ballowed|\bpermitted|\bautorise\w*|\bpermis", r"\bforbidden|\bprohibited|\binterdit\w*"),
)
_STRONG = re.compile(
    r"\b(?:always|never|guaranteed?|in (?:all|every|any) cases?|without exception|at least|no later than|certainly|definitely|must|every|all|only|immediately|whatever"
    r"|toujours|jamais|garantie?s?|dans tous les cas|sans exception|au moins|au plus tard|certainement|obligatoire(?:ment)?|devez|doit|doivent|tous|toutes|uniquement|seulement"
    r"|immediatement|quoi qu'il arrive)\b"
)
_HEDGED = re.compile(
    r"\b(?:normally|usually|generally|as a rule|in general|often|may|might|can|could|up to|at most|about|around|approximately|roughly|if possible|as far as"
    r"|normalement|en general|generalement|habituellement|souvent|peut|peuvent|pouvez|pourra|jusqu'a|au plus|environ|en principe|si possible|dans la mesure)\b"
)
_EXCEPTION = re.compile(
    r"\b(?:except|unless|only if|provided|as long as|other than|but not|not for|excluding|if you|if the|sauf|a moins|a condition|uniquement si|pourvu|excepte|hors|si vous|si le|si la|lorsque|when)\b"
)
_SAME_STRENGTH = {
    "always": ("toujours", "every", "all"), "never": ("jamais",), "must": ("devez", "doit", "doivent", "obligatoire", "have to", "need to", "required", "obligatoirement"),
    "at least": ("au moins", "or more", "minimum"), "only": ("uniquement", "seulement", "ne que"), "every": ("all", "each", "tous", "toutes", "chaque"),
    "all": ("every", "tous", "toutes", "each"), "no later than": ("au plus tard", "within", "before", "by"), "immediately": ("at once", "straight away", "now", "immediatement", "tout de suite", "aussitot"),
    "devez": ("doit", "doivent", "must", "il faut", "obligatoire"), "doit": ("devez", "doivent", "il faut", "must", "obligatoire"), "doivent": ("doit", "devez", "il faut"),
    "tous": ("toutes", "chaque", "every", "all"), "toutes": ("tous", "chaque", "every", "all"), "au moins": ("minimum", "at least"), "au plus tard": ("avant", "dans les", "no later than"),
    "uniquement": ("seulement", "only", "que"), "seulement": ("uniquement", "only", "que"), "immediatement": ("tout de suite", "aussitot", "sans attendre", "at once"),
}  # fmt: skip


@dataclass(frozen=True)
class Source:
    """A sentence of a published passage, with its content words."""

    plain: str
    stems: frozenset[str]


@dataclass(frozen=True)
class Sources:
    """Everything an assertion may rest on, in one language."""

    texts: tuple[str, ...]
    language: str

    @cached_property
    def sentences(self) -> tuple[Source, ...]:
        """Each sentence, and each with the one after it: a draft may say two of them in one."""
        single = [sentence for text in self.texts for sentence in re.split(r"(?<=[.!?:;])\s+|\n+", text) if sentence.strip()]
        double = [f"{one} {after}" for one, after in zip(single, single[1:], strict=False)]
        return tuple(Source(tokenization.plain(text), frozenset(tokenization.content(text, self.language))) for text in (*single, *double))

    @cached_property
    def stems(self) -> frozenset[str]:
        """The content words of all."""
        return frozenset().union(*(sentence.stems for sentence in self.sentences)) if self.sentences else frozenset()

    @cached_property
    def grams(self) -> frozenset[str]:
        """Four letters in a row of these: `repair` is in `repairing`, whatever a stemmer says."""
        return frozenset(gram for stem in self.stems for gram in _grams(stem))

    def coverage(self, stems: Sequence[str]) -> float:
        """The share of content words that the sources have, a word whose letters are mostly there counting as one."""
        words = [stem for stem in stems if not stem.isdigit()]
        if not words:
            return 1.0
        return sum(stem in self.stems or self._nearly(stem) for stem in words) / len(words)

    def _nearly(self, stem: str) -> bool:
        grams = _grams(stem)
        return len(grams) > 1 and sum(gram in self.grams for gram in grams) >= 0.7 * len(grams)

    def near(self, stems: Sequence[str]) -> list[Source]:
        """The sentences that speak of the same thing, at least half as much as the nearest one does."""
        words = {stem for stem in stems if not stem.isdigit()}
        shares = [(len(words & source.stems), source) for source in self.sentences]
        most = max((share for share, _ in shares), default=0)
        return [source for share, source in shares if share and share >= most / 2]

    def nearest(self, stems: Sequence[str]) -> tuple[Source | None, float]:
        """The sentence that shares most of these content words, and the share."""
        words = {stem for stem in stems if not stem.isdigit()}
        if not words or not self.sentences:
            return None, 0.0
        best = max(self.sentences, key=lambda s: (len(words & s.stems), -len(s.stems)))
        return best, len(words & best.stems) / len(words)


def contradiction(plain: str, source: Source) -> str | None:
    """What a sentence says otherwise than the source's sentence about the same thing, or nothing."""
    if bool(_NEGATION.search(plain)) != bool(_NEGATION.search(source.plain)) and not _turned(plain, source.plain):
        return "a \u201cnot\u201d more or less than the passage has"
    for this, that in _OPPOSITES:
        for one, other in ((this, that), (that, this)):
            if (
                re.search(one, plain)
                and not re.search(other, plain)
                and re.search(other, source.plain)
                and not re.search(one, source.plain)
            ):
                if bool(_NEGATION.search(plain)) == bool(_NEGATION.search(source.plain)):
                    return "the opposite of what the passage says"
    for match in _STRONG.finditer(plain):
        word = match.group()
        if word not in source.plain and not any(other in source.plain for other in _SAME_STRENGTH.get(word, ())):
            return f"\u201c{word}\u201d is stronger than the passage"
    return None


def hedge_lost(plain: str, source: Source) -> bool:
    """Whether the passage says `normally` or `up to`, and the sentence, with the same figures, does not."""
    figures = set(re.findall(r"\d+", source.plain)) & set(re.findall(r"\d+", plain))
    return bool(figures) and bool(_HEDGED.search(source.plain)) and not _HEDGED.search(plain)


def exception_lost(plain: str, source: Source) -> bool:
    """Whether the passage names an exception or a condition and the sentence does not."""
    return bool(_EXCEPTION.search(source.plain)) and not _EXCEPTION.search(plain)


def _turned(plain: str, source: str) -> bool:
    """`is closed` for `is not open`: one has the negation, the other the opposite word."""
    return any(
        (re.search(this, plain) and re.search(that, source)) or (re.search(that, plain) and re.search(this, source))
        for this, that in _OPPOSITES
    )


def _grams(word: str) -> list[str]:
    return [word[i : i + 4] for i in range(len(word) - 3)] or [word]
