"""Names written in small letters: which words can be one."""

from services.triage.redaction.lexicon import (
    AMBIGUOUS_NAMES,
    ORDINARY_WORDS,
    SMALL_WORDS,
    TITLES,
    WORDS_TOO,
    starts_no_name,
)
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
    return word not in AMBIGUOUS_NAMES and word not in SMALL_WORDS and word not in WORDS_TOO


def is_unheard(word: str) -> bool:
    """Whether a word in small letters is none that our messages use."""
    return not (word in ORDINARY_WORDS or word in WORDS_TOO or word in NO_SMALL_NAME or word in TITLES or starts_no_name(word))


SHORT = 3
