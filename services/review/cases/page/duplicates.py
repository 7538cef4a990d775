"""What the case page shows of the same message sent elsewhere or before: its group, and what it was or may be joined with."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from pydantic import BaseModel

from services.review.cases import store
from services.review.cases.case_state import UNDECIDED, Case, State
from services.review.cases.deciding import joining, rules
from services.review.cases.groups import group_store
from services.review.cases.groups.group_store import Membership
from services.review.cases.near_duplicates.store import Similar
from services.review.people.rules import Person
from services.runtime.database import Session

MOST_JOINED = 20


class Twin(BaseModel):
    """Another case with the same message of the same person."""

    request_id: UUID
    subject: str
    body: str
    state: State
    received_at: datetime


class Duplicates(BaseModel):
    """Cases with the same message, as far as this person may see them."""

    group: Membership | None
    is_joined: bool
    into: Twin | None
    joined: list[Twin]
    of: list[UUID]
    """Of the similar cases those that this one may be closed as a duplicate of."""
    joinable: bool
    """Whether it waits to be decided, so that it may be joined at all."""

    @property
    def read(self) -> list[UUID]:
        """The other cases whose message is shown: whoever sees this has read them."""
        return [twin.request_id for twin in self.joined]


async def duplicates_of(session: Session, case: Case, similar: Sequence[Similar], person: Person) -> Duplicates:
    """What there is to show."""
    resembling = [await store.look(session, other.line.request_id) for other in similar] if case.state in UNDECIDED else []
    into = await store.look(session, case.joined_into) if case.joined_into else None
    joined = [await store.look(session, request_id) for request_id in await store.joined_into(session, case.request_id, MOST_JOINED)]
    return Duplicates(
        group=await group_store.membership(session, case.request_id, person.scope),
        is_joined=into is not None,
        into=_shown(into) if into and rules.in_scope(into, person) else None,
        joined=[_shown(other) for other in joined if rules.in_scope(other, person)],
        of=[other.request_id for other in resembling if not joining.obstacle(case, other)],
        joinable=case.state in UNDECIDED,
    )


def _shown(case: Case) -> Twin:
    request = case.request
    received_at = request.received_at if request else case.created_at
    return Twin(
        request_id=case.request_id, subject=case.title, body=request.body if request else "", state=case.state, received_at=received_at
    )
