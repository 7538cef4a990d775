"""Asks drafting for the current revision of a case, and for another one as a person wants it. Pure; time is an argument."""

from datetime import datetime

from schemas.drafts_requested import DraftRequested
from services.domain.phrases import Word
from services.review.cases.case_state import Case, State
from services.review.cases.deciding.applied_action import Applied, Leaving, changed, hidden, must_be, reason_of
from services.runtime.errors import Conflict


def next_revision(case: Case) -> int:
    """The revision that another draft of this case has."""
    # Revision 1 is the one that triage itself leads to: a case nobody could sort has none yet.
    return case.revision + 1


def draft_request(case: Case) -> DraftRequested:
    """Asks for the case's current revision, with the triage as people have corrected it."""
    if not case.triage or not case.category or not case.department:
        raise Conflict("the case is not sorted yet: wait for triage")
    triaged = case.triage.model_copy(
        update={"category": case.category, "department": case.department, "urgency": case.urgency, "outcome": "routed"}
        # What a person says is the matter may be named as such.
        | ({"confidence": 1.0} if case.sorted_by_person else {})
    )
    return DraftRequested(
        request_id=case.request_id,
        revision=case.revision,
        instructions=case.instructions,
        former=case.former_draft if case.instructions else None,
        triaged=triaged,
    )


def redrafted(case: Case, instructions: str | None, now: datetime) -> Applied:
    """Asks for another draft, with instructions where there are any."""
    must_be(case, frozenset({State.AWAITING_APPROVAL, State.DRAFTING}), Word("ask for another draft of"))
    wanted = hidden(case, reason_of(instructions, "instructions"), "instructions") if instructions and instructions.strip() else None
    after = changed(case, now, revision=next_revision(case), instructions=wanted, state=State.DRAFTING)
    return Applied(after, (Leaving(draft_request(after)),), {"revision": after.revision, "instructions": wanted or ""})
