"""Finds sums, dates, deadlines and rights in a reply, in English and French, and what says the same. Pure."""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict
from text_to_num import text2num

from schemas.drafts_proposed import Citation
from services.domain.calendar_words import MONTHS, WEEKDAYS

Kind = Literal["sum", "date", "deadline", "right"]
Source = Literal["passage", "template"]
Meaning = tuple[str, ...]

_WORDS = {
    "en": "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen "
    "twenty thirty forty fifty sixty seventy eighty ninety hundred thousand",
    "fr": "un une deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize vingt trente quarante cinquante "
    "soixante cent cents mille",
}
_WORD = "|".join(sorted({word for words in _WORDS.values() for word in words.split()}, key=len, reverse=True))
_NUMBER = (
    r"(?:\d{1,3}(?:[ .,'\u00a0\u202f]\d{3}(?!\d)){1,3}(?:[.,]\d{1,2}(?!\d))?|\d{1,9}(?:[.,]\d{1,2}(?!\d))?"
    rf"|\b(?:{_WORD})(?:(?:-| |-et-| et )(?:{_WORD})){{0,4}}\b)"
)
_TO = r"(?:\s?(?:to|or|and|a|ou|et|-|\u2013)\s?)"
_CURRENCIES = {
    "eur": r"\u20ac|eur\b|euros?\b",
    "usd": r"\$|usd\b|dollars?\b",
    "gbp": r"\u00a3|gbp\b|pounds?\b",
    "chf": r"chf\b|francs?\b|fr\.",
    "cent": r"cents?\b|centimes?\b",
    "percent": r"%|per ?cent\b|pour ?cent\b",
}
_CURRENCY = "|".join(_CURRENCIES.values())
_PERIODS = {
    "working day": r"(?:working|business)[- ]days?\b|jours? (?:ouvrables?|ouvres?)\b",
    "day": r"(?:calendar )?days?\b|jours?\b",
    "week": r"weeks?\b|semaines?\b",
    "month": r"months?\b|mois\b",
    "year": r"years?\b|ans?\b|annees?\b",
    "hour": r"hours?\b|heures?\b",
    "minute": r"minutes?\b",
}
_PERIOD = "|".join(_PERIODS.values())
_MONTH = "|".join(MONTHS)
_WEEKDAY = "|".join(WEEKDAYS)
_RIGHTS = {
    "entitled": r"\bentitle(?:d|s|ment)\b|\brights? (?:to|of)\b|\bavez (?:le )?droit\b|\bdroits? (?:a|de|d)\b|\bayant droit\b",
    "free of charge": r"\bfree of charge\b|\bat no (?:cost|charge)\b|\bgratuit(?:e|s|es|ement)?\b|\bsans frais\b",
    "money back": r"\brefund(?:s|ed|able)?\b|\breimburs\w{1,6}\b|\brembours\w{1,6}\b",
    "compensation": r"\bcompensat\w{1,4}\b|\bindemnis\w{1,6}\b|\bdedommag\w{1,6}\b",
    "appeal": r"\bappeal(?:s|ed)?\b|\bobjections?\b|\bcomplain to\b|\brecours\b|\bcontester\b|\breclamation\b",
    "exempt": r"\bexempt\w{0,4}\b|\bwaive[ds]?\b|\bexoner\w{1,7}\b|\bdispens\w{1,5}\b",
}
_PATTERNS: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    (
        "sum",
        re.compile(
            rf"(?P<before>{_CURRENCY})\s?(?P<of>{_NUMBER})|(?P<n>{_NUMBER})(?:{_TO}(?P<m>{_NUMBER}))?[ \u00a0\u202f-]?(?P<unit>{_CURRENCY})"
        ),
    ),
    (
        "date",
        re.compile(
            rf"\b(?P<d>\d{{1,2}})(?:st|nd|rd|th|er)?(?: of)? (?P<mo>{_MONTH})\b(?:,? (?P<y>\d{{4}}))?"
            rf"|\b(?P<mo2>{_MONTH}) (?P<d2>\d{{1,2}})(?:st|nd|rd|th)?\b(?:,? (?P<y2>\d{{4}}))?"
            r"|\b(?P<iso>\d{4}-\d{2}-\d{2})\b|\b(?P<num>\d{1,2}[./]\d{1,2}[./]\d{2,4})\b"
            rf"|\b(?P<w>{_WEEKDAY})s?(?:{_TO}(?P<w2>{_WEEKDAY})s?)?\b"
            r"|\b(?P<h>\d{1,2})(?:[:h](?P<min>\d{2})\b(?: ?(?P<ap>[ap])\.?m\b)?| ?(?P<ap2>[ap])\.?m\b)"
        ),
    ),
    ("deadline", re.compile(rf"(?P<n>{_NUMBER})(?:{_TO}(?P<m>{_NUMBER}))?[ \u00a0\u202f-]?(?P<unit>{_PERIOD})")),
    ("right", re.compile("|".join(f"(?P<r{number}>{pattern})" for number, pattern in enumerate(_RIGHTS.values())))),
)
_FAMILIES = tuple(_RIGHTS)
_NOON = 12
_SENTENCE_ENDS = re.compile(r"(?<=[.!?])\s+|\n+")
AROUND = 70  # characters before and after, by which people find the place


class Figure(BaseModel):
    """A statement that can be right or wrong, and what says the same: a passage, or the agency's own letter template."""

    model_config = ConfigDict(frozen=True)

    id: str
    kind: Kind
    text: str
    around: str
    source: Source | None = None
    passage_id: str | None = None
    title: str = ""


@dataclass(frozen=True)
class _Statement:
    kind: Kind
    start: int
    end: int
    meanings: frozenset[Meaning]


def figures_of(text: str, citations: Sequence[Citation] | None, own_words: str = "") -> list[Figure]:
    """Every sum, date, deadline and right of a text once, in the order in which they stand there. Nobody asks where citations are None.

    A passage says a figure wherever it stands. `own_words`, the agency's own letter, say it only in the very sentence that they have:
    the same number in another sentence is another promise.
    """
    if citations is None:
        return []
    passages = [(citation, _meanings(citation.quote)) for citation in citations]
    own, (sentences, starts) = set(_sentences(own_words)[0]), _sentences(text)
    figures: dict[str, Figure] = {}
    for statement in _statements(text):
        written = " ".join(text[statement.start : statement.end].split())
        name = f"{statement.kind}:{' '.join(sorted(' '.join(meaning[1:]) for meaning in statement.meanings))}"
        passage = next((citation for citation, meanings in passages if statement.meanings <= meanings), None)
        is_own = sentences[bisect_right(starts, statement.start) - 1] in own
        source: Source | None = "passage" if passage else "template" if is_own else None
        former = figures.get(name)
        if former and (source or former.source is None):
            continue
        figures[name] = Figure(
            id=name,
            kind=statement.kind,
            text=written,
            around=_around(text, statement),
            source=source,
            passage_id=passage.passage_id if passage else None,
            title=passage.title if passage else "",
        )
    return list(figures.values())


def unsupported(text: str, citations: Sequence[Citation], own_words: str = "") -> list[Figure]:
    """Those that neither a passage nor the agency's own letter says."""
    return [figure for figure in figures_of(text, citations, own_words) if figure.source is None]


def _sentences(text: str) -> tuple[list[str], list[int]]:
    """Every sentence with single spaces, and where each begins."""
    ends = list(_SENTENCE_ENDS.finditer(text))
    starts = [0, *(end.end() for end in ends)]
    stops = [*(end.start() for end in ends), len(text)]
    return [" ".join(text[start:stop].split()) for start, stop in zip(starts, stops, strict=True)], starts


def _around(text: str, statement: _Statement) -> str:
    """The words around it, whole and within its line."""
    line_start, line_end = text.rfind("\n", 0, statement.start) + 1, text.find("\n", statement.end)
    before, after = text[line_start : statement.start], text[statement.end : line_end if line_end >= 0 else len(text)]
    if len(before) > AROUND:
        before = "… " + before[-AROUND:].partition(" ")[2]
    if len(after) > AROUND:
        after = after[:AROUND].rpartition(" ")[0] + " …"
    return " ".join(f"{before}{text[statement.start : statement.end]}{after}".split())


def _plain(text: str) -> str:
    """The text in lower case and without accents, as long as it was."""
    return "".join((unicodedata.normalize("NFD", character)[:1] or character).lower()[:1] or character for character in text)


def _meanings(text: str) -> set[Meaning]:
    return {meaning for statement in _statements(text) for meaning in statement.meanings}


def _statements(text: str) -> list[_Statement]:
    plain = _plain(text)
    candidates = sorted((s for kind, pattern in _PATTERNS for s in _of_kind(kind, pattern, plain)), key=lambda s: (s.start, -s.end))
    statements: list[_Statement] = []
    for statement in candidates:
        if not statements or statement.start >= statements[-1].end:
            statements.append(statement)
    return statements


def _of_kind(kind: Kind, pattern: re.Pattern[str], plain: str) -> Iterator[_Statement]:
    for match in pattern.finditer(plain):
        meanings = _MEANINGS[kind](match)
        if meanings:
            yield _Statement(kind, match.start(), match.end(), frozenset(meanings))


def _counted(match: re.Match[str], units: dict[str, str], kind: Kind) -> list[Meaning]:
    unit = next((name for name, pattern in units.items() if re.match(pattern, match["unit"])), "")
    values = [_value(number) for number in (match["n"], match["m"]) if number]
    return [(kind, value, unit) for value in values if value]


def _sum(match: re.Match[str]) -> list[Meaning]:
    if not match["before"]:
        return _counted(match, _CURRENCIES, "sum")
    unit = next((name for name, pattern in _CURRENCIES.items() if re.match(pattern, match["before"])), "")
    value = _value(match["of"])
    return [("sum", value, unit)] if value else []


def _deadline(match: re.Match[str]) -> list[Meaning]:
    return _counted(match, _PERIODS, "deadline")


def _date(match: re.Match[str]) -> list[Meaning]:
    month = match["mo"] or match["mo2"]
    if month:
        return [("date", str(int(match["d"] or match["d2"])), str(MONTHS[month]))]
    if match["iso"]:
        _, number, day = match["iso"].split("-")
        return [("date", str(int(day)), str(int(number)))]
    if match["num"]:
        day, number, _ = re.split(r"[./]", match["num"])
        return [("date", str(int(day)), str(int(number)))]
    if match["w"]:
        first = WEEKDAYS[match["w"]]
        last = WEEKDAYS[match["w2"]] if match["w2"] else first
        return [("weekday", str(day % 7)) for day in range(first, last + 1 if last >= first else last + 8)]
    hour, half = int(match["h"]), match["ap"] or match["ap2"]
    hour = hour % _NOON + (_NOON if half == "p" else 0) if half else hour
    return [("clock", f"{hour:02}:{match['min'] or '00'}")]


def _right(match: re.Match[str]) -> list[Meaning]:
    return [("right", _FAMILIES[int((match.lastgroup or "r0")[1:])])]


_MEANINGS = {"sum": _sum, "date": _date, "deadline": _deadline, "right": _right}


def _value(number: str) -> str:
    """A number in digits or in words, as a plain decimal; nothing where the words are none."""
    if number[0].isdigit():
        digits = re.sub(r"[ '\u00a0\u202f]", "", number)
        digits = re.sub(r"[.,](?=\d{3}(?!\d))", "", digits).replace(",", ".")
        return f"{float(digits):.4f}".rstrip("0").rstrip(".")
    for language in ("en", "fr"):
        try:
            return str(text2num(number, language))
        except ValueError:
            continue
    return ""
