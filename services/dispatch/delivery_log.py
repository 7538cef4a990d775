"""Logs what became of an attempt: the reason in our own words, and the time of the next try."""

import logging
from uuid import UUID

from services.dispatch.rules import Verdict
from services.domain.waiting_deliveries import REASONS, Work

_NAMES = {"reply": "reply", "acknowledgement": "receipt", "webhook": "message to the agency's webhook"}


def log_outcome(log: logging.Logger, work: Work, request_id: UUID, verdict: Verdict, attempts: int) -> None:
    """One line an attempt: what waits is a warning with its reason and next try, what failed for good an error."""
    name = _NAMES[work]
    why = REASONS[verdict.reason] if verdict.reason else ""
    if verdict.next_attempt_at:
        log.warning(
            "%s of %s waits: %s (%s); attempt %d, the next at %s",
            name, request_id, why, verdict.reason, attempts, verdict.next_attempt_at.isoformat(timespec="seconds"),
        )  # fmt: skip
    elif verdict.state == "failed":
        log.error("%s of %s failed after %d attempts: %s (%s); a person has to look at it", name, request_id, attempts, why, verdict.reason)
    elif verdict.state == "uncertain":
        log.error("%s of %s is in doubt after %d attempts: the server may have taken it; a person has to look", name, request_id, attempts)
    else:
        log.info("%s of %s delivered at attempt %d", name, request_id, attempts)
