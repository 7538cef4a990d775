"""Finds names of whoever was asked, met or cited, and frequent first names wherever they stand."""

import re
from collections.abc import Iterator

from services.triage.redaction.lowercase_names import SHORT, is_unmistakable, small_name_at, two_unheard_at
from services.triage.redaction.name_lexicon import (
    AMBIGUOUS_NAMES,
    FIRST_NAMES,
    FIRST_NAMES_BY_COUNTRY,
    GIVEN_TOO,
    PLACE_WORDS,
    SURNAME_PLACES,
    SURNAMES_TOO,
    WELL_KNOWN,
    starts_no_name,
)
from services.triage.redaction.name_shape import (
    CAPITAL,
    WORD,
    bears_place,
    is_first_name,
    name_at,
    named,
    names_no_person,
    several,
    shouted,
)
from services.triage.redaction.pii_span import PiiSpan, Rule
from services.triage.redaction.text_folding import Folded

_AFTER_VERB = re.compile(
    r"(?: (?:to|for|with|by|from|about|after|a|avec|par|de|whether|if|that|que|qu|si|cas|case|au nom|on behalf of|of|d)){0,2}[ ']"
)

_WITH_A_FIRM = re.compile(
    r"\b(?:accounts?|loans?|mortgages?|cards?|polic(?:y|ies)|contracts?|insurance|insured|cover|credit|debts?|bank(?:s|ed|ing)?"
    r"|register(?:ed)?|complaints?|dispute[sd]?|filed?|plans?|consolidated?|refinanced?|payments?|business|transactions?|deposit|claims?"
    r"|tariff|subscription|order|ordered|booking|booked|work|worked|working|job|employed|invest(?:ed|ment)?|savings?"
    r"|application|applied|checked) $"
)
"""Before "with", of a firm: "an account with Citibank"."""

_NAMES = re.compile(r"\b(?:calls?|called|calling|named?) $")

_ASKING = frozenset({"asked", "ask", "told", "spoke", "spoken", "phoned", "rang", "emailed", "called", "demandez", "rappelez"})
"""Of persons, even where the name is a word: "ask Faith"."""

_MEETING = frozenset({"met", "contacted", "rencontre"})

_TALKING = frozenset(
    ("spoke", "spoken", "speak", "speaking", "talk", "talked", "talking", "chatted", "parle", "parler", "discute", "discuter")
)
"""With persons only: the next word is one, even "rose" or "claire" in small letters."""

_PLACED = re.compile(r"\b(?:at|in|on|to|from|near|through|across|outside|behind|via|of|the|a|au|aux|sur|vers|en|dans|devant|du|de) $")

_RANG = re.compile(
    r"\b(?:i|we|they|he|she|who|have|had|has|'ve|and|then|just|also|finally|immediately|daughter|son|wife|husband"
    r"|mother)[ ,]{1,2}$"
)
"""Before "called": whoever rings somebody up."""

_LONGEST_ABBREVIATION = 5

_SURE_VERBS = frozenset({"selon", "apres", "demandez", "rappelez", "contactez", "remercie"})


def _is_no_name(folded: Folded, span: tuple[int, int]) -> bool:
    """Tuesday's."""
    return starts_no_name(folded.lower[span[0] : span[1]].removesuffix("'s"))


def _talked_to(folded: Folded, verb: str, link: re.Match[str]) -> Iterator[PiiSpan]:
    """In small letters: "spoke to rose"."""
    linked = link.group().strip() in {"to", "with", "a", "avec"}
    if (verb in _TALKING and linked) or (verb in _ASKING | _MEETING and link.group() == " "):
        span = small_name_at(folded, link.end(), verb_may_follow=verb not in _TALKING)
        if span is None and linked:
            span = two_unheard_at(folded, link.end())
        if span is not None:
            yield named(folded, span)


def _is_sure(folded: Folded, span: tuple[int, int], start: int, word: str, link: str, language: str) -> bool:
    """Whether one unknown word is a person's name here and not a firm's."""
    if word in {"asked", "ask"} and link.strip() == "to":
        return False  # what was asked: "asked to Cease"
    if word == "with" and _WITH_A_FIRM.search(folded.lower[max(0, start - 16) : start]) is not None:
        return False
    if folded.text[span[0] : span[1]].isupper() and span[1] - span[0] <= _LONGEST_ABBREVIATION:
        return False
    return language == "en" or word in _SURE_VERBS


def _spoken_of(folded: Folded, start: int, end: int, language: str) -> Iterator[PiiSpan]:
    """After "I asked", "spoke to", "parle a": one unknown word is enough in English; French says it of towns too."""
    if folded.lower[start:end] == "apres" and folded.lower[max(0, start - 2) : start] != "d'":
        return  # after a time, not in somebody's words
    link = _AFTER_VERB.match(folded.lower, end)
    if link is not None and folded.text[link.end() : link.end() + 1].islower():
        yield from _talked_to(folded, folded.lower[start:end], link)
        return
    span = name_at(folded, link.end(), spoken=True) if link is not None else None
    if span is None and link is not None and folded.lower[start:end] in _ASKING:
        span = name_at(folded, link.end(), cued=True)
        if span is not None and (several(folded, span) or folded.lower[span[0] : span[1]] not in GIVEN_TOO | SURNAMES_TOO):
            span = None
    if span is None or folded.text[start:end].isupper() or shouted(folded, span) or _is_no_name(folded, span):
        return
    if names_no_person(folded, span):
        return
    word = folded.lower[start:end]
    if word in {"himself", "herself"} and _NAMES.search(folded.lower[max(0, start - 10) : start]) is None:
        return
    if word == "called" and _RANG.search(folded.lower[max(0, start - 16) : start]) is None:
        return
    sure = _is_sure(folded, span, start, word, link.group() if link is not None else "", language)
    if sure or several(folded, span) or is_first_name(folded.lower[span[0] : span[1]].split(" ")[0]):
        yield named(folded, span)


_SURNAME_BEFORE = re.compile(rf"(?<![\w'-])((?:[{CAPITAL}]{{2,}}['-])?[{CAPITAL}]{{3,20}}) $")


def _with_place(folded: Folded, start: int, end: int) -> tuple[int, int] | None:
    """A first name whose surname ends the names of places too, unless a place may be meant: "Sarah Hill came", but "in Albert Park"."""
    word = WORD.match(folded.lower, end + 1) if folded.text[end : end + 1] == " " else None
    if word is None or word.group().removesuffix("'s") not in SURNAME_PLACES or folded.lower[start:end] in GIVEN_TOO:
        return None
    if folded.text[word.end() + 1 : word.end() + 2].isupper() or _PLACED.search(folded.lower[max(0, start - 9) : start]) is not None:
        return None
    return name_at(folded, start, cued=True)


_BEFORE_SMALL_NAME = re.compile(
    r"\b(?:to|with|from|by|for|and|met|saw|told|tell|asked|ask|called|rang|phoned|emailed|texted|messaged|contacted|visited|thank|thanks"
    r"|avec|a|par|de|ici|of|chez|pour|et|vu|rencontre|appele|contacte|eu|dites?|demandez|rappelez|remercie|merci|selon|hi|hello|hey|salut|coucou)"
    r"(?: a)?,? $"
)
_AFTER_SMALL_NAME = re.compile(
    r" (?:here|told|said|says|from|called|rang|phoned|emailed|promised|advised|confirmed|who|ici|qui|m'a|nous a|a dit)(?!\w)"
)
_TOWN_OR_TIME_BEFORE = re.compile(r"\b(?:near|at|in|of|rue|street|avenue|place|school|ecole|saint|sainte|st|ste) $")


def _small_first_name(folded: Folded, start: int, end: int, language: str) -> Iterator[PiiSpan]:
    """A first name that is nothing else, in small letters, beside a word that speaks for a person: "from dave", "sandra told me"."""
    del language
    text = folded.text
    if (
        end - start < SHORT
        or text[start].isupper()
        or text[start - 1 : start] in {"'", "-", "@", "/", "_", ".", "#"}
        or text[end : end + 1] in {"@", "_", "/", "'"}
    ):
        return
    span = small_name_at(folded, start, verb_may_follow=True, alone=False)
    if span is None or span[1] < end or not is_unmistakable(folded.lower[start:end]):
        return
    before = folded.lower[max(0, start - 24) : start]
    if (start == 0 or _BEFORE_SMALL_NAME.search(before) is not None) or (
        _AFTER_SMALL_NAME.match(folded.lower, span[1]) is not None and _TOWN_OR_TIME_BEFORE.search(before) is None
    ):
        yield named(folded, span)


def _first_name(folded: Folded, start: int, end: int, language: str) -> Iterator[PiiSpan]:
    """A common first name with a capital, with the surname beside it, unless a place bears it."""
    text = folded.text
    if text[start].islower():
        yield from _small_first_name(folded, start, end, language)
        return
    if not text[start].isupper() or (start > 0 and text[start - 1] in "@/_.#-") or text[end : end + 1] in {"@", "_", "/"}:
        return
    span = name_at(folded, start) or _with_place(folded, start, end)
    if span is None or bears_place(folded, start):
        return
    if not several(folded, span):
        ambiguous = folded.lower[start:end] in AMBIGUOUS_NAMES and "-" not in text[span[0] : span[1]]
        if ambiguous or (text[start:end].isupper() and end - start <= SHORT):
            return
    window = max(0, start - 32)
    if start > 0 and text[start - 1] == " " and f"{folded.lower[window:start].split(' ')[-2]} {folded.lower[start:end]}" in WELL_KNOWN:
        return  # the second half of Victor Hugo
    before = _SURNAME_BEFORE.search(text[window:start])
    if before is not None and not starts_no_name(before.group(1).lower()) and before.group(1).lower() not in PLACE_WORDS:
        span = (window + before.start(1), span[1])
    yield named(folded, span)


RULES: tuple[tuple[tuple[str, ...], Rule], ...] = (
    (
        ("asked", "ask", "told", "spoke", "spoken", "met", "saw", "phoned", "rang", "emailed", "contacted", "called", "himself",
         "herself", "whether",
         *sorted(_TALKING - {"spoke", "spoken", "parle"}), "belongs", "appartient", "parle",
         "demande", "rencontre", "ecrit", "with", "avec", "behalf", "seen",
         "visited", "according", "selon", "apres",
         "demandez", "demander",
         "rappelez", "rappeler", "contacter", "contactez", "remercie", "remercier"),
        _spoken_of,
    ),
    (tuple(sorted(FIRST_NAMES - {"son", "said"})), _first_name),
    (tuple(sorted(FIRST_NAMES_BY_COUNTRY)), _small_first_name),
)  # fmt: skip
