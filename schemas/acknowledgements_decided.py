"""`parvis.acknowledgements.decided.v1`: a receipt for a message that came in, as a named person has decided for their agency."""

from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import StringConstraints

from schemas.values import AgencySlug, Event, Moment, Person

TOPIC = "parvis.acknowledgements.decided.v1"


class AcknowledgementDecided(Event):
    """Holds the citizen's address and no other word of theirs: whoever forges a sender sends nobody anything of their own."""

    topic: ClassVar[str] = TOPIC

    acknowledgement_id: UUID
    """Made of the request: decided twice, it is one."""
    agency: AgencySlug
    decided_by: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
    """Who decided that the agency acknowledges what comes in, with these words."""
    decided_at: Moment
    good_until: Moment
    """Later nothing is mailed: a receipt that comes after the answer helps nobody."""
    language: str | None = None
    subject: str
    body: str
    recipient: Person
    answers_mail: str | None = None
    """The Message-ID of the citizen's mail, where it came by one."""
    references: list[str] = []
