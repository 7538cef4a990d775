"""Finds names after a title, with their particles: "Mr Smith", "Mme de la Tour", "dr van der berg"."""

import re
from collections.abc import Iterator

from services.triage.redaction.lowercase_names import NO_SMALL_NAME, SHORT, is_unheard
from services.triage.redaction.name_lexicon import (
    CIVIL_TITLES,
    FIRST_NAMES,
    OFFICES,
    ORDINARY_WORDS,
    SMALL_WORDS,
    SURNAMES_TOO,
    TITLES,
    TRADES,
    WORDS_TOO,
    starts_no_name,
)
from services.triage.redaction.name_shape import (
    CAPITAL,
    SMALL_NAME,
    bears_place,
    name_at,
    named,
    names_after_post,
)
from services.triage.redaction.pii_span import PiiSpan, Rule
from services.triage.redaction.text_folding import Folded

_AFTER_TITLE = re.compile(
    r"(?:\.?,? (?:et|and|&|ou|or|und) (?:mr|mrs|ms|miss|dr|m|mme|mmes|mlle|mm|monsieur|madame|prof))?\.?"
    r"(?: (?:le|la) (?:docteur|professeur|maitre|juge|brigadier|capitaine))?(?:\s|\n){0,2}"
)

_ABBREVIATED = frozenset(
    ("m", "mr", "mrs", "ms", "mx", "dr", "mme", "mmes", "mlle", "mm", "prof", "rev", "cllr", "me", "sgt", "insp", "capt", "lt",
     "col", "mgr", "pr", "fr"),
)  # fmt: skip

_SMALL_TITLES = frozenset({"mr", "mrs", "ms", "mme", "mlle", "dr", "m"})

_PARTICLES = re.compile(
    rf"(?:(?:[Dd]e la|de las|de los|de|du|des|[Vv]an der|van den|van de|van 't|van|von der|von|vom|zu|der|den"
    rf"|dos|das|do|da|di|del|della|el|al|bin"
    rf"|ben|ibn|ten|ter|te|op de|af|ap|O|Ni|Mac an|Ua) )?(?:[dD]'|de l')?(?<=[ '])(?=[{CAPITAL}])"
)
"""Before the capital of a surname: "de la Tour", "van der Berg", "d'Estrees", "de l'Epine", "O Briain"."""

_BORN_WITH_PARTICLES = CIVIL_TITLES | {"dr", "docteur", "doctor", "me", "rev"}
"""After these "de" belongs to the name."""

_OF_A_POST = frozenset({"de ", "du ", "des ", "de la ", "d'", "de l'"})
"""After a post these tell of what: "professeur d'Allemand", "directrice de la Poste"; but "Mme de la Tour"."""

_WORDS_AND_SURNAMES = (SURNAMES_TOO | WORDS_TOO) - SMALL_WORDS - OFFICES

_SMALL_PARTICLES = re.compile(
    r"(?:de la |du |des |de |le |la |van der |van den |van de |van |von "
    r"|dos |da |di |del |el |al |bin |ben |ten |ter |d'|de l'|o')(?=[a-z])"
)

_CAPITAL_TITLES = frozenset(
    {"m", "me", "mm", "pc", "pr", "fr", "lt", "col", "dame", "lord", "chief", "major", "sister", "coach", "manager", "secretary", "tata"}
)
"""Words in small letters too."""


def _is_title(folded: Folded, start: int, end: int, language: str) -> bool:
    """Whether it is no word: "M." and "me", "sister", "coach" in small letters."""
    word = folded.lower[start:end]
    if word == "m" and folded.text[start] == "m":
        return folded.text[end : end + 2] == ". " and folded.text[start - 2 : start - 1].isalpha() and language != "en"
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
    begin = at
    particle = _PARTICLES.match(folded.text, at)
    if particle is not None and (language == "en" or word in _BORN_WITH_PARTICLES or particle.group() not in _OF_A_POST):
        at = particle.end()
    elif folded.text[at : at + 2] == "d'":
        return  # "le professeur d'allemand"
    if word in TRADES and folded.text[at : at + 1].isupper() and not names_after_post(folded, at):
        return
    span = name_at(folded, at, titled=True)
    if span is not None:
        if word in CIVIL_TITLES or not bears_place(folded, start):
            yield named(folded, (begin, span[1]))
    elif word in _SMALL_TITLES and folded.text[start:end].islower():
        yield from _small_surname(folded, at, word)


def _small_surname(folded: Folded, at: int, title: str) -> Iterator[PiiSpan]:
    """In small letters after a title, where any word can be a name: "mr sharp", "mme riviere"."""
    particle = _SMALL_PARTICLES.match(folded.text, at)
    if particle is not None:
        surname = SMALL_NAME.match(folded.text, particle.end())
        word = surname.group().split(" ")[0] if surname is not None else ""
        after_article = particle.group() in {"le ", "la "}
        if len(word) >= SHORT and (is_unheard(word) or (word in _WORDS_AND_SURNAMES and not after_article)):
            yield named(folded, (at, particle.end() + len(word)))
        return
    small = SMALL_NAME.match(folded.text, at)
    if small is None:
        return
    first, _, second = small.group().partition(" ")
    if first in NO_SMALL_NAME or len(first) <= 2 or (starts_no_name(first) and first not in SURNAMES_TOO):  # noqa: PLR2004
        return
    if title in {"m", "dr", "ms"} and first in ORDINARY_WORDS and first not in SURNAMES_TOO:
        return  # the disease, the company, metres
    whole = first in FIRST_NAMES and second not in NO_SMALL_NAME
    whole = whole and (second in SURNAMES_TOO or (second not in ORDINARY_WORDS and not starts_no_name(second)))
    yield named(folded, (at, at + (len(small.group()) if whole else len(first))))


RULES: tuple[tuple[tuple[str, ...], Rule], ...] = (
    (
        ("m", "mm", "me", *sorted(TITLES)),
        _titled,
    ),
)  # fmt: skip
