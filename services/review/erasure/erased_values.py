"""Makes the skeleton of an event: who decided what and when, and no word of a citizen. Pure.

What stays is named, not what goes: a field that is new is erased until somebody lists it here.
"""

from collections.abc import Mapping
from typing import Any

ERASED = "(erased)"
"""In place of a text that must not be empty."""

Json = Mapping[str, Any]

MESSAGE_KEEPS = (
    "request_id", "agency", "channel", "received_at", "language", "in_reply_to", "automatic", "automation", "unsolved_by",
)  # fmt: skip
_TRIAGE = (
    "request_id", "agency", "channel", "received_at", "language", "category", "confidence", "alternatives", "department", "urgency",
    "danger", "letter", "letter_confidence", "letter_sure", "letter_tone", "automatic", "outcome", "category_by_words", "model_version",
)  # fmt: skip
_DRAFT = (
    "request_id", "draft_id", "revision", "language", "citations", "drafted_by", "model", "prompt_version", "usage", "agency", "spending",
)  # fmt: skip
_DECISION = (
    "request_id", "decision_id", "draft_id", "agency", "channel", "language", "decision", "decided_by", "seconded_by", "decided_at",
    "send_after", "answered_by", "answered_at", "in_reply_to", "edit_kinds", "edit_distance",
)  # fmt: skip
_DISPATCHED = ("request_id", "decision_id", "agency", "outcome", "channel", "attempts", "returned", "dispatched_at")
_LETTER = (
    "letter_id", "service", "topic", "partition", "offset", "error_type", "attempts", "first_failed_at", "last_failed_at",
)  # fmt: skip


def _of(event: Json, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: event[name] for name in names if name in event}


def request(event: Json) -> dict[str, Any]:
    """A message of which only its way and its moment are left."""
    return _of(event, MESSAGE_KEEPS) | {"body": ERASED}


def triage(event: Json) -> dict[str, Any]:
    """How a message was sorted, without a word of it."""
    return _of(event, _TRIAGE) | {"redacted": {"body": ERASED}}


def draft(event: Json) -> dict[str, Any]:
    """What a draft rested on and who wrote it, without its text."""
    checks = [{"name": check["name"], "passed": check["passed"]} for check in event.get("checks") or ()]
    return _of(event, _DRAFT) | {"subject": "", "body": "", "checks": checks}


def decision(event: Json) -> dict[str, Any]:
    """Who decided what and when."""
    emptied = {name: "" for name in ("subject", "body") if event.get(name) is not None}
    reason = {"reason": ERASED} if event.get("reason") else {}
    return _of(event, _DECISION) | emptied | reason


def dispatched(event: Json) -> dict[str, Any]:
    """What became of a reply, without what a mail server said of the address."""
    return _of(event, _DISPATCHED)


def dead_letter(event: Json) -> dict[str, Any]:
    """Where a record stood that failed, without the record."""
    return _of(event, _LETTER) | {"key": None, "headers": [], "value": None, "error_message": ""}
