"""`parvis.drafting.switched.v1`: who may draft what. Each record holds all rules in force, so the newest is enough."""

from datetime import date
from typing import Annotated, ClassVar, Literal, get_args
from uuid import UUID, uuid5

from pydantic import Field

from schemas.requests_triaged import LetterKind
from schemas.values import AgencySlug, Code, Event, Value

TOPIC = "parvis.drafting.switched.v1"

Mode = Literal["model", "template", "off"]
MODES: tuple[Mode, ...] = get_args(Mode)

_REVISIONS = UUID("6b1d0c1e-2f53-5b7a-8a39-7d1d9b0f4c52")


class SwitchRule(Value):
    """What drafts of an agency, a category and a kind of letter may be made with. What is left out is any."""

    agency: AgencySlug | None = None
    category: Code | None = None
    letter: LetterKind | None = None
    mode: Mode


class Spent(Value):
    """What an agency's drafts have cost on one day of the agency's own calendar."""

    agency: AgencySlug
    day: date
    tokens: Annotated[int, Field(ge=0)] = 0
    cost: Annotated[float, Field(ge=0)] = 0.0
    seconds: Annotated[float, Field(ge=0)] = 0.0


class DraftingSwitched(Event):
    """All rules in force. `request_id` names no request: it is the revision's own id, the same however often it is published.

    `spent` is what was spent before a broker that forgets began anew; elsewhere it is empty.
    """

    topic: ClassVar[str] = TOPIC

    revision: Annotated[int, Field(ge=0)]
    rules: list[SwitchRule] = []
    spent: list[Spent] = []


def revision_id(revision: int) -> UUID:
    """The key of a revision's record."""
    return uuid5(_REVISIONS, str(revision))
