"""Links between cases: which one a message names, and which of two follows the other. Pure."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from schemas.requests_received import RequestReceived
from services.domain import reply_tokens
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
    MACHINE = "machine"
    """A machine's mail answers it: it asks for nothing."""


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
class AnsweredMail:
    """A mail that a message answers: of ours, the decision that stands in its id; of the citizen's, the key of its id."""

    decision: UUID | None
    key: bytes


@dataclass(frozen=True)
class Named:
    """What a message names: cases by their number, and the mails before it in its thread, the newest last."""

    cases: tuple[UUID, ...]
    mails: tuple[AnsweredMail, ...]


def named_in(request: RequestReceived) -> Named:
    """The case that a message says it follows: its `in_reply_to`, a number in its subject, the mails that it answers."""
    subject = request.subject or ""
    cases = ([request.in_reply_to] if request.in_reply_to else []) + numbers_in([subject]) + reply_tokens.request_in(subject)
    mails = [
        AnsweredMail(next(iter(numbers_in([reference.strip(" <>").partition("@")[0]])), None), mail_key(request.agency, reference))
        for reference in request.references or []
    ]
    return Named(_each_once(cases, but=request.request_id), tuple(mails))


def mails_in(request: RequestReceived) -> list[bytes]:
    """The keys of the mails that a message answers."""
    return [mail_key(request.agency, reference) for reference in request.references or []]


def mail_key(agency: str, message_id: str) -> bytes:
    """The key of a mail: it belongs to one agency, so that no thread ever leads into another one."""
    plain = message_id.strip().removeprefix("<").removesuffix(">")
    # 16 bytes: too many for anybody to find an id that meets somebody else's.
    return hashlib.blake2b(f"{agency}\0{plain}".encode("utf-8", "replace"), digest_size=16).digest()


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
