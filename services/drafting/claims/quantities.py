"""Reads quantities out of a text: numbers with their units, in digits or in words, times, dates, weekdays and relative dates."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from text_to_num import alpha2digit

from services.drafting import tokenization

# Every repetition below is bounded: the text may have been written to keep this busy.
SMALL = 2  # a count of a letter's own, as "two things": no fact unless a source counts the same
FEW = 10  # a count that a sentence about the letter may have on its own
NOUN = 5  # letters by which two nouns are the same
CENT = 0.005
NOON = 12
PHONE_DIGITS = 7  # so many digits together are one number, and are right as a whole or wrong
WORD_LANGUAGES = frozenset({"en", "fr", "de", "es", "it", "nl", "pt"})

_UNITS = {
    "working_day": r"(?:working|business|week)[ -]?days?|jours? (?:ouvres?|ouvrables?|de travail)|arbeitstagen?|werktagen?",
    "day": r"(?:calendar |full )?days?|jours?(?: francs?)?|tagen?|dias?|giorn[oi]|dagen",
    "week": r"weeks?|semaines?|wochen?|semanas?|settiman[ae]|weken",
    "month": r"months?|mois|monaten?|mes(?:es)?|mes[ei]|maanden",
    "year": r"years?(?:[ -]old)?|ans?|annees?|jahren?|anos?|ann[oi]|jaar",
    "hour": r"hours?|heures?|h\b|stunden?|horas?|or[ae]|uur",
    "minute": r"minutes?|min\b|minuten|minutos?|minut[oi]",
    "percent": r"%|per ?cent|pour ?cent|prozent|por ciento|per cento",
    "eur": r"\u20ac|euros?|eur\b",
    "cent": r"cents?\b|centimes?",
    "usd": r"\$|dollars?|usd",
    "gbp": r"\u00a3|pounds?|gbp|livres? sterling",
    "chf": r"chf|francs? suisses?|francs?|fr\.",
    "m2": r"m2\b|square (?:metres?|meters?)|metres? carres?",
    "m3": r"m3\b|cubic (?:metres?|meters?)|metres? cubes?",
    "km": r"km\b|kilometres?|kilometers?",
    "m": r"metres?|meters?|m\b",
    "cm": r"cm\b|centimetres?|centimeters?",
    "kg": r"kg\b|kilos?|kilograms?|kilogrammes?",
    "t": r"tonn?es?",
    "litre": r"litres?|liters?|l\b",
    "time": r"times?|fois",
    "storey": r"stor(?:e?ys?|ies)|floors?|etages?",
    "point": r"points?",
    "person": r"people|persons?|personnes?|residents?|habitants?",
    "copy": r"copies|copy|exemplaires?|photographs?|photos?",
}
_MINUTES = {"minute": 1, "hour": 60, "day": 1440, "week": 10080}
_MONTHS_IN = {"month": 1, "year": 12}
_CENTS = {"cent": 1, "eur": 100}
_UNIT = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in _UNITS.items()))
_NUMBER = r"\d{1,9}(?:[.,' \u00a0\u202f]\d{3}(?!\d)){0,3}(?:[.,]\d{1,2}(?!\d))?"
_RANGE = re.compile(rf"(?<![\d.,:/])({_NUMBER})(?:\s?(?:to|and|or|a|et|ou|bis|\u2013|-|\u2014)\s?({_NUMBER}))?[ -]?")
_BEFORE = re.compile(rf"(?P<unit>[\u20ac$\u00a3]|\bchf|\beur)\s?({_NUMBER})")
_CLOCK = re.compile(
    r"(?<![\d.,])(?P<h>[01]?\d|2[0-4])(?:(?::|\.|\s?h\s?|\s?heures?\s)(?P<m>[0-5]\d)(?![\d.])(?:\s?(?P<half>[ap])\.?m\b)?"
    r"|\s?(?P<half2>[ap])\.?m\b|\s?(?:o'clock|h\b(?!\w)|heures\b))"
)
_PHONE = re.compile(r"\+?\(?\d[\d\s().\u00a0\u202f/-]{5,24}\d")
_MONTH_NAMES = {
    name: number
    for names in (
        "january february march april may june july august september october november december",
        "janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre",
    )
    for number, name in enumerate(names.split(), start=1)
}
_MONTH = "|".join(_MONTH_NAMES)
_DATE = re.compile(
    rf"\b(\d{{1,2}})(?:st|nd|rd|th|er)?\s+(?:of\s+)?({_MONTH})\b|\b({_MONTH})\s+(\d{{1,2}})(?:st|nd|rd|th)?\b(?!\s*(?:\d|%))"
)
_WEEKDAYS = {
    name: number
    for names in ("monday tuesday wednesday thursday friday saturday sunday", "lundi mardi mercredi jeudi vendredi samedi dimanche")
    for number, name in enumerate(names.split())
}
_WEEKDAY = "|".join(_WEEKDAYS)
_WEEKDAYS_IN = re.compile(rf"\b({_WEEKDAY})s?(?:\s?(?:to|through|until|till|au|a|jusqu'au|\u2013|-)\s?({_WEEKDAY})s?)?\b")
_WEEKEND = re.compile(r"\bweek-?ends?\b")
_WEEK_DAYS = re.compile(r"\bweekdays?\b|\ben semaine\b|\bjours de semaine\b")
_ALWAYS = re.compile(
    r"\b24 ?(?:hours|h|heures) (?:a day|per day|sur 24|par jour)(?: ?(?:h|heures)\b)?|\b24 ?/ ?(?:7|24)\b|\b(?:day and night|night and day|around the clock"
    r"|at any (?:time|hour)|jour et nuit|nuit et jour|a toute heure|de jour comme de nuit|en permanence|at all times)\b"
)
_SAME = re.compile(
    r"\b(?P<day>(?:the )?same day|on the day of|le jour meme|le meme jour|meme jour)\b|\b(?P<week>(?:the )?same week|la meme semaine|meme semaine)\b"
    r"|\b(?P<month>(?:the )?same month|le meme mois)\b"
)
_EVERY = {
    "every week": r"\bweekly\b|\bhebdomadaire\w{0,4}|\b(?:a|per|each|every|par|chaque) (?:week|semaine)\b",
    "every month": r"\bmonthly\b|\bmensu\w{0,6}|\b(?:a|per|each|every|par|chaque) (?:month|mois)\b",
    "every year": r"\byearly\b|\bannual\w{0,2}|\bannuel\w{0,6}|\b(?:a|per|each|every|par|chaque) (?:year|an|annee)\b|\bdans l'annee\b",
}
_YEARS_END = re.compile(r"\bend of (?:the )?year|\bfin (?:de l'|d'|de cette )annee")
_TONIGHT = re.compile(r"tonight|this (?:evening|night)|ce soir|cette nuit")
_OFTEN = re.compile(r"weekly|monthly|yearly|annual|hebdo|mensu|annuel")
_NOUN = re.compile(r"([a-z]{3,30})")
_DIGIT = r"(?:zero|one|two|three|four|five|six|seven|eight|nine|hundred|\d)"
_OH = re.compile(rf"\boh(?:,? )(?={_DIGIT}\b)")
_DOUBLE = re.compile(r"\b(double|triple) (zero|oh|one|two|three|four|five|six|seven|eight|nine)\b")
_METRE_AND = re.compile(r"\b(\d{1,2}|(?:d')?une?) metres? (\d{2})\b")
_OUT_OF = re.compile(r"\b(\d{1,3}) (?:\w{1,20} )?(?:out of|in every|of every|sur) (\d{1,3})\b")
_CITIZENS = frozenset({"", "m", "m2", "m3", "cm", "km", "kg", "t", "litre", "time", "person", "copy", "year", "storey"})
"""Units of what a citizen alone can know: sizes, counts and ages."""
_LISTED = frozenset(word[:NOUN] for word in "things documents papers steps ways points pages options choses pieces etapes papiers facons moyens".split())
_COUNTED = frozenset({"", "time", "person", "copy"})
_MONEY = frozenset({"eur", "usd", "gbp", "chf"})
_RELATIVE = re.compile(
    r"\b(?:tomorrow|tonight|yesterday|the day after tomorrow|this (?:morning|afternoon|evening|week|weekend|month|summer|winter|spring|autumn)"
    r"|(?:next|coming|last) (?:week|weekend|month|year|spring|summer|autumn|winter|few days|hours|days)|in the (?:coming|next) \w+"
    r"|by (?:the end of \w{1,20}(?: \w{1,20})?|tonight)|before (?:the )?(?:end of \w+|christmas|summer|winter)|shortly"
    r"|today|demain|apres-demain|hier|ce (?:matin|soir|mois|week-end)|cet (?:apres-midi|ete|hiver|automne)|cette (?:semaine|nuit)"
    r"|(?:la semaine|le mois|l'annee|le week-end) (?:prochaine?|derniere?)|d'ici (?:la fin [\w']{1,20}(?: [\w']{1,20})?|demain|ce soir|peu|quelques \w+|\w+ jours)"
    r"|avant (?:la fin [\w']{1,20}(?: [\w']{1,20})?|noel|l'ete|l'hiver)|dans les (?:prochains?|prochaines?) \w+|sous peu|tres prochainement|prochainement"
    r"|aujourd'hui|dans la (?:journee|semaine))\b"
)


_CLOCK_WORDS = re.compile(
    r"\b(?P<word>half past|quarter past|quarter to) (?P<h>\d{1,2})\b|\b(?P<heure>\d{1,2}) ?(?:h|heures?) (?P<mot>et demie|et quart|moins le quart)\b"
    r"|\b(?P<midi>midi|noon|midnight|minuit)\b(?: (?P<suite>et demie|et quart))?"
)


def _as_clock(match: re.Match[str]) -> str:
    hour = 0 if match["midi"] in ("midnight", "minuit") else 12 if match["midi"] else int(match["h"] or match["heure"])
    words = match["word"] or match["mot"] or match["suite"] or ""
    if words in ("quarter to", "moins le quart"):
        return f"{(hour - 1) % 24}:45"
    minutes = 30 if "half" in words or "demie" in words else 15 if words else 0
    return f"{hour}:{minutes:02}"


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
                same |= {(_decimal(whole / size), unit) for unit, size in family.items()}
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
    spans: dict[frozenset[int], str]
    """Weekdays in a row, as "Monday to Friday"."""


@cache
def read(text: str, language: str) -> Quantities:
    """What a text counts. Numbers in words are read in the languages that text2num knows."""
    plain = tokenization.plain(re.sub(r"\[[A-Z_]+_\d+\]", " ", text))
    if language == "en":
        plain = _OH.sub(" zero ", _DOUBLE.sub(lambda m: " ".join([m[2]] * (2 if m[1] == "double" else 3)), plain))
    if language in WORD_LANGUAGES:
        plain = _joined(alpha2digit(plain, language, threshold=0))
    plain = _CLOCK_WORDS.sub(_as_clock, _METRE_AND.sub(lambda m: f"{m[1] if m[1].isdigit() else 1},{m[2]} m", plain))
    plain = re.sub(r"\btwice\b", "2 times", plain)
    always = _ALWAYS.search(plain)
    plain = _ALWAYS.sub(" ", plain)
    shares = [_decimal(100 * int(m[1]) / int(m[2])) for m in _OUT_OF.finditer(plain) if int(m[2])]
    phones: dict[str, str] = {}

    def phone(match: re.Match[str]) -> str:
        digits = re.sub(r"\D", "", match.group())
        if len(digits) < PHONE_DIGITS or re.fullmatch(r"\d{1,4}[./-]\d{1,2}[./-]\d{2,4}", match.group()):
            return match.group()
        phones[digits] = match.group().strip()
        return " ; "

    rest = _PHONE.sub(phone, re.sub(r"^[ \t]{0,20}\d{1,2}[.)]\s", "", plain, flags=re.MULTILINE))
    dates = {(int(m[1] or m[4]), _MONTH_NAMES[m[2] or m[3]]): m.group() for m in _DATE.finditer(rest)}
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
        spans=spans,
        relative=_relative(plain) | ({"always": always.group()} if always else {}),
    )


def unsupported(
    text: str,
    language: str,
    sources: Iterable[Quantities],
    letter: Quantities | None = None,
    *,
    repeats: bool = False,
    binds: bool = False,
) -> list[str]:
    """The quantities of a text that none of the sources has, as they are written there.

    A sentence that repeats the letter may have all figures of the letter; any other one that binds nobody may have what the citizen
    alone can know: sizes, counts and days, but never a sum, a period, a telephone number or an hour.
    """
    read_here, given = read(text, language), list(sources)
    if letter and repeats and not binds:
        given.append(letter)
    pairs = {pair for quantity in given for number in quantity.numbers for pair in number.equal}
    values = {value for value, unit in pairs if not unit}
    clock = {time for quantity in given for time in quantity.clock_times}
    clock |= {f"{int(time[:2]) - 12:02}{time[2:]}" for time in clock if int(time[:2]) > NOON}  # "seven in the evening"
    of_the_citizen = {(n.value, n.unit) for n in letter.numbers if n.unit in _CITIZENS} if letter and not binds else set()
    missing = []
    for number in read_here.numbers:
        as_time = next((time for time, written in read_here.clock_times.items() if written.startswith(number.text.strip())), None)
        if as_time and number.text.strip().endswith(" hours"):
            missing.append(number.text.strip())  # "9.30 hours ahead" for "before 9.30"
            continue
        if number.equal & pairs or (as_time and as_time in clock) or (number.value, number.unit) in of_the_citizen:
            continue
        if number.unit == "" and (number.value in {value for value, _ in pairs} or _hour_in(number.value, clock)):
            continue
        if number.unit == "" and number.value in {value for value, _ in of_the_citizen}:
            continue
        if number.unit and number.value in values and not any(v == number.value and u for v, u in pairs):
            continue
        if repeats and number.unit in _COUNTED and number.value.isdigit() and int(number.value) <= FEW:
            continue
        if number.unit in _COUNTED and _counts_little(number, pairs, given):
            continue
        if number.unit in _MONEY and _worked_out(number, read_here, given, letter):
            continue
        missing.append(number.text.strip())
    phones = {digits for quantity in given for digits in quantity.phones}
    missing += [written for digits, written in read_here.phones.items() if not any(digits in whole or whole in digits for whole in phones)]
    for kind in ("dates", "weekdays", "relative"):
        keys = {key for quantity in [*given, *([letter] if letter and not binds else [])] for key in getattr(quantity, kind)}
        keys |= {"end of year"} if any((31, 12) in quantity.dates for quantity in given) else set()
        missing += [written for key, written in getattr(read_here, kind).items() if key not in keys and _tells(key, written)]
    return list(dict.fromkeys(missing))


def shared(text: str, language: str, sources: Iterable[Quantities]) -> int:
    """How many figures of a text, other than bare small numbers, the sources have."""
    read_here, given = read(text, language), list(sources)
    pairs = {pair for quantity in given for number in quantity.numbers for pair in number.equal}
    numbers = sum(bool(number.equal & pairs) for number in read_here.numbers if number.unit or len(number.value) > 2)  # noqa: PLR2004
    phones = {digits for quantity in given for digits in quantity.phones}
    return numbers + sum(digits in phones for digits in read_here.phones)


def _tells(key: str, written: str) -> bool:
    """Whether it needs a source: "weekly instalments" does, "three mornings a week" is counted with its number."""
    return not str(key).startswith("every ") or bool(_OFTEN.match(written))


def _counts_little(number: Quantity, pairs: set[tuple[str, str]], given: list[Quantities]) -> bool:
    """Whether it is a small count of things, as in "two documents", and no source counts the same things otherwise."""
    if not number.value.isdigit() or int(number.value) > (FEW if number.noun in _LISTED else SMALL):
        return False
    if any((_value(other), number.unit) in pairs for other in re.findall(r"\d{1,9}", number.text)):
        return True  # "two or three", where the source says up to three
    others = [other for quantity in given for other in quantity.numbers if other.unit == number.unit]
    return not any(other.noun == number.noun for other in others if number.noun or number.unit)


def _worked_out(number: Quantity, read_here: Quantities, given: list[Quantities], letter: Quantities | None) -> bool:
    """Whether a sum is a price of the sources times a number of the letter or the sentence, half of one, or two of them together."""
    value = float(number.value)
    prices = {float(n.value) for quantity in given for n in quantity.numbers if n.unit == number.unit}
    counts = {float(n.value) for quantity in (read_here, letter) if quantity for n in quantity.numbers if n.unit not in _MONEY and n.unit != "percent"}
    if any(abs(price * count - value) < CENT for price in prices for count in counts):
        return True
    halves = {price / 2 for price in prices} | {price * count / 2 for price in prices for count in counts}
    return any(abs(half - value) < CENT for half in halves) or any(
        abs(abs(price + sign * other) - value) < CENT for price in prices for other in prices for sign in (1, -1) if price != other
    )


def _hour_in(value: str, clock: set[str]) -> bool:
    """Whether `nine` can be an hour of the sources, before noon or after."""
    return value.isdigit() and any(f"{hour:02}:00" in clock for hour in (int(value), int(value) + 12))


def _numbers(text: str) -> list[Quantity]:
    numbers: list[Quantity] = []
    taken = -1
    for match in _BEFORE.finditer(text):
        unit = _UNIT.match(match["unit"])
        numbers.append(Quantity(_value(match[2]), unit.lastgroup or "" if unit else "", match.group()))
    prefixed = {(m.start(2), m.end(2)) for m in _BEFORE.finditer(text)}
    for match in _RANGE.finditer(text):
        if match.start() < taken or (match.start(1), match.end(1)) in prefixed:
            continue
        unit = _UNIT.match(text, match.end())
        name = unit.lastgroup or "" if unit and not re.match(r"\w", text[unit.end() : unit.end() + 1]) else ""
        whole = text[match.start() : unit.end() if unit and name else match.end()]
        after = None if name else _NOUN.match(text, match.end())
        noun = after[1][:NOUN] if after else ""
        numbers += [Quantity(_value(number), name, whole, noun) for number in match.groups() if number]
        taken = match.end()
    return numbers


def _value(number: str) -> str:
    number = re.sub(r"[' \u00a0\u202f]", "", number)
    number = re.sub(r"[.,](?=\d{3}(?!\d))", "", number).replace(",", ".")
    return _decimal(float(number))


def _decimal(value: float) -> str:
    return f"{value:.4f}".rstrip("0").rstrip(".")


def _weekdays(plain: str) -> tuple[dict[int, str], dict[frozenset[int], str]]:
    days: dict[int, str] = {}
    spans: dict[frozenset[int], str] = {}
    for match in _WEEKDAYS_IN.finditer(plain):
        first = _WEEKDAYS[match[1]]
        last = _WEEKDAYS[match[2]] if match[2] else first
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
    relative = {_normal(match.group()): match.group() for match in _RELATIVE.finditer(plain)}
    relative |= {f"same {match.lastgroup}": match.group() for match in _SAME.finditer(plain)}
    return relative | {often: match.group() for often, pattern in _EVERY.items() if (match := re.search(pattern, plain))}


def _normal(relative: str) -> str:
    """The same words for the same day."""
    if _TONIGHT.fullmatch(relative):
        return "tonight"
    return "end of year" if _YEARS_END.search(relative) else relative


def _joined(text: str) -> str:
    """Digits that were spoken one by one, as people do with telephone numbers, in one piece."""
    return re.sub(r"(?<!\d)\d{1,4}(?:[ ,]{1,2}\d{1,4}){3,12}(?!\d)", lambda match: re.sub(r"\D", "", match.group()), text)
