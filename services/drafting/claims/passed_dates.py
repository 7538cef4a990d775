"""Finds days that have passed and that a sentence writes of as to come, in English and French. Pure; today is an argument."""

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice

from services.domain.calendar_words import MONTHS, WEEKDAYS
from services.drafting import tokenization
from services.drafting.claims.word_lists import patterns

_MONTHS = MONTHS | {
    name: number
    for names in ("jan feb mar apr - jun jul aug sept oct nov dec", "janv fevr - avr - - juil - sep - - -")
    for number, name in enumerate(names.split(), start=1)
    if name != "-"
}
_MONTH = rf"(?:{'|'.join(sorted(_MONTHS, key=len, reverse=True))})"
_DAY = r"(?:0?[1-9]|[12]\d|3[01])"
_YEAR = r"(?:,? ?(?:19|20)\d{2})(?!\d)"
_DATE = re.compile(
    rf"(?:\b(?P<w>{'|'.join(WEEKDAYS)}),? (?:the |le )?)?"
    rf"(?:\b(?P<d>{_DAY})(?:st|nd|rd|th|er)?(?: of)? (?P<m>{_MONTH})\b\.?(?P<y>{_YEAR})?"
    rf"|\b(?P<m2>{_MONTH})\.? (?:the )?(?P<d2>{_DAY})(?:st|nd|rd|th)?\b(?![:h%]| ?(?:a\.?m|p\.?m)\b)(?P<y2>{_YEAR})?"
    rf"|\b(?P<iso>20\d{{2}}-\d{{2}}-\d{{2}})\b"
    rf"|\b(?P<nd>{_DAY})[./](?P<nm>0?[1-9]|1[0-2])[./](?P<ny>20\d{{2}})\b)"
    rf"|\b(?P<m3>{_MONTH}) (?P<y3>20\d{{2}})\b"
)
_CLAUSES = re.compile(
    r"[;:,\u2014](?!\d)\s|\s[\u2013-]\s|[()]|\b(?:but|and|mais|et|however|cependant|because|since|car|that|which|qui|que)\b"
)
_YEARLY = re.compile(
    r"\b(?:every|each|chaque|tous les|toutes les|par|per|a) (?:year|ans?|annees?)\b|\bannual\w{0,2}\b|\bannuel\w{0,4}\b|\byearly\b"
)
_DONE_ON = re.compile(
    r"\b(\w{1,12}) (?!planned|expected|scheduled|pr\u00e9vu|fix\u00e9|programm\u00e9|attendu)\w{2,15}"
    r"(?:ed on(?: the)?|(?:\u00e9e?s?|[\u00e7nd]ue?s?) le) (?:\w{3,9}(?:day|di) )?$"
)
"""`the bin missed on`, `votre courrier recu le`: what is named by the day on which it was done."""
_STILL_TO_BE = frozenset(["be", "is", "are", "sera", "seront", "serez", "etre", "est", "sont", "soit"])


REACH = 160  # characters on either side in which a clause speaks of a day
MOST = 20  # days in one sentence that are looked at
LATELY = timedelta(days=92)
"""A day without a year that was longer ago is the next one of that name."""


@dataclass(frozen=True)
class _Day:
    day: date
    start: int
    end: int
    has_year: bool


def passed(text: str, today: date) -> str | None:
    """The words of the first day that has passed and is written of as to come. None where there is none."""
    plain = tokenization.plain(text)
    if not any(character.isdigit() for character in plain) or _YEARLY.search(plain):
        return None
    written = text if len(text) == len(plain) else plain
    for each in islice(_days(plain, today), MOST):
        if each.day < today and _is_to_come(plain, written, each):
            return written[each.start : each.end].strip(" .")
    return None


def _is_to_come(plain: str, written: str, day: _Day) -> bool:
    """Whether the words around it, in its clause, speak of something that is still to happen or can still be done."""
    words = patterns("passed_dates")
    farthest, end = max(0, day.start - REACH), min(len(plain), day.end + REACH)
    start = max((match.end() for match in _CLAUSES.finditer(plain, farthest, day.start)), default=farthest)
    following = _CLAUSES.search(plain, day.end, end)
    before, after = plain[start : day.start], plain[day.end : following.start() if following else end]
    clause = f"{before} {after}"
    done = _DONE_ON.search(written[start : day.start].lower())
    if words["reference"].search(before) or (done and done[1] not in _STILL_TO_BE) or words["told"].search(clause):
        return False
    if words["to_come"].search(clause) and words["reached"].search(before):
        return True
    # "open until 30 September 2025" is over; without a year it may be said of any year.
    return day.has_year and bool(words["ends"].search(before))


def _days(plain: str, today: date) -> Iterator[_Day]:
    for match in _DATE.finditer(plain):
        day = _day_of(match, today)
        if day:
            yield _Day(day, match.start(), match.end(), _year_of(match) is not None)


def _year_of(match: re.Match[str]) -> int | None:
    if match["iso"]:
        return int(match["iso"][:4])
    written = match["y"] or match["y2"] or match["ny"] or match["y3"]
    return int(written.strip(" ,")) if written else None


def _day_of(match: re.Match[str], today: date) -> date | None:
    """The day that is meant. One without a year is the nearest, or the one that falls on the weekday that is named."""
    year, name = _year_of(match), match["m"] or match["m2"] or match["m3"]
    try:
        if match["iso"]:
            return date.fromisoformat(match["iso"])
        if match["m3"] and year:  # a month as a whole: it has passed with its last day
            number = _MONTHS[match["m3"]]
            return date(year + number // 12, number % 12 + 1, 1) - timedelta(days=1)
        month = int(match["nm"]) if match["nm"] else _MONTHS[name or ""]
        day = int(match["d"] or match["d2"] or match["nd"])
        if year:
            return date(year, month, day)
        years = (today.year - 1, today.year, today.year + 1)
        near = [date(each, month, day) for each in years if (month, day) != (2, 29) or calendar.isleap(each)]
        named = [each for each in near if match["w"] and each.weekday() == WEEKDAYS[match["w"]]]
    except ValueError:  # no such day
        return None
    if named:
        return min(named, key=lambda each: abs(each - today))
    nearest = min(near, key=lambda each: abs(each - today), default=None)
    return nearest if nearest and today - nearest <= LATELY else None
