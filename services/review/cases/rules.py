"""Applies a person's action to a case: the new case and the events to publish, or the reason against it. Pure; time is an argument."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import get_args
from uuid import UUID, uuid5

from schemas import invisible_characters
from schemas.drafts_requested import DraftRequested
from schemas.replies_decided import Decision, ReplyDecided
from schemas.replies_dispatched import ReplyDispatched
from schemas.requests_triaged import LetterKind, RequestTriaged
from schemas.triage_corrected import Change, TriageCorrected
from schemas.values import Event, Urgency
from services.domain.taxonomy import Taxonomy
from services.review.cases import recipient, reply_text
from services.review.cases.actions import (
    MAX_REASON,
    Action,
    Approve,
    Claim,
    Close,
    ConfirmDelivery,
    Correct,
    CorrectRecipient,
    How,
    Recall,
    RecordDelivery,
    Redraft,
    Reject,
    Release,
    SendAgain,
    TakeOver,
)
from services.review.cases.case_state import (
    CLOCKS_DIFFER,
    CLOSABLE,
    UNDECIDED,
    UNDELIVERED,
    WAITS_FOR_SOMEBODY,
    Case,
    StaleVersion,
    State,
    state_of,
)
from services.review.people.rules import Person, Role
from services.runtime.errors import Conflict, InvalidInput, NotAllowed, NotFound

DECISIONS = UUID("0a6f7a3e-58f1-5a55-8a1c-2f3a3f4f7a01")
CORRECTIONS = UUID("5e0f1a62-6a0e-5d3c-9a8f-3c1f8f2b6a02")


@dataclass(frozen=True)
class Leaving:
    """An event to publish with the change; `reference` finds it while it waits in the outbox."""

    event: Event
    send_after: datetime | None = None
    reference: str = ""


@dataclass(frozen=True)
class Applied:
    """The case after an action, the events to publish, and the audit detail."""

    case: Case
    events: tuple[Leaving, ...] = ()
    detail: Mapping[str, object] = field(default_factory=dict)


def visible(case: Case, person: Person) -> Case:
    """The case, where it is this person's to see. Raises NotAllowed; NotFound where even whose it is is not theirs to know."""
    if not person.scope.has_agency(case.agency):
        raise NotFound(f"there is no request {case.request_id}")
    if not in_scope(case, person):
        raise NotAllowed(f"the case belongs to {case.department}: ask a supervisor, or someone there")
    return case


def in_scope(case: Case, person: Person) -> bool:
    """Whether the case is this person's to see. The queries say the same in `listing.in_scope`."""
    return person.scope.has_agency(case.agency) and person.scope.has_department(None if case.everybodys else case.department)


def apply(  # noqa: C901, PLR0911 - one line an action
    case: Case, action: Action, person: Person, now: datetime, taxonomy: Taxonomy, undo: timedelta, senders: Collection[str] = ()
) -> Applied:
    """Applies the action, or raises an error that says why not. `senders` are the addresses that replies are sent from."""
    visible(case, person)
    match action:
        case Claim() | TakeOver():
            return _claimed(case, person, now, take_over=isinstance(action, TakeOver))
        case Release():
            return _released(case, person, now)
        case Correct():
            return _corrected(case, action, person, now, taxonomy)
        case Redraft():
            return _redrafted(case, action.instructions, now)
        case Approve():
            return _approved(case, action, person, now, undo, senders)
        case Recall():
            return _recalled(case, now)
        case Reject():
            return _rejected(case, action, person, now)
        case Close():
            return _closed(case, action, person, now)
        case ConfirmDelivery():
            return _confirmed(case, now)
        case RecordDelivery():
            return _recorded(case, action, now)
        case CorrectRecipient():
            return _recipient_corrected(case, action, now)
        case SendAgain():
            return _sent_again(case, action, person, now, senders)


def _must_be(case: Case, states: frozenset[State], doing: str) -> None:
    if case.state not in states:
        allowed = ", ".join(sorted(states))
        raise Conflict(f"can't {doing} a case that is {case.state}: it must be {allowed}")


def _changed(case: Case, now: datetime, **facts: object) -> Case:
    return case.model_copy(update={**facts, "version": case.version + 1, "updated_at": now})


def _reason(text: str, field_name: str = "reason") -> str:
    cleaned = invisible_characters.letter(text).strip()
    if invisible_characters.is_blank(cleaned):
        raise InvalidInput(f"{field_name}: say why, in a few words", field=field_name)
    if len(cleaned) > MAX_REASON:
        raise InvalidInput(f"{field_name}: at most {MAX_REASON} characters, this has {len(cleaned)}", field=field_name)
    return cleaned


def _hidden(case: Case, text: str, field_name: str) -> str:
    """Redacts a text, which may become too long by its placeholders. Raises InvalidInput."""
    hidden = case.hidden(text)
    if len(hidden) > MAX_REASON:
        raise InvalidInput(f"{field_name}: too long once the citizen's details are replaced; shorten it", field=field_name)
    return hidden


def _claimed(case: Case, person: Person, now: datetime, *, take_over: bool) -> Applied:
    if case.assignee and case.assignee != person.email and not take_over:
        raise Conflict(f"{case.assignee} works on it: take it over if that is agreed")
    return Applied(_changed(case, now, assignee=person.email), detail={"from": case.assignee} if case.assignee else {})


def _released(case: Case, person: Person, now: datetime) -> Applied:
    if case.assignee not in (None, person.email) and person.role is not Role.SUPERVISOR:
        raise Conflict(f"{case.assignee} works on it: only they or a supervisor can release it")
    return Applied(_changed(case, now, assignee=None))


def _corrected(case: Case, action: Correct, person: Person, now: datetime, taxonomy: Taxonomy) -> Applied:
    _must_be(case, UNDECIDED - {State.RECEIVED}, "correct the triage of")
    category = action.category or case.category or ""
    if category not in taxonomy.categories:
        raise InvalidInput(f"category: there is no {category!r}; use one of {', '.join(taxonomy.names)}", field="category")
    moved = category != case.category
    department = action.department or (taxonomy.department_of(category) if moved else case.department or "")
    if department not in taxonomy.departments:
        raise InvalidInput(f"department: there is no {department!r}; use one of {', '.join(taxonomy.departments)}", field="department")
    urgency = action.urgency or case.urgency
    letter = case.triage.letter if case.triage else None
    sure = case.triage is not None and case.triage.letter_sure
    called_so = action.letter is not None and (action.letter != letter or not sure)
    before = letter if sure else None
    pairs = (
        ("category", case.category or "", category),
        ("department", case.department or "", department),
        ("urgency", case.urgency.value, urgency.value),
        ("letter", before or "not sure", (action.letter if called_so else before) or "not sure"),
    )
    changes = [Change(field=name, before=old, after=new) for name, old, new in pairs if old != new]
    # What was promised to the citizen is counted from their message, also where it turns out to have been more urgent than that.
    due = taxonomy.due(category, urgency, case.request.received_at) if case.request and changes else case.due_at
    # A reply to an emergency is another reply: it leads with what to do now, and nothing else may stand in one.
    raised_or_lowered = (urgency is Urgency.EMERGENCY) != (case.urgency is Urgency.EMERGENCY)
    redraft = moved or called_so or raised_or_lowered or case.state is State.NEEDS_TRIAGE
    after = _changed(
        case,
        now,
        category=category,
        department=department,
        urgency=urgency,
        sorted_by_person=True,
        due_at=due,
        triage=_called(case.triage, action.letter) if case.triage and action.letter and called_so else case.triage,
    )
    events: list[Leaving] = []
    if changes:
        event = TriageCorrected(
            request_id=case.request_id,
            correction_id=uuid5(CORRECTIONS, f"{case.request_id}/{case.version}"),
            corrected_by=person.email,
            corrected_at=now,
            changes=changes,
        )
        events.append(Leaving(event))
    if redraft:
        after = after.model_copy(update={"revision": _next_revision(case), "instructions": None, "state": State.DRAFTING})
        events.append(Leaving(draft_request(after)))
    return Applied(after, tuple(events), {c.field: [c.before, c.after] for c in changes})


def _called(triage: RequestTriaged, letter: LetterKind) -> RequestTriaged:
    """The triage with the kind of letter that a person says it is."""
    return triage.model_copy(update={"letter": letter, "letter_confidence": 1.0, "letter_sure": True})


def _next_revision(case: Case) -> int:
    # Revision 1 is the one that triage itself leads to: a case nobody could sort has none yet.
    return case.revision + 1


def draft_request(case: Case) -> DraftRequested:
    """Asks for the case's current revision, with the triage as people have corrected it."""
    if not case.triage or not case.category or not case.department:
        raise Conflict("the case is not sorted yet: wait for triage")
    triaged = case.triage.model_copy(
        update={"category": case.category, "department": case.department, "urgency": case.urgency, "outcome": "routed"}
        # What a person says is the matter may be named as such.
        | ({"confidence": 1.0} if case.sorted_by_person else {})
    )
    return DraftRequested(
        request_id=case.request_id,
        revision=case.revision,
        instructions=case.instructions,
        former=case.former_draft if case.instructions else None,
        triaged=triaged,
    )


def _redrafted(case: Case, instructions: str | None, now: datetime) -> Applied:
    _must_be(case, frozenset({State.AWAITING_APPROVAL, State.DRAFTING}), "ask for another draft of")
    wanted = _hidden(case, _reason(instructions, "instructions"), "instructions") if instructions and instructions.strip() else None
    after = _changed(case, now, revision=_next_revision(case), instructions=wanted, state=State.DRAFTING)
    return Applied(after, (Leaving(draft_request(after)),), {"revision": after.revision, "instructions": wanted or ""})


def _approved(case: Case, action: Approve, person: Person, now: datetime, undo: timedelta, senders: Collection[str]) -> Applied:
    if not case.decidable:
        _must_be(case, frozenset({State.AWAITING_APPROVAL}), "approve")
    if not case.draft or not case.request or action.draft_id != case.draft.draft_id:
        raise StaleVersion("draft_id: a newer draft is there; look at it first", field="draft_id")
    drafted_subject, drafted_body = case.with_details(case.draft)
    subject = invisible_characters.one_line(case.as_sent(action.subject, case.draft.subject, drafted_subject))
    body = invisible_characters.letter(case.as_sent(action.body, case.draft.body, drafted_body))
    confirmed = recipient.must_be_confirmed(case.address, senders, confirmed=action.confirm_recipient)
    reply_text.check(subject, body, case.typed_placeholders)
    kinds = [name for name, text, drafted in (("subject", subject, drafted_subject), ("body", body, drafted_body)) if text != drafted]
    decision = _decision(case, "edited" if kinds else "approved", person, now).model_copy(
        update={
            "draft_id": case.draft.draft_id,
            "language": case.draft.language,
            "send_after": now + undo,
            "subject": subject,
            "body": body,
            "recipient": case.recipient,
            "edit_kinds": kinds,
            "edit_distance": reply_text.edit_distance(drafted_body, body),
        }
    )
    after = _changed(case, now, state=State.APPROVED, decision=decision, assignee=case.assignee or person.email)
    detail: dict[str, object] = {
        "decision_id": str(decision.decision_id),
        "draft_id": str(action.draft_id),
        "decision": decision.decision,
        "edited": kinds,
    }
    return Applied(after, (_leaving(decision),), detail | confirmed)


def _leaving(decision: ReplyDecided) -> Leaving:
    return Leaving(decision, decision.send_after, str(decision.decision_id))


def _decision(case: Case, kind: Decision, person: Person, now: datetime) -> ReplyDecided:
    return ReplyDecided(
        request_id=case.request_id,
        decision_id=uuid5(DECISIONS, f"{case.request_id}/{case.version}"),
        agency=case.agency,
        channel=case.request.channel if case.request else None,
        decision=kind,
        decided_by=person.email,
        decided_at=now,
    )


def _recalled(case: Case, now: datetime) -> Applied:
    _must_be(case, frozenset({State.APPROVED}), "recall the approval of")
    # Whether it is too late is the outbox's to say: the row is gone, or it can be taken back.
    return Applied(
        _changed(case, now, state=state_of(case)),
        detail={"decision_id": str(case.decision.decision_id)} if case.decision else {},
    )


def _rejected(case: Case, action: Reject, person: Person, now: datetime) -> Applied:
    _must_be(case, frozenset({State.AWAITING_APPROVAL}), "reject the draft of")
    reason = _reason(action.reason)
    decision = _decision(case, "rejected", person, now).model_copy(
        update={"draft_id": case.draft.draft_id if case.draft else None, "reason": reason}
    )
    after = _changed(case, now, revision=_next_revision(case), instructions=_hidden(case, reason, "reason"), state=State.DRAFTING)
    return Applied(
        after,
        (Leaving(decision), Leaving(draft_request(after))),
        {"decision_id": str(decision.decision_id), "reason": case.hidden(reason), "revision": after.revision},
    )


def _closed(case: Case, action: Close, person: Person, now: datetime) -> Applied:
    _must_be(case, CLOSABLE, "close")
    reason = _reason(action.reason)
    decision = _decision(case, "closed", person, now).model_copy(update={"reason": reason})
    detail = {"decision_id": str(decision.decision_id), "reason": case.hidden(reason)}
    return Applied(_changed(case, now, state=State.CLOSED), (Leaving(decision),), detail)


def _confirmed(case: Case, now: datetime) -> Applied:
    _must_be(case, UNDELIVERED, "confirm the delivery of")
    if not case.decision:
        raise Conflict("there is no decided reply to confirm")
    delivered = _delivered_by_a_person(case, case.decision, "a person found out that it arrived", now)
    return Applied(_changed(case, now, state=State.SENT), (Leaving(delivered),), {"decision_id": str(case.decision.decision_id)})


def _delivered_by_a_person(case: Case, decision: ReplyDecided, detail: str, at: datetime) -> ReplyDispatched:
    """The `replies.dispatched` event of a reply that a person delivered, with its agency, since two may have used one request id."""
    return ReplyDispatched(
        request_id=case.request_id,
        decision_id=decision.decision_id,
        agency=case.agency,
        outcome="delivered",
        channel="none",
        attempts=0,
        detail=detail,
        dispatched_at=at,
    )


def _recorded(case: Case, action: RecordDelivery, now: datetime) -> Applied:
    _must_be(case, frozenset({State.BY_HAND}), "record how the reply was given of")
    if not case.decision:
        raise Conflict("there is no decided reply that was given")
    if action.how not in get_args(How):
        raise InvalidInput(f"how: there is no {action.how!r}; use one of {', '.join(get_args(How))}", field="how")
    given_at = action.given_at or now
    if given_at > now + CLOCKS_DIFFER:
        raise InvalidInput(f"given_at: {given_at.isoformat()} is still to come; record it once it is done", field="given_at")
    if given_at < case.decision.decided_at - CLOCKS_DIFFER:
        raise InvalidInput("given_at: that was before this reply was decided; give the moment when the citizen had it", field="given_at")
    note = action.note.strip()
    if action.how == "other" and not note:
        raise InvalidInput("note: say in a few words how the citizen got it", field="note")
    delivered = _delivered_by_a_person(case, case.decision, f"given by a person: {action.how.replace('_', ' ')}", given_at)
    detail: dict[str, object] = {"decision_id": str(case.decision.decision_id), "how": action.how, "given_at": given_at.isoformat()}
    if note:
        detail["note"] = _hidden(case, _reason(note, "note"), "note")
    return Applied(_changed(case, now, state=State.SENT), (Leaving(delivered),), detail)


def _recipient_corrected(case: Case, action: CorrectRecipient, now: datetime) -> Applied:
    _must_be(case, WAITS_FOR_SOMEBODY - {State.RECEIVED}, "correct the recipient of")
    email = action.email.strip()
    if email == (case.address or ""):
        raise InvalidInput("email: replies go there already; give another address, or none", field="email")
    recipient.must_be_usable(email)
    return Applied(_changed(case, now, corrected_email=email), detail={"recipient": _redirection(case.address, email)})


def _redirection(before: str | None, after: str) -> list[str]:
    """The audit detail of a correction, without addresses: the log is kept for ever. The case and its decisions hold them."""
    return ["an address" if before else "no address", ("another address" if before else "an address") if after else "no address"]


def _sent_again(case: Case, action: SendAgain, person: Person, now: datetime, senders: Collection[str]) -> Applied:
    _must_be(case, UNDELIVERED | {State.BY_HAND}, "send again the reply of")
    if not case.decision:
        raise Conflict("there is no decided reply to send again")
    confirmed = recipient.must_be_confirmed(case.address, senders, confirmed=action.confirm_recipient)
    fresh = _decision(case, case.decision.decision, person, now)
    decision = case.decision.model_copy(
        update={
            "decision_id": fresh.decision_id,
            "decided_by": person.email,
            "decided_at": now,
            "send_after": now,
            "recipient": case.recipient,
        }
    )
    after = _changed(case, now, state=State.APPROVED, decision=decision)
    detail = {"decision_id": str(decision.decision_id), "instead_of": str(case.decision.decision_id)}
    return Applied(after, (_leaving(decision),), detail | confirmed)
