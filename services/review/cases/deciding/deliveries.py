"""What becomes of a decided reply: it arrived, was given by hand, goes to another address, is sent again. Pure; time is an argument."""

from collections.abc import Collection
from datetime import datetime

from schemas.replies_decided import ReplyDecided
from services.domain.phrases import Phrase, Word
from services.review.cases.case_state import UNDELIVERED, WAITS_FOR_SOMEBODY, Case, State
from services.review.cases.deciding import recipient
from services.review.cases.deciding.actions import CorrectRecipient, RecordDelivery, SendAgain
from services.review.cases.deciding.answers_by_hand import delivered_by_a_person, moment_of
from services.review.cases.deciding.applied_action import Applied, Leaving, changed, hidden, must_be, reason_of
from services.review.cases.deciding.decisions import leaving, new_decision
from services.review.people.rules import Person
from services.runtime.errors import Conflict, InvalidInput


def _second_name(decision: ReplyDecided, person: Person) -> str | None:
    """Of two who approved the reply one who is not the person that sends it again."""
    both = (decision.seconded_by, decision.decided_by)
    return next((name for name in both if name and name != person.email), None) if decision.seconded_by else None


def confirmed(case: Case, now: datetime) -> Applied:
    """Records that a reply in doubt has arrived."""
    must_be(case, UNDELIVERED, Word("confirm the delivery of"))
    if not case.decision:
        raise Conflict("there is no decided reply to confirm")
    delivered = delivered_by_a_person(case, case.decision, "a person found out that it arrived", now)
    return Applied(changed(case, now, state=State.SENT), (Leaving(delivered),), {"decision_id": str(case.decision.decision_id)})


def recorded(case: Case, action: RecordDelivery, now: datetime) -> Applied:
    """Records how a person gave the reply to the citizen."""
    must_be(case, frozenset({State.BY_HAND}), Word("record how the reply was given of"))
    if not case.decision:
        raise Conflict("there is no decided reply that was given")
    given_at = moment_of(action.how, action.given_at, case.decision.decided_at, Phrase("this reply was decided"), now)
    note = action.note.strip()
    if action.how == "other" and not note:
        raise InvalidInput("note: say in a few words how the citizen got it", field="note")
    delivered = delivered_by_a_person(case, case.decision, f"given by a person: {action.how.replace('_', ' ')}", given_at)
    detail: dict[str, object] = {"decision_id": str(case.decision.decision_id), "how": action.how, "given_at": given_at.isoformat()}
    if note:
        detail["note"] = hidden(case, reason_of(note, "note"), "note")
    return Applied(changed(case, now, state=State.SENT), (Leaving(delivered),), detail)


def recipient_corrected(case: Case, action: CorrectRecipient, now: datetime) -> Applied:
    """Corrects the address that replies go to."""
    must_be(case, WAITS_FOR_SOMEBODY - {State.RECEIVED}, Word("correct the recipient of"))
    email = action.email.strip()
    if email == (case.address or ""):
        raise InvalidInput("email: replies go there already; give another address, or none", field="email")
    recipient.must_be_usable(email)
    return Applied(changed(case, now, corrected_email=email), detail={"recipient": _redirection(case.address, email)})


def _redirection(before: str | None, after: str) -> list[str]:
    """The audit detail of a correction, without addresses: the log is kept for ever. The case and its decisions hold them."""
    return ["an address" if before else "no address", ("another address" if before else "an address") if after else "no address"]


def sent_again(case: Case, action: SendAgain, person: Person, now: datetime, senders: Collection[str]) -> Applied:
    """Decides once more on the same reply, so that it is sent again."""
    must_be(case, UNDELIVERED | {State.BY_HAND}, Word("send again the reply of"))
    if not case.decision:
        raise Conflict("there is no decided reply to send again")
    confirmed = recipient.must_be_confirmed(case.address, senders, confirmed=action.confirm_recipient)
    fresh = new_decision(case, case.decision.decision, person, now)
    decision = case.decision.model_copy(
        update={
            "decision_id": fresh.decision_id,
            "decided_by": person.email,
            "seconded_by": _second_name(case.decision, person),
            "decided_at": now,
            "send_after": now,
            "recipient": case.recipient,
        }
    )
    after = changed(case, now, state=State.APPROVED, decision=decision)
    detail = {"decision_id": str(decision.decision_id), "instead_of": str(case.decision.decision_id)}
    return Applied(after, (leaving(decision),), detail | confirmed)
