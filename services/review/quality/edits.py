"""Says what a person changed of a draft before it was sent: how much, and of which kind. Pure."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from rapidfuzz.distance import Levenshtein
from text_to_num import alpha2digit

from services.domain.links import links

EditKind = Literal[
    "unchanged",
    "subject",
    "greeting_or_closing",
    "wording",
    "shortened",
    "paragraph_added",
    "passage_dropped",
    "figures",
    "dates",
    "links",
    "phones",
    "rewritten",
    "rejected",
]
EDIT_KINDS: tuple[EditKind, ...] = get_args(EditKind)
FACTS: frozenset[EditKind] = frozenset(("figures", "dates", "links", "phones"))

FRAME_WORDS = 12
"""The longest greeting or closing: a longer paragraph says something."""
REWRITTEN = 0.6
"""Distance from which little of the draft is left."""
SHORTENED = 0.8
"""Of the draft's words, what is left at most where it was made shorter, if next to nothing was added."""
NEXT_TO_NOTHING = 0.1
OF_THE_DRAFT, GONE = 0.5, 0.25
"""Shares of a quotation's runs of three words from which it stands in a text, and below which it does not."""

_NUMBER_WORDS = frozenset(("en", "fr", "es", "pt", "de", "nl"))
_DATE = re.compile(
    r"\b\d{1,4}[./-]\d{1,2}[./-]\d{1,4}\b"
    r"|\b(?:mon|tues|wednes|thurs|fri|satur|sun)days?\b|\b(?:lun|mar|mercre|jeu|vendre|same)dis?\b|\bdimanches?\b"
    r"|\b(?:\d{1,2}(?:st|[nr]d|th|er)?\s{1,3}(?:of\s)?)?(?:january|february|march|april|may(?=\s\d)|june|july|august|september|october"
    r"|november|december|janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre)\b"
    r"(?:\s{1,3}\d{1,4}(?:st|[nr]d|th)?\b)?(?:,?\s{1,3}\d{4}\b)?",
    re.IGNORECASE,
)
_PHONE = re.compile(r"(?<![\w.,])(?:\+|\(?0|(?=\(?\d{2,4}\)?[ ./-]\d{2,4}[ ./-]))\(?\d[\d()./ \u00a0\u202f-]{4,20}\d(?!\w)")
_FEWEST_DIGITS = 7
_FIGURE = re.compile(
    r"([$€£])?\s?(\d{1,12}(?:[., '\u00a0\u202f\u2019]\d{3}){0,4}(?:[.,]\d{1,6})?)"
    r"(?:\s?(%|[$€£]|(?:euro|dollar|franc|minute|hour|day|week|month|year|heure|jour|semaine|an|année)s?\b|mois\b|h\b))?",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Letter:
    """A reply as the citizen would read it."""

    subject: str
    body: str

    @property
    def words(self) -> list[str]:
        """Its words in their order."""
        return [*self.subject.split(), *self.body.split()]


@dataclass(frozen=True)
class Edit:
    """What became of a draft. `distance` is the share of words that differ, 0 to 1; none where the draft was rejected."""

    kinds: tuple[EditKind, ...]
    distance: float | None
    words: int
    """Of the draft."""


REJECTED: tuple[EditKind, ...] = ("rejected",)


def rejected(draft: Letter) -> Edit:
    """The draft was of no use."""
    return Edit(REJECTED, None, len(draft.words))


def edit_of(draft: Letter, sent: Letter, quotes: Sequence[str] = (), language: str = "en") -> Edit:
    """What a person changed of a draft that quotes these passages."""
    before, after = draft.words, sent.words
    if before == after:
        return Edit(("unchanged",), 0.0, len(before))
    distance = Levenshtein.normalized_distance(before, after)
    kinds = _kinds_of_form(draft, sent, quotes, distance)
    shorter = bool(kinds & {"passage_dropped", "shortened"})
    kinds |= changed_facts(f"{draft.subject}\n{draft.body}", f"{sent.subject}\n{sent.body}", language, also_gone=not shorter)
    return Edit(tuple(kind for kind in EDIT_KINDS if kind in kinds) or ("wording",), round(distance, 4), len(before))


def _kinds_of_form(draft: Letter, sent: Letter, quotes: Sequence[str], distance: float) -> set[EditKind]:
    old, new = _paragraphs(draft.body), _paragraphs(sent.body)
    if old == new:
        return {"subject"}
    if distance < REWRITTEN and _matter(old) == _matter(new):
        return {"greeting_or_closing"}
    kinds: set[EditKind] = set()
    if any(_share(quote, draft.body) >= OF_THE_DRAFT and _share(quote, sent.body) < GONE for quote in quotes):
        kinds.add("passage_dropped")
    if distance >= REWRITTEN:
        return kinds | {"rewritten"}
    before, after = draft.body.split(), sent.body.split()
    inserted = len(after) - Levenshtein.similarity(before, after)
    if len(after) <= SHORTENED * len(before) and inserted <= NEXT_TO_NOTHING * len(before):
        kinds.add("shortened")
    if any(len(words) > FRAME_WORDS and _share(" ".join(words), draft.body) < GONE for words in new):
        kinds.add("paragraph_added")
    return kinds


def changed_facts(before: str, after: str, language: str, *, also_gone: bool) -> set[EditKind]:
    """Which facts are others than before; those that are only gone count where no sentence went with them."""
    old, new = _facts(before, language), _facts(after, language)
    return {kind for kind in old if new[kind] - old[kind] or (also_gone and old[kind] - new[kind])}


def _facts(text: str, language: str) -> dict[EditKind, set[str]]:
    """Links, dates, phone numbers and figures, each written in one way. What is one of these is no other."""
    addresses = links(text)
    for address in addresses:
        text = text.replace(address, " ")
    if language in _NUMBER_WORDS:
        text = "\n".join(alpha2digit(line, language) for line in text.splitlines())
    dates, text = _taken_out(_DATE, text)
    phones = {digits for number in _PHONE.findall(text) if len(digits := re.sub(r"\D", "", number)) >= _FEWEST_DIGITS}
    text = _PHONE.sub(lambda match: " " if len(re.sub(r"\D", "", match[0])) >= _FEWEST_DIGITS else match[0], text)
    figures = {_figure(match) for match in _FIGURE.finditer(text)}
    return {
        "links": {address.casefold().rstrip("/") for address in addresses},
        "dates": {" ".join(re.sub(r"(?<=\d)(?:st|[nr]d|th|er)\b", "", date.casefold()).replace(",", " ").split()) for date in dates},
        "phones": phones,
        "figures": figures,
    }


def _taken_out(pattern: re.Pattern[str], text: str) -> tuple[list[str], str]:
    return [match[0] for match in pattern.finditer(text)], pattern.sub(" ", text)


def _figure(match: re.Match[str]) -> str:
    number = re.sub(r"[., '\u00a0\u202f\u2019](?=\d{3}(?:\D|$))", "", match[2]).replace(",", ".")
    unit = (match[3] or match[1] or "").casefold()
    return f"{number} {unit.rstrip('s') if len(unit) > 1 else unit}"


def _paragraphs(body: str) -> list[list[str]]:
    return [words for part in re.split(r"\n\s*\n", body) if (words := part.split())]


def _matter(paragraphs: list[list[str]]) -> list[list[str]]:
    """The paragraphs between greeting and closing."""
    start = 1 if paragraphs and len(paragraphs[0]) <= FRAME_WORDS else 0
    end = len(paragraphs)
    while end > start and len(paragraphs[end - 1]) <= FRAME_WORDS:
        end -= 1
    return paragraphs[start:end]


def _share(quote: str, text: str) -> float:
    """How much of a quotation stands in a text, by its runs of three words."""
    runs = _runs(quote.split())
    return len(runs & _runs(text.split())) / len(runs) if runs else 0.0


def _runs(words: Iterable[str]) -> set[tuple[str, ...]]:
    plain = [word.strip(".,;:!?…\"'«»“”()>").casefold() for word in words]
    plain = [word for word in plain if word]
    return {tuple(plain[i : i + 3]) for i in range(max(len(plain) - 2, min(len(plain), 1)))}
