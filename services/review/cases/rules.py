"""What may happen to a case: functions of values. Time and people come in as arguments."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID, uuid5

from pydantic import BaseModel, ConfigDict

from schemas.drafts_proposed import DraftProposed
from schemas.drafts_requested import DraftRequested
from schemas.replies_decided import Decision, ReplyDecided
from schemas.replies_dispatched import DispatchOutcome, ReplyDispatched
from schemas.requests_received import RequestReceived
from schemas.requests_triaged import RequestTriaged
from schemas.triage_corrected import Change, TriageCorrected
from schemas.values import Event, Urgency
from services.domain import placeholders
from services.domain.taxonomy import Taxonomy
from services.review.cases import reply
from services.review.people.rules import Person, Role
from services.runtime.errors import Conflict, InvalidInput, NotAllowed, NotFound

DECISIONS = UUID("0a6f7a3e-58f1-5a55-8a1c-2f3a3f4f7a01")
CORRECTIONS = UUID("5e0f1a62-6a0e-5d3c-9a8f-3c1f8f2b6a02")

MAX_REASON = 2_000


class State(StrEnum):
    """Where a case stands."""

    RECEIVED = "received"
    NEEDS_TRIAGE = "needs_triage"
    DRAFTING = "drafting"
    AWAITING_APPROVAL = "awaiting_approval"
    APPROVED = "approved"
    SENT = "sent"
    DELIVERY_FAILED = "delivery_failed"
    DELIVERY_UNCERTAIN = "delivery_uncertain"
    CLOSED = "closed"


UNDECIDED = frozenset({State.RECEIVED, State.NEEDS_TRIAGE, State.DRAFTING, State.AWAITING_APPROVAL})
UNDELIVERED = frozenset({State.DELIVERY_FAILED, State.DELIVERY_UNCERTAIN})
CLOSABLE = UNDECIDED | UNDELIVERED


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
        name = self.request.citizen.name if self.request.citizen else None
        return placeholders.values(self.request.subject, self.request.body, self.triage.redacted, name)

    def hidden(self, text: str) -> str:
        """What a person writes to the model, without the citizen's details: they read the letter with them."""
        if not self.request:
            return placeholders.hide(text, self.details, None)
        place = self.request.location.address if self.request.location else None
        return placeholders.hide(text, self.details, self.request.citizen, [place] if place else [])

    def with_details(self, draft: DraftProposed) -> tuple[str, str]:
        """The draft's subject and body as the citizen would read them."""
        return placeholders.restore(draft.subject, self.details), placeholders.restore(draft.body, self.details)


# What events bring. Each may come twice, and in any order.


def with_request(case: Case, request: RequestReceived, now: datetime) -> Case:
    """The first one counts: the same id is the same request."""
    return case if case.request else _settled(case, now, request=request)


def with_triage(case: Case, triage: RequestTriaged, taxonomy: Taxonomy, now: datetime) -> Case:
    """What the classifier said; a person's correction stands above it."""
    if case.triage:
        return case
    due = taxonomy.due(triage.category, triage.received_at)
    return _settled(case, now, triage=triage, category=triage.category, department=triage.department, urgency=triage.urgency, due_at=due)


def with_draft(case: Case, draft: DraftProposed, now: datetime) -> Case:
    """The draft that was asked for; one of an earlier revision comes too late to be shown as the current one."""
    if draft.revision != case.revision or (case.draft and case.draft.revision == draft.revision):
        return case
    return _settled(case, now, draft=draft)


def with_dispatch(case: Case, dispatched: ReplyDispatched, now: datetime) -> Case:
    """What became of the reply that was decided last."""
    if not case.decision or dispatched.decision_id != case.decision.decision_id or case.state not in {State.APPROVED, *UNDELIVERED}:
        return case
    state = STATE_AFTER[dispatched.outcome]
    # Told twice, or a doubt told after what is certain: nothing new.
    if state is case.state or (state is State.DELIVERY_UNCERTAIN and case.state is State.DELIVERY_FAILED):
        return case
    return case.model_copy(update={"state": state, "version": case.version + 1, "updated_at": now})


STATE_AFTER: dict[DispatchOutcome, State] = {
    "delivered": State.SENT,
    "manual": State.SENT,
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
    if case.triage.outcome == "needs_triage" and not case.sorted_by_person:
        return State.NEEDS_TRIAGE
    if case.draft and case.draft.revision == case.revision:
        return State.AWAITING_APPROVAL
    return State.DRAFTING


# What people do.


@dataclass(frozen=True)
class Claim:
    """I work on it."""


@dataclass(frozen=True)
class Release:
    """I do not, after all."""


@dataclass(frozen=True)
class TakeOver:
    """I work on what somebody else had claimed."""


@dataclass(frozen=True)
class Correct:
    """Triage saw it wrongly."""

    category: str | None = None
    department: str | None = None
    urgency: Urgency | None = None


@dataclass(frozen=True)
class Redraft:
    """Write another draft, and mind this."""

    instructions: str | None = None


@dataclass(frozen=True)
class Approve:
    """Send it: as drafted, or as edited."""

    draft_id: UUID
    subject: str | None = None
    body: str | None = None


@dataclass(frozen=True)
class Recall:
    """Do not send it yet."""


@dataclass(frozen=True)
class Reject:
    """Not this draft, and why."""

    reason: str


@dataclass(frozen=True)
class Close:
    """No reply will be sent, and why."""

    reason: str


@dataclass(frozen=True)
class ConfirmDelivery:
    """I found out: the citizen has it."""


@dataclass(frozen=True)
class SendAgain:
    """It did not arrive: send the same reply once more."""


Action = Claim | Release | TakeOver | Correct | Redraft | Approve | Recall | Reject | Close | ConfirmDelivery | SendAgain


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
    unsorted = case.state in (State.RECEIVED, State.NEEDS_TRIAGE)
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
        case SendAgain():
            return _sent_again(case, person, now)


def _must_be(case: Case, states: frozenset[State], doing: str) -> None:
    if case.state not in states:
        allowed = ", ".join(sorted(states))
        raise Conflict(f"can't {doing} a case that is {case.state}: it must be {allowed}")


def _changed(case: Case, now: datetime, **facts: object) -> Case:
    return case.model_copy(update={**facts, "version": case.version + 1, "updated_at": now})


def _reason(text: str, field_name: str = "reason") -> str:
    cleaned = text.strip()
    if not cleaned:
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
    redraft = moved or case.state is State.NEEDS_TRIAGE
    after = _changed(
        case,
        now,
        category=category,
        department=department,
        urgency=urgency,
        sorted_by_person=True,
        due_at=taxonomy.due(category, case.request.received_at) if case.request and moved else case.due_at,
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
    _must_be(case, frozenset({State.AWAITING_APPROVAL}), "approve")
    if not case.draft or not case.request or action.draft_id != case.draft.draft_id:
        raise StaleVersion("draft_id: a newer draft is there; look at it first", field="draft_id")
    drafted_subject, drafted_body = case.with_details(case.draft)
    subject = reply.one_line(drafted_subject if action.subject is None else placeholders.restore(action.subject, case.details))
    body = drafted_body if action.body is None else placeholders.restore(action.body.replace("\r\n", "\n"), case.details)
    reply.check(subject, body)
    kinds = [
        name for name, one, other in (("subject", subject, reply.one_line(drafted_subject)), ("body", body, drafted_body)) if one != other
    ]
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
        _changed(case, now, state=State.AWAITING_APPROVAL), detail={"decision_id": str(case.decision.decision_id)} if case.decision else {}
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
        outcome="delivered",
        channel="none",
        attempts=0,
        detail="a person found out that it arrived",
        dispatched_at=now,
    )
    return Applied(_changed(case, now, state=State.SENT), (Leaving(told),), {"decision_id": str(case.decision.decision_id)})


def _sent_again(case: Case, person: Person, now: datetime) -> Applied:
    _must_be(case, UNDELIVERED, "send again the reply of")
    if not case.decision:
        raise Conflict("there is no decided reply to send again")
    fresh = _decision(case, case.decision.decision, person, now)
    decision = case.decision.model_copy(
        update={"decision_id": fresh.decision_id, "decided_by": person.email, "decided_at": now, "send_after": now}
    )
    after = _changed(case, now, state=State.APPROVED, decision=decision)
    return Applied(after, (_leaving(decision),), {"decision_id": str(decision.decision_id), "instead_of": str(case.decision.decision_id)})
