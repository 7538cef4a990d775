"""`parvis.drafts.requested.v1`: the redacted request with its triage, so that drafting needs no database."""

from typing import Annotated, ClassVar

from pydantic import Field, StringConstraints

from schemas.requests_triaged import RequestTriaged
from schemas.values import Event, Value

TOPIC = "parvis.drafts.requested.v1"


class FormerDraft(Value):
    """What the draft was that a person wants another one for."""

    language: str
    passages: Annotated[list[str], Field(description="ids of the passages that it cites, in the order of the page")] = []
    manner: Annotated[list[str], Field(max_length=40, description="how it is written where a person asked for it, as `shorter`")] = []


class DraftRequested(Event):
    """Revision 1 is drafted from the triage itself; each later one is asked for by a person or a correction."""

    topic: ClassVar[str] = TOPIC

    revision: Annotated[int, Field(ge=1)]
    instructions: Annotated[str, StringConstraints(max_length=2000)] | None = None
    former: FormerDraft | None = None
    triaged: RequestTriaged
