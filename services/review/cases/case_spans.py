"""The steps of a case in its trace: what an event said of it, and how long it waited for a person."""

from datetime import datetime

from opentelemetry import trace

from schemas.requests_triaged import RequestTriaged
from schemas.values import Event
from services.review.cases.case_state import Case, State
from services.runtime import telemetry

WAITS: dict[State, str] = {State.AWAITING_APPROVAL: "awaiting approval", State.NEEDS_TRIAGE: "awaiting sorting"}
"""The states in which a person is waited for, and what the wait is called in the trace."""

ENDED = frozenset({State.SENT, State.CLOSED, State.BY_HAND})
_WORTH: dict[str, telemetry.Worth] = {"reject": "rejected", "recall": "recalled"}


def note_event(event: Event) -> None:
    """Notes in the current step what an event says of its request, in words of ours; what was not sure enough is worth keeping."""
    span = trace.get_current_span()
    telemetry.note(span, {"parvis.agency": getattr(event, "agency", None)})
    if not isinstance(event, RequestTriaged):
        return
    facts: telemetry.Attributes = {
        "parvis.category": event.category,
        "parvis.confidence": event.confidence,
        "parvis.outcome": event.outcome,
        "parvis.department": event.department,
        "parvis.urgency": event.urgency,
        "parvis.language": event.language.code,
    }
    telemetry.note(span, facts)
    if event.outcome == "needs_triage":
        telemetry.worth_keeping(span, "abstained")


def note_end(case: Case) -> None:
    """Notes in the current step that the case has come to an end: only from then on may its trace be dropped for having gone well."""
    if case.state in ENDED:
        telemetry.note(trace.get_current_span(), {"parvis.settled": True})


def note_decision(span: trace.Span, name: str) -> None:
    """Marks what is rejected or recalled as worth keeping."""
    if name in _WORTH:
        telemetry.worth_keeping(span, _WORTH[name])


def note_wait(before: Case, after: Case, since: datetime, now: datetime) -> None:
    """The wait that a person's action has ended, as a span over however many days and restarts: it is told once, when it is over."""
    if before.state in WAITS and after.state != before.state and not before.invented_for:
        attributes: telemetry.Attributes = {"parvis.agency": before.agency, "parvis.category": before.category}
        telemetry.past_span(WAITS[before.state], before.request_id, since, now, parent=before.trace, attributes=attributes)
