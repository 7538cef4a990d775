"""Stores spans in SQLite in the data directory, so that a trace can be drawn with no other server."""

import contextlib
import fcntl
import json
import logging
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from opentelemetry.trace import format_span_id, format_trace_id

from services.runtime import clock
from services.runtime.settings import Settings

FORGET_EVERY_SECONDS = 3600.0
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

    It is never worth more than the work it tells of: a store that is broken is moved aside, and a new one begun.
    What is older than `keep` (PARVIS_TRACE_DAYS unless told) is forgotten about once an hour, a little with each export.
    """

    def __init__(self, path: Path, keep: timedelta | None = None) -> None:
        self._path = path
        self._keep = timedelta(days=Settings().trace_days) if keep is None else keep
        self._forget_at = 0.0
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
        rows = [_row(span) for span in spans]
        try:
            with self._lock:
                self._mended(lambda: self._keep_rows(rows))
        except (sqlite3.Error, OSError):
            return SpanExportResult.FAILURE
        return SpanExportResult.SUCCESS

    def _keep_rows(self, rows: Sequence[tuple[object, ...]]) -> None:
        with contextlib.closing(self._connection()) as connection:
            with connection:
                connection.executemany("insert or ignore into spans values (?,?,?,?,?,?,?,?,?,?)", rows)
            # Where the store is busy forgetting can wait: the spans are kept, and that is what is told.
            with contextlib.suppress(sqlite3.Error):
                self._forget(connection)

    def _forget(self, connection: sqlite3.Connection) -> None:
        """Deletes some old spans. The next go with the next export while there are more, else in an hour."""
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
        rows = self._mended(lambda: self._rows_of(trace_id))
        return [
            StoredSpan(trace_id, span_id, parent_id, name, service, started, ended, status, json.loads(attributes), json.loads(links))
            for trace_id, span_id, parent_id, name, service, started, ended, status, attributes, links in rows
        ]

    def _rows_of(self, trace_id: str) -> list[Any]:
        with contextlib.closing(self._connection()) as connection:
            return connection.execute(
                "select trace_id, span_id, parent_id, name, service, started, ended, status, attributes, links"
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
                count = connection.execute("delete from spans where trace_id = ?", (trace_id,)).rowcount
            connection.execute("pragma wal_checkpoint(truncate)").fetchone()
            return count


def _code(error: sqlite3.Error) -> int | None:
    """SQLite's primary error code, without the extended one in the higher bits; None for errors of Python itself."""
    code: int | None = getattr(error, "sqlite_errorcode", None)
    return None if code is None else code & 0xFF


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
