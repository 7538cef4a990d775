"""Finds identifiers of letters and digits by their shape: identity numbers, plates, long references."""

import re
from collections.abc import Callable, Iterator

from stdnum.es import dni, nie
from stdnum.it import codicefiscale

from services.triage.redaction.pii_span import Kind, PiiSpan
from services.triage.redaction.text_folding import Folded

_MIXED = re.compile(
    r"(?<![a-z0-9])(?:"
    r"(?P<plate>[a-z]{2}[- ]?\d{3}[- ]?[a-z]{2}|[a-z]{2}\d{2} ?[a-z]{3})"
    r"|(?P<nino>[a-z]{2} ?\d{2} ?\d{2} ?\d{2} ?[a-d])"
    r"|(?P<nie>[xyz][ -]?\d{7}[ -]?[a-z])"
    r"|(?P<codice>[a-z]{6} ?\d{2}[a-z]\d{2} ?[a-z]\d{3}[a-z])"
    r"|(?P<curp>[a-z]{4}\d{6}[hm][a-z]{5}[a-z0-9]\d)"
    r"|(?P<dni>\d{8}[ -]?[a-z])"
    r"|(?P<pps>\d{7}[a-w][abhitwx]?)"
    r"|(?P<corsica>[12] ?\d{2} ?\d{2} ?2[ab] ?\d{3} ?\d{3}(?: ?\d{2})?)"
    r"|(?P<nordic>\d{6}[+a-]\d{3}[0-9a-y])"
    r"|(?P<building>(?:pc|pa|pd|dp|cu) ?(?:\d{3} ?){2}\d{2} ?[a-z]?\d{4,5})"
    r"|(?P<long>#?(?=[a-z]{0,8}[-/.]?\d)[a-z0-9]{1,20}(?:[-/][a-z0-9]{1,20}){0,5})"
    r")(?![a-z0-9])"
)
_CHECKS: dict[str, Callable[[str], bool]] = {"nie": nie.is_valid, "dni": dni.is_valid, "codice": codicefiscale.is_valid}
_PREFIX, _COUNTRY = 8, 2  # so many letters stand at most, and at least, before the digits
_BARE = 6  # fewer digits without a letter beside them start none of these
_LONG_DIGITS, _LONG_LENGTH = 5, 8


def codes(folded: Folded) -> Iterator[PiiSpan]:
    """Every lettered number that needs no word before it."""
    text = folded.text
    done = 0
    for start, end in folded.digits:
        if start < done:
            continue
        for first in _starts(text, start, end, done):
            identifier = _MIXED.match(folded.lower, first)
            if identifier is not None and _is_personal(text, identifier):
                done = identifier.end()
                kind: Kind = "PLATE" if identifier.lastgroup == "plate" else "ID"
                yield PiiSpan(kind, identifier.start(), identifier.end(), re.sub(r"\W", "", identifier.group()))
                break


def _starts(text: str, start: int, end: int, done: int) -> list[int]:
    """Where a number with these digits may begin: with the letters that touch them, or with the capitals before a space or a dash."""
    word = _word_start(text, start, done)
    apart = word > max(done, _COUNTRY) and text[word - 1] in " -/" and text[word - 2].isupper()
    if apart:
        before = _word_start(text, word - 1, done)
        return [before, word] if text[before : word - 1].isalpha() else [word]
    touched = word < start or text[end : end + 1].isalpha() or text[end : end + 1] in {"/", "-"}
    return [word] if touched or end - start >= _BARE or (end - start == 1 and text[end : end + 1] == " ") else []


def _word_start(text: str, place: int, done: int) -> int:
    first = max(done, place - _PREFIX)
    while place > first and text[place - 1].isalnum():
        place -= 1
    return place


def _is_personal(text: str, identifier: re.Match[str]) -> bool:
    if identifier.lastgroup == "plate":
        return text[identifier.start() : identifier.start() + 2].isupper()
    if identifier.group().startswith("0x"):
        return False  # what a machine calls its error
    return identifier.lastgroup != "long" or _is_reference(identifier.group())


def _is_reference(written: str) -> bool:
    """Letters and many digits in one word: no measure, no date, no standard looks so."""
    letters = sum(character.isalpha() for character in written)
    digits = sum(character.isdigit() for character in written)
    return letters > 0 and digits >= _LONG_DIGITS and letters + digits >= _LONG_LENGTH
