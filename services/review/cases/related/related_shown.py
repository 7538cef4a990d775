"""Cases that belong to another one, as its page shows them."""

from collections.abc import Collection
from datetime import datetime
from typing import Self
from urllib.parse import urlencode
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from services.review.cases.case_state import Case, State
from services.review.cases.queue.case_lists import Line
from services.review.cases.related.citizen_cases import CitizenCases, citizen_cases
from services.review.people.rules import Person
from services.runtime.database import Session

MOST_SHOWN = 5
"""So many of a citizen's other cases are listed; a search shows all."""


class RelatedCase(BaseModel):
    """Another case as one line."""

    request_id: UUID
    subject: str
    state: State
    received_at: datetime

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

    of_citizen: CitizenCasesShown | None = None


NOTHING_RELATED = Related()


async def related_to(session: Session, case: Case, person: Person, senders: Collection[str]) -> Related:
    """All that belongs to a case, of what the person may see."""
    return Related(of_citizen=citizen_cases_shown(await citizen_cases(session, case, person, senders)))


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
