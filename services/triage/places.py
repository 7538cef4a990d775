"""Where the terms of an explanation stand in the redacted text, so that a page can mark them there."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from typing import Literal, Self

from schemas.requests_triaged import Place, Term
from services.domain.placeholders import PLACEHOLDER

MAX_PLACES = 20
"""Of each term: after twenty marks a reader knows, and a hostile message can't make its event grow."""

_BEYOND_MARKS = 0x3000  # no script from here on is written with marks of its own
_MARKS = "".join(chr(code) for code in range(_BEYOND_MARKS) if unicodedata.category(chr(code)).startswith("M"))
# A word as the classifier sees it: letters and digits with the accents and vowel signs on them; a low line ends it.
_WORDS = re.compile(rf"[^\W_](?:[^\W_]|[{re.escape(_MARKS)}])*")

_FieldName = Literal["subject", "body"]


def placed(terms: Sequence[Term], subject: str | None, body: str) -> list[Term]:
    """Each term with its places: whole words, in any case, with the same accents, never a part of a placeholder."""
    if not terms:
        return []
    texts: list[tuple[_FieldName, str]] = [("subject", subject or ""), ("body", body)]
    wanted = [_words_of(term.term) for term in terms]
    first = frozenset(words[0] for words in wanted if words)
    exact = [_Field.of(name, text, first) for name, text in texts]
    found = [_places(words, exact) for words in wanted]
    if not all(found) and not (body.isascii() and (subject or "").isascii()):
        # An accent written as a character of its own is not in the term where it is the last of the word.
        bare = [_Field.of(name, text, first, without=_MARKS) for name, text in texts]
        found = [those or _places(words, bare) for words, those in zip(wanted, found, strict=True)]
    return [term.model_copy(update={"places": those}) for term, those in zip(terms, found, strict=True)]


@dataclass(frozen=True)
class _Field:
    """The words of one field in small letters, where each begins and ends, and where those stand that a term begins with."""

    name: _FieldName
    text: str
    words: list[str]
    spans: list[tuple[int, int]]
    alike: dict[str, list[int]]

    @classmethod
    def of(cls, name: _FieldName, text: str, first: frozenset[str], without: str = "") -> Self:
        """`without` are characters that are not looked at where a word ends."""
        hidden = PLACEHOLDER.sub(lambda found: "\0" * len(found.group()), text) if "[" in text else text
        matches = list(_WORDS.finditer(hidden))
        words = [found.group().rstrip(without).casefold() if without else found.group().casefold() for found in matches]
        alike: dict[str, list[int]] = {}
        for number, word in enumerate(words):
            if word in first:
                alike.setdefault(word, []).append(number)
        return cls(name, hidden, words, [found.span() for found in matches], alike)


def _words_of(term: str) -> list[str]:
    return [word.casefold() for word in _WORDS.findall(term)]


def _places(wanted: list[str], fields: Sequence[_Field]) -> list[Place]:
    return list(islice(_all_places(wanted, fields), MAX_PLACES)) if wanted else []


def _all_places(wanted: list[str], fields: Sequence[_Field]) -> Iterator[Place]:
    for field in fields:
        for number in field.alike.get(wanted[0], ()):
            behind = number + len(wanted)
            if field.words[number:behind] != wanted:
                continue
            spans = field.spans[number:behind]
            if all(field.text[one[1] : other[0]].isspace() for one, other in pairwise(spans)):
                yield Place(field=field.name, start=spans[0][0], end=spans[-1][1])
