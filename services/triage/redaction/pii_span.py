"""Defines a personal detail by its place in the text, and merges those that overlap."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from services.triage.redaction.text_folding import Folded

Kind = Literal["ID", "IBAN", "CARD", "EMAIL", "URL", "PHONE", "BIRTHDATE", "PLATE", "ADDRESS", "NAME"]

_RANK: dict[Kind, int] = {
    "IBAN": 0,
    "EMAIL": 1,
    "URL": 2,
    "CARD": 3,
    "PHONE": 4,
    "BIRTHDATE": 5,
    "PLATE": 6,
    "ADDRESS": 7,
    "ID": 8,
    "NAME": 9,
}
"""Which kind a stretch has that two finders claim: the larger claim's, else the one that says more about the form."""


@dataclass(frozen=True, slots=True)
class PiiSpan:
    """A stretch of the folded text that must not be seen. `value` is what it says however it was written."""

    kind: Kind
    start: int
    end: int
    value: str


Rule = Callable[[Folded, int, int, str], Iterable[PiiSpan]]
"""What looks around a word: the text, where the word starts and ends, the language."""


def merged(spans: Iterable[PiiSpan]) -> list[PiiSpan]:
    """In order of appearance; what overlaps becomes one that covers all of it, so that nothing shows at the edges."""
    kept: list[PiiSpan] = []
    for detail in sorted(spans, key=lambda span: (span.start, -span.end)):
        if not kept or detail.start >= kept[-1].end:
            kept.append(detail)
            continue
        last = kept[-1]
        inside = detail.end <= last.end and detail.end - detail.start < last.end - last.start
        better = detail if _RANK[detail.kind] < _RANK[last.kind] and not inside else last
        same_stretch = better.start == last.start and better.end >= detail.end
        value = better.value if same_stretch else f"{last.value} {detail.value}"
        kept[-1] = PiiSpan(better.kind, last.start, max(last.end, detail.end), value)
    return kept
