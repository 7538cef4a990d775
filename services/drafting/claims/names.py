"""Finds what a sentence calls by name: domains, forms, laws, persons and other proper names, each of which a source must have."""

import re
from collections.abc import Iterable, Iterator

from services.domain.placeholders import PLACEHOLDER
from services.domain.word_stems import unaccented
from services.drafting import tokenization
from services.drafting.claims.word_lists import alternatives

_DOMAIN = re.compile(r"(?<![@\w.-])(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.){1,6}[a-z]{2,24}(?![\w-])", re.IGNORECASE)
_CODE = re.compile(r"(?<![\w-])(?=[A-Z0-9./-]{0,14}\d)[A-Z]{1,5}[ -]?\d{1,6}(?:[-/]\d{1,4})?[A-Z]?(?![\w-])")
_FORM = re.compile(
    r"\b(?:form|formulaire|cerfa|leaflet|imprim[e\u00e9])\s+(?:called\s+|intitul[e\u00e9]\s+)?[\"\u201c\u00ab'\u2018]?\s?"
    r"(?-i:[A-Z0-9][\w-]{0,30})(?: (?-i:[A-Z0-9])[\w-]{0,30}){0,6}",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"[\"\u201c\u00ab]\s?([^\"\u201d\u00bb\n]{3,400}?)\s?[\"\u201d\u00bb]")
_PERSON = re.compile(
    r"\b(?:Mr|Mrs|Ms|Miss|Dr|Prof|Professor|Councillor|Mayor|Director|M|Mme|Mlle|Madame|Monsieur|Ma\u00eetre|Docteur)\b\.?\s+"
    r"((?:(?:de|van|von|der|du|le|la|el) )?[A-Z\u00c0-\u00de][\w'\u2019-]{1,30}(?: [A-Z\u00c0-\u00de][\w'\u2019-]{1,30}){0,3})"
)
_CAPITALISED = re.compile(
    r"(?<![\w'\u2019])[A-Z\u00c0-\u00de][\w'\u2019-]{1,40}"
    r"(?:(?: (?:of|the|and|for|de|du|des|la|le|les|et|d'|l'))? [A-Z\u00c0-\u00de][\w'\u2019-]{1,40}){0,5}"
)
_CONTRACTED = re.compile(r"\bI['\u2019](?:m|d|ll|ve)\b")  # "I'm" is no name
_LAW = re.compile("|".join(alternatives("names")["law"]), re.IGNORECASE)
_NO_DOMAINS = frozenset(alternatives("names")["no_domains"])
_PLAIN_CAPITALS = frozenset(map(str, alternatives("names")["plain_capitals"]))


def unsupported(
    sentence: str, sources: Iterable[str], published: frozenset[str] = frozenset(), letter: str = "", *, repeats: bool = False
) -> list[str]:
    """The names in a sentence that no source has, as they are written.

    `published` are the words of all names that the agency has published anywhere; where a sentence repeats the letter, the letter is a
    source of names as well.
    """
    sentence = _CONTRACTED.sub(" ", PLACEHOLDER.sub(" ", sentence))
    given = " ".join(tokenization.plain(text) for text in (*sources, letter if repeats else ""))
    in_order = tokenization.split(given)
    words, text = set(in_order), " ".join(in_order)
    places = set(tokenization.split(letter))  # "as you worked in Germany": a capitalised word of the letter's, but no form, law or domain
    missing: list[str] = []
    missing += [name for name in _domains(sentence) if tokenization.plain(name) not in given]
    folded = unaccented(sentence)  # its capitals stay: they tell a code from a word
    for pattern in (_FORM, _CODE, _LAW):
        missing += [match.group().strip() for match in pattern.finditer(folded) if not _has(text, match.group())]
    missing += [match[1] for match in _QUOTED.finditer(sentence) if not _has(text, match[1])]
    missing += [match.group() for match in _PERSON.finditer(sentence) if not _has(text, match[1])]
    missing += [
        name for name in _proper_names(sentence) if not set(tokenization.split(name)) <= words | _PLAIN_CAPITALS | published | places
    ]
    return list(dict.fromkeys(missing))


def words_of_names(texts: Iterable[str]) -> frozenset[str]:
    """Every word of every name in these texts, plain."""
    return frozenset(word for text in texts for match in _CAPITALISED.finditer(text) for word in tokenization.split(match.group()))


def _domains(sentence: str) -> Iterator[str]:
    for match in _DOMAIN.finditer(sentence):
        if tokenization.plain(match.group()) not in _NO_DOMAINS and not re.fullmatch(r"[\w-]+\.[A-Z][a-z]+", match.group()):
            yield match.group()


def _proper_names(sentence: str) -> Iterator[str]:
    """Capitalised words that do not merely begin the sentence or a quotation."""
    for match in _CAPITALISED.finditer(sentence):
        before = sentence[: match.start()].rstrip()
        if not before or before[-1] in ':\u00ab\u201c"(\u2022-':
            rest = match.group().split(" ", 1)
            if len(rest) == 1:
                continue
            yield rest[1]
        else:
            yield match.group()


def _has(words: str, name: str) -> bool:
    return " ".join(tokenization.split(name)) in words
