"""Measures how long a request took to each of its stages. What is undone and done again, as in an outage, may be measured twice."""

from datetime import datetime, timedelta

from services.review.cases.case_state import Case, State
from services.runtime import metrics, telemetry

LATE_ENTRY = timedelta(days=1)
"""A message that was received longer than this before it came here was typed in or imported: nobody waits for Parvis since then."""


def began_at(case: Case) -> datetime:
    """When the citizen's wait for Parvis began: as the message was received, but for old messages and clocks that are ahead."""
    received = case.request.received_at if case.request else case.created_at
    return received if timedelta() <= case.created_at - received <= LATE_ENTRY else case.created_at


def observe(before: Case, after: Case, now: datetime) -> None:
    """Measures the stages that a case has reached by this change."""
    if after.invented_for:
        return
    trace_id, seconds = telemetry.current_trace_id(), (now - began_at(after)).total_seconds()
    reached = {
        "triaged": after.triage and not before.triage,
        "drafted": after.draft and after.draft.revision == 1 and not before.draft,
        "decided": after.decision and not before.decision,
        "delivered": after.state is State.SENT and before.state is not State.SENT,
    }
    for stage in (stage for stage, is_reached in reached.items() if is_reached):
        metrics.STAGE_SECONDS.observe(seconds, stage=stage, trace_id=trace_id)
    if reached["decided"]:
        metrics.PROMISES.inc(promise="none" if after.due_at is None else "kept" if now <= after.due_at else "broken")
    if reached["delivered"] and after.decision:
        metrics.DELIVERY_SECONDS.observe((now - after.decision.decided_at).total_seconds(), trace_id=trace_id)
    if before.danger is not None and after.danger is None:
        metrics.EMERGENCY_SEEN_SECONDS.observe(seconds, trace_id=trace_id)
