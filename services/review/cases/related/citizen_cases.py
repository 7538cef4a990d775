"""The other cases of the citizen who wrote, as far as a person may see them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Self
from uuid import UUID

from services.domain import mail_addresses
from services.review.cases.case_state import WAITS_FOR_SOMEBODY, Case, State
from services.review.cases.queue import case_lists
from services.review.cases.queue.case_lists import Line
from services.review.cases.related import contact_store
from services.review.cases.related.contact_keys import contact_keys, is_personal
from services.review.people.rules import Person
from services.runtime.database import Session

MOST_LOOKED_AT = 200
"""Who has written more often than that is an office: the newest are enough."""
_OPEN = WAITS_FOR_SOMEBODY | {State.APPROVED}


@dataclass(frozen=True)
class CitizenCases:
    """Other cases that came from the same e-mail address or telephone number, the newest first."""

    lines: Sequence[Line] = ()
    more: bool = False
    contact: str = ""
    """What a search finds all of them by."""

    @property
    def open(self) -> list[Line]:
        """Those that the citizen still waits for an answer to."""
        return [line for line in self.lines if line.state in _OPEN]

    def each_letter_once(self, first_matters: Mapping[UUID, UUID], own: UUID) -> Self:
        """The same without the letter of the case `own`, and one case of each other letter: if it was split an open one, or the first."""

        def letter(number: UUID) -> UUID:
            while number in first_matters:
                number = first_matters[number]
            return number

        still_open = {line.request_id for line in self.open}
        by_letter: dict[UUID, UUID] = {}
        for line in sorted(self.lines, key=lambda line: (line.request_id not in still_open, line.request_id in first_matters)):
            by_letter.setdefault(letter(line.request_id), line.request_id)
        by_letter.pop(letter(own), None)
        shown = set(by_letter.values())
        return replace(self, lines=[line for line in self.lines if line.request_id in shown])


async def citizen_cases(session: Session, case: Case, person: Person, senders: Collection[str]) -> CitizenCases:
    """The other cases of this case's citizen that the person may see; none where the citizen left no address."""
    citizen = case.request.citizen if case.request else None
    email = citizen.email if citizen else None
    if email and any(mail_addresses.same_mailbox(email, sender) for sender in senders):
        return CitizenCases()
    request_ids = await contact_store.newest_with(session, contact_keys(case), case.request_id, MOST_LOOKED_AT + 1)
    if not request_ids:
        return CitizenCases()
    visible = await case_lists.lines_of(session, request_ids[:MOST_LOOKED_AT], person.scope)
    contact = (email if email and is_personal(email) else None) or (citizen.phone if citizen else None) or ""
    return CitizenCases(_in_order(visible, request_ids), len(request_ids) > MOST_LOOKED_AT, contact)


def _in_order(visible: dict[UUID, Line], request_ids: Sequence[UUID]) -> list[Line]:
    return [visible[request_id] for request_id in request_ids if request_id in visible]
