"""What the case page shows of four eyes: the first approval, word for word, and whether this person may be the second. Pure."""

from collections.abc import Mapping
from datetime import datetime

from pydantic import BaseModel

from schemas.replies_decided import ReplyAttachment
from services.domain.taxonomy import Taxonomy
from services.review.cases.case_state import Case
from services.review.cases.deciding import blind_looks
from services.review.cases.deciding.first_approval import FirstApproval
from services.review.cases.page.classification_explanation import Piece
from services.review.cases.page.text_comparison import compare
from services.review.cases.second_look.comparison import Outcome
from services.review.people.rules import Person
from services.review.safeguards.rules import ANY_CHECK, HELD
from services.review.web.translation import reader


class LookShown(BaseModel):
    """What the person would have sent before they saw what was approved, with the words marked in which both differ."""

    outcome: Outcome
    first: list[Piece]
    second: list[Piece]
    files: list[ReplyAttachment] = []
    """What the person would have sent with it."""


class SecondApproval(BaseModel):
    """A first approval that waits, and what its rule is about."""

    by: str
    at: datetime
    subject: str
    body: str
    mine: bool
    barred: bool
    """The person has approved another text of the draft, so somebody else has to look at this one."""
    recipient_changed: bool
    agency: str
    category: str
    urgency: str
    check: str
    any_check: bool
    drawn: bool = False
    look: LookShown | None = None


class SentBackShown(BaseModel):
    """Who sent a first approval back, and why."""

    by: str
    at: datetime
    reason: str
    approved_by: str


def second_approval(case: Case, person: Person, names: Mapping[str, str], taxonomy: Taxonomy) -> SecondApproval | None:
    """The first approval of the draft that is to be decided on. None where none waits."""
    first, four_eyes = case.first_approval, case.four_eyes
    if not first or not four_eyes:
        return None
    rule = four_eyes.because
    return SecondApproval(
        by=names.get(first.by, first.by),
        at=first.at,
        subject=first.subject,
        body=first.body,
        mine=first.by == person.email,
        barred=person.email in first.earlier,
        recipient_changed=first.address != case.address,
        agency=rule.agency or "",
        category=(taxonomy.label(rule.category, reader().language) if rule.category in taxonomy.names else rule.category)
        if rule.category
        else "",
        urgency=rule.urgency or "",
        check="" if rule.check == ANY_CHECK else rule.check or "",
        any_check=rule.check == ANY_CHECK,
        drawn=rule.kind == HELD,
        look=_look(case, first, person),
    )


def _look(case: Case, first: FirstApproval, person: Person) -> LookShown | None:
    look = blind_looks.look_of(case, person.email)
    if not look or not look.sends:
        return None
    texts = compare(first.body, look.body)
    return LookShown(outcome=blind_looks.outcome_of(first, look), first=texts.left, second=texts.right, files=list(look.attachments))


def sent_back(case: Case, names: Mapping[str, str]) -> SentBackShown | None:
    """Why the approval of the draft came back. None where it did not, or was taken back by whoever gave it."""
    returned = case.four_eyes.sent_back if case.four_eyes else None
    if not returned or not returned.reason or not case.decidable or not case.draft or returned.draft_id != case.draft.draft_id:
        return None
    approved_by = names.get(returned.approved_by, returned.approved_by)
    return SentBackShown(by=names.get(returned.by, returned.by), at=returned.at, reason=returned.reason, approved_by=approved_by)


def standing_text(case: Case) -> tuple[dict[str, str], str] | None:
    """The text that somebody approved last of the current draft, and what became of that approval. None where nobody has."""
    if not case.draft:
        return None
    if case.first_approval:
        return {"subject": case.first_approval.subject, "body": case.first_approval.body}, "first"
    returned = case.four_eyes.sent_back if case.four_eyes else None
    if returned and returned.draft_id == case.draft.draft_id:
        return {"subject": returned.subject, "body": returned.body}, "recalled"
    recalled = case.decision
    if recalled and recalled.draft_id == case.draft.draft_id and recalled.body is not None:
        return {"subject": recalled.subject or "", "body": recalled.own_text}, "recalled"
    return None
