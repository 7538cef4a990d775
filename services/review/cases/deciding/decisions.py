"""Decides on a draft: approve, recall, reject, close. Pure; time is an argument."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from schemas import invisible_characters
from schemas.replies_decided import Decision, ReplyAttachment, ReplyDecided
from schemas.values import Event
from services.domain import message_ids
from services.domain.phrases import Word
from services.review.cases.case_state import CLOSABLE, UNDECIDED, Case, StaleVersion, State, state_of
from services.review.cases.deciding import claims, recipient, reply_text
from services.review.cases.deciding.actions import Approve, Close, Reject
from services.review.cases.deciding.applied_action import Applied, Leaving, changed, hidden, must_be, reason_of
from services.review.cases.deciding.draft_requests import draft_request, next_revision
from services.review.people.rules import Person

DECISIONS = UUID("0a6f7a3e-58f1-5a55-8a1c-2f3a3f4f7a01")

RECALLABLE = frozenset({State.APPROVED, State.DRAFTING, State.CLOSED})
"""Where a decision may be the last thing that was done: an approval, a rejection, a closing."""


def approved(
    case: Case,
    action: Approve,
    person: Person,
    now: datetime,
    undo: timedelta,
    senders: Collection[str],
    files: Sequence[ReplyAttachment] = (),
) -> Applied:
    """Approves the reply, as drafted or as edited, with the files that go with it."""
    if not case.decidable:
        must_be(case, frozenset({State.AWAITING_APPROVAL}), Word("approve"))
    if not case.draft or not case.request or action.draft_id != case.draft.draft_id:
        raise StaleVersion("draft_id: a newer draft is there; look at it first", field="draft_id")
    claims.must_be_agreed(case, person, although_claimed=action.although_claimed)
    drafted_subject, drafted_body = case.with_details(case.draft)
    subject = invisible_characters.one_line(case.as_sent(action.subject, case.draft.subject, drafted_subject))
    body = invisible_characters.letter(case.as_sent(action.body, case.draft.body, drafted_body))
    confirmed = recipient.must_be_confirmed(case.address, senders, confirmed=action.confirm_recipient)
    reply_text.check(subject, body, case.typed_placeholders)
    shown = _must_be_what_was_shown(case, action, subject, body)
    both = (("subject", subject, drafted_subject), ("body", body, drafted_body))
    kinds = [name for name, text, drafted in both if reply_text.differs(text, drafted)]
    decision = new_decision(case, "edited" if kinds else "approved", person, now).model_copy(
        update={
            "draft_id": case.draft.draft_id,
            "language": case.draft.language,
            "send_after": now + undo,
            "subject": subject,
            "body": body,
            "recipient": case.recipient,
            "attachments": list(files),
            "answers_mail": message_ids.message_id(case.request.message_id),
            "references": message_ids.thread(case.request.references or []),
            "edit_kinds": kinds,
            "edit_distance": reply_text.edit_distance(drafted_body, body),
        }
    )
    after = changed(case, now, state=State.APPROVED, decision=decision, assignee=case.assignee or person.email)
    detail: dict[str, object] = {
        "decision_id": str(decision.decision_id),
        "draft_id": str(action.draft_id),
        "decision": decision.decision,
        "edited": kinds,
    }
    attached: dict[str, object] = {"attachments": [{"name": file.name, "sha256": file.sha256} for file in files]} if files else {}
    proof = reply_text.proof(subject, body, case.address)
    return Applied(after, (leaving(decision),), detail | confirmed | shown | attached, proof=proof)


def _must_be_what_was_shown(case: Case, action: Approve, subject: str, body: str) -> dict[str, object]:
    """What the log says of the text that was shown. Raises StaleVersion where another one would be sent, or to somebody else."""
    proof = reply_text.proof(subject, body, case.address)
    if action.shown and action.shown != proof:
        raise StaleVersion("shown: the text or the recipient is another one than you saw; look again", field="shown")
    together: dict[str, object] = {"group": str(action.group)} if action.group else {}
    return ({"shown": proof} if action.shown else {}) | together


def leaving(decision: ReplyDecided, event: Event | None = None) -> Leaving:
    """The decision, or what else follows from it, as an event that leaves once the undo window of the decision is over."""
    return Leaving(event or decision, decision.send_after, str(decision.decision_id))


def new_decision(case: Case, kind: Decision, person: Person, now: datetime) -> ReplyDecided:
    """A decision of that kind, with an id that the same version of a case always gives."""
    return ReplyDecided(
        request_id=case.request_id,
        decision_id=_decision_id(case, case.version),
        agency=case.agency,
        channel=case.request.channel if case.request else None,
        decision=kind,
        decided_by=person.email,
        decided_at=now,
        in_reply_to=case.reopens,
    )


def _decision_id(case: Case, version: int) -> UUID:
    return uuid5(DECISIONS, f"{case.request_id}/{version}")


def recallable(case: Case) -> UUID | None:
    """The decision that brought the case where it stands, if one did. Whether it has left is the outbox's to say."""
    if case.state is State.APPROVED:
        return case.decision.decision_id if case.decision else None
    return _decision_id(case, case.version - 1) if case.state in RECALLABLE else None


def recalled(case: Case, now: datetime) -> Applied:
    """Takes back the approval, the rejection or the closing that was the last thing done to the case."""
    must_be(case, RECALLABLE, Word("undo a decision on"))
    decision_id = recallable(case)
    before = {"revision": case.draft.revision, "instructions": None} if case.state is State.DRAFTING and case.draft else {}
    restored = case.model_copy(update={**before, "joined_into": None})
    detail = {"decision_id": str(decision_id)} if decision_id else {}
    return Applied(changed(restored, now, state=state_of(restored)), detail=detail, takes_back=decision_id)


def rejected(case: Case, action: Reject, person: Person, now: datetime, undo: timedelta) -> Applied:
    """Rejects the draft, and asks for another one that minds the reason."""
    must_be(case, frozenset({State.AWAITING_APPROVAL}), Word("reject the draft of"))
    claims.must_be_agreed(case, person, although_claimed=action.although_claimed)
    reason = reason_of(action.reason)
    decision = new_decision(case, "rejected", person, now).model_copy(
        update={"draft_id": case.draft.draft_id if case.draft else None, "reason": reason, "send_after": now + undo}
    )
    after = changed(case, now, revision=next_revision(case), instructions=hidden(case, reason, "reason"), state=State.DRAFTING)
    return Applied(
        after,
        (leaving(decision), leaving(decision, draft_request(after))),
        {"decision_id": str(decision.decision_id), "reason": case.hidden(reason), "revision": after.revision},
    )


def closed(case: Case, action: Close, person: Person, now: datetime, undo: timedelta) -> Applied:
    """Closes the case without a reply. One whose reply had been decided on has no way back: it is closed at once."""
    must_be(case, CLOSABLE, Word("close"))
    claims.must_be_agreed(case, person, although_claimed=action.although_claimed)
    return closed_with(case, reason_of(action.reason), person, now, undo)


def closed_with(case: Case, reason: str, person: Person, now: datetime, undo: timedelta) -> Applied:
    """Closes the case for that reason; the decision leaves once it can't be undone any more."""
    send_after = now + undo if case.state in UNDECIDED else None
    decision = new_decision(case, "closed", person, now).model_copy(update={"reason": reason, "send_after": send_after})
    detail = {"decision_id": str(decision.decision_id), "reason": case.hidden(reason)}
    return Applied(changed(case, now, state=State.CLOSED), (leaving(decision) if send_after else Leaving(decision),), detail)
