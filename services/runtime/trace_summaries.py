"""One line for each trace of the local store: by it traces are searched, and it is decided which of them are kept."""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import StatusCode, format_trace_id

SCHEMA = """
create table if not exists traces (
    trace_id text primary key, request_id text, agency text, category text, started integer not null, ended integer not null,
    slowest integer not null, failed integer not null, worth text, settled integer not null, look_at integer
) without rowid;
create index if not exists traces_by_end on traces (ended);
create index if not exists traces_to_look_at on traces (look_at) where look_at is not null;
create table if not exists requests_of_traces (request_id text, trace_id text, primary key (request_id, trace_id)) without rowid;
create index if not exists traces_of_requests on requests_of_traces (trace_id);
"""
"""`failed`: a step has the status ERROR. `worth`: why else it is kept whatever the ratio. `settled`: its case has come to an end.

`slowest`: nanoseconds of its longest step, waits for people apart. `look_at`: when it is decided next whether it is kept; null: it is.
"""

FROM_SPANS = """
insert or ignore into traces
    select trace_id, min(json_extract(attributes, '$."parvis.request_id"')), null,
    max(json_extract(attributes, '$."parvis.category"')), min(started), max(ended), max(ended - started),
        max(status = 'error'), null, 1, null
    from spans group by trace_id;
insert or ignore into requests_of_traces
    select distinct json_extract(attributes, '$."parvis.request_id"'), trace_id from spans
    where json_extract(attributes, '$."parvis.request_id"') is not null;
"""
"""The lines of a store of the former release, whose traces are all kept."""

_NOTE = """
insert into traces values (:trace_id, :request_id, :agency, :category, :started, :ended, :slowest, :failed, :worth, :settled, :look_at)
on conflict (trace_id) do update set
    request_id = coalesce(request_id, excluded.request_id), agency = coalesce(agency, excluded.agency),
    category = coalesce(excluded.category, category), started = min(started, excluded.started), ended = max(ended, excluded.ended),
    slowest = max(slowest, excluded.slowest), failed = max(failed, excluded.failed), worth = coalesce(worth, excluded.worth),
    settled = max(settled, excluded.settled),
    look_at = case when look_at is null then null else max(look_at, excluded.look_at) end
"""


@dataclass(frozen=True)
class TraceSummary:
    """One trace as lists show it; times in nanoseconds since 1970, `slowest` in nanoseconds."""

    trace_id: str
    request_id: str | None
    agency: str | None
    category: str | None
    started: int
    ended: int
    slowest: int
    failed: bool
    worth: str | None


@dataclass(frozen=True)
class TraceQuery:
    """What is looked for; what is empty or None narrows nothing. `slower_than`: seconds that a step took, waits for people apart."""

    request_id: str = ""
    trace_id: str = ""
    agency: str = ""
    category: str = ""
    slower_than: float | None = None
    failed: bool = False
    since: datetime | None = None
    before: int | None = None
    """Only traces that ended before that moment, in nanoseconds: the next page."""
    limit: int = 50


def note(connection: sqlite3.Connection, spans: Sequence[ReadableSpan], decide_after: int) -> None:
    """Brings the lines of these spans' traces up to date. A trace is looked at `decide_after` nanoseconds after its last span."""
    lines: dict[str, dict[str, Any]] = {}
    requests: set[tuple[str, str]] = set()
    for span in spans:
        trace_id, attributes = format_trace_id(span.context.trace_id), span.attributes or {}
        start, end = span.start_time or 0, span.end_time or 0
        line = lines.setdefault(
            trace_id,
            {"trace_id": trace_id, "request_id": None, "agency": None, "category": None, "started": start, "ended": end, "slowest": 0}
            | {"failed": 0, "worth": None, "settled": 0},
        )
        request_id = attributes.get("parvis.request_id")
        if request_id:
            requests.add((str(request_id), trace_id))
        line["request_id"] = line["request_id"] or request_id
        line["agency"] = line["agency"] or attributes.get("parvis.agency")
        line["category"] = attributes.get("parvis.category") or line["category"]
        line["started"], line["ended"] = min(line["started"], start), max(line["ended"], end)
        if not attributes.get("parvis.wait"):
            line["slowest"] = max(line["slowest"], end - start)
        line["failed"] |= int(span.status.status_code is StatusCode.ERROR)
        line["worth"] = line["worth"] or attributes.get("parvis.keep")
        line["settled"] |= int(bool(attributes.get("parvis.settled")))
    connection.executemany(_NOTE, [line | {"look_at": line["ended"] + decide_after} for line in lines.values()])
    connection.executemany("insert or ignore into requests_of_traces values (?, ?)", sorted(requests))


def tell_failures_again(connection: sqlite3.Connection, trace_ids: Iterable[str]) -> None:
    """Looks again whether a step of these traces failed: what did in one life of its process may have gone well in the next."""
    failed = "exists (select 1 from spans where spans.trace_id = traces.trace_id and status = 'error')"
    connection.executemany(f"update traces set failed = {failed} where trace_id = ?", [(trace_id,) for trace_id in trace_ids])  # noqa: S608 - our own words


def search(connection: sqlite3.Connection, query: TraceQuery) -> list[TraceSummary]:
    """The traces that the query asks for, what ended last first."""
    conditions: list[tuple[str, object]] = []
    if query.request_id:
        conditions.append(("trace_id in (select trace_id from requests_of_traces where request_id = ?)", query.request_id))
    if query.since:
        conditions.append(("ended >= ?", int(query.since.timestamp() * 1e9)))
    if query.slower_than is not None:
        conditions.append(("slowest > ?", int(query.slower_than * 1e9)))
    if query.failed:
        conditions.append(("failed = ?", 1))
    if query.before is not None:
        conditions.append(("ended < ?", query.before))
    conditions += [
        (f"{column} = ?", value)
        for column, value in (("trace_id", query.trace_id), ("agency", query.agency), ("category", query.category))
        if value
    ]
    # What a batch was is of no request: it is reached from those by a link.
    where = " and ".join(["request_id is not null", *(condition for condition, _ in conditions)])
    rows = connection.execute(
        "select trace_id, request_id, agency, category, started, ended, slowest, failed, worth from traces"  # noqa: S608 - our own words
        f" where {where} order by ended desc, trace_id limit ?",
        (*(value for _, value in conditions), query.limit),
    ).fetchall()
    return [TraceSummary(*[*row[:7], bool(row[7]), row[8]]) for row in rows]


def forget(connection: sqlite3.Connection, trace_ids: Sequence[str]) -> int:
    """Deletes whole traces; returns how many spans went."""
    count = 0
    for trace_id in trace_ids:
        count += connection.execute("delete from spans where trace_id = ?", (trace_id,)).rowcount
    forget_lines(connection, trace_ids)
    return count


def forget_lines(connection: sqlite3.Connection, trace_ids: Sequence[str]) -> None:
    """Deletes the lines of traces whose spans are gone, or go by their own age."""
    ids = [(trace_id,) for trace_id in trace_ids]
    connection.executemany("delete from traces where trace_id = ?", ids)
    connection.executemany("delete from requests_of_traces where trace_id = ?", ids)


def linked_from(connection: sqlite3.Connection, trace_id: str) -> set[str]:
    """The traces that the spans of this one link to."""
    rows = connection.execute("select links from spans where trace_id = ?", (trace_id,)).fetchall()
    return {link["trace_id"] for (links,) in rows for link in json.loads(links)} - {trace_id}
