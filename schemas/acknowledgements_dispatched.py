"""`parvis.acknowledgements.dispatched.v1`: what became of a receipt. Apart from replies, so that none is ever taken for one."""

from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import Field

from schemas.values import AgencySlug, Event, Moment

TOPIC = "parvis.acknowledgements.dispatched.v1"

AcknowledgementOutcome = Literal["delivered", "failed", "uncertain"]


class AcknowledgementDispatched(Event):
    """`uncertain`: it may have gone. It is not sent again: no receipt is better than two."""

    topic: ClassVar[str] = TOPIC

    acknowledgement_id: UUID
    agency: AgencySlug | None = None
    outcome: AcknowledgementOutcome
    channel: Literal["smtp", "file", "none"]
    attempts: Annotated[int, Field(ge=0)]
    detail: str = ""
    dispatched_at: Moment | None = None
