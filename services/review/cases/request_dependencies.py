"""FastAPI dependencies that pages and API share: the case commands of this process, and the trace id of a case."""

from typing import Annotated

from fastapi import Depends, Request

from services.review.cases.commands import CaseCommands


def commands_of(request: Request) -> CaseCommands:
    """The case commands of this process."""
    commands: CaseCommands = request.app.state.commands
    return commands


CommandsDep = Annotated[CaseCommands, Depends(commands_of)]


def trace_id_in(headers: dict[str, str]) -> str:
    """The trace id of a stored trace context."""
    parts = headers.get("traceparent", "").split("-")
    return parts[1] if len(parts) == 4 else ""  # noqa: PLR2004 - version, trace, span, flags
