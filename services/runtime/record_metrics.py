"""Counts what became of the records that a service read."""

from collections import Counter
from collections.abc import Sequence

from pydantic import ValidationError

from services.runtime import metrics
from services.runtime.errors import InvalidRecord, Refused


def done(service: str, topics: Sequence[str], seconds: float) -> None:
    """Records of these topics were worked on, together in so many seconds."""
    for topic, records in Counter(topics).items():
        metrics.RECORDS.inc(records, service=service, topic=topic, outcome="done")
        for _ in range(records):
            metrics.RECORD_SECONDS.observe(seconds, service=service, topic=topic)


def failed(service: str, topic: str, error: BaseException, tries: int) -> None:
    """A try failed. The reason of a refusal is the name of one of our own errors."""
    if tries > 1:
        metrics.RECORD_RETRIES.inc(service=service, topic=topic)
    elif isinstance(error, Refused):
        metrics.RECORDS_REFUSED.inc(service=service, topic=topic, reason=type(error).__name__)


def held(service: str, records: int) -> None:
    """So many records stay unacknowledged until they can be worked on."""
    metrics.RECORDS_HELD.set(records, service=service)


def given_up(service: str, topic: str, error: BaseException, seconds: float) -> None:
    """A record became a dead letter."""
    cause = cause_of(error)
    metrics.RECORDS.inc(service=service, topic=topic, outcome="refused" if cause == "refused" else "dead letter")
    metrics.RECORD_SECONDS.observe(seconds, service=service, topic=topic)
    metrics.DEAD_LETTERS.inc(service=service, topic=topic, cause=cause)


def cause_of(error: BaseException) -> str:
    """One of few causes: the name of a foreign error is no label, there is no end of them."""
    if isinstance(error, Refused):
        return "refused"
    if isinstance(error, InvalidRecord | ValidationError):
        return "unreadable"
    return "timeout" if isinstance(error, TimeoutError) else "fault"
