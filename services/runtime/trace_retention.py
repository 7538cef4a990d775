"""Decides which traces the local store keeps: late, whole, and by age, size and a ratio. What matters is kept whatever the ratio is."""

import sqlite3
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from services.runtime import trace_summaries
from services.runtime.operations_settings import OperationsSettings

AT_ONCE = 50  # traces decided on with one export: some milliseconds under the lock
RANDOM_BITS = 56  # of a trace id, by W3C Trace Context level 2

Decision = Literal["keep", "drop", "later"]


@dataclass(frozen=True)
class Retention:
    """How much is kept. `ratio`: of what went well, the share of traces; `decide_after`: how long a trace is at rest before that."""

    age: timedelta
    megabytes: float
    ratio: float = 1.0
    decide_after: timedelta = timedelta(hours=24)


def configured(settings: OperationsSettings) -> Retention:
    """As the settings have it."""
    return Retention(
        timedelta(days=settings.trace_days), settings.trace_megabytes, settings.trace_ratio, timedelta(hours=settings.trace_decide_hours)
    )


def is_in_ratio(trace_id: str, ratio: float) -> bool:
    """Whether a trace is in the share that is kept: by its id alone, and so the same wherever it is asked (consistent probability)."""
    return int(trace_id, 16) % (1 << RANDOM_BITS) >= (1 - ratio) * (1 << RANDOM_BITS)


def decision(*, trace_id: str, failed: bool, worth: bool, settled: bool, ratio: float) -> Decision:
    """What becomes of the trace of a request that is at rest. While its case is open it may still turn out to matter: then later."""
    if failed or worth or is_in_ratio(trace_id, ratio):
        return "keep"
    return "drop" if settled else "later"


def decide(connection: sqlite3.Connection, retention: Retention, now: datetime) -> int:
    """Decides on some traces that are due, and drops what is not kept; returns how many were looked at."""
    moment = int(now.timestamp() * 1e9)
    due = connection.execute(
        "select trace_id, request_id, failed, worth, settled from traces where look_at < ? order by look_at limit ?", (moment, AT_ONCE)
    ).fetchall()
    if not due:
        return 0
    with connection:
        for trace_id, request_id, failed, worth, settled in due:
            if request_id is None:
                verdict = _of_batch(connection, trace_id, kept=bool(failed) or is_in_ratio(trace_id, retention.ratio))
            else:
                verdict = decision(trace_id=trace_id, failed=bool(failed), worth=bool(worth), settled=bool(settled), ratio=retention.ratio)
            if verdict == "drop":
                trace_summaries.forget(connection, [trace_id])
            else:
                again = moment + int(retention.decide_after.total_seconds() * 1e9) if verdict == "later" else None
                connection.execute("update traces set look_at = ? where trace_id = ?", (again, trace_id))
    return len(due)


def _of_batch(connection: sqlite3.Connection, trace_id: str, *, kept: bool) -> Decision:
    """A batch is kept with any request that was worked on in it, and so is undecided as long as all of those are."""
    if kept:
        return "keep"
    linked = [
        row
        for other in trace_summaries.linked_from(connection, trace_id)
        if (row := connection.execute("select look_at from traces where trace_id = ?", (other,)).fetchone())
    ]
    if any(look_at is None for (look_at,) in linked):
        return "keep"
    return "later" if linked else "drop"


def shrink(connection: sqlite3.Connection, megabytes: float) -> int:
    """Where the store is too large, drops some traces: what went well first, then the oldest. Returns how many."""
    [pages], [free], [size] = (connection.execute(f"pragma {name}").fetchone() for name in ("page_count", "freelist_count", "page_size"))
    if (pages - free) * size <= megabytes * 1e6:
        return 0
    oldest = connection.execute("select trace_id from traces order by failed or worth is not null, ended limit ?", (AT_ONCE,)).fetchall()
    with connection:
        trace_summaries.forget(connection, [trace_id for (trace_id,) in oldest])
    return len(oldest)
