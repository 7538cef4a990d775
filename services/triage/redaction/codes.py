"""Numbers with letters in them that show by their shape whose they are: identity numbers, plates, long references."""

import re
from collections.abc import Callable, Iterator

from stdnum.es import dni, nie
from stdnum.it import codicefiscale

from services.triage.redaction.details import Detail, Kind
from services.triage.redaction.folding import Folded

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
    r"|(?P<sortcode>\d{2}-\d{2}-\d{2}(?= (?:account|acc)))"
    r"|(?P<long>#?(?=[a-z]{0,8}[-/.]?\d)[a-z0-9]{1,20}(?:[-/][a-z0-9]{1,20}){0,5})"
    r")(?![a-z0-9])"
)
_CHECKS: dict[str, Callable[[str], bool]] = {"nie": nie.is_valid, "dni": dni.is_valid, "codice": codicefiscale.is_valid}
_LONG_DIGITS, _LONG_LENGTH = 5, 8


def codes(folded: Folded) -> Iterator[Detail]:
    """Every lettered number that needs no word before it."""
    for found in _MIXED.finditer(folded.lower):
        name = found.lastgroup
        written = found.group()
        kind: Kind = "PLATE" if name == "plate" else "ID"
        if name == "plate" and not folded.text[found.start() : found.start() + 2].isupper():
            continue
        if name == "long" and not _is_reference(written):
            continue
        yield Detail(kind, found.start(), found.end(), re.sub(r"\W", "", written))


def _is_reference(written: str) -> bool:
    """Letters and many digits in one word: no measure, no date, no standard looks so."""
    letters = sum(character.isalpha() for character in written)
    digits = sum(character.isdigit() for character in written)
    return letters > 0 and digits >= _LONG_DIGITS and letters + digits >= _LONG_LENGTH
