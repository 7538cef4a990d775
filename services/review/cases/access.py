"""What the pages and the API share: the desk of this process, and the trace that a case goes on."""

from typing import Annotated

from fastapi import Depends, Request

from services.review.cases.desk import Desk


def desk_of(request: Request) -> Desk:
    """The desk of this process."""
    desk: Desk = request.app.state.desk
    return desk


DeskDep = Annotated[Desk, Depends(desk_of)]


def trace_id_in(headers: dict[str, str]) -> str:
    """The trace id of a stored trace context."""
    parts = headers.get("traceparent", "").split("-")
    return parts[1] if len(parts) == 4 else ""  # noqa: PLR2004 - version, trace, span, flags
