"""Finds figures in a reply that no source has: a wrong sum, date or telephone number does more harm than a clumsy sentence."""

import re

from services.drafting import tokenization

# Every repetition below is bounded: the text may have been written to keep this busy.
PHONE_DIGITS = 7  # so many digits together are one number, and are right as a whole or wrong

_FIGURE = re.compile(r"\d+(?:[.,:/\-\u2013\u00a0\u202f ]{1,2}\d+)*")
_SUM = re.compile(
    r"(?:[\u20ac$\u00a3]|\beur|\bchf|\busd|\bgbp)\s?(?<!\d)(\d{1,9}(?:[.,\u00a0\u202f ]\d{1,3}){0,4})"
    r"|(?<!\d)(\d{1,9}(?:[.,\u00a0\u202f ]\d{1,3}){0,4})\s?(?:[\u20ac$\u00a3%]|euros?\b|eur\b|chf\b|dollars?\b|pounds?\b|cents?\b"
    r"|pour cent\b|percent\b|per cent\b)",
    re.IGNORECASE,
)
_MONTHS = {
    name: number
    for names in (
        "january february march april may june july august september october november december",
        "janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre",
    )
    for number, name in enumerate(names.split(), start=1)
}
_DATE = re.compile(rf"\b(\d{{1,2}})(?:st|nd|rd|th|er)?\s+(?:of\s+)?({'|'.join(_MONTHS)})\b|\b({'|'.join(_MONTHS)})\s+(\d{{1,2}})\b")
_NUMBER_WORDS = {
    "en": {
        "two": "2",
        "three": "3",
        "four": "4",
        "five": "5",
        "six": "6",
        "seven": "7",
        "eight": "8",
        "nine": "9",
        "ten": "10",
        "twelve": "12",
        "fifteen": "15",
        "twenty": "20",
        "thirty": "30",
        "forty": "40",
        "fifty": "50",
        "sixty": "60",
        "ninety": "90",
        "hundred": "100",
    },
    "fr": {
        "deux": "2",
        "trois": "3",
        "quatre": "4",
        "cinq": "5",
        "six": "6",
        "sept": "7",
        "huit": "8",
        "neuf": "9",
        "dix": "10",
        "douze": "12",
        "quinze": "15",
        "vingt": "20",
        "trente": "30",
        "quarante": "40",
        "cinquante": "50",
        "soixante": "60",
        "cent": "100",
    },
}
_UNIT = re.compile(
    r"\b([a-z]+)\s+(?:working\s+|calendar\s+|business\s+)?(?:days?|weeks?|months?|years?|hours?|minutes?|euros?|jours?|semaines?|mois|ans?|heures?)\b"
)


def unsupported(text: str, sources: str, language: str) -> list[str]:
    """The figures of the text that no source has, as they are written."""
    source_figures = _figures(sources)
    parts = {part for figure in source_figures for part in re.findall(r"\d+", figure)}
    wholes = {_digits(figure) for figure in source_figures}
    sums = {_amount(match) for match in _SUM.finditer(sources)}
    dates = _dates(sources)
    missing: list[str] = []
    for figure in _figures(text):
        digits = _digits(figure)
        if len(digits) >= PHONE_DIGITS:
            supported = digits in wholes or any(digits in whole for whole in wholes)
        else:
            supported = digits in wholes or all(part in parts for part in re.findall(r"\d+", figure))
        if not supported:
            missing.append(figure)
    missing += [match.group().strip() for match in _SUM.finditer(text) if _amount(match) not in sums]
    missing += [f"{day}/{month}" for day, month in sorted(_dates(text) - dates)]
    missing += _in_words(text, sources, parts, language)
    return list(dict.fromkeys(missing))


def _figures(text: str) -> list[str]:
    # The numbers of a list are no figures.
    return _FIGURE.findall(re.sub(r"^[ \t]{0,20}\d{1,2}[.)]\s", "", re.sub(r"\[[A-Z_]+_\d+\]", "", text), flags=re.MULTILINE))


def _digits(figure: str) -> str:
    return re.sub(r"\D", "", figure)


def _amount(match: re.Match[str]) -> str:
    number = (match[1] or match[2]).replace("\u00a0", "").replace("\u202f", "").replace(" ", "").replace(",", ".")
    return re.sub(r"\.0+$", "", number)


def _dates(text: str) -> set[tuple[int, int]]:
    return {(int(m[1] or m[4]), _MONTHS[m[2] or m[3]]) for m in _DATE.finditer(tokenization.plain(text))}


def _in_words(text: str, sources: str, parts: set[str], language: str) -> list[str]:
    """Spans of time and sums whose number is written as a word."""
    values = _NUMBER_WORDS.get(language, {})
    source_words = set(tokenization.split(sources))
    matches = [match for match in _UNIT.finditer(tokenization.plain(text)) if match[1] in values]
    return [match.group() for match in matches if match[1] not in source_words and values[match[1]] not in parts]
