"""Splits text into the stems of its content words: retrieval and the checks compare by them."""

import json
import re
from collections import defaultdict
from functools import cache
from pathlib import Path

import yaml

from services.domain.placeholders import PLACEHOLDER
from services.domain.word_stems import stems, unaccented
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
# What every message to an agency says, whatever it is about.
_COURTESY = {
    "en": "hello hi dear sir madam please thank thanks kind regards sincerely yours faithfully best good morning afternoon evening"
    " would could",
    "fr": "bonjour bonsoir madame monsieur merci cordialement salutations veuillez agreer expression sentiments distingues svp plait"
    " avance",
}
_WORD = re.compile(r"[^\W_]+")
_SENTENCE = re.compile(r"(?<=[.!?;:])\s+|\n+")
RUN = 4
TOPICS = Path(__file__).with_name("word_topics.json")
UNKNOWN_TOPIC = 0.25
"""What a word says of the matter that is in no list: as much as an ordinary noun."""


def plain(text: str) -> str:
    """Lower case without accents: people write without them, articles with."""
    return unaccented(text.lower())


def split(text: str) -> list[str]:
    """Every word of a text, plain."""
    return _WORD.findall(plain(PLACEHOLDER.sub(" ", text)))


def content(text: str, language: str) -> list[str]:
    """The stems of a text's content words, in their order."""
    return stems(content_words(text, language), language)


def content_words(text: str, language: str) -> list[str]:
    """A text's content words, plain, in their order."""
    dropped = _dropped(language)
    return [word for word in split(text) if word not in dropped and (len(word) > 1 or word.isdigit())]


def letter_runs(text: str, language: str) -> list[str]:
    """The runs of four letters of a text's content words, with their beginnings and ends marked: compounds and slips share them."""
    return [run for word in content_words(text, language) for run in runs_of(word)]


def runs_of(word: str) -> list[str]:
    """The runs of four letters of one word."""
    marked = f"<{word}>"
    return [marked[place : place + RUN] for place in range(max(1, len(marked) - RUN + 1))]


def sentences(text: str) -> list[str]:
    """A text in its sentences and lines."""
    return [part for part in _SENTENCE.split(text) if part.strip()]


def synonyms(stem: str, language: str) -> tuple[str, ...]:
    """The stems of other words for the same thing, by the lists of `synonyms.yaml`."""
    return _synonyms(language).get(stem, ())


def topic(stem: str, language: str) -> float:
    """How much a word says of what a message is about, from 0 for "yesterday" towards 1; learned by `training.word_topics`."""
    hundredths = _topics().get(language, {}).get(stem)
    return UNKNOWN_TOPIC if hundredths is None else hundredths / 100


@cache
def _topics() -> dict[str, dict[str, int]]:
    topics: dict[str, dict[str, int]] = json.loads(TOPICS.read_text(encoding="utf-8"))
    return topics


@cache
def _synonyms(language: str) -> dict[str, tuple[str, ...]]:
    groups = yaml.safe_load(Path(__file__).with_name("synonyms.yaml").read_text(encoding="utf-8")).get(language, [])
    together: dict[str, dict[str, None]] = defaultdict(dict)
    for group in groups:
        alike = content(group, language)
        for stem in alike:
            together[stem] |= dict.fromkeys(other for other in alike if other != stem)
    return {stem: tuple(others) for stem, others in together.items()}


@cache
def _dropped(language: str) -> frozenset[str]:
    stopwords = _STOPWORDS.get(language, ())
    # "l'eau" is split at the apostrophe, so the halves of contractions are dropped as well.
    return frozenset(part for word in stopwords for part in split(word)) | frozenset(_COURTESY.get(language, "").split())
