"""Finds telephone numbers spelled in words: "zero six douze", "oh seven double nine"."""

import re
from collections.abc import Iterator

from services.triage.redaction.pii_span import PiiSpan, Rule
from services.triage.redaction.text_folding import Folded

_VALUES = {
    "zero": "0", "oh": "0", "nought": "0", "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7",
    "eight": "8", "nine": "9", "ten": "10", "eleven": "11", "twelve": "12", "thirteen": "13", "fourteen": "14", "fifteen": "15",
    "sixteen": "16", "seventeen": "17", "eighteen": "18", "nineteen": "19", "twenty": "20", "thirty": "30", "forty": "40",
    "fifty": "50", "sixty": "60", "seventy": "70", "eighty": "80", "ninety": "90", "double": "x2", "triple": "x3",
    "un": "1", "une": "1", "deux": "2", "trois": "3", "quatre": "4", "cinq": "5", "sept": "7", "huit": "8", "neuf": "9", "dix": "10",
    "onze": "11", "douze": "12", "treize": "13", "quatorze": "14", "quinze": "15", "seize": "16", "vingt": "20", "vingts": "20",
    "trente": "30", "quarante": "40", "cinquante": "50", "soixante": "60", "septante": "70", "huitante": "80", "octante": "80",
    "nonante": "90", "plus": "+",
}  # fmt: skip
_NUMBER_WORD = "(?:" + "|".join(sorted(_VALUES, key=len, reverse=True)) + ")"
_STARTS = ("zero", "oh", "double", "triple", "plus", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine",
           "un", "deux", "trois", "quatre", "cinq", "sept", "huit", "neuf")  # fmt: skip
_RUN = re.compile(rf"{_NUMBER_WORD}(?:[ ,.-]{{1,3}}(?:et[ -])?(?:{_NUMBER_WORD}|\d{{1,3}})(?![^\W_])){{4,30}}")
_NEXT = re.compile(rf"[ ,.-]{{1,3}}(?:et[ -])?(?:{_NUMBER_WORD}|\d)")
_LONG = 7  # so many number words in a row count nothing


def _spoken(folded: Folded, start: int, end: int, language: str) -> Iterator[PiiSpan]:
    del language
    if _NEXT.match(folded.lower, end) is None:
        return
    # The middle of a run is reported with its start: without this look back a long run would be read again from every word.
    before = folded.lower[max(0, start - 14) : start].rstrip(" ,.-").rpartition(" ")[2].rpartition("-")[2]
    if before in _VALUES:
        return
    run = _RUN.match(folded.lower, start)
    if run is None:
        return
    words = re.findall(r"\w+", run.group())
    if words[0] in {"zero", "oh", "plus", "double"} or len(words) >= _LONG:
        yield PiiSpan("PHONE", start, run.end(), " ".join(_VALUES.get(word, word) for word in words))


RULES: tuple[tuple[tuple[str, ...], Rule], ...] = ((_STARTS, _spoken),)
