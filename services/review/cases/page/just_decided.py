"""The case that a person has just dealt with, as the strip at the top of the next page shows it. Pure."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel

from schemas.replies_decided import ReplyDecided
from services.review.cases.case_state import Case
from services.review.cases.deciding import decisions, rules
from services.review.people.rules import Person
from services.review.web.templating import Flash


class JustDecided(BaseModel):
    """What was done to which case, and whether the person can undo it: for good after `undo_until`, where there is one."""

    request_id: UUID
    title: str
    flash: Flash
    version: int
    can_be_undone: bool
    undo_until: datetime | None
    view: str
    address: str


def just_decided(case: Case, flash: Flash, view: str, address: str, person: Person, decision: ReplyDecided | None) -> JustDecided | None:
    """The strip of that case and its last decision; None where the case is not this person's to see, as one of another department now."""
    if not rules.in_scope(case, person):
        return None
    theirs = decision is not None and person.email in (decision.decided_by, decision.seconded_by)
    waits = case.first_approval is not None and case.first_approval.by == person.email
    undo = theirs and decision is not None and decision.decision_id == decisions.recallable(case)
    return JustDecided(
        request_id=case.request_id,
        title=case.title,
        flash=flash,
        version=case.version,
        can_be_undone=waits or undo,
        undo_until=decision.send_after if undo and decision else None,
        view=view,
        address=address,
    )
