"""FastAPI dependencies that pages and API share: the case commands of this process, what is published, and the trace id of a case."""

from typing import Annotated

from fastapi import Depends, Request

from services.review.cases.commands import CaseCommands
from services.review.cases.page.published_pages import PublishedPages
from services.runtime.reloading import Reloaded


def commands_of(request: Request) -> CaseCommands:
    """The case commands of this process."""
    commands: CaseCommands = request.app.state.commands
    return commands


def published_of(request: Request) -> PublishedPages | None:
    """What the agency publishes now, as far as this process can tell."""
    reloaded: Reloaded[PublishedPages] = request.app.state.published
    return reloaded.value


PublishedDep = Annotated[PublishedPages | None, Depends(published_of)]
CommandsDep = Annotated[CaseCommands, Depends(commands_of)]


def trace_id_in(headers: dict[str, str]) -> str:
    """The trace id of a stored trace context."""
    parts = headers.get("traceparent", "").split("-")
    return parts[1] if len(parts) == 4 else ""  # noqa: PLR2004 - version, trace, span, flags
