"""`parvis.triage.corrected.v1`: a person's correction of a triage, from which classifiers are trained again."""

from typing import ClassVar, Literal
from uuid import UUID

from schemas.values import Event, Moment, Value

TOPIC = "parvis.triage.corrected.v1"


class Change(Value):
    """The value of one field before and after."""

    field: Literal["category", "department", "urgency", "letter"]
    before: str
    after: str


class TriageCorrected(Event):
    """The fields that one person changed, and when."""

    topic: ClassVar[str] = TOPIC

    correction_id: UUID
    corrected_by: str
    corrected_at: Moment
    changes: list[Change]
