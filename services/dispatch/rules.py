"""Decides how a reply is delivered, and when it is retried. Pure functions of values."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from schemas.acknowledgements_dispatched import AcknowledgementDispatched, AcknowledgementOutcome
from schemas.replies_decided import ReplyDecided
from schemas.replies_dispatched import DispatchOutcome, ReplyDispatched
from schemas.values import Person, in_utc
from services.domain.phrases import Phrase
from services.domain.waiting_deliveries import Reason
from services.runtime.backoff import jittered_pause

State = Literal["pending", "sending", "transmitting", "delivered", "failed", "manual", "uncertain", "returned"]
Channel = Literal["smtp", "file", "webhook", "none"]
Route = Literal["mail", "webhook", "manual"]
Kind = Literal["reply", "acknowledgement"]

LONGEST_PAUSE = timedelta(hours=1)
LONGEST_DETAIL = 300  # characters: a line for a person, not a log

NO_ADDRESS = Phrase("there is no e-mail address: pass the reply on by hand")
TOO_LATE = Phrase("it was too late for a receipt")


@dataclass(frozen=True)
class Delivery:
    """The delivery of a decision, with its attempts and state so far. Of a receipt `decision_id` is the receipt's own id."""

    decision_id: UUID
    request_id: UUID
    agency: str | None
    event: str
    trace: dict[str, str]
    state: State
    channel: Channel
    attempts: int
    detail: str
    message_id: str
    finished_at: datetime | None
    kind: Kind = "reply"


@dataclass(frozen=True)
class Webhook:
    """An agency's webhook: its address and its signing secret. `loopback`: it was added as one that runs on this machine."""

    url: str
    secret: str
    loopback: bool


@dataclass(frozen=True)
class WebhookDelivery:
    """The delivery of a decision to an agency's webhook."""

    decision_id: UUID
    request_id: UUID
    agency: str
    payload: str
    trace: dict[str, str]
    attempts: int
    attempts_before: int = 0


@dataclass(frozen=True)
class Result:
    """The outcome of one attempt. `later`: it certainly did not go out. `uncertain`: nobody can know."""

    kind: Literal["delivered", "failed", "later", "uncertain"]
    detail: str = ""
    reason: Reason = "other"
    """Why it did not go out, without anybody's words."""


@dataclass(frozen=True)
class Verdict:
    """The state to record after an attempt: final, or pending with the time of the next one."""

    state: Literal["pending", "delivered", "failed", "uncertain"]
    detail: str
    next_attempt_at: datetime | None = None
    reason: Reason | None = None
    """Of what did not go out."""


@dataclass(frozen=True)
class End:
    """The final state of a delivery without a mail server."""

    state: Literal["delivered", "manual"]
    channel: Channel
    attempts: int
    detail: str


def code_of(result: Result) -> str:
    """Why it did not go out, as one word for traces."""
    return result.reason if result.reason != "other" else result.kind


def route(recipient: Person | None, *, has_webhook: bool) -> Route:
    """Chooses the channel: mail where there is an address, else the agency's webhook, else a person."""
    if recipient is not None and recipient.email:
        return "mail"
    return "webhook" if has_webhook else "manual"


def is_sent(event: ReplyDecided) -> bool:
    """Whether the decision sends a text to the citizen."""
    return event.decision in ("approved", "edited")


def next_attempt(attempts: int, limit: int, now: datetime, first_pause: timedelta) -> datetime | None:
    """The time of the next attempt: pauses double, up to an hour; None after the last."""
    if attempts >= limit:
        return None
    doublings = min(max(attempts - 1, 0), 40)  # an hour is long past, and a float has an end
    return now + max(first_pause, timedelta(seconds=min(first_pause.total_seconds() * 2**doublings, LONGEST_PAUSE.total_seconds())))


def verdict(
    result: Result, attempts: int, limit: int, now: datetime, first_pause: timedelta, chance: Callable[[], float] = lambda: 0.5
) -> Verdict:
    """The state of the delivery after an attempt; `chance` adds jitter to the retry."""
    detail = one_line(result.detail)
    if result.kind != "later":
        return Verdict(result.kind, detail, reason=result.reason if result.kind == "failed" else None)
    again = next_attempt(attempts, limit, now, first_pause)
    if again is None:
        return Verdict("failed", one_line(Phrase(f"given up after {attempts} attempts: {result.detail}")), reason=result.reason)
    return Verdict("pending", detail, now + jittered_pause(again - now, chance), result.reason)


def in_doubt(message_id: str) -> str:
    """The instruction to a person to look for the mail by its Message-ID."""
    return Phrase(f"the mail server may have taken it: look for Message-ID {message_id} there before sending again")


def end_by_webhook(verdict: Verdict, attempts: int) -> End:
    """The final state of a delivery without an address: given to the agency's webhook, or manual."""
    if verdict.state == "delivered":
        return End("delivered", "webhook", attempts, verdict.detail)
    return End("manual", "none", attempts, one_line(Phrase(f"{NO_ADDRESS}; the webhook failed: {verdict.detail}")))


def payload(event: ReplyDecided) -> str:
    """The JSON body of a webhook delivery."""
    decision: dict[str, object] = {
        "request_id": str(event.request_id),
        "decision_id": str(event.decision_id),
        "decision": event.decision,
        "subject": event.subject if is_sent(event) else None,
        "body": event.body if is_sent(event) else None,
        "decided_at": in_utc(event.decided_at),
    }
    if event.answered_by:  # an agency that knows no such word reads of a case that is closed
        decision["answered_by"] = event.answered_by
    if event.in_reply_to:  # the agency never had this message: by the earlier one it knows whose it is
        decision["in_reply_to"] = str(event.in_reply_to)
    if event.attachments and is_sent(event):
        decision["attachments"] = [file.model_dump() for file in event.attachments]
    return json.dumps(decision, ensure_ascii=False, separators=(",", ":"))


def one_line(text: str) -> str:
    """Shortens and cleans foreign text for display: one line, no control characters."""
    line = re.sub(r"\s+", " ", "".join(c if c.isprintable() else " " for c in text)).strip()
    return line if len(line) <= LONGEST_DETAIL else line[: LONGEST_DETAIL - 1] + "…"


def dispatched(delivery: Delivery) -> ReplyDispatched | AcknowledgementDispatched:
    """The event of a finished delivery: the same record gives the same event."""
    return _of_acknowledgement(delivery) if delivery.kind == "acknowledgement" else _of_reply(delivery)


def _of_reply(delivery: Delivery) -> ReplyDispatched:
    outcomes: dict[str, DispatchOutcome] = {
        "delivered": "delivered",
        "failed": "failed",
        "manual": "manual",
        "uncertain": "uncertain",
        "returned": "failed",
    }
    return ReplyDispatched(
        request_id=delivery.request_id,
        decision_id=delivery.decision_id,
        agency=delivery.agency,
        outcome=outcomes[delivery.state],
        channel=delivery.channel,
        attempts=delivery.attempts,
        detail=delivery.detail,
        returned=delivery.state == "returned",
        dispatched_at=delivery.finished_at,
    )


def _of_acknowledgement(delivery: Delivery) -> AcknowledgementDispatched:
    outcomes: dict[str, AcknowledgementOutcome] = {"delivered": "delivered", "uncertain": "uncertain"}
    return AcknowledgementDispatched(
        request_id=delivery.request_id,
        acknowledgement_id=delivery.decision_id,
        agency=delivery.agency,
        outcome=outcomes.get(delivery.state, "failed"),
        channel="none" if delivery.channel == "webhook" else delivery.channel,
        attempts=delivery.attempts,
        detail=delivery.detail,
        dispatched_at=delivery.finished_at,
    )


def told_of_reply(event: ReplyDispatched, now: datetime) -> Delivery:
    """The delivery that an outcome on Kafka is of, where the database has forgotten it."""
    state: State = "returned" if event.returned else event.outcome
    finished_at = event.dispatched_at or now
    return Delivery(
        event.decision_id, event.request_id, event.agency, "", {}, state, event.channel, event.attempts, event.detail, "", finished_at
    )


def told_of_receipt(event: AcknowledgementDispatched, now: datetime) -> Delivery:
    """The same of a receipt."""
    ids, finished_at = (event.acknowledgement_id, event.request_id), event.dispatched_at or now
    return Delivery(
        *ids, event.agency, "", {}, event.outcome, event.channel, event.attempts, event.detail, "", finished_at, "acknowledgement"
    )
