"""Decides which words in small letters are a name after a cue for a person."""

import re

from services.triage.redaction.name_lexicon import (
    AMBIGUOUS_NAMES,
    FIRST_NAMES,
    FIRST_NAMES_BY_COUNTRY,
    NAMES_OF_PLACES,
    NATIONS,
    ORDINARY_WORDS,
    SMALL_WORDS,
    SURNAMES_TOO,
    TITLES,
    WORDS_TOO,
    starts_no_name,
)
from services.triage.redaction.name_shape import SMALL_NAME, Span
from services.triage.redaction.text_folding import Folded

NO_SMALL_NAME = frozenset(
    ("who", "from", "at", "la", "le", "les", "et", "and", "or", "ou", "in", "has", "had", "is", "was", "does", "did", "a", "au", "aux",
     "qui", "que", "ne", "est", "dit", "vous", "nous", "je", "i", "you", "they", "he", "she", "it", "said", "told", "have", "de",
     "des", "du", "veuillez", "merci", "bonjour", "suite", "concernant", "mayor", "president", "maire", "directrice", "directeur",
     "prefet", "rappelle", "appelle"),
)  # fmt: skip


def ends_there(folded: Folded, at: int) -> bool:
    """Whether a sentence, a line or a part of one ends here."""
    following = folded.lower[at : at + 5]
    return following[:1] in {"", ".", ",", "\n", "!", ";", "\r", ")"} or following in {" and ", " from"} or following[:4] == " et "


def is_unmistakable(word: str) -> bool:
    """Whether the first name is a name even in small letters."""
    return word not in _MISTAKABLE and word not in SMALL_WORDS and word not in WORDS_TOO


_MISTAKABLE = AMBIGUOUS_NAMES | NAMES_OF_PLACES


def is_any_first_name(word: str) -> bool:
    """Whether any list has it, or what it starts with: marie-claude."""
    first = word.split("-", maxsplit=1)[0]
    return first in FIRST_NAMES or first in FIRST_NAMES_BY_COUNTRY


def is_unheard(word: str) -> bool:
    """Whether a word in small letters is none that our messages use."""
    return not (word in ORDINARY_WORDS or word in WORDS_TOO or word in NO_SMALL_NAME or word in TITLES or starts_no_name(word))


_VERBS_TOO = frozenset(
    ("will", "may", "mark", "drew", "rose", "sue", "bill", "pat", "rob", "grant", "chase", "hope", "dawn", "frank", "rich", "guy", "dean",
     "loan", "precious", "patience", "blessing", "aime", "esperance", "desire", "reine", "charge", "august", "max", "nada", "pearl",
     "pierce", "urban", "martial", "jolie", "crystal"),
)  # fmt: skip
"""First names that go on with a sentence after "my son": "my son will call", "ma fille aime"."""
_GOES_ON_AFTER_A_NAME = re.compile(
    r" (?:is|was|has|had|who|says|said|keeps|told|does|did|lives|works|came|fell|died|went|left|needs|wants|est|a|qui|vit|habite)(?!\w)"
    r"|[.;!?)\n]|$"
)
_WORD_ENDINGS = (
    "ly",
    "ing",
    "ed",
    "ous",
    "ful",
    "less",
    "able",
    "ible",
    "ment",
    "tion",
    "tive",
    "eux",
    "euse",
    "ese",
    "ish",
    "ant",
    "ants",
    "ent",
    "if",
    "ance",
    "ence",
    "ents",
)
"""What ends words that go on with a sentence, and few surnames."""


def surname_at(word: str) -> bool:
    """Whether the word in small letters after a first name can be the surname."""
    return len(word) >= SHORT and (is_unheard(word) or (word in SURNAMES_TOO and word not in SMALL_WORDS))


def small_name_at(folded: Folded, at: int, *, verb_may_follow: bool, alone: bool = True) -> Span | None:
    """The name that starts here in small letters, after a cue for a person: a first name and what can be its surname, or two such words.

    `verb_may_follow` says whether "will" can be the verb here, `alone` whether a first name that is a word too ("claire") needs no surname.
    """
    small = SMALL_NAME.match(folded.text, at)
    if small is None:
        return None
    first, _, second = small.group().partition(" ")
    if is_any_first_name(first) and is_unmistakable(first):
        return small.span() if surname_at(second) else (at, at + len(first))
    if first in _MISTAKABLE and first not in NATIONS:
        if surname_at(second) and first not in _VERBS_TOO:
            return small.span()
        verb = verb_may_follow and first in _VERBS_TOO and _GOES_ON_AFTER_A_NAME.match(folded.lower, at + len(first)) is None
        return (at, at + len(first)) if alone and not verb else None
    return None


def two_unheard_at(folded: Folded, at: int) -> Span | None:
    """Two words in small letters that none of our messages uses and that do not look like any: "my wife zulfiya hargrove"."""
    small = SMALL_NAME.match(folded.text, at)
    if small is None:
        return None
    words = small.group().split(" ")
    if len(words) > 1 and all(
        len(word) >= SHORT and is_unheard(word) and not word.endswith(_WORD_ENDINGS) and "'" not in word for word in words
    ):
        return small.span()
    return None


SHORT = 3
