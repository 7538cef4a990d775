"""`parvis.matters.emerging.v1`: many people begin to write about one matter within the hour. Holds no identity and no letter's text."""

from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from schemas.values import AgencySlug, Code, Event, Moment

TOPIC = "parvis.matters.emerging.v1"

MOST_REQUESTS = 50

Stage = Literal["emerged", "rose", "over", "dismissed"]
"""Begun; risen by a level (10, 25, 50, 100, ... people); over; or a person said that it is none. Each is told once."""

Word = Annotated[str, StringConstraints(min_length=1, max_length=60)]


class MatterEmerged(Event):
    """`request_id` names no request: it is the matter's own id, so that what is told of one matter comes in its order."""

    topic: ClassVar[str] = TOPIC

    agency: AgencySlug
    stage: Stage
    level: Annotated[int, Field(ge=0, description="how often it has risen since it emerged")] = 0
    words: Annotated[list[Word], Field(max_length=4, description="its telling words, of redacted texts and each of several people")] = []
    places: Annotated[list[Word], Field(max_length=2, description="streets that several of the redacted texts name")] = []
    category: Annotated[Code | None, Field(description="what most of its messages were sorted as")] = None
    messages: Annotated[int, Field(ge=0)]
    people: Annotated[int, Field(ge=0, description="who wrote them, each counted once")]
    people_in_last_hour: Annotated[int, Field(ge=0)]
    usual_an_hour: Annotated[float, Field(ge=0, description="people an hour who write alike at other times")]
    since: Annotated[Moment, Field(description="when the first of them came")]
    at: Moment
    request_ids: Annotated[list[UUID], Field(max_length=MOST_REQUESTS, description="its newest messages")] = []
