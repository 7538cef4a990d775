"""Puts back decisions that a restored database does not know of, so that nobody decides once more on what was answered."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from schemas.replies_decided import ReplyDecided
from services.review.audit import store as audit
from services.review.cases import store
from services.review.cases.case_state import WAITS_FOR_SOMEBODY, State
from services.review.cases.second_look import look_store
from services.runtime import outbox
from services.runtime.database import Session

SERVICE = "review"

STATES = {"approved": State.APPROVED, "edited": State.APPROVED, "closed": State.CLOSED}
"""A rejection is not among them: its draft is shown again, and can be rejected again."""

AHEAD = 1000
"""Versions: the id of a decision is made of its case's, and none may be made that was used before the restore."""


async def take_back(
    session: Session, decision: ReplyDecided, now: datetime, first_nudge: timedelta, *, since: datetime, on_kafka: Collection[UUID]
) -> bool:
    """Gives the case its decision, also before its message has come again; says whether it did not have it.

    `since`: a moment before the backup; `on_kafka`: every decision that Kafka has since then. What waits to leave, could still be undone
    at that moment and never reached Kafka was undone, or there would be no other decision: it does not leave.
    """
    case = await store.case_or_new(session, decision.request_id, now, {})
    kept = await store.decisions_of(session, decision.request_id)
    if case.erased_at or decision.decision_id in {held.decision_id for held, _ in kept}:
        return False
    doubtful = [held for held, recalled in kept if not recalled and held.send_after and held.send_after > since]
    undone = await _undo(session, [held.decision_id for held in doubtful if held.decision_id not in on_kafka], now)
    await store.add_decision(session, decision)
    after = case.model_copy(update={"version": case.version + AHEAD, "updated_at": now})
    state = STATES.get(decision.decision)
    if state and (undone or case.state in WAITS_FOR_SOMEBODY | {State.APPROVED}):
        sent = decision if state is State.APPROVED else case.decision
        joined: dict[str, object] = {"joined_into": None} if undone else {}
        after = after.model_copy(update={"state": state, "decision": sent, "four_eyes": None} | joined)
    await store.save(session, after, store.pause_for(after, now, first_nudge))
    detail = {"decision_id": str(decision.decision_id), "decision": decision.decision, "by": decision.decided_by}
    instead: dict[str, object] = {"instead_of": ", ".join(map(str, undone))} if undone else {}
    await audit.add(session, audit.Entry(now, audit.PARVIS, "decision restored", decision.request_id, detail | instead))
    return True


async def _undo(session: Session, decision_ids: Sequence[UUID], now: datetime) -> list[UUID]:
    """Takes these back as far as they have not begun to leave; returns which."""
    undone = [undoable for undoable in decision_ids if await outbox.recall(session, SERVICE, str(undoable), ReplyDecided.topic)]
    for decision_id in undone:
        await store.mark_recalled(session, decision_id, now)
        await look_store.forget(session, decision_id)
    return undone
