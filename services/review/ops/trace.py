"""Reads the trace of one request, for the page and the API."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from services.review.cases.queue import case_lists
from services.review.people.rules import Person
from services.runtime import trace_gaps
from services.runtime.database import Session
from services.runtime.errors import NotFound
from services.runtime.span_store import LocalTraces, StoredSpan


class SpanOut(BaseModel):
    """One step; times in RFC 3339 with microseconds."""

    span_id: str
    parent_id: str | None
    name: str
    service: str
    start: datetime
    end: datetime
    status: str
    """`ok`, `error`, `unset`; `untold`: nothing is told of it yet, it may be going on; `lost`: nothing was told of it.

    Of the last two only what followed is known.
    """
    attributes: dict[str, Any]
    links: list[dict[str, str]]
    reason: str = ""
    """Why it failed, as one word of ours or an error's type."""
    events: list[dict[str, Any]] = []
    """What happened in it; of an exception its type alone."""


class TraceOut(BaseModel):
    """Every step of one request that this machine has seen."""

    trace_id: str
    spans: list[SpanOut]


async def trace_of(traces: LocalTraces | None, trace_id: str, person: Person, session: Session) -> TraceOut:
    """The steps of those requests that are the person's to see. Raises NotFound where there are none here.

    Several requests are in one trace where their publisher began it for all of them.
    """
    spans = trace_gaps.filled(traces.spans_of(trace_id)) if traces else []
    if person.scope.limited:
        named = {span.span_id: _request_of(span.attributes) for span in spans}
        theirs = await case_lists.lines_of(session, [request_id for request_id in named.values() if request_id], person.scope)
        spans = [span for span in spans if named[span.span_id] is None or named[span.span_id] in theirs] if theirs else []
    if not spans:
        raise NotFound(f"no span of trace {trace_id} is kept here; with OTEL_EXPORTER_OTLP_ENDPOINT set, look there")
    return TraceOut(
        trace_id=trace_id,
        spans=[shown(span) for span in spans],
    )


def shown(span: StoredSpan) -> SpanOut:
    """A stored span as pages, API and command line have it."""
    return SpanOut(
        span_id=span.span_id,
        parent_id=span.parent_id,
        name=span.name,
        service=span.service,
        start=moment_of(span.started),
        end=moment_of(span.ended),
        status=span.status,
        attributes=span.attributes,
        links=span.links,
        reason=span.reason,
        events=span.events,
    )


def _request_of(attributes: dict[str, Any]) -> UUID | None:
    try:
        return UUID(str(attributes["parvis.request_id"]))
    except (KeyError, ValueError):
        return None


def moment_of(nanoseconds: int) -> datetime:
    """A time of a span, which counts from 1970."""
    return datetime.fromtimestamp(nanoseconds / 1e9, UTC)
