"""The pages of traces: their search, and the waterfall of one request."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query, Request, Response

from services.review.cases.request_dependencies import CommandsDep
from services.review.ops.trace import trace_of
from services.review.ops.trace_search import MOST_NANOSECONDS, TraceLine, search, uuid_of
from services.review.ops.waterfall import Bar, waterfall
from services.review.people.authentication import PersonFirst
from services.review.people.pages import VisitorDep
from services.review.web.templating import Page, render
from services.runtime import clock
from services.runtime.trace_summaries import TraceQuery

router = APIRouter(include_in_schema=False, prefix="/ops", route_class=PersonFirst)


class TracesPage(Page):
    """Traces that are looked for."""

    q: str
    agency: str
    category: str
    slower_than: str
    failed: bool
    traces: list[TraceLine]
    before: int | None
    kept_here: bool
    elsewhere: str
    """The address of a page of another tool, with `{trace_id}` in it; empty: none."""


class TracePage(Page):
    """One request from the first step to the last."""

    trace_id: str
    request_id: UUID | None
    began: datetime
    seconds: float
    bars: list[Bar]
    breaks: list[float]
    failed: list[Bar]
    elsewhere: str
    """The trace on a page of another tool; empty: none."""


@router.get("/traces")
async def show_traces(
    visitor: VisitorDep,
    commands: CommandsDep,
    request: Request,
    q: Annotated[str, Query(max_length=100)] = "",
    agency: Annotated[str, Query(max_length=64)] = "",
    category: Annotated[str, Query(max_length=100)] = "",
    slower_than: Annotated[str, Query(max_length=20)] = "",
    *,
    failed: Annotated[bool, Query()] = False,
    before: Annotated[int | None, Query(ge=0, le=MOST_NANOSECONDS)] = None,
) -> Response:
    """Look for traces by any id of a request, by agency, category, time that a step took, and failure."""
    query = TraceQuery(agency=agency.strip(), category=category.strip(), slower_than=_seconds(slower_than), failed=failed, before=before)
    async with commands.database.reading() as session:
        listed = await search(request.app.state.traces, q.strip(), query, visitor.person, session)
    page = TracesPage(
        now=clock.now(),
        viewer=visitor.viewer,
        q=q,
        agency=agency,
        category=category,
        slower_than=slower_than if query.slower_than is not None else "",
        failed=failed,
        traces=listed.traces,
        before=listed.before,
        kept_here=request.app.state.traces is not None,
        elsewhere=commands.settings.trace_url,
    )
    return render("traces.html", page)


@router.get("/traces/{trace_id}")
async def show_trace(
    trace_id: Annotated[str, Path(pattern="^[0-9a-f]{32}$")], visitor: VisitorDep, commands: CommandsDep, request: Request
) -> Response:
    """The waterfall of one request, to whom its case is to be seen, and to whoever runs the machines: spans hold no citizen's words."""
    async with commands.database.reading() as session:
        trace = await trace_of(request.app.state.traces, trace_id, visitor.person, session)
    bars, breaks = waterfall(trace.spans)
    named = next((str(bar.attributes["parvis.request_id"]) for bar in bars if bar.attributes.get("parvis.request_id")), None)
    page = TracePage(
        now=clock.now(),
        viewer=visitor.viewer,
        trace_id=trace_id,
        request_id=uuid_of(named),
        began=min(span.start for span in trace.spans),
        seconds=max(bar.offset + bar.seconds for bar in bars),
        bars=bars,
        breaks=breaks,
        failed=[bar for bar in bars if bar.status == "error"],
        elsewhere=commands.settings.trace_url.replace("{trace_id}", trace_id),
    )
    return render("trace.html", page)


def _seconds(text: str) -> float | None:
    """Seconds as somebody typed them; None where it is no number that serves."""
    try:
        seconds = float(text.replace(",", "."))
    except ValueError:
        return None
    return seconds if 0 <= seconds < 1e9 else None  # noqa: PLR2004 - thirty years
