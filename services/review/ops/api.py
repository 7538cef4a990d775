"""The JSON API of traces."""

from typing import Annotated

from fastapi import APIRouter, Path, Request

from services.review.cases.request_dependencies import CommandsDep
from services.review.ops.trace import TraceOut, trace_of
from services.review.people.authentication import PersonFirst, SignedInDep

router = APIRouter(prefix="/api/v1", route_class=PersonFirst)


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
