"""Decides whether what was sent is a request, when to publish it again, and what its agency may see of it. Pure."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID

from pydantic import TypeAdapter, ValidationError
from pydantic_core import PydanticCustomError

from schemas.optional_fields import LONGEST_VALUE, DroppedField, present
from schemas.replies_decided import ReplyDecided
from schemas.replies_dispatched import ReplyDispatched
from schemas.requests_received import RequestReceived
from schemas.requests_status import RefusalKind, RequestState, RequestStatusChanged
from schemas.requests_triaged import RequestTriaged
from schemas.values import Moment, Urgency, without_gaps
from services.domain import mail_addresses

State = RequestState

LONGEST_PAUSE = timedelta(hours=1)

_DELIVERED: dict[str, State] = {
    "delivered": "sent",
    "failed": "delivery_failed",
    "uncertain": "delivery_uncertain",
    "manual": "by_hand",  # the reply is here for the agency as well, but nobody has said yet that the citizen has it
}
_DECIDED: dict[str, State] = {"approved": "approved", "edited": "approved", "rejected": "drafting", "closed": "closed"}
_AFTER_DELIVERY = frozenset({"sent", "by_hand", "delivery_failed", "delivery_uncertain"})


CLOCKS_DIFFER = timedelta(days=1)


def accept(sent: dict[str, object], agency: str, now: datetime, new_id: UUID) -> RequestReceived:
    """The request as it will be published. Raises pydantic's ValidationError naming each field that makes it unusable."""
    named = sent.get("agency")
    if present(named) is not None and named != agency:
        wrong = PydanticCustomError("agency", "the key belongs to another agency: leave this out, or give its own")
        raise ValidationError.from_exception_data("RequestReceived", [{"type": wrong, "loc": ("agency",), "input": named}])
    ours: dict[str, object] = {"agency": agency, "dropped": []}
    if present(sent.get("request_id")) is None:
        ours["request_id"] = new_id
    stamp = present(sent.get("received_at"))
    if stamp is None or not _is_past(stamp, now):
        ours["received_at"] = now.isoformat()
        ours["dropped"] = [] if stamp is None else [_not_a_moment(stamp)]
    return RequestReceived.model_validate({**sent, **ours})


@dataclass(frozen=True)
class FieldWarning:
    """Something that was taken as it is, and with which the request can't be answered as its agency may expect."""

    field: str
    message: str


def warnings(request: RequestReceived) -> list[FieldWarning]:
    """What an agency can put right, known before anybody works on the request: a reply to this address would never arrive."""
    email = request.citizen.email if request.citizen else None
    if not email:
        return []
    advice = "The request is accepted: a caseworker corrects the address, or the reply is passed on by hand"
    if fault := mail_addresses.fault(email):
        meant = mail_addresses.suggestion(email)
        hint = f"; perhaps {meant} was meant" if meant else ""
        return [FieldWarning("citizen.email", f"nothing can be delivered there: {fault}{hint}. {advice}")]
    if mail_addresses.is_unattended(email):
        return [FieldWarning("citizen.email", f"it looks like an address that nobody reads. {advice}")]
    return []


def _is_past(stamp: object, now: datetime) -> bool:
    try:
        return TypeAdapter(Moment).validate_python(stamp) <= now + CLOCKS_DIFFER
    except ValidationError:
        return False


def _not_a_moment(stamp: object) -> DroppedField:
    message = "give a moment that is past, in RFC 3339 with an offset, as 2026-03-02T08:00:00+01:00; the moment of its arrival is used"
    return DroppedField(field="received_at", message=message, value=without_gaps(stamp[:LONGEST_VALUE]) if isinstance(stamp, str) else None)


def pause_after(publishes: int, first: timedelta) -> timedelta:
    """How long to wait for a sign of life after so many publications: twice as long each time, up to an hour."""
    doublings = min(max(publishes - 1, 0), 40)  # an hour is long past, and a float has an end
    return max(first, timedelta(seconds=min(first.total_seconds() * 2**doublings, LONGEST_PAUSE.total_seconds())))


@dataclass(frozen=True)
class Status:
    """What an agency may see of its request."""

    request_id: UUID
    agency: str
    state: State
    updated_at: datetime
    accepted_at: datetime | None = None
    category: str | None = None
    chosen_category: str | None = None
    department: str | None = None
    urgency: str | None = None
    decision_id: UUID | None = None
    reply_subject: str | None = None
    reply_body: str | None = None
    decided_at: datetime | None = None
    state_at: datetime | None = None
    trace_id: str | None = None
    published_state: State | None = None
    """What the topic of statuses says last."""
    left_out: list[dict[str, str]] = field(default_factory=list)
    erased_at: datetime | None = None
    """When the citizen's identity and words were erased."""


@dataclass(frozen=True)
class Refusal:
    """A record in an agency's name that was not accepted; `content` tells whether it is the one in the journal."""

    letter_id: UUID
    request_id: UUID | None
    agency: str
    kind: RefusalKind
    detail: str
    refused_at: datetime
    topic: str | None = None
    partition: int | None = None
    offset: int | None = None
    key: str | None = None
    errors: list[dict[str, str]] = field(default_factory=list)
    content: str = ""
    trace_id: str | None = None
    """Of the record: whoever published it may have begun a trace of their own."""
    taken: bool = False
    """Whether the id is another agency's request, so that this agency has none of that id."""


def without_request(refusal: Refusal, request_id: UUID) -> Status:
    """What an agency sees of an id of which it has a refused record and no request."""
    state: State = "conflict" if refusal.kind == "conflict" else "refused"
    return Status(request_id, refusal.agency, state, refusal.refused_at, trace_id=refusal.trace_id)


TICK = timedelta(microseconds=1)


def next_moment(status: Status, now: datetime) -> datetime:
    """When a change of it is: later than the last, whatever the clocks of two processes say."""
    return max(now, status.updated_at + TICK)


def status_changed(status: Status, trace_id: str, at: datetime, refusal: Refusal | None = None) -> RequestStatusChanged:
    """What the agency is told on the topic of statuses."""
    return RequestStatusChanged(
        request_id=status.request_id,
        agency=status.agency,
        state=status.state,
        at=at,
        category=status.category,
        department=status.department,
        trace_id=trace_id,
        refusal=refusal.kind if refusal else None,
        detail=refusal.detail if refusal else None,
    )


def triaged(status: Status, event: RequestTriaged) -> Status:
    """The status after a triage. The first one counts, as for the case; the state changes only while nothing later is known."""
    if event.agency != status.agency:
        return status
    state = status.state
    if state in ("received", "needs_triage"):
        state = "drafting" if event.outcome == "routed" else "needs_triage"
        if event.automatic:  # nobody is answered, and somebody looks only at what is not of low urgency
            state = "closed" if event.urgency is Urgency.LOW else "needs_triage"
    return replace(
        status,
        category=status.category or event.category,
        department=status.department or event.department,
        urgency=status.urgency or event.urgency.value,
        state=state,
        left_out=status.left_out or [note.model_dump() for note in event.left_out],
    )


def decided(status: Status, event: ReplyDecided) -> Status:
    """The status after a decision; the last counts. After its own delivery it only adds the text. Another agency's changes nothing."""
    if event.agency is not None and event.agency != status.agency:
        return status
    if event.decision_id == status.decision_id:
        state = status.state if status.state in _AFTER_DELIVERY else _DECIDED[event.decision]
        state_at = status.state_at or event.decided_at
    elif status.state_at and event.decided_at <= status.state_at:
        return status
    else:
        state, state_at = _DECIDED[event.decision], event.decided_at
    sends = event.decision in ("approved", "edited") and status.erased_at is None
    return replace(
        status,
        state=state,
        state_at=state_at,
        decision_id=event.decision_id,
        decided_at=event.decided_at,
        reply_subject=event.subject if sends else None,
        reply_body=event.body if sends else None,
    )


def dispatched(status: Status, event: ReplyDispatched, now: datetime) -> Status:
    """The status after a delivery: newer than its own decision whatever the clocks say; than another, only by its time.

    A mail that came back undoes its own delivery, told before it or after it, and no other reply's.
    """
    if event.agency is not None and event.agency != status.agency:
        return status
    at = event.dispatched_at or now
    same = status.decision_id in (None, event.decision_id)
    if event.returned:
        # Not the time of the bounce: a decision that was taken before it, and is told of after it, counts.
        return replace(status, state="delivery_failed", state_at=status.state_at or at, decision_id=event.decision_id) if same else status
    by_a_person = event.channel == "none"
    if same and (status.state == "sent" or (status.state == "delivery_failed" and not by_a_person)):
        return status  # told once more, or told after it came back
    if not same and status.state_at and at <= status.state_at:
        return status
    return replace(status, state=_DELIVERED[event.outcome], state_at=max(at, status.state_at or at), decision_id=event.decision_id)
