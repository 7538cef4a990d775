"""The JSON API of traces."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request

from services.review.cases.request_dependencies import CommandsDep
from services.review.ops.trace import TraceOut, trace_of
from services.review.ops.trace_search import MOST_NANOSECONDS, TracesOut, search
from services.review.people.authentication import PersonFirst, SignedInDep
from services.runtime.trace_summaries import TraceQuery

router = APIRouter(prefix="/api/v1", route_class=PersonFirst)


@router.get("/traces")
async def list_traces(
    person: SignedInDep,
    commands: CommandsDep,
    request: Request,
    q: Annotated[str, Query(max_length=100, description="a request's number, a case's reference or a trace id")] = "",
    agency: Annotated[str, Query(max_length=64)] = "",
    category: Annotated[str, Query(max_length=100)] = "",
    slower_than: Annotated[float | None, Query(ge=0, description="seconds that a step took, waits for people apart")] = None,
    *,
    failed: Annotated[bool, Query(description="only those in which something failed")] = False,
    before: Annotated[int | None, Query(ge=0, le=MOST_NANOSECONDS, description="the `before` of the last page")] = None,
) -> TracesOut:
    """The traces that are kept here, what ended last first."""
    query = TraceQuery(agency=agency, category=category, slower_than=slower_than, failed=failed, before=before)
    async with commands.database.reading() as session:
        return await search(request.app.state.traces, q, query, person, session)


@router.get("/traces/{trace_id}")
async def show_trace(
    trace_id: Annotated[str, Path(pattern="^[0-9a-f]{32}$")],
    person: SignedInDep,
    commands: CommandsDep,
    request: Request,
) -> TraceOut:
    """The trace as it was kept locally; with an OTLP endpoint configured it is there instead."""
    async with commands.database.reading() as session:
        return await trace_of(request.app.state.traces, trace_id, person, session)
