"""Words as they are compared with each other: without accents, and by their stems in the language that they are of."""

import unicodedata
from functools import cache

import Stemmer

_STEMMERS = {
    "en": "english",
    "fr": "french",
    "de": "german",
    "es": "spanish",
    "it": "italian",
    "nl": "dutch",
    "pt": "portuguese",
}


def unaccented(text: str) -> str:
    """Without accents, and with straight apostrophes."""
    straight = text.replace("\u2019", "'")
    if straight.isascii():  # most English text, and a hundred times as fast
        return straight
    decomposed = unicodedata.normalize("NFKD", straight)
    return "".join(character for character in decomposed if not unicodedata.combining(character))


def stems(words: list[str], language: str) -> list[str]:
    """The stem of each word; the word itself in a language whose stems are not known."""
    stemmer = _stemmer(language)
    return list(stemmer.stemWords(words)) if stemmer else words


@cache
def _stemmer(language: str) -> Stemmer.Stemmer | None:
    name = _STEMMERS.get(language)
    return Stemmer.Stemmer(name) if name else None
