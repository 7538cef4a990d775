"""Cases that belong to another one, as its page shows them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Self
from urllib.parse import urlencode
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from services.review.cases import store
from services.review.cases.case_state import Case, State
from services.review.cases.queue import case_lists
from services.review.cases.queue.case_lists import Line
from services.review.cases.related import link_store
from services.review.cases.related.case_links import CaseLink, LinkKind
from services.review.cases.related.citizen_cases import CitizenCases, citizen_cases
from services.review.cases.related.splitting import matter_of
from services.review.people.rules import Person
from services.runtime.database import Session

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
    split_off: bool = False
    """It is a second matter of a letter: `first_matter` is the case of the first, where that is theirs to see."""
    first_matter: RelatedCase | None = None
    matter: str = ""
    """The part of the letter that it is about; empty where that is all of it."""
    second_matters: list[RelatedCase] = []
    is_split: bool = False
    """Whether a second matter was split off, also one that is not theirs to see."""
    of_citizen: CitizenCasesShown | None = None

    @property
    def linked(self) -> bool:
        """Whether any case is linked with this one."""
        return bool(self.follows or self.followed_by or self.split_off or self.second_matters)

    @property
    def replies_of(self) -> list[UUID]:
        """The other cases whose reply is shown: whoever sees this has read them."""
        return [followed.request_id for followed in self.follows if followed.reply]


NOTHING_RELATED = Related()


async def related_to(session: Session, case: Case, person: Person, senders: Collection[str]) -> Related:
    """All that belongs to a case, of what the person may see."""
    links = await link_store.of_case(session, case.request_id)
    visible = await case_lists.lines_of(session, [link.other_than(case.request_id) for link in links], person.scope)
    # Whatever a message names: a case of another agency is none of this one's.
    linked = {number: RelatedCase.of(line) for number, line in visible.items() if line.agency == case.agency}
    follows = _linked(links, linked, case, LinkKind.FOLLOWS, later=False)
    others = await citizen_cases(session, case, person, senders)
    first_matters = await link_store.first_matters(session, [case.request_id, *(line.request_id for line in others.lines)])
    is_second = any(link.kind is LinkKind.SPLIT and link.request_id == case.request_id for link in links)
    return Related(
        follows=[followed.model_copy(update={"reply": await _reply(session, followed)}) for followed in follows],
        followed_by=_linked(links, linked, case, LinkKind.FOLLOWS, later=True),
        split_off=is_second,
        first_matter=next(iter(_linked(links, linked, case, LinkKind.SPLIT, later=False)), None),
        matter=matter_of(case) if is_second else "",
        second_matters=_linked(links, linked, case, LinkKind.SPLIT, later=True),
        is_split=any(link.kind is LinkKind.SPLIT and link.other == case.request_id for link in links),
        of_citizen=citizen_cases_shown(others.each_letter_once(first_matters, case.request_id)),
    )


def _linked(links: Sequence[CaseLink], linked: Mapping[UUID, RelatedCase], case: Case, kind: LinkKind, *, later: bool) -> list[RelatedCase]:
    """The cases at the far end of links of that kind: those that came after this one, or those before."""
    near = [link for link in links if link.kind is kind and case.request_id == (link.other if later else link.request_id)]
    return [linked[number] for number in (link.other_than(case.request_id) for link in near) if number in linked]


async def _reply(session: Session, followed: RelatedCase) -> ReplySent | None:
    if followed.state is not State.SENT:
        return None
    decision = (await store.look(session, followed.request_id)).decision
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
