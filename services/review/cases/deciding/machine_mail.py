"""Decides what may be done to the case of a mail that a machine wrote. Pure; time is an argument."""

from datetime import datetime

from schemas.values import Urgency
from services.domain.danger_levels import is_emergency
from services.domain.phrases import Phrase
from services.domain.taxonomy import Taxonomy
from services.review.cases.case_state import Case, State, state_of
from services.review.cases.deciding.actions import Action, AnswerByHand, Approve, Correct, Redraft, Reject
from services.review.cases.deciding.applied_action import Applied, Leaving, changed
from services.review.cases.deciding.draft_requests import draft_request, next_revision
from services.runtime.errors import Conflict

_ANSWERS = (AnswerByHand, Approve, Correct, Redraft, Reject)
"""What leads to a draft or an answer."""


def must_be_a_persons(case: Case, action: Action) -> None:
    """Raises Conflict where the action would lead to an answer to a machine."""
    if case.machine and isinstance(action, _ANSWERS):
        raise Conflict("a machine wrote this mail, so nobody is answered: if a person wrote it after all, say so first")


def written_by_person(case: Case, now: datetime, taxonomy: Taxonomy) -> Applied:
    """Takes the case up as a person's: what was said of danger counts now, and a draft is asked for where the case is sorted."""
    if not case.machine or not case.triage or not case.request:
        raise Conflict("no machine wrote this message, as far as its headers say")
    signals = [signal for signal in case.triage.signals if signal.kind != "automatic_reply"]
    quoted = [f"“{signal.words}”" for signal in signals if signal.kind == "risk_of_harm"]
    sure = any(is_emergency(signal.certainty) for signal in signals if signal.kind == "risk_of_harm")
    reasons = [
        Phrase(f"danger to life or health: {words}") if sure else Phrase(f"perhaps danger to life or health: {words}") for words in quoted
    ]
    urgency = Urgency.EMERGENCY if sure else Urgency.HIGH if quoted else Urgency.NORMAL
    after = changed(
        case,
        now,
        triage=case.triage.model_copy(update={"automatic": None, "urgency": urgency, "urgency_reasons": reasons, "signals": signals}),
        urgency=urgency,
        due_at=taxonomy.due(case.category or case.triage.category, urgency, case.request.received_at),
        revision=next_revision(case),
        instructions=None,
        joined_into=None,
    )
    after = after.model_copy(update={"state": state_of(after)})
    drafted = after.state is State.DRAFTING or urgency is Urgency.EMERGENCY
    return Applied(after, (Leaving(draft_request(after)),) if drafted else (), {"machine": case.machine})
