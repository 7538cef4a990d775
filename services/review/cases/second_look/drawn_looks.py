"""Draws decisions for a second look: by the case and a secret, so that nobody can know or steer which."""

from datetime import datetime

from schemas.replies_decided import ReplyDecided
from services.review.cases.case_state import Case
from services.review.cases.deciding.applied_action import Applied
from services.review.cases.second_look import look_store
from services.review.safeguards import drawing, rules
from services.review.safeguards.rules import Approval
from services.review.safeguards.store import Standing
from services.runtime.database import Session

PURPOSE = "second look"


async def add_if_drawn(session: Session, case: Case, applied: Applied, standing: Standing, now: datetime) -> None:
    """Keeps an approval that is drawn, to be looked at once it has left."""
    decision = next((leaving.event for leaving in applied.events if isinstance(leaving.event, ReplyDecided)), None)
    if decision is None or decision.decision not in ("approved", "edited"):
        return
    share = rules.share_of(standing.rules, "second_look", Approval(case.agency, case.category, case.urgency))
    if drawing.is_drawn(standing.draw_secret, PURPOSE, case.request_id, share):
        await look_store.add(session, decision, decision.send_after or now)
