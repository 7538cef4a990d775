"""Splits text into the stems of its content words: retrieval and the checks compare by them."""

import re
import unicodedata
from functools import cache

import Stemmer

from services.domain.placeholders import PLACEHOLDER
from services.drafting.bm25_without_scipy import stopwords

_STOPWORDS: dict[str, tuple[str, ...]] = {
    "en": stopwords.STOPWORDS_EN_PLUS,
    "fr": stopwords.STOPWORDS_FRENCH,
    "de": stopwords.STOPWORDS_GERMAN,
    "es": stopwords.STOPWORDS_SPANISH,
    "it": stopwords.STOPWORDS_ITALIAN,
    "nl": stopwords.STOPWORDS_DUTCH,
    "pt": stopwords.STOPWORDS_PORTUGUESE,
}
_STEMMERS = {
    "en": "english",
    "fr": "french",
    "de": "german",
    "es": "spanish",
    "it": "italian",
    "nl": "dutch",
    "pt": "portuguese",
}
# What every message to an agency says, whatever it is about.
_COURTESY = {
    "en": "hello hi dear sir madam please thank thanks kind regards sincerely yours faithfully best good morning afternoon evening"
    " would could",
    "fr": "bonjour bonsoir madame monsieur merci cordialement salutations veuillez agreer expression sentiments distingues svp plait"
    " avance",
}
_WORD = re.compile(r"[^\W_]+")


def plain(text: str) -> str:
    """Lower case without accents: people write without them, articles with."""
    return unaccented(text.lower())


def unaccented(text: str) -> str:
    """Without accents, and with straight apostrophes."""
    straight = text.replace("\u2019", "'")
    if straight.isascii():  # most English text, and a hundred times as fast
        return straight
    decomposed = unicodedata.normalize("NFKD", straight)
    return "".join(character for character in decomposed if not unicodedata.combining(character))


def split(text: str) -> list[str]:
    """Every word of a text, plain."""
    return _WORD.findall(plain(PLACEHOLDER.sub(" ", text)))


def content(text: str, language: str) -> list[str]:
    """The stems of a text's content words, in their order."""
    dropped = _dropped(language)
    stemmer = _stemmer(language)
    words = [word for word in split(text) if word not in dropped and (len(word) > 1 or word.isdigit())]
    return list(stemmer.stemWords(words)) if stemmer else words


@cache
def _dropped(language: str) -> frozenset[str]:
    stopwords = _STOPWORDS.get(language, ())
    # "l'eau" is split at the apostrophe, so the halves of contractions are dropped as well.
    return frozenset(part for word in stopwords for part in split(word)) | frozenset(_COURTESY.get(language, "").split())


@cache
def _stemmer(language: str) -> Stemmer.Stemmer | None:
    name = _STEMMERS.get(language)
    return Stemmer.Stemmer(name) if name else None
