"""Names after a title, with their particles: "Mr Smith", "Mme de la Tour", "dr van der berg"."""

import re
from collections.abc import Iterator

from services.triage.redaction.lexicon import (
    CIVIL_TITLES,
    FIRST_NAMES,
    ORDINARY_WORDS,
    SURNAMES_TOO,
    TITLES,
    TRADES,
    starts_no_name,
)
from services.triage.redaction.name_shape import (
    SMALL_NAME,
    bears_place,
    name_at,
    named,
    names_after_post,
)
from services.triage.redaction.pii_span import PiiSpan, Rule
from services.triage.redaction.small_letters import NO_SMALL_NAME
from services.triage.redaction.text_folding import Folded

_AFTER_TITLE = re.compile(
    r"(?:\.?,? (?:et|and|&|ou|or|und) (?:mr|mrs|ms|miss|dr|m|mme|mmes|mlle|mm|monsieur|madame|prof))?\.?"
    r"(?: (?:le|la) (?:docteur|professeur|maitre|juge|brigadier|capitaine))?(?:\s|\n){0,2}"
)

_ABBREVIATED = frozenset(
    ("m", "mr", "mrs", "ms", "mx", "dr", "mme", "mmes", "mlle", "mm", "prof", "rev", "cllr", "me", "sgt", "insp", "capt", "lt",
     "col", "mgr", "pr", "fr"),
)  # fmt: skip

_SMALL_TITLES = frozenset({"mr", "mrs", "ms", "mme", "mlle"})

_CAPITAL_TITLES = frozenset(
    {"m", "me", "mm", "pc", "pr", "fr", "lt", "col", "dame", "lord", "chief", "major", "sister", "coach", "manager", "secretary", "tata"}
)
"""Words in small letters too."""


def _is_title(folded: Folded, start: int, end: int, language: str) -> bool:
    """Whether it is no word: "M." and "me", "sister", "coach" in small letters."""
    word = folded.lower[start:end]
    if word in _CAPITAL_TITLES and not folded.text[start].isupper():
        return False
    if word == "me":
        return language != "en" and folded.text[end - 1] != "E"
    return word != "m" or (folded.text[end : end + 1] in {".", " "} and folded.text[start - 1 : start] != "'")


def _titled(folded: Folded, start: int, end: int, language: str) -> Iterator[PiiSpan]:
    word = folded.lower[start:end]
    if not _is_title(folded, start, end, language):
        return
    link = _AFTER_TITLE.match(folded.lower, end)
    at = link.end() if link is not None else end
    if at == end or (folded.text[end] == "." and word not in _ABBREVIATED) or ("\n" in folded.text[end:at] and folded.text[end] != "."):
        return
    if folded.text[at : at + 2] == "d'":
        return  # "le professeur d'allemand"
    if word in TRADES and folded.text[at : at + 1].isupper() and not names_after_post(folded, at):
        return
    span = name_at(folded, at, titled=True)
    if span is not None:
        if word in CIVIL_TITLES or not bears_place(folded, start):
            yield named(folded, span)
    elif word in _SMALL_TITLES and folded.text[start:end].islower():
        yield from _small_surname(folded, at, word)


def _small_surname(folded: Folded, at: int, title: str) -> Iterator[PiiSpan]:
    """In small letters after a title, where any word can be a name: "mr sharp", "mme riviere"."""
    small = SMALL_NAME.match(folded.text, at)
    if small is None:
        return
    first, _, second = small.group().partition(" ")
    if first in NO_SMALL_NAME or len(first) <= 2 or (starts_no_name(first) and first not in SURNAMES_TOO):  # noqa: PLR2004
        return
    if title == "ms" and first in ORDINARY_WORDS and first not in SURNAMES_TOO:
        return  # the disease, the company
    whole = first in FIRST_NAMES and second not in NO_SMALL_NAME
    whole = whole and (second in SURNAMES_TOO or (second not in ORDINARY_WORDS and not starts_no_name(second)))
    yield named(folded, (at, at + (len(small.group()) if whole else len(first))))


RULES: tuple[tuple[tuple[str, ...], Rule], ...] = (
    (
        ("m", "mm", "me", *sorted(TITLES)),
        _titled,
    ),
)  # fmt: skip
