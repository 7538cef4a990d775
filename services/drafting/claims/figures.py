"""Tells which figures of a sentence the sources do not have, and which of them the citizen's letter may give."""

import re
from collections.abc import Iterable

from services.drafting.claims.quantities import Quantities, Quantity, decimal, read, value_of
from services.drafting.claims.word_lists import patterns

SMALL = 2  # a count of a letter's own, as "two things": no fact unless a source counts the same
FEW = 10  # a count that a sentence about the letter may have on its own
MANY = 100  # from here on a bare number is a total
CENT = 0.005
NOON = 12
_COUNTED = frozenset({"", "time", "person", "copy"})
_MONEY = frozenset({"eur", "usd", "gbp", "chf"})
_CITIZENS = frozenset({"", "m", "m2", "m3", "cm", "km", "kg", "t", "litre", "time", "person", "copy", "year", "storey"})
"""Units of what a citizen alone can know: sizes, counts and ages."""
_PERIODS = frozenset({"day", "week", "month", "hour", "minute"})
_EMERGENCY = frozenset({"112", "911", "999"})
"""To call for help is always right."""
_AS_PRICE = re.compile(r"\d{1,2}(?:\.\d{2})?")
"""What may be a time or a price: it is looked up as a number."""


RATE = 4  # letters by which two units of a price are the same
_RATE = re.compile(
    r"(?:\u20ac\s?(?P<sum>\d{1,5}(?:[.,]\d{1,2})?)|(?P<sum2>\d{1,5}(?:[.,]\d{1,2})?)\s?(?:\u20ac|euros?\b))"
    r" (?:(?:an?|per|each|every|par|le|la|les|de|chaque) |(?:de )?l')(?P<unit>square|cubic|metre carre|metre cube|[a-z]{2,12})"
)
_RATE_UNITS = {
    "mois": "month", "month": "month", "an": "year", "annee": "year", "year": "year", "jour": "day", "journee": "day", "day": "day",
    "semaine": "week", "week": "week", "heure": "hour", "hour": "hour", "metre carre": "m2", "square": "m2", "metre cube": "m3",
    "cubic": "m3",
}  # fmt: skip


class _Given:
    """What the sources count, ready to be looked up."""

    def __init__(self, sources: list[Quantities], letter: Quantities | None) -> None:
        self.sources, self.letter = sources, letter
        self.pairs = {pair for quantities in sources for number in quantities.numbers for pair in number.equal}
        self.values = {value for value, _ in self.pairs}
        self.bare = {value for value, unit in self.pairs if not unit}
        self.with_unit = {value for value, unit in self.pairs if unit}
        clock = {time for quantities in sources for time in quantities.clock_times}
        # "seven in the evening"
        self.clock = clock | {f"{int(time[:2]) - NOON:02}{time[2:]}" for time in clock if int(time[:2]) > NOON}
        self.days = {str(day) for quantities in sources for day, _ in quantities.dates}
        self.counts = {value for value, unit in self.pairs if unit not in _PERIODS | _MONEY | {"working_day", "year"}} | {"1", "2"}
        self.nouns: dict[str, set[str]] = {}
        for number in (n for quantities in [*sources, *([letter] if letter else [])] for n in quantities.numbers if n.noun):
            self.nouns.setdefault(number.noun, set()).add(number.value)
        own = [n for n in letter.numbers if n.unit in _CITIZENS] if letter else []
        self.citizens = {(n.value, n.unit) for n in own}
        # "fifteen square metres too many", of 95 and 80
        self.citizens |= {
            (decimal(abs(float(n.value) - float(m.value))), n.unit) for n in own for m in own if n.unit and m.unit in ("", n.unit)
        }


def unsupported(
    text: str,
    language: str,
    sources: Iterable[Quantities],
    letter: Quantities | None = None,
    *,
    repeats: bool = False,
    binds: bool = False,
) -> list[str]:
    """The figures of a text that none of the sources has, as they are written there.

    A sentence that repeats the letter may have all figures of the letter; any other one that binds nobody may have what the citizen
    alone can know: sizes, counts and days, but never a sum, a period, a telephone number or an hour.
    """
    here, letter = read(text, language), None if binds else letter
    given = _Given([*sources, *([letter] if letter and repeats else [])], letter)
    missing = [number.text.strip() for number in here.numbers if not _supported(number, here, given, repeats=repeats)]
    phones = {digits for quantities in given.sources for digits in quantities.phones}
    missing += [written for digits, written in here.phones.items() if not any(digits in whole or whole in digits for whole in phones)]
    missing += [written for time, written in here.clock_times.items() if time not in given.clock and not _AS_PRICE.fullmatch(written)]
    return list(dict.fromkeys([*missing, *_days(here, given, repeats=repeats)]))


def shared(text: str, language: str, sources: Iterable[Quantities]) -> int:
    """How many figures of a text, other than bare small numbers, the sources have."""
    here, given = read(text, language), _Given(list(sources), None)
    phones = {digits for quantities in given.sources for digits in quantities.phones}
    days = {day for quantities in given.sources for day in quantities.weekdays}
    numbers = sum(bool(number.equal & given.pairs) for number in here.numbers if number.unit or len(number.value) > len("99"))
    return numbers + len(set(here.clock_times) & given.clock) + bool(set(here.weekdays) & days) + len(set(here.phones) & phones)


def otherwise_counted(text: str, language: str, near: Iterable[str], letter: Quantities) -> list[str]:
    """Periods and prices of a text of which what the sources say about it has the number, with another unit."""
    here, about = read(text, language), [read(sentence, language) for sentence in near]
    of_letter = {pair for number in letter.numbers for pair in number.equal}
    pairs = {pair for quantities in about for number in quantities.numbers for pair in number.equal}
    wrong = [
        number.text.strip()
        for number in here.numbers
        if number.unit in _PERIODS | {"year"}
        and number.equal.isdisjoint(pairs | of_letter)
        and {unit for value, unit in pairs if value == number.value} & (_PERIODS | {"year", "working_day"})
    ]
    prices: dict[str, set[str]] = {}
    for quantities in about:
        for value, unit, _ in _rates(quantities.plain):
            prices.setdefault(value, set()).add(unit)
    return wrong + [written for value, unit, written in _rates(here.plain) if unit not in {"time", "fois", *prices.get(value, {unit})}]


def _rates(plain: str) -> list[tuple[str, str, str]]:
    """Prices with what they are for: the sum, the unit's first letters, and the words."""
    return [
        (value_of(match["sum"] or match["sum2"]), _RATE_UNITS.get(match["unit"], match["unit"][:RATE]), match.group())
        for match in _RATE.finditer(plain)
    ]


def _days(here: Quantities, given: _Given, *, repeats: bool) -> list[str]:
    """Dates, weekdays and days told from today; those of the letter only in what does not speak of days to come."""
    words = patterns("quantities")
    ours = given.letter is not None and (repeats or not words["to_come"].search(here.plain))
    giving = [*given.sources, *([given.letter] if ours and given.letter else [])]
    keys = {key for quantities in giving for key in quantities.relative}
    keys |= {"today", "tonight", "tomorrow", "aujourd'hui", "demain"} if words["asks_now"].search(here.plain) else set()
    keys |= {"today", "aujourd'hui"} if re.match(r"today|aujourd'hui", here.plain) and not words["to_come"].search(here.plain) else set()
    keys |= {"dans la semaine", "in the week"} if ("7", "day") in given.pairs else set()
    keys |= {"dans la journee"} if ("24", "hour") in given.pairs or "same day" in keys else set()
    keys |= {"end of year"} if any((31, 12) in quantities.dates for quantities in giving) else set()
    missing = [written for date, written in here.dates.items() if not any(date in quantities.dates for quantities in giving)]
    missing += [written for day, written in here.weekdays.items() if not any(day in quantities.weekdays for quantities in giving)]
    # "weekly instalments" needs a source, "three mornings a week" is counted with its number.
    often = {key for key, written in here.relative.items() if key.startswith("every ") and not _counts(written, here.plain)}
    return missing + [written for key, written in here.relative.items() if key not in keys | often]


def _counts(often: str, text: str) -> bool:
    """Whether "weekly" says how often a figure of the sentence is due."""
    adjective = patterns("quantities")["needs_a_source"].search(often)
    return bool(adjective and re.search(rf"\d\D{{0,20}}{re.escape(often)}", text))


def _supported(number: Quantity, here: Quantities, given: _Given, *, repeats: bool) -> bool:
    written = number.text.strip()
    if (
        number.noun
        and not repeats
        and number.value not in given.counts
        and given.nouns.get(number.noun, {number.value}).isdisjoint(
            {number.value, *(value_of(other) for other in re.findall(r"\d{1,9}", number.text))}
        )
    ):
        return False  # "five certificates", where the source counts three of them
    as_time = next((time for time, clock in here.clock_times.items() if clock.startswith(written) or written.startswith(clock)), None)
    if as_time and written.endswith(" hours"):
        return False  # "9.30 hours ahead" for "before 9.30"
    return (
        bool(number.equal & given.pairs)
        or as_time in given.clock
        or (number.value, number.unit) in given.citizens
        or (number.unit in _CITIZENS and (number.value, "") in given.citizens)
        or _without_unit(number, given)
        or (number.unit in _COUNTED and _counts_little(number, given, repeats=repeats))
        or ((number.unit in _MONEY or not number.unit) and _worked_out(number, here, given))
        or _of_the_letter(number, here.plain, given.letter)
    )


def _without_unit(number: Quantity, given: _Given) -> bool:
    """Whether the same number stands there, where the sentence or the source leaves the unit out."""
    if number.unit in _COUNTED and number.value in given.bare:
        return True
    if number.unit:
        return number.unit not in _MONEY | {"percent"} and number.value in given.bare - given.with_unit
    return number.value in given.values | given.days | _EMERGENCY | {value for value, _ in given.citizens} or _hour_in(
        number.value, given.clock
    )


def _counts_little(number: Quantity, given: _Given, *, repeats: bool) -> bool:
    """Whether it is a small count of things, as in "two documents", and no source counts the same things otherwise."""
    if not number.value.isdigit():
        return False
    listed = bool(number.noun and patterns("quantities")["listed"].search(number.noun))
    if int(number.value) > (FEW if repeats or listed else SMALL):
        return False
    if repeats or any((value_of(other), number.unit) in given.pairs for other in re.findall(r"\d{1,9}", number.text)):
        return True  # "two or three", where the source says up to three
    others = [other for quantities in given.sources for other in quantities.numbers if other.unit == number.unit]
    return not any(other.noun == number.noun for other in others if number.noun or number.unit)


def _worked_out(number: Quantity, here: Quantities, given: _Given) -> bool:
    """Whether it follows from prices of the sources and numbers of the letter or the sentence: so many times one, half of it, two such."""
    value = float(number.value)
    if not number.unit:  # "700 are missing": what the sources ask for less what the letter has
        own = {float(n.value) for n in given.letter.numbers if n.unit in _COUNTED} if given.letter else set()
        asked = {
            float(n.value) for quantities in given.sources for n in quantities.numbers if n.unit in _COUNTED and float(n.value) >= MANY
        }
        return any(total - count == value >= FEW for total in asked for count in own)
    numbers = [n for quantities in (here, given.letter) if quantities for n in quantities.numbers]
    counts = {float(n.value) for n in numbers if n.unit not in _MONEY and n.unit != "percent"} | {1.0}
    prices = {float(n.value) for quantities in given.sources for n in quantities.numbers if n.unit == number.unit}
    parts = {price * count for price in prices for count in counts}
    amounts = parts | {part / 2 for part in parts}
    if patterns("quantities")["adds_up"].search(here.plain):
        amounts |= {part + other for part in parts for other in parts} | {price - other for price in prices for other in prices}
    owed = {float(n.value) for n in given.letter.numbers if n.unit == number.unit} if given.letter else set()
    amounts |= {sum_ / count for sum_ in owed for count in counts if count > 1}  # "90 euros a month for your 900"
    return any(abs(value - amount) < CENT for amount in amounts)


def _of_the_letter(number: Quantity, text: str, letter: Quantities | None) -> bool:
    """Whether it points at a figure of the letter, as "the 39 euros" or "two weeks ago" do, and states none of its own."""
    if letter is None or not any(number.equal & other.equal for other in letter.numbers):
        return False
    words, written = patterns("quantities"), number.text.strip()
    place = text.find(written)
    before, after = text[max(0, place - 30) : place], text[place + len(written) : place + len(written) + 20]
    if number.unit in _MONEY:
        return bool(words["pointing"].search(before))
    if words["passed"].search(after) or words["since"].search(before):
        return True
    # "with a baby of six months", but not "within six months"
    return number.unit in _PERIODS and not words["limit"].search(before)


def _hour_in(value: str, clock: set[str]) -> bool:
    """Whether `nine` can be an hour of the sources, before noon or after."""
    return value.isdigit() and any(f"{hour:02}:00" in clock for hour in (int(value), int(value) + NOON))
