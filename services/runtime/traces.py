"""The local store of spans: SQLite in the data directory, so that a trace can be drawn with no other server."""

import contextlib
import json
import sqlite3
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from opentelemetry.trace import format_span_id, format_trace_id

from services.runtime import clock
from services.runtime.settings import Settings

FORGET_EVERY_SECONDS = 3600.0
FORGET_AT_ONCE = 600  # more than the 512 that one export may bring, so that forgetting catches up; tens of milliseconds under the lock
PAGES_AT_ONCE = 200  # given back to the file system after each step

_SCHEMA = """
create table if not exists spans (
    span_id text primary key, trace_id text not null, parent_id text, name text not null, service text not null,
    started integer not null, ended integer not null, status text not null, attributes text not null, links text not null
) without rowid;
create index if not exists spans_of_trace on spans (trace_id);
create index if not exists spans_by_age on spans (started);
"""


@dataclass(frozen=True)
class StoredSpan:
    """A span as the pages and the API show it; times in nanoseconds since 1970."""

    trace_id: str
    span_id: str
    parent_id: str | None
    name: str
    service: str
    started: int
    ended: int
    status: str
    attributes: dict[str, object]
    links: list[dict[str, str]]


class LocalTraces(SpanExporter):
    """Writes and reads the store. One connection for each call: exports come from a thread of the SDK's own.

    What is older than `keep` (PARVIS_TRACE_DAYS unless told) is forgotten about once an hour, a little with each export.
    """

    def __init__(self, path: Path, keep: timedelta | None = None) -> None:
        self._path = path
        self._keep = timedelta(days=Settings().trace_days) if keep is None else keep
        self._forget_at = 0.0
        self._lock = threading.Lock()
        path.parent.mkdir(parents=True, exist_ok=True)
        with self._connection() as connection:
            connection.execute("pragma auto_vacuum=incremental")  # of a new file only, and before anything is in it
            connection.execute("pragma journal_mode=wal")
            connection.executescript(_SCHEMA)

    def _connection(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, timeout=10, isolation_level="IMMEDIATE")
        connection.execute("pragma synchronous=normal")
        return connection

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Stores the spans; a store that can't be written never stops the work it tells of."""
        rows = [_row(span) for span in spans]
        try:
            with self._lock:
                connection = self._connection()
                try:
                    with connection:
                        connection.executemany("insert or ignore into spans values (?,?,?,?,?,?,?,?,?,?)", rows)
                    # Where the store is busy forgetting can wait: the spans are kept, and that is what is told.
                    with contextlib.suppress(sqlite3.Error):
                        self._forget(connection)
                finally:
                    connection.close()
        except sqlite3.Error:
            return SpanExportResult.FAILURE
        return SpanExportResult.SUCCESS

    def _forget(self, connection: sqlite3.Connection) -> None:
        """One step. The next comes with the next export while there is more to forget, else in an hour."""
        if time.monotonic() < self._forget_at:
            return
        before = int((clock.now() - self._keep).timestamp() * 1e9)
        # Looked up without the lock that the other processes wait for.
        old = connection.execute("select span_id from spans where started < ? limit ?", (before, FORGET_AT_ONCE)).fetchall()
        with connection:
            connection.executemany("delete from spans where span_id = ?", old)
        # Not by execute(): that takes one step of the statement, and so one page.
        connection.executescript(f"pragma incremental_vacuum({PAGES_AT_ONCE})")
        if len(old) < FORGET_AT_ONCE:
            self._forget_at = time.monotonic() + FORGET_EVERY_SECONDS

    def spans_of(self, trace_id: str) -> list[StoredSpan]:
        """Every span of a trace, in the order they started."""
        connection = self._connection()
        try:
            rows = connection.execute(
                "select trace_id, span_id, parent_id, name, service, started, ended, status, attributes, links"
                " from spans where trace_id = ? order by started, span_id",
                (trace_id,),
            ).fetchall()
        finally:
            connection.close()
        return [
            StoredSpan(trace_id, span_id, parent_id, name, service, started, ended, status, json.loads(attributes), json.loads(links))
            for trace_id, span_id, parent_id, name, service, started, ended, status, attributes, links in rows
        ]


def _row(span: ReadableSpan) -> tuple[object, ...]:
    context = span.context
    return (
        format_span_id(context.span_id),
        format_trace_id(context.trace_id),
        format_span_id(span.parent.span_id) if span.parent else None,
        span.name,
        str(span.resource.attributes.get("service.name", "")),
        span.start_time or 0,
        span.end_time or 0,
        span.status.status_code.name.lower(),
        json.dumps(dict(span.attributes or {}), default=str),
        json.dumps([{"trace_id": format_trace_id(i.context.trace_id), "span_id": format_span_id(i.context.span_id)} for i in span.links]),
    )
