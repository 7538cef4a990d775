"""Who a citizen is and what they wrote, as the words that must not be left anywhere. Pure."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from services.review.cases.case_state import Case

SHORTEST_LINE = 25
"""Characters: what is shorter, as a greeting, is anybody's."""
SHORTEST_NAME = 5
MOST_LINES = 20


@dataclass(frozen=True)
class Identity:
    """What is looked for once all is erased: names and addresses, and whole lines of the letter."""

    words: frozenset[str]

    def __or__(self, other: "Identity") -> "Identity":
        return Identity(self.words | other.words)

    def in_text(self, text: str) -> bool:
        """Whether any of it stands there, in whichever case, as it is or as JSON has it."""
        folded = text.casefold()
        return any(word.casefold() in folded for word in self.as_kept())

    def as_kept(self) -> Iterator[str]:
        """Each word as it is, and as JSON escapes it."""
        for word in sorted(self.words):
            yield word
            escaped = json.dumps(word)[1:-1]
            if escaped != word:
                yield escaped


NOBODY = Identity(frozenset())


def of_case(case: Case) -> Identity:
    """What the case holds of its citizen; nothing where it is erased."""
    request = case.request
    if not request or case.erased_at:
        return NOBODY
    citizen, place = request.citizen, request.location
    details = [citizen.name, citizen.email, citizen.phone, citizen.address] if citizen else []
    details += [case.corrected_email, place.address if place else None, request.subject]
    lines = [line.strip() for line in request.body.splitlines()]
    whole = [line for line in lines if len(line) >= SHORTEST_LINE][:MOST_LINES]
    return Identity(frozenset({word for word in details if word and len(word) >= SHORTEST_NAME} | set(whole)))


def of_address(address: str) -> Identity:
    """An e-mail address alone."""
    return Identity(frozenset({address}))
