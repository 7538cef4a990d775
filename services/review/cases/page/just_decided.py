"""The case that a person has just dealt with, as the strip at the top of the next page shows it. Pure."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel

from services.review.cases.case_state import Case, State
from services.review.cases.deciding import rules
from services.review.people.rules import Person
from services.review.web.templating import Flash


class JustDecided(BaseModel):
    """What was done to which case. `undo_until` is there while the person can take it back."""

    request_id: UUID
    title: str
    flash: Flash
    version: int
    undo_until: datetime | None
    view: str
    address: str


def just_decided(case: Case, flash: Flash, view: str, address: str, person: Person) -> JustDecided | None:
    """The strip of that case. None where the case is not this person's to see, as one that was sorted into another department."""
    if not rules.in_scope(case, person):
        return None
    decision = case.decision
    undo = case.state is State.APPROVED and decision is not None and person.email in (decision.decided_by, decision.seconded_by)
    return JustDecided(
        request_id=case.request_id,
        title=case.title,
        flash=flash,
        version=case.version,
        undo_until=decision.send_after if undo and decision else None,
        view=view,
        address=address,
    )
