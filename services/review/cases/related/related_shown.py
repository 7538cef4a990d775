"""Cases that belong to another one, as its page shows them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Self
from urllib.parse import urlencode
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from services.domain import mail_addresses
from services.review.cases import store
from services.review.cases.case_state import WAITS_FOR_SOMEBODY, Case, State
from services.review.cases.queue import case_lists
from services.review.cases.queue.case_lists import Line
from services.review.cases.related import link_store, threads
from services.review.cases.related.case_links import CaseLink, LinkKind
from services.review.cases.related.citizen_cases import CitizenCases, citizen_cases
from services.review.cases.related.contact_keys import same_writer
from services.review.cases.related.splitting import matter_of
from services.review.people.rules import Person
from services.runtime.database import Session

MOST_READ = 3
"""So many of the messages before are shown word for word; the others are one press away."""
MOST_SHOWN = 5
"""So many of a citizen's other cases are listed; a search shows all."""


class ReplySent(BaseModel):
    """What the citizen was answered, word for word."""

    subject: str
    body: str
    decided_at: datetime


class RelatedCase(BaseModel):
    """Another case as one line."""

    request_id: UUID
    subject: str
    state: State
    received_at: datetime
    reply: ReplySent | None = None
    """Of a case that this one follows, the reply that was sent."""
    message: str = ""
    """What the citizen wrote, of the first few that this one follows and of what was written again; else empty."""
    another_address: bool = False
    """Whether it came from another address or telephone than the citizen's."""

    @classmethod
    def of(cls, line: Line) -> Self:
        """The line as it is shown."""
        return cls(request_id=line.request_id, subject=line.subject, state=line.state, received_at=line.received_at)


class CitizenCasesShown(BaseModel):
    """What else came from the same address or telephone: the first few, how many there are, and how many of them are open."""

    cases: list[RelatedCase]
    number: int
    more: bool
    open: int
    all_address: str


class Related(BaseModel):
    """All that belongs to a case."""

    model_config = ConfigDict(frozen=True)

    follows: list[RelatedCase] = []
    followed_by: list[RelatedCase] = []
    machines: list[RelatedCase] = []
    """Mails of machines that answer this case, as automatic replies: they ask for nothing."""
    answers: list[RelatedCase] = []
    """Of a machine's mail, the cases that it answers."""
    written_again: list[RelatedCase] = []
    """Of a case whose draft waits, what the citizen has written since and is still open."""
    written_again_elsewhere: bool = False
    """Whether there is one that is not theirs to see."""
    split_off: bool = False
    """It is a second matter of a letter: `first_matter` is the case of the first, where that is theirs to see."""
    first_matter: RelatedCase | None = None
    matter: str = ""
    """The part of the letter that it is about; empty where that is all of it."""
    second_matters: list[RelatedCase] = []
    is_split: bool = False
    """Whether a second matter was split off, also one that is not theirs to see."""
    of_citizen: CitizenCasesShown | None = None
    address_returned: bool = False
    """Whether the reply to another of the citizen's cases came back from the address that this one's would go to."""

    @property
    def linked(self) -> bool:
        """Whether any case is linked with this one."""
        return bool(self.follows or self.followed_by or self.machines or self.answers or self.split_off or self.second_matters)

    @property
    def replies_of(self) -> list[UUID]:
        """The other cases whose reply or message is shown: whoever sees this has read them."""
        return [other.request_id for other in (*self.follows, *self.written_again) if other.reply or other.message]


NOTHING_RELATED = Related()


async def related_to(session: Session, case: Case, person: Person, senders: Collection[str]) -> Related:
    """All that belongs to a case, of what the person may see."""
    links = await link_store.of_case(session, case.request_id)
    visible = await case_lists.lines_of(session, [link.other_than(case.request_id) for link in links], person.scope)
    # Whatever a message names: a case of another agency is none of this one's.
    linked = {number: RelatedCase.of(line) for number, line in visible.items() if line.agency == case.agency}
    cases = await store.cases_of(session, linked)
    linked = {
        number: other.model_copy(update={"another_address": _is_another(case, cases.get(number))}) for number, other in linked.items()
    }
    again = [later.request_id for later in await threads.written_again(session, case)]
    others = await citizen_cases(session, case, person, senders)
    first_matters = await link_store.first_matters(session, [case.request_id, *(line.request_id for line in others.lines)])
    is_second = any(link.kind is LinkKind.SPLIT and link.request_id == case.request_id for link in links)
    return Related(
        follows=_read(_linked(links, linked, case, LinkKind.FOLLOWS, later=False), cases),
        followed_by=_linked(links, linked, case, LinkKind.FOLLOWS, later=True),
        machines=_linked(links, linked, case, LinkKind.MACHINE, later=True),
        answers=_linked(links, linked, case, LinkKind.MACHINE, later=False),
        written_again=[_with_message(linked[number], cases[number]) for number in again if number in linked and number in cases],
        written_again_elsewhere=any(number not in linked for number in again),
        split_off=is_second,
        first_matter=next(iter(_linked(links, linked, case, LinkKind.SPLIT, later=False)), None),
        matter=matter_of(case) if is_second else "",
        second_matters=_linked(links, linked, case, LinkKind.SPLIT, later=True),
        is_split=any(link.kind is LinkKind.SPLIT and link.other == case.request_id for link in links),
        address_returned=await _is_returned_from(session, case, others),
        of_citizen=citizen_cases_shown(others.each_letter_once(first_matters, case.request_id)),
    )


def _linked(links: Sequence[CaseLink], linked: Mapping[UUID, RelatedCase], case: Case, kind: LinkKind, *, later: bool) -> list[RelatedCase]:
    """The cases at the far end of links of that kind: those that came after this one, or those before."""
    near = [link for link in links if link.kind is kind and case.request_id == (link.other if later else link.request_id)]
    return [linked[number] for number in (link.other_than(case.request_id) for link in near) if number in linked]


async def _is_returned_from(session: Session, case: Case, others: CitizenCases) -> bool:
    if not case.address or case.state not in WAITS_FOR_SOMEBODY:
        return False
    addresses = await store.addresses_returned_from(session, [line.request_id for line in others.lines])
    return any(mail_addresses.same_mailbox(case.address, address) for address in addresses)


def _is_another(case: Case, other: Case | None) -> bool:
    return other is not None and same_writer(case, other) is False


def _read(follows: Sequence[RelatedCase], cases: Mapping[UUID, Case]) -> list[RelatedCase]:
    """What was written before, the newest in full, and what was answered."""
    with_replies = [followed.model_copy(update={"reply": _reply(cases[followed.request_id])}) for followed in follows]
    return [
        _with_message(followed, cases[followed.request_id]) if place < MOST_READ else followed
        for place, followed in enumerate(with_replies)
    ]


def _with_message(shown: RelatedCase, case: Case) -> RelatedCase:
    return shown.model_copy(update={"message": case.request.body if case.request else ""})


def _reply(followed: Case) -> ReplySent | None:
    decision = followed.decision if followed.state is State.SENT else None
    return ReplySent(subject=decision.subject or "", body=decision.body or "", decided_at=decision.decided_at) if decision else None


def citizen_cases_shown(others: CitizenCases) -> CitizenCasesShown | None:
    """The newest of the citizen's other cases, those that are open before the others."""
    if not others.lines:
        return None
    still_open = others.open
    ended = [line for line in others.lines if line not in still_open]
    return CitizenCasesShown(
        cases=[RelatedCase.of(line) for line in (*still_open, *ended)[:MOST_SHOWN]],
        number=len(others.lines),
        more=others.more,
        open=len(still_open),
        all_address=f"/?{urlencode({'tab': 'all', 'q': others.contact})}",
    )
