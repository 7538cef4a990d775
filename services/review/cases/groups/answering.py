"""Makes each member's reply of a common text by the rules of a single approval, and says why some can't be approved here. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from schemas.drafts_proposed import DraftProposed
from schemas.replies_decided import ReplyDecided
from services.review.cases.case_state import Case
from services.review.cases.deciding import reply_text
from services.review.cases.deciding.actions import Approve
from services.review.cases.deciding.applied_action import Applied
from services.review.people.rules import Person
from services.runtime.errors import ParvisError

Stays = Literal["", "emergency", "no_draft", "second_person", "language", "no_address", "claimed", "rule"]
"""Why a member is not approved with the others; `rule` where the rules of a single approval refuse it, in their own words."""

Rehearsal = Callable[[Case, Approve], Applied]
"""What approving would do, with nothing done."""


@dataclass(frozen=True)
class CommonText:
    """The reply for all of a group as somebody writes it, with placeholders; `begun_from` is the case whose draft it was."""

    subject: str
    body: str
    begun_from: UUID
    language: str
    saved_at: datetime


@dataclass(frozen=True)
class Reply:
    """What one member would be sent, and whether it can be approved here."""

    case: Case
    subject: str
    body: str
    address: str
    proof: str
    """Stands for exactly this text to exactly this address: the decision is refused where it would send another."""
    stays: Stays = ""
    why: str = ""


def reply_for(case: Case, text: CommonText, group_id: UUID, person: Person, rehearse: Rehearsal) -> Reply:
    """The member's reply. Nothing but the rules themselves makes it: what is shown is what the approval would decide."""
    stays = _stays(case, text, person)
    if stays or case.draft is None:
        return _staying(case, stays or "no_draft")
    try:
        applied = rehearse(case, approval(case.draft, text, "", group_id))
    except ParvisError as error:
        field = f"{error.field}: " if error.field else ""
        return _staying(case, "rule", error.detail.removeprefix(field))
    decision = _decision_of(applied)
    if decision is None:  # the approval would be the first of two
        return _staying(case, "second_person")
    if not case.address:
        return _staying(case, "no_address")
    subject, body = decision.subject or "", decision.body or ""
    return Reply(case, subject, body, case.address, reply_text.proof(subject, body, case.address))


def _stays(case: Case, text: CommonText, person: Person) -> Stays:
    """What speaks against answering the case together with others, whatever the rules of a single approval say."""
    if not case.decidable or not case.draft:
        return "no_draft"
    if case.danger is not None:
        return "emergency"
    if case.assignee not in (None, person.email):
        return "claimed"
    if case.first_approval:
        return "second_person"
    return "" if case.draft.language == text.language else "language"


def approval(draft: DraftProposed, text: CommonText, proof: str, group_id: UUID) -> Approve:
    """The approval of one member's reply: the common text, from which the rules make theirs."""
    return Approve(draft.draft_id, subject=text.subject, body=text.body, shown=proof, group=group_id)


def _decision_of(applied: Applied) -> ReplyDecided | None:
    return next((leaving.event for leaving in applied.events if isinstance(leaving.event, ReplyDecided)), None)


def _staying(case: Case, stays: Stays, why: str = "") -> Reply:
    return Reply(case, "", "", case.address or "", "", stays, why)
