"""Cases that belong to another one, as its page shows them."""

from collections.abc import Collection
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
from services.review.cases.related.citizen_cases import CitizenCases, citizen_cases
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
    of_citizen: CitizenCasesShown | None = None

    @property
    def linked(self) -> bool:
        """Whether any case is linked with this one."""
        return bool(self.follows or self.followed_by)

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
    follows = [linked[link.other] for link in links if link.request_id == case.request_id and link.other in linked]
    return Related(
        follows=[followed.model_copy(update={"reply": await _reply(session, followed)}) for followed in follows],
        followed_by=[linked[link.request_id] for link in links if link.other == case.request_id and link.request_id in linked],
        of_citizen=citizen_cases_shown(await citizen_cases(session, case, person, senders)),
    )


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
