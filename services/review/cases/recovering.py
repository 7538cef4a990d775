"""Puts back decisions that a restored database does not know of, so that nobody decides once more on what was answered."""

from datetime import datetime, timedelta

from schemas.replies_decided import ReplyDecided
from services.review.audit import store as audit
from services.review.cases import store
from services.review.cases.case_state import WAITS_FOR_SOMEBODY, State
from services.runtime.database import Session

STATES = {"approved": State.APPROVED, "edited": State.APPROVED, "closed": State.CLOSED}
"""A rejection is not among them: its draft is shown again, and can be rejected again."""

AHEAD = 1000
"""Versions: the id of a decision is made of its case's, and none may be made that was used before the restore."""


async def take_back(session: Session, decision: ReplyDecided, now: datetime, first_nudge: timedelta) -> bool:
    """Gives the case its decision, also before its message has come again; says whether it did not have it."""
    case = await store.case_or_new(session, decision.request_id, now, {})
    held = {kept.decision_id for kept, _ in await store.decisions_of(session, decision.request_id)}
    if case.erased_at or decision.decision_id in held:
        return False
    await store.add_decision(session, decision)
    after = case.model_copy(update={"version": case.version + AHEAD, "updated_at": now})
    state = STATES.get(decision.decision)
    if state and case.state in WAITS_FOR_SOMEBODY | {State.APPROVED}:
        sent = decision if state is State.APPROVED else case.decision
        after = after.model_copy(update={"state": state, "decision": sent, "four_eyes": None})
    await store.save(session, after, store.pause_for(after, now, first_nudge))
    detail = {"decision_id": str(decision.decision_id), "decision": decision.decision, "by": decision.decided_by}
    await audit.add(session, audit.Entry(now, audit.PARVIS, "decision restored", decision.request_id, detail))
    return True
