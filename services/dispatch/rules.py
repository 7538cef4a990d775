"""How a reply goes out, and when to try again: values in, values out."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from schemas.replies_decided import ReplyDecided
from schemas.replies_dispatched import DispatchOutcome, ReplyDispatched
from schemas.values import Person, in_utc
from services.runtime.backoff import jittered_pause

State = Literal["pending", "sending", "transmitting", "delivered", "failed", "manual", "uncertain"]
Channel = Literal["smtp", "file", "webhook", "none"]
Route = Literal["mail", "webhook", "manual"]

LONGEST_PAUSE = timedelta(hours=1)
LONGEST_DETAIL = 300  # characters: a line for a person, not a log

ADDRESS = "[address]"
_ADDRESS = re.compile(r"""(?:"[^"\n]{1,254}"|[^\s<>()\[\],;:"'@]{1,254})@\[?[^\s<>()\[\],;:"'@]+\]?""")

NO_ADDRESS = "there is no e-mail address: pass the reply on by hand"


@dataclass(frozen=True)
class Delivery:
    """A decision's delivery as far as it went."""

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


@dataclass(frozen=True)
class Webhook:
    """Where an agency is told, and the secret that signs it. `loopback`: it runs on this machine, as was said when it was added."""

    url: str
    secret: str
    loopback: bool


@dataclass(frozen=True)
class WebhookDelivery:
    """A decision on its way to an agency's webhook."""

    decision_id: UUID
    request_id: UUID
    agency: str
    payload: str
    trace: dict[str, str]
    attempts: int


@dataclass(frozen=True)
class Result:
    """What one attempt came to. `later`: it certainly did not go out. `uncertain`: nobody can know."""

    kind: Literal["delivered", "failed", "later", "uncertain"]
    detail: str = ""


@dataclass(frozen=True)
class Verdict:
    """What to write down after an attempt: the end of it, or when to try again."""

    state: Literal["pending", "delivered", "failed", "uncertain"]
    detail: str
    next_attempt_at: datetime | None = None


@dataclass(frozen=True)
class End:
    """How a delivery ends that no mail server had a part in."""

    state: Literal["delivered", "manual"]
    channel: Channel
    attempts: int
    detail: str


def route(recipient: Person | None, *, has_webhook: bool) -> Route:
    """By mail where there is an address, else to the agency's own system, else by a person."""
    if recipient is not None and recipient.email:
        return "mail"
    return "webhook" if has_webhook else "manual"


def is_sent(event: ReplyDecided) -> bool:
    """Whether the citizen gets this decision's text."""
    return event.decision in ("approved", "edited")


def next_attempt(attempts: int, limit: int, now: datetime, first_pause: timedelta) -> datetime | None:
    """When to try again after so many attempts: twice as long each time, up to an hour; never after the last."""
    if attempts >= limit:
        return None
    doublings = min(max(attempts - 1, 0), 40)  # an hour is long past, and a float has an end
    return now + max(first_pause, timedelta(seconds=min(first_pause.total_seconds() * 2**doublings, LONGEST_PAUSE.total_seconds())))


def verdict(
    result: Result, attempts: int, limit: int, now: datetime, first_pause: timedelta, chance: Callable[[], float] = lambda: 0.5
) -> Verdict:
    """What an attempt's result means for the delivery; `chance` spreads the next ones."""
    detail = one_line(result.detail)
    if result.kind != "later":
        return Verdict(result.kind, detail)
    again = next_attempt(attempts, limit, now, first_pause)
    if again is None:
        return Verdict("failed", one_line(f"given up after {attempts} attempts: {result.detail}"))
    return Verdict("pending", detail, now + jittered_pause(again - now, chance))


def in_doubt(message_id: str) -> str:
    """What a person should check."""
    return f"the mail server may have taken it: look for Message-ID {message_id} there before sending again"


def end_by_webhook(verdict: Verdict, attempts: int) -> End:
    """Where there is no address, the agency's own system has the reply, or a person has to pass it on."""
    if verdict.state == "delivered":
        return End("delivered", "webhook", attempts, verdict.detail)
    return End("manual", "none", attempts, one_line(f"{NO_ADDRESS}; the webhook failed: {verdict.detail}"))


def payload(event: ReplyDecided) -> str:
    """What an agency's webhook is told, as JSON."""
    decision = {
        "request_id": str(event.request_id),
        "decision_id": str(event.decision_id),
        "decision": event.decision,
        "subject": event.subject if is_sent(event) else None,
        "body": event.body if is_sent(event) else None,
        "decided_at": in_utc(event.decided_at),
    }
    return json.dumps(decision, ensure_ascii=False, separators=(",", ":"))


def one_line(text: str) -> str:
    """Somebody else's words, safe to show: one line, no control characters, not long."""
    line = re.sub(r"\s+", " ", "".join(c if c.isprintable() else " " for c in text)).strip()
    return line if len(line) <= LONGEST_DETAIL else line[: LONGEST_DETAIL - 1] + "…"


def without_addresses(words: str, recipient: str) -> str:
    """A mail server's words without whom they are about: they go to a topic, and to a log, that have no room for a citizen.

    Also the part before the @ alone, and without what follows a plus: servers like to say which of their users it was.
    """
    local = recipient.rpartition("@")[0]
    names = "|".join(re.escape(name) for name in dict.fromkeys((local, local.partition("+")[0])) if name)
    anonymous = _ADDRESS.sub(ADDRESS, words)
    return re.sub(rf"(?<!\w)(?:{names})(?!\w)", ADDRESS, anonymous, flags=re.IGNORECASE) if names else anonymous


def dispatched(delivery: Delivery) -> ReplyDispatched:
    """What became of it, as the event: the same record gives the same event."""
    outcomes: dict[str, DispatchOutcome] = {
        "delivered": "delivered",
        "failed": "failed",
        "manual": "manual",
        "uncertain": "uncertain",
    }
    return ReplyDispatched(
        request_id=delivery.request_id,
        decision_id=delivery.decision_id,
        agency=delivery.agency,
        outcome=outcomes[delivery.state],
        channel=delivery.channel,
        attempts=delivery.attempts,
        detail=delivery.detail,
        dispatched_at=delivery.finished_at,
    )
