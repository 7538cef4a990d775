"""What may happen to a case: functions of values. Time and people come in as arguments."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import get_args
from uuid import UUID, uuid5

from pydantic import BaseModel, ConfigDict

from schemas import characters
from schemas.drafts_proposed import DraftProposed
from schemas.drafts_requested import DraftRequested
from schemas.replies_decided import Decision, ReplyDecided
from schemas.replies_dispatched import DispatchOutcome, ReplyDispatched
from schemas.requests_received import RequestReceived
from schemas.requests_triaged import RequestTriaged
from schemas.triage_corrected import Change, TriageCorrected
from schemas.values import Event, Urgency
from services.domain import placeholders
from services.domain.basis import basis_of
from services.domain.requests import content_of
from services.domain.taxonomy import Taxonomy
from services.review.cases import reply
from services.review.cases.actions import (
    MAX_REASON,
    Action,
    Approve,
    Claim,
    Close,
    ConfirmDelivery,
    Correct,
    How,
    Recall,
    RecordDelivery,
    Redraft,
    Reject,
    Release,
    SendAgain,
    TakeOver,
)
from services.review.people.rules import Person, Role
from services.runtime.errors import Conflict, InvalidInput, NotAllowed, NotFound, Refused

DECISIONS = UUID("0a6f7a3e-58f1-5a55-8a1c-2f3a3f4f7a01")
CORRECTIONS = UUID("5e0f1a62-6a0e-5d3c-9a8f-3c1f8f2b6a02")
CLOCKS_DIFFER = timedelta(minutes=5)


class State(StrEnum):
    """Where a case stands."""

    RECEIVED = "received"
    NEEDS_TRIAGE = "needs_triage"
    DRAFTING = "drafting"
    AWAITING_APPROVAL = "awaiting_approval"
    APPROVED = "approved"
    SENT = "sent"
    BY_HAND = "by_hand"
    DELIVERY_FAILED = "delivery_failed"
    DELIVERY_UNCERTAIN = "delivery_uncertain"
    CLOSED = "closed"


UNDECIDED = frozenset({State.RECEIVED, State.NEEDS_TRIAGE, State.DRAFTING, State.AWAITING_APPROVAL})
UNDELIVERED = frozenset({State.DELIVERY_FAILED, State.DELIVERY_UNCERTAIN})
WAITS_FOR_SOMEBODY = UNDECIDED | UNDELIVERED | {State.BY_HAND}
"""The citizen has no answer, and none is on its way."""
CLOSABLE = WAITS_FOR_SOMEBODY
UNKNOWN_DANGER = 0.5  # of what was triaged before its certainty was told


class IdTaken(Refused):
    """The id is another agency's request."""

    title = "This request_id is taken"


class ContentDiffers(Refused):
    """The agency used this request id before, for something else."""

    title = "This request_id was used for another request"


class StaleVersion(Conflict):
    """Somebody, or an event, changed the case after the caller looked."""

    title = "The case has changed in the meantime"


class Case(BaseModel):
    """One request and all that is known of it. Its parts may come in any order; `state` follows from what is there."""

    model_config = ConfigDict(frozen=True)

    request_id: UUID
    state: State = State.RECEIVED
    version: int = 1
    created_at: datetime
    updated_at: datetime
    request: RequestReceived | None = None
    triage: RequestTriaged | None = None
    category: str | None = None
    department: str | None = None
    urgency: Urgency = Urgency.NORMAL
    sorted_by_person: bool = False
    revision: int = 1
    instructions: str | None = None
    draft: DraftProposed | None = None
    decision: ReplyDecided | None = None
    assignee: str | None = None
    due_at: datetime | None = None
    trace: dict[str, str] = {}

    @property
    def agency(self) -> str | None:
        """Whose citizen wrote."""
        known = self.request or self.triage
        return known.agency if known else None

    @property
    def unsorted(self) -> bool:
        """Whether nobody has said yet whose matter it is: the classifier was not sure enough."""
        return not self.triage or (self.triage.outcome == "needs_triage" and not self.sorted_by_person)

    @property
    def decidable(self) -> bool:
        """Whether there is a draft to decide on. What to say in an emergency does not wait until somebody has sorted it."""
        drafted = self.draft is not None and self.draft.revision == self.revision
        urgent = self.state is State.NEEDS_TRIAGE and self.urgency is Urgency.EMERGENCY
        return drafted and (self.state is State.AWAITING_APPROVAL or urgent)

    @property
    def address(self) -> str | None:
        """The e-mail address that a reply would go to."""
        return self.request.citizen.email if self.request and self.request.citizen else None

    @property
    def danger(self) -> float | None:
        """How sure it is that somebody is in danger, while that is for somebody to act on; a person who said so is sure."""
        if self.urgency is not Urgency.EMERGENCY or self.state not in WAITS_FOR_SOMEBODY:
            return None
        if not self.triage or self.triage.urgency is not Urgency.EMERGENCY:
            return 1.0
        return UNKNOWN_DANGER if self.triage.danger is None else self.triage.danger

    @property
    def title(self) -> str:
        """The subject, or the beginning of the message."""
        if not self.request:
            return "(not received yet)"
        return (self.request.subject or " ".join(self.request.body.split()))[:120] or "(no text)"

    @property
    def details(self) -> dict[str, str]:
        """What the placeholders stand for."""
        if not (self.request and self.triage):
            return {}
        name = characters.one_line(self.request.citizen.name or "") if self.request.citizen else None
        return placeholders.values(self.request.subject, self.request.body, self.triage.redacted, name)

    def hidden(self, text: str) -> str:
        """What a person writes to the model, without the citizen's details: they read the letter with them."""
        if not self.request:
            return placeholders.hide(text, self.details, None)
        place = self.request.location.address if self.request.location else None
        return placeholders.hide(text, self.details, self.request.citizen, [place] if place else [])

    def with_details(self, draft: DraftProposed) -> tuple[str, str]:
        """The draft's subject and body as the citizen would read them."""
        subject, body = placeholders.restore(draft.subject, self.details), placeholders.restore(draft.body, self.details)
        return reply.shortened(subject), characters.letter(body)

    @property
    def typed_placeholders(self) -> frozenset[str]:
        """What the citizen typed that looks like a placeholder: their own words, which stand for nothing."""
        if not self.request:
            return frozenset()
        name = self.request.citizen.name if self.request.citizen else None
        return frozenset(placeholders.PLACEHOLDER.findall(f"{self.request.subject or ''}\n{self.request.body}\n{name or ''}"))

    def as_sent(self, written: str | None, draft: str, shown: str) -> str:
        """A person's text with the details in it: the draft where it is left as it is, else what was written."""
        if written is None or written == draft or characters.letter(written) == shown:
            return shown
        own = self.typed_placeholders
        return placeholders.restore(written, {name: value for name, value in self.details.items() if name not in own}, keep=own)


# What events bring. Each may come twice, and in any order.


def with_request(case: Case, request: RequestReceived, now: datetime) -> Case:
    """The first one makes the case; the same content is the same request. Raises IdTaken or ContentDiffers."""
    if case.request:
        _must_be_the_same(case.request, request)
        return case
    if case.triage and not _fits(request, case.triage):
        # Another request of this id was sorted before: nothing of it belongs to this one.
        empty = Case(request_id=case.request_id, created_at=case.created_at, updated_at=now, version=case.version)
        return _settled(empty, now, request=request, trace=case.trace)
    return _settled(case, now, request=request)


def _must_be_the_same(first: RequestReceived, request: RequestReceived) -> None:
    if content_of(first) == content_of(request):
        return
    advice = "send this one with a new id, or `parvis dead-letters replay ID --new-id`"
    if first.agency != request.agency:
        raise IdTaken(f"request_id: conflict, it is another request's already; {advice}", field="request_id")
    raise ContentDiffers(f"request_id: conflict, it came with other content before; {advice}", field="request_id")


def _fits(request: RequestReceived, triage: RequestTriaged) -> bool:
    return request.agency == triage.agency and placeholders.fits(request.subject, request.body, triage.redacted)


def with_triage(case: Case, triage: RequestTriaged, taxonomy: Taxonomy, now: datetime) -> Case:
    """What the classifier said of this request; a person's correction stands above it."""
    if case.triage or (case.request and not _fits(case.request, triage)):
        return case
    due = taxonomy.due(triage.category, triage.urgency, triage.received_at)
    draft = case.draft if case.draft and case.draft.basis in ("", basis_of(triage)) else None
    return _settled(
        case, now, triage=triage, draft=draft, category=triage.category, department=triage.department, urgency=triage.urgency, due_at=due
    )


def answers(case: Case, draft: DraftProposed) -> bool:
    """Whether the draft is one for this request, and not for another of the same id."""
    return case.triage is None or draft.basis in ("", basis_of(case.triage))


def with_draft(case: Case, draft: DraftProposed, now: datetime) -> Case:
    """The draft that was asked for; one of an earlier revision comes too late to be shown as the current one."""
    if not answers(case, draft) or draft.revision != case.revision or (case.draft and case.draft.revision == draft.revision):
        return case
    return _settled(case, now, draft=draft)


def with_dispatch(case: Case, dispatched: ReplyDispatched, now: datetime) -> Case:
    """What became of the reply that was decided last."""
    if not case.decision or dispatched.decision_id != case.decision.decision_id or case.state not in AFTER_DECISION:
        return case
    state = STATE_AFTER[dispatched.outcome]
    # Told twice, or a doubt told after what is certain: nothing new.
    if state is case.state or (state is State.DELIVERY_UNCERTAIN and case.state in (State.DELIVERY_FAILED, State.BY_HAND)):
        return case
    return case.model_copy(update={"state": state, "version": case.version + 1, "updated_at": now})


AFTER_DECISION = frozenset({State.APPROVED, State.BY_HAND}) | UNDELIVERED
STATE_AFTER: dict[DispatchOutcome, State] = {
    "delivered": State.SENT,
    "manual": State.BY_HAND,
    "failed": State.DELIVERY_FAILED,
    "uncertain": State.DELIVERY_UNCERTAIN,
}


def _settled(case: Case, now: datetime, **facts: object) -> Case:
    changed = case.model_copy(update={**facts, "version": case.version + 1, "updated_at": now})
    return changed.model_copy(update={"state": _state(changed)}) if changed.state in UNDECIDED else changed


def _state(case: Case) -> State:
    """Where an undecided case stands, from what is known of it."""
    if not (case.request and case.triage):
        return State.RECEIVED
    if case.unsorted:
        return State.NEEDS_TRIAGE
    if case.draft and case.draft.revision == case.revision:
        return State.AWAITING_APPROVAL
    return State.DRAFTING


@dataclass(frozen=True)
class Leaving:
    """An event that leaves with the change; `reference` finds it again while it waits."""

    event: Event
    send_after: datetime | None = None
    reference: str = ""


@dataclass(frozen=True)
class Applied:
    """The case after an action, the events that leave with it, and what the log says of it."""

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
    """Whether the case is this person's to see. The queries say the same in `store.in_scope`."""
    unsorted = case.unsorted and case.state is not State.CLOSED
    return person.scope.has_agency(case.agency) and person.scope.has_department(None if unsorted else case.department)


def apply(case: Case, action: Action, person: Person, now: datetime, taxonomy: Taxonomy, undo: timedelta) -> Applied:  # noqa: C901, PLR0911 - one line an action
    """Does it, or raises an error that says why not."""
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
            return _approved(case, action, person, now, undo)
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
        case SendAgain():
            return _sent_again(case, person, now)


def _must_be(case: Case, states: frozenset[State], doing: str) -> None:
    if case.state not in states:
        allowed = ", ".join(sorted(states))
        raise Conflict(f"can't {doing} a case that is {case.state}: it must be {allowed}")


def _changed(case: Case, now: datetime, **facts: object) -> Case:
    return case.model_copy(update={**facts, "version": case.version + 1, "updated_at": now})


def _reason(text: str, field_name: str = "reason") -> str:
    cleaned = characters.letter(text).strip()
    if characters.is_blank(cleaned):
        raise InvalidInput(f"{field_name}: say why, in a few words", field=field_name)
    if len(cleaned) > MAX_REASON:
        raise InvalidInput(f"{field_name}: at most {MAX_REASON} characters, this has {len(cleaned)}", field=field_name)
    return cleaned


def _hidden(case: Case, text: str, field_name: str) -> str:
    """For the model; placeholders may be longer than what they stand for."""
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
    pairs = (
        ("category", case.category or "", category),
        ("department", case.department or "", department),
        ("urgency", case.urgency.value, urgency.value),
    )
    changes = [Change(field=name, before=before, after=after) for name, before, after in pairs if before != after]
    # What was promised to the citizen is counted from their message, also where it turns out to have been more urgent than that.
    due = taxonomy.due(category, urgency, case.request.received_at) if case.request and changes else case.due_at
    # A reply to an emergency is another reply: it leads with what to do now, and nothing else may stand in one.
    raised_or_lowered = (urgency is Urgency.EMERGENCY) != (case.urgency is Urgency.EMERGENCY)
    redraft = moved or raised_or_lowered or case.state is State.NEEDS_TRIAGE
    after = _changed(
        case,
        now,
        category=category,
        department=department,
        urgency=urgency,
        sorted_by_person=True,
        due_at=due,
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


def _next_revision(case: Case) -> int:
    # Revision 1 is the one that triage itself leads to: a case nobody could sort has none yet.
    return case.revision + 1


def draft_request(case: Case) -> DraftRequested:
    """Asks for the case's current revision, with the triage as people have corrected it."""
    if not case.triage or not case.category or not case.department:
        raise Conflict("the case is not sorted yet: wait for triage")
    triaged = case.triage.model_copy(
        update={"category": case.category, "department": case.department, "urgency": case.urgency, "outcome": "routed"}
    )
    return DraftRequested(request_id=case.request_id, revision=case.revision, instructions=case.instructions, triaged=triaged)


def _redrafted(case: Case, instructions: str | None, now: datetime) -> Applied:
    _must_be(case, frozenset({State.AWAITING_APPROVAL, State.DRAFTING}), "ask for another draft of")
    wanted = _hidden(case, _reason(instructions, "instructions"), "instructions") if instructions and instructions.strip() else None
    after = _changed(case, now, revision=_next_revision(case), instructions=wanted, state=State.DRAFTING)
    return Applied(after, (Leaving(draft_request(after)),), {"revision": after.revision, "instructions": wanted or ""})


def _approved(case: Case, action: Approve, person: Person, now: datetime, undo: timedelta) -> Applied:
    if not case.decidable:
        _must_be(case, frozenset({State.AWAITING_APPROVAL}), "approve")
    if not case.draft or not case.request or action.draft_id != case.draft.draft_id:
        raise StaleVersion("draft_id: a newer draft is there; look at it first", field="draft_id")
    drafted_subject, drafted_body = case.with_details(case.draft)
    subject = characters.one_line(case.as_sent(action.subject, case.draft.subject, drafted_subject))
    body = characters.letter(case.as_sent(action.body, case.draft.body, drafted_body))
    reply.check(subject, body, case.typed_placeholders)
    kinds = [name for name, one, other in (("subject", subject, drafted_subject), ("body", body, drafted_body)) if one != other]
    decision = _decision(case, "edited" if kinds else "approved", person, now).model_copy(
        update={
            "draft_id": case.draft.draft_id,
            "language": case.draft.language,
            "send_after": now + undo,
            "subject": subject,
            "body": body,
            "recipient": case.request.citizen,
            "edit_kinds": kinds,
            "edit_distance": reply.edit_distance(drafted_body, body),
        }
    )
    after = _changed(case, now, state=State.APPROVED, decision=decision, assignee=case.assignee or person.email)
    detail = {"decision_id": str(decision.decision_id), "draft_id": str(action.draft_id), "decision": decision.decision, "edited": kinds}
    return Applied(after, (_leaving(decision),), detail)


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
        _changed(case, now, state=_state(case)),
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
    told = ReplyDispatched(
        request_id=case.request_id,
        decision_id=case.decision.decision_id,
        agency=case.agency,
        outcome="delivered",
        channel="none",
        attempts=0,
        detail="a person found out that it arrived",
        dispatched_at=now,
    )
    return Applied(_changed(case, now, state=State.SENT), (Leaving(told),), {"decision_id": str(case.decision.decision_id)})


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
    told = ReplyDispatched(
        request_id=case.request_id,
        decision_id=case.decision.decision_id,
        outcome="delivered",
        channel="none",
        attempts=0,
        detail=f"given by a person: {action.how.replace('_', ' ')}",
        dispatched_at=given_at,
    )
    detail: dict[str, object] = {"decision_id": str(case.decision.decision_id), "how": action.how, "given_at": given_at.isoformat()}
    if note:
        detail["note"] = _hidden(case, _reason(note, "note"), "note")
    return Applied(_changed(case, now, state=State.SENT), (Leaving(told),), detail)


def _sent_again(case: Case, person: Person, now: datetime) -> Applied:
    _must_be(case, UNDELIVERED | {State.BY_HAND}, "send again the reply of")
    if not case.decision:
        raise Conflict("there is no decided reply to send again")
    fresh = _decision(case, case.decision.decision, person, now)
    decision = case.decision.model_copy(
        update={"decision_id": fresh.decision_id, "decided_by": person.email, "decided_at": now, "send_after": now}
    )
    after = _changed(case, now, state=State.APPROVED, decision=decision)
    return Applied(after, (_leaving(decision),), {"decision_id": str(decision.decision_id), "instead_of": str(case.decision.decision_id)})
