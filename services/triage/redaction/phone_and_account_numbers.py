"""Finds telephone, card and bank account numbers by their shape and check digits."""

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

import phonenumbers
from stdnum import luhn
from stdnum.iso7064 import mod_97_10

from services.triage.redaction.national_identifiers import NATIONAL_SHAPES, iban_lengths, is_national
from services.triage.redaction.pii_span import Kind, PiiSpan
from services.triage.redaction.text_folding import Folded

_RUN = re.compile(
    r"(?P<moment>(?<![\d+])(?:\d{1,2}([./-])\d{1,2}\2\d{4}"
    r"|\d{4}([./-])\d{1,2}\3\d{1,2})(?:[ T,]{1,2}\d{1,2}[:h.]\d{2}(?::\d{2})?)?(?![\d-]))"
    r"|(?P<digits>(?<![\w+])(?:\+ ?)?\(?\+?\d+(?:(?:[ .\-/()\u2011]|\t){1,3}\d+)*)"
)
_GROUP = re.compile(r"\d+")
_MONEY_AFTER = re.compile(
    r" ?(?:€|\$|£|%|eur\b|euros?\b|usd\b|gbp\b|chf\b|francs?\b|dollars?\b|pounds?\b|livres\b|k€|m2\b|m²|km\b|kwh\b|kw\b|kg\b"
    r"|habitants\b|people\b"
    r"|residents\b|inhabitants\b|personnes\b|,\d{2}\b)"
)
_MONEY_BEFORE = re.compile(r"(?:€|\$|£|eur|usd|chf) ?$")
_NEXT_IBAN = re.compile(r"[A-Za-z]{2} ?\d{2}(?:[ .-]{0,2}[A-Za-z0-9]){11,32}")  # bounded: each place is looked at 100 times at most
_IBAN = re.compile(r"(?<![A-Za-z0-9])" + _NEXT_IBAN.pattern)
_REGIONS = {
    "en": ("GB", "US", "IE", "CA"), "fr": ("FR", "BE", "CH", "CA", "LU"), "de": ("DE", "AT", "CH"), "es": ("ES", "MX"),
    "it": ("IT", "CH"), "pt": ("PT", "BR"), "nl": ("NL", "BE"), "pl": ("PL",), "lb": ("LU",), "sv": ("SE",), "da": ("DK",),
    "fi": ("FI",), "nb": ("NO",), "no": ("NO",), "ro": ("RO",), "el": ("GR",), "cs": ("CZ",), "tr": ("TR",), "ar": ("FR", "MA"),
}  # fmt: skip
"""By hand: CLDR has some 60 countries where English is official, and tried against all of them any nine digits are a number somewhere."""
_ANYWHERE = ("FR", "GB", "US", "BE", "DE")
_FEWEST, _MOST = 7, 15  # digits of a telephone number, by E.164 and by what local numbers have
_LONGEST_CARD = 19
_CARD_SHAPES = {(4, 4, 4, 4), (4, 6, 5), (4, 4, 4, 4, 3), (4, 4, 4, 1), (4, 6, 4)}
"""By hand, as printed on cards: python-stdnum checks their digits and knows no groups."""
_PHONE_SHAPES = {(3, 3, 4), (10,), (3, 3, 3), (9,), (2, 2, 2, 2, 2)}
"""By hand: with all formats that phonenumbers has of these regions, "2018/2019" is a number of Luxembourg."""
_SHAPES = _CARD_SHAPES | _PHONE_SHAPES | NATIONAL_SHAPES
"""In how many groups of how many digits a number is written that starts with neither zero nor plus."""
_SHAPE_STARTS = {shape[:count] for shape in _SHAPES for count in range(1, len(shape) + 1)}
_SHORTEST_DIALLED = 9
_SHORTEST_CARD, _SHORTEST_NATIONAL, _LONGEST_NATIONAL = 13, 8, 11  # by ISO/IEC 7812, and what national numbers have
_PHONE_CUE = re.compile(
    r"(?:phone|tel|call|ring|mobile|portable|fixe|appel\w*|joindre|joign\w*|cell|fax|whatsapp|sms|text)\W[^\d\n]{0,24}$"
)
_PHONE_AFTER = re.compile(
    r",? (?:is|c'est|est|that is|that's) (?:my|mon|our|notre|the best|her|his|son|le) (?:\w{2,9} ){0,2}"
    r"(?:phone|number|mobile|tel|cell|numero|portable|fixe)"
)
_ISBN_GROUPS, _ISBN_DIGITS = 5, 13
_OPENING = 4  # what may stand before the first digit: "+ (+"
_LONG_RUN = 9  # so many digits in one go count nothing that a citizen writes of


def regions_of(language: str) -> tuple[str, ...]:
    """Whose national formats people who write this language are likely to use."""
    return _REGIONS.get(language, _ANYWHERE)


def numbers(folded: Folded, language: str) -> Iterator[PiiSpan]:
    """Every number that leads to a person."""
    groups = folded.digits
    count = sum([end - start for start, end in groups])
    if any(end - start > 1 and folded.text[max(0, start - 3) : start].rstrip(" ")[-2:].isalpha() for start, end in groups):
        yield from _ibans(folded.text)
    if count < _FEWEST:
        return
    regions = regions_of(language)
    for run in _RUN.finditer(folded.text, max(0, groups[0][0] - _OPENING), groups[-1][1] + 1):
        if run.lastgroup == "digits" or run["digits"]:
            yield from _in_run(folded, run.start(), run.end(), regions)


def _ibans(text: str) -> Iterator[PiiSpan]:
    guess: PiiSpan | None = None  # a mistyped one, until it is known not to reach into a right one
    account = _IBAN.search(text)
    while account is not None:
        detail, right = _iban(text, account)
        if guess is not None and detail is not None and (right or detail.start >= guess.end):
            yield _ended_before(guess, text, detail.start)
            guess = None
        if detail is not None and right:
            yield detail
            # The match took more than the country's length: the next account may stand in that, or touch this one.
            account = _NEXT_IBAN.match(text, detail.end) or _IBAN.search(text, detail.end)
            continue
        guess = guess or detail
        account = _IBAN.search(text, account.start() + 1)
    if guess is not None:
        yield guess


def _iban(text: str, account: re.Match[str]) -> tuple[PiiSpan | None, bool]:
    """The account that starts here, cut to its country's length, and whether its check digits are right."""
    places = [place for place in range(account.start(), account.end()) if text[place].isalnum()]
    compact = "".join(text[place] for place in places).upper()
    length = iban_lengths().get(compact[:2])
    if length is None or len(compact) < length:
        return None, False
    compact = compact[:length]
    # A mistyped one is still somebody's: past the country it has to look like digits, not like words.
    digits = sum(map(str.isdigit, compact))
    written = account.group()
    mistyped = written[:2].isupper() and written[2] != " " and digits >= length * 2 // 3
    whole = written[:2].isupper() or written[2] != " "  # "be 53..." is a verb before a number
    # In some countries letters may stand for almost all of the digits: the length and the check digits decide, not how many there are.
    right = whole and _is_iban(compact)
    return (PiiSpan("IBAN", account.start(), places[length - 1] + 1, compact) if right or mistyped else None), right


def _ended_before(guess: PiiSpan, text: str, start: int) -> PiiSpan:
    """One with a digit too few counts the first letters of what follows as its own."""
    if guess.end <= start:
        return guess
    return replace(guess, end=guess.start + len(text[guess.start : start].rstrip(" .-")))


def _is_iban(compact: str) -> bool:
    return bool(mod_97_10.is_valid(compact[4:] + compact[:4]))


def _in_run(folded: Folded, start: int, end: int, regions: tuple[str, ...]) -> Iterator[PiiSpan]:
    text = folded.text
    if end - start < _FEWEST:
        return
    groups = [(group.start(), group.end()) for group in _GROUP.finditer(text, start, end)]
    count = sum(until - since for since, until in groups)
    if count < _FEWEST or (count == _ISBN_DIGITS and len(groups) == _ISBN_GROUPS and text.startswith(("978", "979"), groups[0][0])):
        return
    first = 0
    while first < len(groups):
        taken, detail = _at_group(folded, groups, first, start, regions)
        if detail is not None and detail.kind == "PHONE":
            everybodys = _is_everybodys(detail.value) and not _is_ones_own(folded, detail)
            detail = None if everybodys else _with_extension(folded, detail)
        if detail is not None:
            yield detail
        first = taken


def _at_group(
    folded: Folded, groups: list[tuple[int, int]], first: int, run_start: int, regions: tuple[str, ...]
) -> tuple[int, PiiSpan | None]:
    """The longest thing that starts with this group, and the group after it."""
    text = folded.text
    since = groups[first][0]
    before = text[groups[first - 1][1] if first else run_start : since]
    plus = "+" in before
    digits = ""
    shape: list[int] = []
    longest = 0
    best: tuple[int, Kind, str] | None = None
    for index in range(first, len(groups)):
        group_start, group_end = groups[index]
        digits += text[group_start:group_end]
        shape.append(group_end - group_start)
        longest = max(longest, shape[-1])
        if len(digits) > max(_LONGEST_CARD, shape[0]):
            break
        free = plus or digits[0] == "0" or longest == 1  # grouped as one likes
        if index > first and not free and tuple(shape) not in _SHAPE_STARTS:
            break
        if not plus and len(digits) < _FEWEST:
            continue
        likely = free or index == first or tuple(shape) in _SHAPES
        kind, value = _kind(digits, tuple(shape), regions, plus=plus) if likely else (None, "")
        if kind is None and index == first and len(digits) >= _LONG_RUN:
            kind, value = "ID", digits
        if kind is not None and not _is_money(folded.lower, since, group_end, kind, shape):
            best = (index, kind, value)
    if best is None:
        return _by_cue(folded, groups, first, plus=plus)
    last, kind, value = best
    opening = since
    while opening > run_start and text[opening - 1] in "+( " and kind == "PHONE":
        opening -= 1
    while text[opening] == " ":
        opening += 1
    return last + 1, PiiSpan(kind, opening, groups[last][1], value)


def _by_cue(folded: Folded, groups: list[tuple[int, int]], first: int, *, plus: bool) -> tuple[int, PiiSpan | None]:
    """What is not a valid number, but called one: "my phone is 555 0199"."""
    since = groups[first][0]
    called = _PHONE_CUE.search(folded.lower[max(0, since - 40) : since]) is not None
    if not plus and not called and _PHONE_AFTER.match(folded.lower, groups[-1][1]) is None:
        return first + 1, None
    count = 0
    last = first
    for index in range(first, len(groups)):
        size = groups[index][1] - groups[index][0]
        if count + size > _MOST:
            break
        count += size
        last = index
    paid = last > first or folded.text.startswith("000", groups[last][1] - 3)  # amounts are grouped, or round
    if count < _FEWEST or (paid and _MONEY_BEFORE.search(folded.lower[max(0, since - 5) : since]) is not None):
        return first + 1, None
    digits = "".join(folded.text[start:end] for start, end in groups[first : last + 1])
    return last + 1, PiiSpan("PHONE", since, groups[last][1], digits)


def _kind(digits: str, shape: tuple[int, ...], regions: tuple[str, ...], *, plus: bool) -> tuple[Kind | None, str]:
    count = len(digits)
    if plus or digits.startswith("00"):
        number = _international(digits if plus else digits[2:]) if _FEWEST <= count <= _MOST + 2 else None
        return ("PHONE", number) if number else (None, "")
    one_by_one = len(shape) == count
    regular = len(shape) == 1 or shape in _CARD_SHAPES or one_by_one
    if regular and _SHORTEST_CARD <= count <= _LONGEST_CARD and digits[0] in "23456" and luhn.is_valid(digits):
        return "CARD", digits
    zero = digits[0] == "0"
    phone = (zero or shape in _PHONE_SHAPES or one_by_one) and _SHORTEST_NATIONAL <= count <= _LONGEST_NATIONAL
    national = is_national(digits, shape)
    if phone and (zero or not national):
        number = next(filter(None, (_national(digits, region) for region in regions)), None)
        if number or (not national and _looks_dialled(digits, shape)):
            return "PHONE", number or digits
    return ("ID", digits) if national else (None, "")


def _looks_dialled(digits: str, shape: tuple[int, ...]) -> bool:
    """Whether it is written as numbers are dialled, though no operator has it: typing errors, exchanges too new for the tables."""
    if shape == (3, 3, 4):
        return digits[0] > "1" and digits[3] > "1"
    return digits[0] == "0" and digits[1] != "0" and len(digits) >= _SHORTEST_DIALLED and min(shape) > 1


_EVERYBODYS = frozenset({
    phonenumbers.PhoneNumberType.TOLL_FREE, phonenumbers.PhoneNumberType.SHARED_COST, phonenumbers.PhoneNumberType.PREMIUM_RATE,
    phonenumbers.PhoneNumberType.UAN,
})  # fmt: skip


_OWN_BEFORE = re.compile(r"\b(?:my|our|his|her|their|mon|ma|notre|son|sa|leur|meine?) [^.\n]{0,30}$")
_AREA_CODE = re.compile(r"\(?0\d{1,5}\)? ?/")
_EXTENSION = re.compile(
    r"(?:(?: ?/ ?|-)\d{1,4}|[,;]? ?\(?(?:ext(?:ension|n)?|poste|durchwahl|dw|nebenstelle|interne|app(?:areil)?|option|x|#)"
    r"(?![a-z])[.:=]? ?(?:(?:n[o°º.]|no\.|number|numero|is|est) ?)?\d{1,6}\)?)(?![\w.,/:]\d|\w)"
)
"""What leads from a number to one of several behind it: "78/79", "901820-23", "ext. 12", "poste no 42", "DW 23", ";ext=12"."""


def _is_ones_own(folded: Folded, span: PiiSpan) -> bool:
    """Whether it is said to be somebody's, or is written with an area code that only some country's organisations have as a prefix."""
    written = folded.lower[span.start : span.end]
    return _AREA_CODE.match(written) is not None or _OWN_BEFORE.search(folded.lower[max(0, span.start - 40) : span.start]) is not None


_ALTERNATIVE = re.compile(r" (?:ou|or|oder|o|et|and|&) (\d{2,6})(?![\w.,/:]\d|\w| ?\d)")
_NEIGHBOURING = 20  # so far apart at most are the lines of one office


def _with_extension(folded: Folded, span: PiiSpan) -> PiiSpan:
    end = span.end
    for _ in range(3):
        extension = _EXTENSION.match(folded.lower, end)
        if extension is not None:
            end = extension.end()
        elif (alternative := _ALTERNATIVE.match(folded.lower, end)) is not None and _is_next_line(span.value, alternative[1]):
            end = alternative.end()
        else:
            break
    return span if end == span.end else replace(span, end=end, value=f"{span.value} {' '.join(_GROUP.findall(folded.text, span.end, end))}")


def _is_next_line(number: str, last_digits: str) -> bool:
    """Whether "78 or 79" are the last digits of two lines side by side."""
    return number[-len(last_digits) :].isdigit() and 0 < abs(int(number[-len(last_digits) :]) - int(last_digits)) <= _NEIGHBOURING


@lru_cache(maxsize=8192)
def _is_everybodys(number: str) -> bool:
    """Whether it is of a kind that only organisations have, such as 0800 or 0345."""
    return number.startswith("+") and phonenumbers.number_type(phonenumbers.parse(number, None)) in _EVERYBODYS


@lru_cache(maxsize=8192)
def _international(digits: str) -> str | None:
    try:
        number = phonenumbers.parse("+" + digits, None)
    except phonenumbers.NumberParseException:
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164) if phonenumbers.is_possible_number(number) else None


@lru_cache(maxsize=8192)
def _national(digits: str, region: str) -> str | None:
    try:
        number = phonenumbers.parse(digits, region)
    except phonenumbers.NumberParseException:
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164) if phonenumbers.is_valid_number(number) else None


def _is_money(lower: str, start: int, end: int, kind: Kind, shape: list[int]) -> bool:
    """An amount in groups of three, with its unit beside it."""
    if kind not in {"ID", "PHONE"} or (len(shape) > 1 and (shape[0] > 3 or set(shape[1:]) != {3})):  # noqa: PLR2004
        return False
    return _MONEY_AFTER.match(lower, end) is not None or _MONEY_BEFORE.search(lower[max(0, start - 5) : start]) is not None
