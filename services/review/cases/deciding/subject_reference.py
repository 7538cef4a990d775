"""Puts the case's reference at the end of the subject of an approved reply, where the agency wants that. Pure."""

from schemas.replies_decided import ReplyDecided
from services.domain.reply_tokens import request_in, token_of
from services.review.cases.case_state import Case
from services.review.cases.deciding.applied_action import Applied, with_decision


def reference_of(case: Case) -> str:
    """What the subject of a reply will end with; empty where the reply is not mailed."""
    return f"[{token_of(case.request_id)}]" if case.address else ""


def added(applied: Applied) -> Applied:
    """The approval with the reference in its decision, so that the case holds the subject that is sent."""
    return with_decision(applied, lambda decision: _with_reference(decision, applied.case))


def _with_reference(decision: ReplyDecided, case: Case) -> ReplyDecided:
    subject = decision.subject or ""
    if not reference_of(case) or decision.request_id in request_in(subject):  # a citizen's answer may have brought it along
        return decision
    return decision.model_copy(update={"subject": f"{subject} {reference_of(case)}".strip()})
