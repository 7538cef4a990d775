"""How a matter stands, in the few words that anybody may read who has its reference. Pure."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from services.intake.rules import State, Status

Step = Literal["received", "working", "answered", "closed"]

_STEPS: dict[State, Step] = {
    "received": "received",
    "needs_triage": "received",
    "drafting": "working",
    "awaiting_approval": "working",
    "approved": "working",
    "by_hand": "working",  # nobody has said yet that the citizen has the reply
    "delivery_failed": "working",
    "delivery_uncertain": "working",
    "sent": "answered",
    "closed": "closed",
    "conflict": "received",
    "refused": "received",
}


@dataclass(frozen=True)
class Progress:
    """The step, and when it last changed; nothing of what was written, by whom, or what was answered."""

    step: Step
    received_at: datetime | None
    changed_at: datetime
    answered_at: datetime | None = None


def of(status: Status) -> Progress:
    """What its citizen may know of a request."""
    step = _STEPS[status.state]
    answered_at = (status.state_at or status.decided_at or status.updated_at) if step == "answered" else None
    return Progress(step, status.accepted_at, status.updated_at, answered_at)
