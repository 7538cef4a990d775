"""`parvis.requests.status.v1`: what an agency may know of its request, each time that it changes. Holds no identity."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from schemas.values import AgencySlug, Code, Event, Moment

TOPIC = "parvis.requests.status.v1"

RequestState = Literal[
    "received",
    "needs_triage",
    "drafting",
    "awaiting_approval",
    "approved",
    "sent",
    "by_hand",
    "delivery_failed",
    "delivery_uncertain",
    "closed",
    "conflict",
    "refused",
]
RefusalKind = Literal["conflict", "agency", "signature", "unreadable"]


class RequestStatusChanged(Event):
    """The state of a request for its agency. Of two records of one request and agency the one with the later `at` holds.

    With `refusal` and `detail`: a record of this id in the agency's name was not accepted; `state` is that of the request which has the
    id, or `refused` or `conflict` where there is none.
    """

    topic: ClassVar[str] = TOPIC

    agency: AgencySlug
    state: RequestState
    at: Annotated[Moment, Field(description="later than that of every earlier record of this request and agency")]
    category: Code | None = None
    department: Code | None = None
    trace_id: str | None = None
    refusal: RefusalKind | None = None
    detail: Annotated[str, Field(max_length=2000, description="what was wrong with the refused record, and what would do")] | None = None
