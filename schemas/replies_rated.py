"""`parvis.replies.rated.v1`: whether a reply solved the matter, as its citizen says by the link in it. Holds no identity and no words."""

from typing import ClassVar
from uuid import UUID

from schemas.values import AgencySlug, Event, Moment

TOPIC = "parvis.replies.rated.v1"


class ReplyRated(Event):
    """Of two about one reply the one with the later `rated_at` holds: what seemed solved may turn out not to be."""

    topic: ClassVar[str] = TOPIC

    decision_id: UUID
    agency: AgencySlug
    solved: bool
    rated_at: Moment
