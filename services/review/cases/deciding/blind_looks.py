"""Holds a drawn approval back until a second person has decided on the draft without knowing the first one's text. Pure."""

from datetime import datetime

from schemas.replies_decided import ReplyDecided
from services.review.cases.case_state import Case
from services.review.cases.deciding.applied_action import Applied, changed
from services.review.cases.deciding.first_approval import BlindLook, FirstApproval, FourEyes
from services.review.cases.second_look import comparison
from services.review.cases.second_look.comparison import Look
from services.review.people.powers import Power
from services.review.people.rules import Person
from services.review.safeguards.rules import HELD


def is_blind(case: Case, person: Person) -> bool:
    """Whether a drawn first approval waits that this person may be the second for, and has not decided on without it."""
    first, four_eyes = case.first_approval, case.four_eyes
    if not first or not four_eyes or four_eyes.because.kind != HELD or not person.has(Power.WORK_ON_CASES):
        return False
    return person.email not in (first.by, *first.earlier) and look_of(case, person.email) is None


def look_of(case: Case, email: str) -> BlindLook | None:
    """What that person would have sent of the draft, before they saw what was approved first."""
    looks = case.four_eyes.looks if case.four_eyes else ()
    return next((look for look in looks if look.by == email and case.draft and look.draft_id == case.draft.draft_id), None)


def hidden_since(case: Case, person: Person) -> datetime | None:
    """From when on the person sees nothing of what was done to the case. None where they see all of it."""
    return case.first_approval.at if case.first_approval and is_blind(case, person) else None


def seen_by(case: Case, person: Person) -> Case:
    """The case as the person sees it: to a second one who has not decided yet, nobody has."""
    return case.model_copy(update={"four_eyes": None, "decision": None}) if is_blind(case, person) else case


def looked(case: Case, four_eyes: FourEyes, first: FirstApproval, decision: ReplyDecided, person: Person, now: datetime) -> Applied:
    """Keeps what the person would have sent, which is another text than the first one's: now they see both. Nothing leaves."""
    subject, body = decision.subject or "", decision.body or ""
    look = BlindLook(draft_id=first.draft_id, by=person.email, at=now, subject=subject, body=body)
    after = changed(case, now, four_eyes=four_eyes.model_copy(update={"looks": (*four_eyes.looks, look)}))
    outcome = comparison.outcome_of(first.body, Look(sends=True, subject=subject, body=body))
    return Applied(after, detail={"draft_id": str(first.draft_id), "approval": "look", "outcome": outcome})
