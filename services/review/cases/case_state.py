"""The case as an immutable value: its data, the state derived from it, and how each event changes it. Time is an argument."""

from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from schemas import invisible_characters
from schemas.drafts_proposed import DraftProposed
from schemas.drafts_requested import FormerDraft
from schemas.replies_decided import ReplyDecided
from schemas.replies_dispatched import DispatchOutcome, ReplyDispatched
from schemas.requests_received import RequestReceived
from schemas.requests_triaged import RequestTriaged
from schemas.values import MailMachine, Urgency
from schemas.values import Person as Recipient
from services.domain import greetings, placeholders, wish_for_person
from services.domain.danger_levels import EMERGENCY_FROM, MOST_IN_DOUBT
from services.domain.phrases import Phrase
from services.domain.redacted_content_hash import basis_of
from services.domain.request_content_hash import content_of
from services.domain.taxonomy import Taxonomy
from services.review.cases.deciding import reply_text
from services.review.cases.deciding.first_approval import FirstApproval, FourEyes
from services.runtime.errors import Conflict, Refused

CLOCKS_DIFFER = timedelta(minutes=5)

LONGEST_TITLE = 120
"""Characters of a case's title; what is longer ends with an ellipsis."""


class State(StrEnum):
    """The states of a case."""

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
    corrected_email: str | None = None
    """What a person put in place of the address that came with the message; empty: no address at all."""
    joined_into: UUID | None = None
    """The case of the same person that is answered for this one as well."""
    returned_decision: UUID | None = None
    """The decision whose mail came back, after it had been taken."""
    four_eyes: FourEyes | None = None
    due_at: datetime | None = None
    trace: dict[str, str] = {}
    erased_at: datetime | None = None
    """When its citizen's identity and words were erased: nothing that comes late is taken in."""
    invented_for: str | None = None
    """Whose attention it tests: message and draft are invented, nobody else sees the case, and nothing of it is ever sent."""

    @property
    def agency(self) -> str | None:
        """The agency whose citizen wrote."""
        event = self.request or self.triage
        return event.agency if event else None

    @property
    def as_any_other(self) -> "Case":
        """The same for rules that must answer of an attention check as they do of any case."""
        return self.model_copy(update={"invented_for": None}) if self.invented_for else self

    @property
    def machine(self) -> MailMachine | None:
        """What kind of machine wrote the mail, until a person says that a person did. Such a case has no draft and no answer."""
        return self.triage.automatic if self.triage else None

    @property
    def reopens(self) -> UUID | None:
        """The case whose reply did not solve the matter, as its citizen says by the link in it: this one goes on with it."""
        return self.request.in_reply_to if self.request and self.request.unsolved_by else None

    @property
    def unsorted(self) -> bool:
        """Whether the case is unsorted: the classifier was not sure enough, no person has sorted it, and it goes on with no other."""
        if not self.triage or self.sorted_by_person or self.reopens:
            return not self.triage
        return self.triage.outcome == "needs_triage"

    @property
    def everybodys(self) -> bool:
        """Whether people of every department may see it: it is open and unsorted."""
        return self.unsorted and self.state is not State.CLOSED

    @property
    def former_draft(self) -> FormerDraft | None:
        """The draft that a wish for another one speaks of."""
        if not self.draft:
            return None
        cited = [citation.passage_id for citation in self.draft.citations]
        return FormerDraft(language=self.draft.language, passages=cited, manner=self.draft.manner)

    @property
    def decidable(self) -> bool:
        """Whether there is a draft to decide on. What to say in an emergency does not wait until somebody has sorted it."""
        drafted = self.draft is not None and self.draft.revision == self.revision
        urgent = self.state is State.NEEDS_TRIAGE and self.urgency is Urgency.EMERGENCY
        return drafted and (self.state is State.AWAITING_APPROVAL or urgent)

    @property
    def first_approval(self) -> FirstApproval | None:
        """The approval of the current draft that waits for a second person. Another draft leaves it behind."""
        first = self.four_eyes.first if self.four_eyes else None
        return first if first and self.decidable and self.draft and first.draft_id == self.draft.draft_id else None

    @property
    def address(self) -> str | None:
        """The e-mail address that a reply would go to."""
        return self.recipient.email if self.recipient else None

    @property
    def recipient(self) -> Recipient | None:
        """To whom a reply goes: the citizen as the message names them, at the address that a person may have corrected.

        Nothing in it turns round what stands beside it: it leaves Parvis in mails, webhooks and statuses.
        """
        citizen = self.request.citizen if self.request else None
        if citizen:
            citizen = Recipient(
                name=invisible_characters.one_line(citizen.name or "") or None,
                email=citizen.email,
                phone=invisible_characters.one_line(citizen.phone or "") or None,
                address=invisible_characters.letter(citizen.address or "").strip() or None,
            )
        if self.corrected_email is None:
            return citizen
        return (citizen or Recipient()).model_copy(update={"email": self.corrected_email or None})

    @property
    def danger(self) -> float | None:
        """How sure it is that somebody is in danger, while that is for somebody to act on; a person who said so is sure.

        An emergency is at least as sure as not; of a lower urgency it is a doubt, and stands behind all emergencies.
        """
        if self.perhaps_in_danger and self.triage and self.triage.danger is not None:
            return min(self.triage.danger, MOST_IN_DOUBT)
        if self.urgency is not Urgency.EMERGENCY or self.state not in WAITS_FOR_SOMEBODY:
            return None
        if not self.triage or self.triage.urgency is not Urgency.EMERGENCY:
            return 1.0
        return UNKNOWN_DANGER if self.triage.danger is None else max(self.triage.danger, EMERGENCY_FROM)

    @property
    def perhaps_in_danger(self) -> bool:
        """Whether triage saw danger and was in doubt, and nobody has looked: whoever sorts the case or says how urgent it is has."""
        triage = self.triage
        doubt = triage is not None and triage.danger is not None and triage.urgency is self.urgency is Urgency.HIGH
        return doubt and not self.sorted_by_person and self.state in WAITS_FOR_SOMEBODY

    @property
    def title(self) -> str:
        """The subject, or the beginning of the message."""
        if not self.request:
            return "(not received yet)"
        title = self.request.subject or " ".join(self.request.body.split()) or "(no text)"
        return title if len(title) <= LONGEST_TITLE else title[: LONGEST_TITLE - 1].rstrip() + "…"

    @property
    def details(self) -> dict[str, str]:
        """The personal details by placeholder."""
        if not (self.request and self.triage):
            return {}
        name = invisible_characters.one_line(self.request.citizen.name or "") if self.request.citizen else None
        return placeholders.values(self.request.subject, self.request.body, self.triage.redacted, name)

    def hidden(self, text: str) -> str:
        """Redacts the citizen's details from a person's text, which a model or the log may get."""
        if not self.request:
            return placeholders.hide(text, self.details, None)
        place = self.request.location.address if self.request.location else None
        return placeholders.hide(text, self.details, self.request.citizen, [place] if place else [])

    def with_details(self, draft: DraftProposed) -> tuple[str, str]:
        """The draft's subject and body as the citizen would read them."""
        subject, body = placeholders.restore(draft.subject, self.details), placeholders.restore(draft.body, self.details)
        return reply_text.shortened(subject), invisible_characters.letter(greetings.without_gap(body))

    @property
    def typed_placeholders(self) -> frozenset[str]:
        """Words of the citizen that look like placeholders and stand for nothing."""
        if not self.request:
            return frozenset()
        name = self.request.citizen.name if self.request.citizen else None
        return frozenset(placeholders.left_over(f"{self.request.subject or ''}\n{self.request.body}\n{name or ''}"))

    def as_sent(self, written: str | None, draft: str, shown: str) -> str:
        """The text to send, with the details restored: the draft where it was left as it is, else what was written.

        A name that a person put in and that is not known stays, and is refused: only a draft's greeting does without.
        """
        if written is None or written == draft or invisible_characters.letter(written) == shown:
            return shown
        own = self.typed_placeholders
        details = {name: value for name, value in self.details.items() if name not in own}
        return placeholders.restore(written, details, keep=own | {placeholders.CITIZEN_NAME})


# What events bring. Each may come twice, and in any order.


def with_request(case: Case, request: RequestReceived, now: datetime) -> Case:
    """Adds the request. The first one makes the case; the same content is the same request. Raises IdTaken or ContentDiffers."""
    if case.request:
        _must_be_the_same(case.request, request)
        return case
    if case.triage and not _fits(request, case.triage):
        # Another request of this id was sorted before: nothing of it belongs to this one.
        empty = Case(request_id=case.request_id, created_at=case.created_at, updated_at=now, version=case.version)
        return _settled(empty, now, request=request, trace=case.trace)
    return _settled(case, now, request=request, triage=case.triage and wish_for_person.as_believed(case.triage, request.unsolved_by))


def _must_be_the_same(first: RequestReceived, request: RequestReceived) -> None:
    if content_of(first) == content_of(request):
        return
    advice = Phrase("send this one with a new id, or `parvis dead-letters replay ID --new-id`")
    if first.agency != request.agency:
        raise IdTaken(f"request_id: conflict, it is another request's already; {advice}", field="request_id")
    raise ContentDiffers(f"request_id: conflict, it came with other content before; {advice}", field="request_id")


def _fits(request: RequestReceived, triage: RequestTriaged) -> bool:
    return request.agency == triage.agency and placeholders.fits(request.subject, request.body, triage.redacted)


def with_triage(case: Case, triage: RequestTriaged, taxonomy: Taxonomy, now: datetime) -> Case:
    """Adds the triage; a person's correction stands above it."""
    if case.triage or (case.request and not _fits(case.request, triage)):
        return case
    triage = wish_for_person.as_believed(triage, case.request.unsolved_by) if case.request else triage
    due = taxonomy.due(triage.category, triage.urgency, triage.received_at)
    if triage.danger is not None and triage.urgency is Urgency.HIGH:
        due = min(due, triage.received_at + taxonomy.look_within)
    draft = case.draft if case.draft and case.draft.basis in ("", basis_of(triage)) else None
    return _settled(
        case, now, triage=triage, draft=draft, category=triage.category, department=triage.department, urgency=triage.urgency, due_at=due
    )


def answers(case: Case, draft: DraftProposed) -> bool:
    """Whether the draft is one for this request, and not for another of the same id."""
    return case.triage is None or draft.basis in ("", basis_of(case.triage))


def with_draft(case: Case, draft: DraftProposed, now: datetime) -> Case:
    """Adds the draft that was asked for; one of an earlier revision comes too late to be shown as the current one."""
    if not answers(case, draft) or draft.revision != case.revision or (case.draft and case.draft.revision == draft.revision):
        return case
    return _settled(case, now, draft=draft)


def with_dispatch(case: Case, dispatched: ReplyDispatched, now: datetime) -> Case:
    """Adds the delivery outcome of the last decision. A mail that came back was not delivered, whatever is told before or after."""
    if not case.decision or dispatched.decision_id != case.decision.decision_id or case.returned_decision == dispatched.decision_id:
        return case
    if dispatched.returned and case.state in AFTER_DECISION | {State.SENT}:
        came_back = {"state": State.DELIVERY_FAILED, "returned_decision": dispatched.decision_id}
        return case.model_copy(update={**came_back, "version": case.version + 1, "updated_at": now})
    if case.state not in AFTER_DECISION:
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
    return changed.model_copy(update={"state": state_of(changed)}) if changed.state in UNDECIDED else changed


def state_of(case: Case) -> State:
    """The state of an undecided case, derived from its data."""
    if not (case.request and case.triage):
        return State.RECEIVED
    if case.machine:
        # Triage makes low whatever a machine wrote, but for what somebody should look at.
        return State.CLOSED if case.triage.urgency is Urgency.LOW else State.NEEDS_TRIAGE
    if case.unsorted:
        return State.NEEDS_TRIAGE
    if case.draft and case.draft.revision == case.revision:
        return State.AWAITING_APPROVAL
    return State.DRAFTING
