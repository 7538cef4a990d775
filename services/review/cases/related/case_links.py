"""Links between cases: which one a message names, and which of two follows the other. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from schemas.requests_received import RequestReceived
from services.review.cases.case_state import Case
from services.runtime.errors import InvalidInput

MOST_LINKS = 20
"""Of one case, either way: more would be no help to anybody."""
MOST_NAMED = 20
_NUMBER = re.compile(r"(?<![0-9a-fA-F-])[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}(?![0-9a-fA-F-])")


class LinkKind(StrEnum):
    """How a case belongs to another one."""

    FOLLOWS = "follows"
    SPLIT = "split"


@dataclass(frozen=True)
class CaseLink:
    """`request_id` follows `other`, or is a second matter of its letter."""

    request_id: UUID
    other: UUID
    kind: LinkKind

    def other_than(self, number: UUID) -> UUID:
        """The case at the far end."""
        return self.other if number == self.request_id else self.request_id


@dataclass(frozen=True)
class Named:
    """What a message names: cases by their number, and replies of ours by the decision that stands in the id of our mail."""

    cases: tuple[UUID, ...]
    decisions: tuple[UUID, ...]


def named_in(request: RequestReceived) -> Named:
    """The case that a message says it follows: its `in_reply_to`, a number in its subject, the mails that it answers."""
    cases = ([request.in_reply_to] if request.in_reply_to else []) + numbers_in([request.subject or ""])
    mails = [reference.strip(" <>").partition("@")[0] for reference in request.references or []]
    return Named(_each_once(cases, but=request.request_id), tuple(numbers_in(mails)))


def numbers_in(texts: Iterable[str]) -> list[UUID]:
    """The case numbers that stand in texts."""
    return [UUID(number) for text in texts for number in _NUMBER.findall(text)][:MOST_NAMED]


def number_of(text: str) -> UUID:
    """The case number that a person typed, or that stands in the address of a case. Raises InvalidInput."""
    numbers = numbers_in([text[:500]])
    if len(numbers) != 1:
        raise InvalidInput("case: give the number of one case, as it stands at the end of its page", field="case")
    return numbers[0]


def follow_up_of(case: Case, other: Case) -> CaseLink:
    """The link of two cases: what came later follows what came before. Raises InvalidInput where they are one and the same."""
    if case.request_id == other.request_id:
        raise InvalidInput("case: that is this case's own number", field="case")
    earlier, later = sorted((case, other), key=_arrival)
    return CaseLink(later.request_id, earlier.request_id, LinkKind.FOLLOWS)


def _arrival(case: Case) -> tuple[datetime, UUID]:
    return case.request.received_at if case.request else case.created_at, case.request_id


def _each_once(cases: Iterable[UUID], but: UUID) -> tuple[UUID, ...]:
    return tuple(dict.fromkeys(number for number in cases if number != but))
