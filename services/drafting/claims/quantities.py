"""Reads quantities out of a text: numbers with their units, in digits or in words, times, dates, weekdays and relative dates."""

import re
from dataclasses import dataclass
from functools import cache

from text_to_num import alpha2digit

from services.domain.calendar_words import MONTHS, WEEKDAYS
from services.drafting import tokenization
from services.drafting.claims.word_lists import named, patterns

# Every repetition below is bounded: the text may have been written to keep this busy.
PHONE_DIGITS = 7  # so many digits together are one number, and are right as a whole or wrong
NOUN = 5  # letters by which two nouns are the same
WORD_LANGUAGES = frozenset({"en", "fr", "de", "es", "it", "nl", "pt"})

_MINUTES = {"minute": 1, "hour": 60, "day": 1440, "week": 10080, "month": 43200}  # people say "a month" for 30 days
_MONTHS_IN = {"month": 1, "year": 12}
_CENTS = {"cent": 1, "eur": 100}
_UNIT = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in named("quantities", "units").items()))
_NUMBER = r"\d{1,9}(?:[.,' \u00a0\u202f]\d{3}(?!\d)){0,3}(?:[.,]\d{1,2}(?!\d))?"
_RANGE = re.compile(rf"(?<![\d.,:/])({_NUMBER})(?:\s?(?:to|and|or|a|et|ou|bis|\u2013|-|\u2014)\s?({_NUMBER}))?[ -]?")
_BEFORE = re.compile(rf"(?P<unit>[\u20ac$\u00a3]|\bchf|\beur)\s?({_NUMBER})")
_NOUN = re.compile(r"([a-z]{3,30})")
_CLOCK = re.compile(
    r"(?<![\d.,])(?P<h>[01]?\d|2[0-4])(?:(?::|\.|\s?h\s?|\s?heures?\s)(?P<m>[0-5]\d)(?!\d|\.\d)(?:\s?(?P<half>[ap])\.?m\b)?"
    r"|\s?(?P<half2>[ap])\.?m\b|\s?(?:o'clock|h\b(?!\w)|heures\b))"
)
_CLOCK_WORDS = re.compile(
    r"\b(?P<word>half past|quarter past|quarter to) (?P<h>\d{1,2})\b"
    r"|\b(?P<heure>\d{1,2}) ?(?:h|heures?) (?P<mot>et demie?|et quart|moins le quart)\b"
    r"|\b(?P<midi>midi|noon|midnight|minuit)\b(?: (?P<suite>et demie?|et quart))?"
)
_PHONE = re.compile(r"\+?\(?\d[\d\s().\u00a0\u202f/-]{5,24}\d")
_SPOKEN = re.compile(r"(?<![\d.,])0\d{0,8}(?:[ ,]{1,3}\d{1,6}){1,12}(?![\d.])|(?<!\d)\d{1,4}(?:[ ,]{1,2}\d{1,4}){3,12}(?!\d)")
_OH = re.compile(r"\boh(?:,? )(?=(?:zero|one|two|three|four|five|six|seven|eight|nine|hundred|\d)\b)")
_DOUBLE = re.compile(r"\b(double|triple) (zero|oh|one|two|three|four|five|six|seven|eight|nine)\b")
_ABOUT_SO_MANY = named("quantities", "about_so_many")
_ABOUT = re.compile(rf"\b(?:une |a )?({'|'.join(_ABOUT_SO_MANY)})(?: de| d'|\b)")
_METRE_AND = re.compile(r"\b(\d{1,2}|(?:d')?une?) metres? (\d{2})\b")
_EUROS_AND = re.compile(r"\b(\d{1,4}) euros? (\d{2})\b(?! ?(?:euros?|%|ans|jours|mois))")
_OUT_OF = re.compile(r"\b(\d{1,3}) (?:(?:\w{1,20} )?(?:out of|in every|of every)|sur) (\d{1,3})\b")
_ORDINAL_AFTER = re.compile(
    r"\b(\d{1,4}) (?:premi(?:er|ere)s?|prochaine?s?|first|next|full|enti(?:er|ere)s?|whole|usual|main|possible|simple|bons?|bonnes?) (?=\w)"
)
_EVERY_DAY = re.compile(r"\b7 (?:days a week|jours sur (?:7|sept))\b|\b7 ?/ ?7\b")
_EVERY_OTHER = re.compile(r"\b1 (semaine|mois|jour|annee) sur 2\b|\bevery other (week|month|day)\b")
_MONTH = "|".join(MONTHS)
_DATE = re.compile(
    rf"\b(\d{{1,2}})(?:st|nd|rd|th|er)?\s+(?:of\s+)?({_MONTH})\b|\b({_MONTH})\s+(\d{{1,2}})(?:st|nd|rd|th)?\b(?!\s*(?:\d|%))"
)
_WEEKDAY = "|".join(WEEKDAYS)
_WEEKDAYS_IN = re.compile(rf"\b({_WEEKDAY})s?(?:\s?(?:to|through|until|till|au|a|jusqu'au|\u2013|-)\s?({_WEEKDAY})s?)?\b")
_WEEKEND = re.compile(r"\bweek-?ends?\b")
_WEEK_DAYS = re.compile(r"\bweekdays?\b|\ben semaine\b|\bjours de semaine\b")


@dataclass(frozen=True)
class Quantity:
    """A number with what it counts: `value` a plain decimal, `unit` one of ours, or empty where none is told."""

    value: str
    unit: str
    text: str
    noun: str = ""
    """The word after it where that is no unit of ours, without its ending."""

    @property
    def equal(self) -> frozenset[tuple[str, str]]:
        """Itself in every unit that means exactly the same."""
        same = {(self.value, self.unit)}
        for family in (_MINUTES, _MONTHS_IN, _CENTS):
            if self.unit in family:
                whole = float(self.value) * family[self.unit]
                same |= {(decimal(whole / size), unit) for unit, size in family.items()}
        return frozenset(same)


@dataclass(frozen=True)
class Quantities:
    """Everything countable that a text says."""

    numbers: tuple[Quantity, ...]
    clock_times: dict[str, str]
    phones: dict[str, str]
    dates: dict[tuple[int, int], str]
    weekdays: dict[int, str]
    relative: dict[str, str]
    plain: str
    spans: dict[frozenset[int], str]
    """Weekdays in a row, as "Monday to Friday"."""
    single: dict[int, str]
    """Weekdays named one by one."""


@cache
def read(text: str, language: str) -> Quantities:
    """What a text counts. Numbers in words are read in the languages that text2num knows."""
    plain = tokenization.plain(re.sub(r"\[[A-Z_]+_\d+\]", " ", text))
    if language == "en":
        plain = _OH.sub(" zero ", _DOUBLE.sub(lambda m: " ".join([m[2]] * (2 if m[1] == "double" else 3)), plain))
    if language in WORD_LANGUAGES:
        plain = _joined(alpha2digit(plain, language, threshold=0), plain)
    plain = _CLOCK_WORDS.sub(_as_clock, _METRE_AND.sub(lambda m: f"{m[1] if m[1].isdigit() else 1},{m[2]} m", plain))
    plain = _ABOUT.sub(lambda m: str(_ABOUT_SO_MANY[m[1]]), re.sub(r"\btwice\b", "2 times", plain))
    plain = _EUROS_AND.sub(r"\1,\2 euros", plain)
    plain = _EVERY_OTHER.sub(lambda m: f"2 {m[1] or m[2]}s", plain)
    plain = _EVERY_DAY.sub(" ", _ORDINAL_AFTER.sub(r"\1 ", plain))
    always = patterns("quantities")["always"].search(plain)
    plain = patterns("quantities")["always"].sub(" ", plain)
    shares = [decimal(100 * int(m[1]) / int(m[2])) for m in _OUT_OF.finditer(plain) if int(m[2])]
    phones: dict[str, str] = {}

    def phone(match: re.Match[str]) -> str:
        digits = re.sub(r"\D", "", match.group())
        if len(digits) < PHONE_DIGITS or re.fullmatch(r"\d{1,4}[./-]\d{1,2}[./-]\d{2,4}", match.group()):
            return match.group()
        phones[digits] = match.group().strip()
        return " ; "

    rest = _PHONE.sub(phone, re.sub(r"^[ \t]{0,20}\d{1,2}[.)]\s", "", plain, flags=re.MULTILINE))
    dates = {(int(m[1] or m[4]), MONTHS[m[2] or m[3]]): m.group() for m in _DATE.finditer(rest)}
    rest = _DATE.sub(" ; ", rest)
    clock: dict[str, str] = {}

    def at(match: re.Match[str]) -> str:
        hour = int(match["h"]) % 24
        half = match["half"] or match["half2"]
        if half:
            hour = hour % 12 + (12 if half == "p" else 0)
        clock[f"{hour:02}:{match['m'] or '00'}"] = match.group().strip()
        # "4.50" may be a price as well, "4 h" a period: whichever the sources have.
        return " ; " if match["m"] and not re.match(r"\d{1,2}\.", match.group()) else match.group()

    rest = _CLOCK.sub(at, rest)
    weekdays, spans = _weekdays(plain)
    return Quantities(
        numbers=(*_numbers(rest), *(Quantity(share, "percent", share) for share in shares)),
        clock_times=clock,
        phones=phones,
        dates=dates,
        weekdays=weekdays,
        plain=plain,
        spans=spans,
        single={WEEKDAYS[match[1]]: match.group() for match in _WEEKDAYS_IN.finditer(plain) if not match[2]},
        relative=_relative(plain) | ({"always": always.group()} if always else {}),
    )


def _as_clock(match: re.Match[str]) -> str:
    hour = 0 if match["midi"] in ("midnight", "minuit") else 12 if match["midi"] else int(match["h"] or match["heure"])
    words = match["word"] or match["mot"] or match["suite"] or ""
    if words in ("quarter to", "moins le quart"):
        return f"{(hour - 1) % 24}:45"
    minutes = 30 if "half" in words or "demi" in words else 15 if words else 0
    return f"{hour}:{minutes:02}"


def _numbers(text: str) -> list[Quantity]:
    numbers: list[Quantity] = []
    taken = -1
    for match in _BEFORE.finditer(text):
        unit = _UNIT.match(match["unit"])
        numbers.append(Quantity(value_of(match[2]), unit.lastgroup or "" if unit else "", match.group()))
    prefixed = {(m.start(2), m.end(2)) for m in _BEFORE.finditer(text)}
    for match in _RANGE.finditer(text):
        if match.start() < taken or (match.start(1), match.end(1)) in prefixed:
            continue
        unit = _UNIT.match(text, match.end())
        name = unit.lastgroup or "" if unit and not re.match(r"\w", text[unit.end() : unit.end() + 1]) else ""
        whole = text[match.start() : unit.end() if unit and name else match.end()]
        after = None if name else _NOUN.match(text, match.end())
        noun = after[1][:NOUN] if after else ""
        numbers += [Quantity(value_of(number), name, whole, noun) for number in match.groups() if number]
        taken = match.end()
    return numbers


def value_of(number: str) -> str:
    """A number as it is written, as a plain decimal."""
    number = re.sub(r"[' \u00a0\u202f]", "", number)
    number = re.sub(r"[.,](?=\d{3}(?!\d))", "", number).replace(",", ".")
    return decimal(float(number))


def decimal(value: float) -> str:
    """As few digits as tell it."""
    return f"{value:.4f}".rstrip("0").rstrip(".")


def _weekdays(plain: str) -> tuple[dict[int, str], dict[frozenset[int], str]]:
    days: dict[int, str] = {}
    spans: dict[frozenset[int], str] = {}
    for match in _WEEKDAYS_IN.finditer(plain):
        first = WEEKDAYS[match[1]]
        last = WEEKDAYS[match[2]] if match[2] else first
        span = frozenset(day % 7 for day in range(first, last + 1 if last >= first else last + 8))
        days |= dict.fromkeys(span, match.group())
        spans |= {span: match.group()} if match[2] else {}
    if weekend := _WEEKEND.search(plain):
        days |= {5: weekend.group(), 6: weekend.group()}
    if week := _WEEK_DAYS.search(plain):
        days |= dict.fromkeys(range(5), week.group())
        spans[frozenset(range(5))] = week.group()
    return days, spans


def _relative(plain: str) -> dict[str, str]:
    """Days told from today, and how often something is."""
    words = patterns("quantities")
    relative = {_normal(match.group()): match.group() for match in words["relative"].finditer(plain)}
    repeated = {key: words[key].search(plain) for key in words if key.startswith(("same ", "every "))}
    return relative | {key: match.group() for key, match in repeated.items() if match}


def _normal(relative: str) -> str:
    """The same words for the same day."""
    words = patterns("quantities")
    return next((key for key in ("tonight", "end of year") if words[key].search(relative)), relative)


def _joined(text: str, before: str) -> str:
    """Digits that were said one by one, as people do with telephone numbers, in one piece; what was in digits before stays."""

    def piece(match: re.Match[str]) -> str:
        digits = re.sub(r"\D", "", match.group())
        return match.group() if len(digits) < PHONE_DIGITS or match.group() in before else digits

    return _SPOKEN.sub(piece, re.sub(r"\bzero\b", "0", text))
