"""Holds a drawn approval back until a second person has decided on the draft without knowing the first one's text. Pure."""

from collections.abc import Iterable
from datetime import datetime

from schemas.replies_decided import ReplyDecided
from services.review.cases.case_state import Case
from services.review.cases.deciding.applied_action import Applied, changed
from services.review.cases.deciding.first_approval import BlindLook, FirstApproval, FourEyes, same_files
from services.review.cases.second_look import comparison
from services.review.cases.second_look.comparison import Look, Outcome
from services.review.cases.writing.written_text import WrittenText
from services.review.people.powers import Power
from services.review.people.rules import Person
from services.review.safeguards.rules import HELD


def is_blind(case: Case, person: Person) -> bool:
    """Whether a drawn first approval waits that this person may be the second for, and has not decided on without it."""
    first = case.first_approval
    return first is not None and _may_look(case, person) and person.email not in (first.by, *first.earlier)


def _may_look(case: Case, person: Person) -> bool:
    held = case.four_eyes is not None and case.four_eyes.because.kind == HELD
    return held and person.has(Power.WORK_ON_CASES) and look_of(case, person.email) is None


def look_of(case: Case, email: str) -> BlindLook | None:
    """What that person would have sent of the draft, before they saw what was approved first."""
    looks = case.four_eyes.looks if case.four_eyes else ()
    return next((look for look in looks if look.by == email and case.draft and look.draft_id == case.draft.draft_id), None)


def sees(case: Case, person: Person, at: datetime) -> bool:
    """Whether the person sees what was done to the case then: a second one who has not decided yet, only what came before the first."""
    first = case.first_approval
    return first is None or at < first.at or not is_blind(case, person)


def seen_by(case: Case, person: Person) -> Case:
    """The case as the person sees it: to a second one who has not decided yet, nobody has.

    Nor do they see a text that came back to the first one: what is approved after that waits for them again.
    """
    if is_blind(case, person):
        return case.model_copy(update={"four_eyes": None, "decision": None})
    ended = case.four_eyes.sent_back if case.four_eyes else None
    if not case.four_eyes or not ended or not _may_look(case, person) or person.email in (ended.by, ended.approved_by):
        return case
    return case.model_copy(update={"four_eyes": case.four_eyes.model_copy(update={"sent_back": None})})


def texts_for(case: Case, person: Person, texts: Iterable[WrittenText]) -> list[WrittenText]:
    """What people are writing on the case, as far as the person sees it: a second one who has not decided yet sees their own alone."""
    blind = is_blind(case, person)
    return [text for text in texts if text.email == person.email or not blind]


def with_look(four_eyes: FourEyes, look: BlindLook) -> FourEyes:
    """The same with what somebody made of the draft without knowing of the first: for this draft they are not blind again."""
    return four_eyes.model_copy(update={"looks": (*four_eyes.looks, look)})


def sending(decision: ReplyDecided, first: FirstApproval, now: datetime) -> BlindLook:
    """The text that the person would have sent."""
    subject, body = decision.subject or "", decision.body or ""
    attachments = tuple(decision.attachments)
    return BlindLook(draft_id=first.draft_id, by=decision.decided_by, at=now, subject=subject, body=body, attachments=attachments)


def outcome_of(first: FirstApproval, look: BlindLook) -> Outcome:
    """How what both made of the draft compares."""
    outcome = comparison.outcome_of(first.body, Look(look.sends, look.subject, look.body))
    return outcome if outcome != "agreed" or same_files(first.attachments, look.attachments) else "other_files"


def looked(case: Case, four_eyes: FourEyes, first: FirstApproval, look: BlindLook, now: datetime) -> Applied:
    """Keeps what the person would have sent, with another text or other files than the first one's: now they see both. Nothing leaves."""
    after = changed(case, now, four_eyes=with_look(four_eyes, look))
    return Applied(after, detail={"draft_id": str(first.draft_id), "approval": "look", "outcome": outcome_of(first, look)})
