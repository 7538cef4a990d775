"""`parvis.dead-letters.v1`: a record that could not be read or kept failing, its bytes untouched."""

from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from schemas.values import Moment, Prose

TOPIC = "parvis.dead-letters.v1"


class Header(BaseModel):
    """One header of the record; `value` is base64, or null where the record had null."""

    key: Prose
    value: str | None


class DeadLetter(BaseModel):
    """Key and value are base64 of the bytes as they came; the error says nothing of the citizen's words."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    record_topic: ClassVar[str] = TOPIC

    letter_id: UUID
    service: str
    topic: str
    partition: Annotated[int, Field(ge=0)]
    offset: Annotated[int, Field(ge=0)]
    key: str | None
    headers: list[Header]
    value: str | None
    error_type: str
    error_message: str
    attempts: Annotated[int, Field(ge=1)]
    first_failed_at: Moment
    last_failed_at: Moment
