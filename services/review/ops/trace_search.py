"""Looks for traces: by any id that names a request, by agency, category, time that a step took, and failure."""

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from pydantic import BaseModel

from services.domain import form_references
from services.domain.reply_tokens import request_in
from services.review.cases.queue import case_lists
from services.review.ops.trace import moment_of
from services.review.people.rules import Person
from services.runtime import telemetry
from services.runtime.database import Session
from services.runtime.span_store import LocalTraces
from services.runtime.trace_summaries import TraceQuery, TraceSummary

PAGE = 50
MOST_NANOSECONDS = 2**63 - 1  # that SQLite takes
MOST_LOOKED_AT = 1000  # of what somebody may not see all of, before a page of it is given as it is


class TraceLine(BaseModel):
    """One trace as lists show it."""

    trace_id: str
    request_id: str | None
    agency: str | None
    category: str | None
    began: datetime
    ended: datetime
    seconds: float
    """From the first step to the last."""
    slowest: float
    """Seconds of its longest step, waits for people apart."""
    failed: bool
    kept_for: str | None
    """Why it is kept whatever share of traces is, where that is no failure: abstained, fallback, rejected, recalled or slow."""


class TracesOut(BaseModel):
    """A page of traces, what ended last first; the next is `before` the last of these."""

    traces: list[TraceLine]
    before: int | None = None


@dataclass(frozen=True)
class Named:
    """What an id may be: a trace, or requests."""

    trace_ids: tuple[str, ...]
    request_ids: tuple[UUID, ...]


def named_by(text: str, agencies: Sequence[str]) -> Named:
    """What an id can mean: a trace id, a request's number, a case's reference as `[TOKEN]`, or a form's reference at an agency."""
    text = text.strip()
    trace_ids, request_ids = [], []
    if len(text) == 32 and set(text.lower()) <= set("0123456789abcdef"):  # noqa: PLR2004 - hexadecimal digits
        trace_ids.append(text.lower())
    with contextlib.suppress(ValueError):
        request_ids.append(UUID(text))
    request_ids += request_in(text)
    if reference := form_references.read(text):
        request_ids += [form_references.request_id(reference, agency) for agency in agencies]
    return Named(tuple(trace_ids), tuple(request_ids))


def find(traces: LocalTraces, text: str) -> list[TraceSummary]:
    """The traces that an id names, what ended last first."""
    wanted = named_by(text, traces.agencies())
    queries = [TraceQuery(trace_id=trace_id) for trace_id in wanted.trace_ids]
    queries += [TraceQuery(request_id=str(request_id)) for request_id in wanted.request_ids]
    lines = {trace.trace_id: trace for query in queries for trace in traces.search(query)}
    # A batch is of no request, and none of those that are searched; it has spans all the same.
    for trace_id in (*wanted.trace_ids, *(f"{telemetry.trace_id_of(request_id):032x}" for request_id in wanted.request_ids)):
        if trace_id not in lines and (spans := traces.spans_of(trace_id)):
            began, ended = min(span.started for span in spans), max(span.ended for span in spans)
            failed = any(span.status == "error" for span in spans)
            lines[trace_id] = TraceSummary(trace_id, None, None, None, began, ended, ended - began, failed, None)
    return sorted(lines.values(), key=lambda trace: -trace.ended)


async def search(traces: LocalTraces | None, text: str, query: TraceQuery, person: Person, session: Session) -> TracesOut:
    """A page of the traces that are the person's to see: of all, or those that an id names."""
    if traces is None:
        return TracesOut(traces=[])
    if text:
        named = await _theirs(find(traces, text), person, session)
        return TracesOut(traces=[_line(trace) for trace in named])
    lines: list[TraceSummary] = []
    query = replace(query, limit=PAGE)
    looked_at = 0
    while len(lines) < PAGE and looked_at < MOST_LOOKED_AT:
        page = traces.search(query)
        looked_at += len(page)
        lines += await _theirs(page, person, session)
        if len(page) < PAGE:
            return TracesOut(traces=[_line(trace) for trace in lines])
        query = replace(query, before=page[-1].ended)
    return TracesOut(traces=[_line(trace) for trace in lines[:PAGE]], before=lines[PAGE - 1].ended if len(lines) >= PAGE else query.before)


async def _theirs(traces: Sequence[TraceSummary], person: Person, session: Session) -> list[TraceSummary]:
    if not person.scope.limited:
        return list(traces)
    numbers = {trace.trace_id: uuid_of(trace.request_id) for trace in traces}
    theirs = await case_lists.lines_of(session, [number for number in numbers.values() if number], person.scope)
    return [trace for trace in traces if numbers[trace.trace_id] in theirs]


def uuid_of(text: str | None) -> UUID | None:
    """The number of a request as a span has it; None of what is none."""
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


def _line(trace: TraceSummary) -> TraceLine:
    return TraceLine(
        trace_id=trace.trace_id,
        request_id=trace.request_id,
        agency=trace.agency,
        category=trace.category,
        began=moment_of(trace.started),
        ended=moment_of(trace.ended),
        seconds=(trace.ended - trace.started) / 1e9,
        slowest=trace.slowest / 1e9,
        failed=trace.failed,
        kept_for=trace.worth,
    )
