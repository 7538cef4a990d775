"""Shows English sentences of events, records and errors in the reader's language, by the pattern of their words.

They travel and are stored as plain English, so that old ones are translated like new ones and programs read the same as ever.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from services.domain.language_names import language_codes, language_name
from services.review.web import translation
from services.runtime.errors import ParvisError
from services.runtime.message_catalogues import PageLanguage

PHRASE, WORD = "phrase", "word"
"""Their contexts in the catalogue: a word of a page that reads alike is another message."""
DEEPEST = 3  # phrases within phrases: more has none of ours
_HOLE = re.compile(r"\{\d\}")


@dataclass(frozen=True)
class Pattern:
    """A sentence with holes: the words between them, and what it is in the other language."""

    words: tuple[str, ...]
    translation: str

    def values(self, text: str) -> list[str] | None:
        """What fills the holes in the text, or nothing where it is another sentence. Each word is looked for once, from left to right."""
        first, *between, last = self.words
        place, end = len(first), len(text) - len(last)
        if place > end or not (text.startswith(first) and text.endswith(last)):
            return None
        values: list[str] = []
        for words in between:
            at = text.find(words, place, end)
            if at < 0:
                return None
            values.append(text[place:at])
            place = at + len(words)
        return [*values, text[place:end]]


def phrase(text: str, field: str = "") -> str:
    """The sentence for the reader. The name that programs have for the field at fault, in front of it, is left out.

    What is no sentence of ours is shown as it is: it may be a person's own words.
    """
    text = text.removeprefix(f"{field}: ") if field else text
    return _in(translation.reader().language, text, 0)


def word(name: str) -> str:
    """What programs call by that name, as it stands inside of sentences."""
    return _in(translation.reader().language, name, 1)


def fault(error: ParvisError) -> str:
    """What an error says, for the reader."""
    return phrase(error.detail, error.field or "")


def _in(language: PageLanguage, text: str, depth: int) -> str:
    if depth > DEEPEST or not text or language == "en":
        return text
    whole = _whole(language, text, depth)
    if whole is not None:
        return whole
    for separator in ("; ", ". ", ", "):
        parts = text.split(separator, 20)
        if len(parts) > 1:
            shown = [_whole(language, part, depth) for part in parts]
            if any(part is not None for part in shown):
                return separator.join(part if part is not None else original for part, original in zip(shown, parts, strict=True))
    return text


def _whole(language: PageLanguage, text: str, depth: int) -> str | None:
    if depth and (word := _words(language).get(text)):
        return word
    plain, patterns = _catalogue(language)
    if text in plain:
        return plain[text]
    for pattern in patterns:
        values = pattern.values(text)
        if values is not None:
            return pattern.translation.format(*(_in(language, value, depth + 1) for value in values))
    return None


@cache
def _catalogue(language: PageLanguage) -> tuple[dict[str, str], tuple[Pattern, ...]]:
    """Sentences without holes, and the others: the one with the most words of its own is tried first."""
    plain: dict[str, str] = {}
    patterns: list[Pattern] = []
    for source, target in _entries(language, PHRASE):
        words = tuple(_HOLE.split(source))
        if len(words) > 1:
            patterns.append(Pattern(words, target))
        else:
            plain[source] = target
    return plain, tuple(sorted(patterns, key=lambda pattern: -sum(map(len, pattern.words))))


@cache
def _words(language: PageLanguage) -> dict[str, str]:
    """What only stands inside of sentences, names of languages too."""
    languages = {name: language_name(code, language) for name, code in language_codes().items()}
    return languages | dict(_entries(language, WORD))


def _entries(language: PageLanguage, context: str) -> Iterator[tuple[str, str]]:
    for message in translation.entries(language):
        if message.context == context and isinstance(message.id, str) and isinstance(message.string, str) and message.string:
            yield message.id, message.string
