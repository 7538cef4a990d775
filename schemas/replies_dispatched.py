"""`parvis.replies.dispatched.v1`: what became of a decided reply."""

from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import Field

from schemas.values import AgencySlug, Event, Moment

TOPIC = "parvis.replies.dispatched.v1"

DispatchOutcome = Literal["delivered", "failed", "manual", "uncertain"]


class ReplyDispatched(Event):
    """`manual`: there is no address, a person passes it on. `uncertain`: it may have gone, and a person must find out."""

    topic: ClassVar[str] = TOPIC

    decision_id: UUID
    agency: AgencySlug | None = None
    outcome: DispatchOutcome
    channel: Literal["smtp", "file", "webhook", "none"]
    attempts: Annotated[int, Field(ge=0)]
    detail: str = ""
    returned: bool = False
    """Of `failed`: a mail server had taken it, and it came back as undeliverable."""
    dispatched_at: Moment | None = None
