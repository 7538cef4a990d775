"""Traces as JSON."""

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel

from services.review.people.api import SignedInDep
from services.runtime.errors import NotFound
from services.runtime.traces import LocalTraces

router = APIRouter(prefix="/api/v1")


class SpanOut(BaseModel):
    """One step; times in RFC 3339 with microseconds."""

    span_id: str
    parent_id: str | None
    name: str
    service: str
    start: datetime
    end: datetime
    status: str
    attributes: dict[str, Any]
    links: list[dict[str, str]]


class TraceOut(BaseModel):
    """Every step of one request that this machine has seen."""

    trace_id: str
    spans: list[SpanOut]


@router.get("/traces/{trace_id}")
async def show_trace(
    trace_id: Annotated[str, Path(pattern="^[0-9a-f]{32}$")],
    person: SignedInDep,  # noqa: ARG001 - spans hold no citizen's words, but are not public
    request: Request,
) -> TraceOut:
    """The trace as it was kept locally; with an OTLP endpoint configured it is there instead."""
    return trace_of(request.app.state.traces, trace_id)


def trace_of(traces: LocalTraces | None, trace_id: str) -> TraceOut:
    """Raises NotFound where nothing of it is known here."""
    spans = traces.spans_of(trace_id) if traces else []
    if not spans:
        raise NotFound(f"no span of trace {trace_id} is kept here; with OTEL_EXPORTER_OTLP_ENDPOINT set, look there")
    return TraceOut(
        trace_id=trace_id,
        spans=[
            SpanOut(
                span_id=s.span_id,
                parent_id=s.parent_id,
                name=s.name,
                service=s.service,
                start=_moment(s.started),
                end=_moment(s.ended),
                status=s.status,
                attributes=s.attributes,
                links=s.links,
            )
            for s in spans
        ],
    )


def _moment(nanoseconds: int) -> datetime:
    return datetime.fromtimestamp(nanoseconds / 1e9, UTC)
