"""`parvis.requests.received.v1`: a citizen's message, as an agency hands it over. Holds the citizen's identity."""

from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints

from schemas.values import AgencySlug, Channel, Event, LanguageTag, Line, Moment, Person, Prose, Value, says_something, without_gaps

TOPIC = "parvis.requests.received.v1"


class Location(Value):
    """Where the matter is, in WGS 84 degrees or in words."""

    latitude: Annotated[float, Field(ge=-90, le=90)] | None = None
    longitude: Annotated[float, Field(ge=-180, le=180)] | None = None
    address: Annotated[Prose, StringConstraints(max_length=500)] | None = None


class Attachment(Value):
    """A file that stays where it is: only its address travels."""

    name: Annotated[Line, StringConstraints(min_length=1, max_length=255)]
    media_type: Annotated[Line, StringConstraints(min_length=1, max_length=127)]
    url: Annotated[str, StringConstraints(pattern=r"^https?://[^\s\x00-\x1f]+$", max_length=2000)]


class RequestReceived(Event):
    """`request_id` is the publisher's choice: the same id with the same content is the same request, with other content a conflict."""

    topic: ClassVar[str] = TOPIC

    agency: AgencySlug
    channel: Channel
    received_at: Moment
    subject: Annotated[str, StringConstraints(strip_whitespace=True, max_length=300), AfterValidator(without_gaps)] | None = None
    body: Annotated[str, StringConstraints(min_length=1, max_length=20_000), AfterValidator(without_gaps), AfterValidator(says_something)]
    language: LanguageTag | None = None
    citizen: Person | None = None
    location: Location | None = None
    attachments: Annotated[list[Attachment], Field(max_length=20)] = []
    in_reply_to: UUID | None = None
    metadata: Annotated[
        dict[Annotated[Prose, StringConstraints(max_length=100)], Annotated[Prose, StringConstraints(max_length=1000)]],
        Field(max_length=50),
    ] = {}
