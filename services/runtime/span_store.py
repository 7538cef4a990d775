"""Stores spans in SQLite in the data directory, so that a trace can be drawn with no other server."""

import contextlib
import fcntl
import json
import logging
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from opentelemetry.trace import format_span_id, format_trace_id

from services.runtime import clock, trace_retention, trace_summaries
from services.runtime.settings import Settings
from services.runtime.trace_retention import Retention
from services.runtime.trace_summaries import TraceQuery, TraceSummary

FORGET_EVERY_SECONDS = 3600.0
LOOK_EVERY_SECONDS = 30.0  # at what is due to be decided, and at the size
FORGET_AT_ONCE = 600  # more than the 512 that one export may bring, so that forgetting catches up; tens of milliseconds under the lock
PAGES_AT_ONCE = 200  # given back to the file system after each step
BUSY_SECONDS = 10.0
PREPARE_SECONDS = 20.0  # all services start at once, and SQLite does not wait by itself for the change to WAL
PREPARE_PAUSE_SECONDS = 0.05
_BROKEN = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}

T = TypeVar("T")
_log = logging.getLogger(__name__)

_SCHEMA = """
create table if not exists spans (
    span_id text primary key, trace_id text not null, parent_id text, name text not null, service text not null,
    started integer not null, ended integer not null, status text not null, attributes text not null, links text not null
) without rowid;
create index if not exists spans_of_trace on spans (trace_id);
create index if not exists spans_by_age on spans (started);
"""
_LATER_COLUMNS = {"reason": "text not null default ''", "events": "text not null default '[]'"}
"""Columns of `spans` that a store of an earlier release lacks."""


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
    reason: str = ""
    """Why it failed, as one word of ours or an error's type."""
    events: list[dict[str, object]] = field(default_factory=list)
    """What happened in it: name, nanoseconds since 1970, and attributes."""


class LocalTraces(SpanExporter):
    """Writes and reads the store. One connection for each call: exports come from a thread of the SDK's own.

    It is never worth more than the work it tells of: a store that is broken is moved aside, and a new one begun.
    What is too old (PARVIS_TRACE_DAYS) is forgotten about once an hour, a little with each export; what is too much for the size or the
    ratio that is set, whole trace by whole trace. `keep`: as the settings have it, unless given.
    """

    def __init__(self, path: Path, keep: timedelta | Retention | None = None) -> None:
        self._path = path
        retention = trace_retention.configured(Settings())
        if isinstance(keep, timedelta):
            retention = replace(retention, age=keep)
        self._retention = keep if isinstance(keep, Retention) else retention
        self._forget_at = self._look_at = 0.0
        self._lock = threading.Lock()
        path.parent.mkdir(parents=True, exist_ok=True)
        with self._alone():
            try:
                self._prepare()
            except sqlite3.DatabaseError as error:
                if _code(error) not in _BROKEN:
                    raise
                self._move_aside(error)
                self._prepare()

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """Locks the store's files: no other process begins a store or moves one aside meanwhile, with the new one's files."""
        with self._path.with_name(f"{self._path.name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _connection(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, timeout=BUSY_SECONDS, isolation_level="IMMEDIATE")
        try:
            connection.execute("pragma synchronous=normal")
        except sqlite3.Error:
            connection.close()
            raise
        return connection

    def _prepare(self) -> None:
        """Makes the file, its tables and its write-ahead mode, all of which may be there already."""
        until = time.monotonic() + PREPARE_SECONDS
        while True:
            try:
                with contextlib.closing(self._connection()) as connection:
                    if connection.execute("pragma journal_mode").fetchone() != ("wal",):
                        connection.execute("pragma auto_vacuum=incremental")  # of a new file only, and before anything is in it
                        connection.execute("pragma journal_mode=wal")
                    connection.executescript(_SCHEMA)
                    _bring_up_to_date(connection)
            except sqlite3.OperationalError as error:
                if time.monotonic() >= until or _code(error) not in _BUSY:
                    raise
                time.sleep(PREPARE_PAUSE_SECONDS)
            else:
                return

    def _mended(self, work: Callable[[], T]) -> T:
        """Runs the work; where the file turns out broken, runs it again on a new one."""
        before = self._inode()
        try:
            return work()
        except sqlite3.DatabaseError as error:
            if _code(error) not in _BROKEN:
                raise
            with self._alone():
                # Another process may have met it first: the new file that it began is not broken.
                if before is not None and before == self._inode():
                    self._move_aside(error)
                self._prepare()
        return work()

    def _inode(self) -> int | None:
        try:
            return self._path.stat().st_ino
        except FileNotFoundError:
            return None

    def _move_aside(self, error: sqlite3.DatabaseError) -> None:
        aside = self._path.with_name(f"{self._path.name}.broken-{clock.now():%Y%m%dT%H%M%S.%f}")
        _log.warning("the local store of traces is broken (%s): moved aside to %s, a new one begins", error, aside)
        # With what SQLite keeps beside it, which belongs to no other file.
        for suffix in ("", "-wal", "-shm"):
            with contextlib.suppress(FileNotFoundError):
                self._path.with_name(self._path.name + suffix).rename(aside.with_name(aside.name + suffix))

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Stores the spans; a store that can't be written never stops the work it tells of."""
        try:
            with self._lock:
                self._mended(lambda: self._keep_spans(spans))
        except (sqlite3.Error, OSError):
            return SpanExportResult.FAILURE
        return SpanExportResult.SUCCESS

    def _keep_spans(self, spans: Sequence[ReadableSpan]) -> None:
        rows = [_row(span) for span in spans]
        with contextlib.closing(self._connection()) as connection:
            with connection:
                retold = _told_before(connection, rows)
                connection.executemany(_KEEP, rows)
                trace_summaries.note(connection, spans, int(self._retention.decide_after.total_seconds() * 1e9))
                trace_summaries.tell_failures_again(connection, retold)
            # Where the store is busy forgetting can wait: the spans are kept, and that is what is told.
            with contextlib.suppress(sqlite3.Error):
                self._forget(connection)
                self._forget_what_is_too_much(connection)

    def _forget(self, connection: sqlite3.Connection) -> None:
        """Deletes some old spans. The next go with the next export while there are more, else in an hour."""
        if time.monotonic() < self._forget_at:
            return
        before = int((clock.now() - self._retention.age).timestamp() * 1e9)
        # Looked up without the lock that the other processes wait for.
        old = connection.execute("select span_id from spans where started < ? limit ?", (before, FORGET_AT_ONCE)).fetchall()
        with connection:
            connection.executemany("delete from spans where span_id = ?", old)
            ended = connection.execute("select trace_id from traces where ended < ? limit ?", (before, FORGET_AT_ONCE)).fetchall()
            trace_summaries.forget_lines(connection, [trace_id for (trace_id,) in ended])
        # Not by execute(): that takes one step of the statement, and so one page.
        connection.executescript(f"pragma incremental_vacuum({PAGES_AT_ONCE})")
        if len(old) < FORGET_AT_ONCE:
            self._forget_at = time.monotonic() + FORGET_EVERY_SECONDS

    def _forget_what_is_too_much(self, connection: sqlite3.Connection) -> None:
        """Decides on what is due, and keeps the store within its size. The next go with the next export while there are more."""
        if time.monotonic() < self._look_at:
            return
        looked_at = trace_retention.decide(connection, self._retention, clock.now())
        dropped = trace_retention.shrink(connection, self._retention.megabytes)
        if max(looked_at, dropped) < trace_retention.AT_ONCE:
            self._look_at = time.monotonic() + LOOK_EVERY_SECONDS

    def search(self, query: TraceQuery) -> list[TraceSummary]:
        """The traces that a query asks for, what ended last first."""

        def rows() -> list[TraceSummary]:
            with contextlib.closing(self._connection()) as connection:
                return trace_summaries.search(connection, query)

        return self._mended(rows)

    def agencies(self) -> list[str]:
        """The agencies of the traces that are here."""

        def rows() -> list[str]:
            with contextlib.closing(self._connection()) as connection:
                return [agency for (agency,) in connection.execute("select distinct agency from traces where agency is not null")]

        return self._mended(rows)

    def spans_of(self, trace_id: str) -> list[StoredSpan]:
        """Every span of a trace, in the order they started."""
        rows = self._mended(lambda: self._rows_of(trace_id))
        return [StoredSpan(*[*row[:8], json.loads(row[8]), json.loads(row[9]), row[10], json.loads(row[11])]) for row in rows]

    def _rows_of(self, trace_id: str) -> list[Any]:
        with contextlib.closing(self._connection()) as connection:
            return connection.execute(
                "select trace_id, span_id, parent_id, name, service, started, ended, status, attributes, links, reason, events"
                " from spans where trace_id = ? order by started, span_id",
                (trace_id,),
            ).fetchall()

    def erase(self, trace_id: str) -> int:
        """Deletes every span of a trace, for good: also what SQLite would keep of it in free pages. Returns how many there were."""
        with self._lock:
            return self._mended(lambda: self._erase(trace_id))

    def _erase(self, trace_id: str) -> int:
        with contextlib.closing(self._connection()) as connection:
            connection.execute("pragma secure_delete=on")
            with connection:
                count = trace_summaries.forget(connection, [trace_id])
            connection.execute("pragma wal_checkpoint(truncate)").fetchone()
            return count


def _code(error: sqlite3.Error) -> int | None:
    """SQLite's primary error code, without the extended one in the higher bits; None for errors of Python itself."""
    code: int | None = getattr(error, "sqlite_errorcode", None)
    return None if code is None else code & 0xFF


_COLUMNS = "span_id, trace_id, parent_id, name, service, started, ended, status, attributes, links, reason, events"
_KEEP = f"""
insert into spans ({_COLUMNS}) values (?,?,?,?,?,?,?,?,?,?,?,?)
on conflict (span_id) do update set ({_COLUMNS}) = ({", ".join(f"excluded.{name}" for name in _COLUMNS.split(", "))})
where excluded.ended >= spans.ended
"""  # noqa: S608 - our own words
"""A step that is worked on again in the next life of a process is told of once more with its id: what ended last is what became of it."""


def _bring_up_to_date(connection: sqlite3.Connection) -> None:
    """What a store of an earlier release lacks. A process of that release can't write here any more, and ends with it."""
    columns = {row[1] for row in connection.execute("pragma table_info(spans)")}
    for name, kind in _LATER_COLUMNS.items():
        if name not in columns:
            connection.execute(f"alter table spans add column {name} {kind}")
    is_new = not connection.execute("select 1 from sqlite_master where name = 'traces'").fetchone()
    if is_new:
        # All or nothing: an empty table of a process that was killed would be taken for one that has its lines.
        connection.executescript(f"begin immediate;{trace_summaries.SCHEMA}{trace_summaries.FROM_SPANS}commit;")


def _told_before(connection: sqlite3.Connection, rows: Sequence[tuple[object, ...]]) -> set[str]:
    """The traces in which a step is told of once more."""
    return {
        trace_id for span_id, *_ in rows for (trace_id,) in connection.execute("select trace_id from spans where span_id = ?", (span_id,))
    }


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
        span.status.description or "",
        json.dumps([{"name": i.name, "at": i.timestamp, **dict(i.attributes or {})} for i in span.events], default=str),
    )
