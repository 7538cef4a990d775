"""Says what leaves on Kafka of a matter: numbers, its name of redacted texts, and ids. Pure."""

from collections.abc import Sequence
from datetime import datetime

from schemas.matters_emerging import MOST_REQUESTS, MatterEmerged, Stage
from services.review.cases.emerging import matters
from services.review.cases.emerging.matter_store import Matter
from services.review.cases.emerging.matters import Message


def event_of(matter: Matter, stage: Stage, members: Sequence[Message], now: datetime) -> MatterEmerged:
    """What is told of a matter. `members` are its messages, the newest first."""
    recent = [member for member in members if member.received_at > now - matters.WINDOW]
    return MatterEmerged(
        request_id=matter.matter_id,
        agency=matter.agency,
        stage=stage,
        level=matter.level,
        words=list(matter.name.words),
        places=list(matter.name.streets),
        category=matter.category,
        messages=len(members),
        people=matters.people_of(members),
        people_in_last_hour=matters.people_of(recent),
        usual_an_hour=round(matter.usual, 3),
        since=matter.since,
        at=now,
        request_ids=[member.request_id for member in members[:MOST_REQUESTS]],
    )
