"""JSON bodies of intake's answers: the receipt of a request, and the status that its agency sees later."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from schemas.requests_status import RefusalKind
from services.intake.rules import State


class Dropped(BaseModel):
    """An optional field that could not be used, with the fix. The request was taken without it."""

    field: str
    message: str


class Warned(BaseModel):
    """A field that was taken as it is, and with which no reply can arrive."""

    field: str
    message: str


class Receipt(BaseModel):
    """The request is kept and will be worked on, whatever happens to this process."""

    request_id: UUID
    status_url: str
    trace_id: str
    dropped: list[Dropped] = []
    warnings: list[Warned] = []


class LineReceipt(Receipt):
    """The same for one line of a batch."""

    line: int
    status: int = 202


class Reply(BaseModel):
    """The decided reply, as it was or will be sent."""

    subject: str | None
    body: str | None
    decided_at: datetime


class RefusedRecord(BaseModel):
    """A record of this id in the agency's name that was not accepted; ops has it as a dead letter."""

    letter_id: UUID
    kind: RefusalKind
    detail: str
    refused_at: datetime


class FieldFault(BaseModel):
    """A field of a record at fault, and what would do; an empty name is the record as a whole."""

    field: str
    message: str


class Refused(RefusedRecord):
    """One record of the list. `request_id` and `key` are null where they could not be read, or the key is no plain id."""

    model_config = ConfigDict(from_attributes=True)

    request_id: UUID | None
    topic: str | None
    partition: int | None
    offset: int | None
    key: str | None
    errors: list[FieldFault]


class RefusalList(BaseModel):
    """Records in the agency's name that were not accepted, the newest first. `next_cursor` leads to those before; null at the end."""

    items: list[Refused]
    next_cursor: str | None


class RequestStatus(BaseModel):
    """What an agency sees of its request. In `conflict` the id is another request's: send this one with a new id."""

    request_id: UUID
    state: State
    category: str | None
    department: str | None
    reply: Reply | None
    updated_at: datetime
    trace_id: str
    refusals: list[RefusedRecord] = []
    dropped: list[Dropped] = []
    warnings: list[Warned] = []


class RequestLine(BaseModel):
    """One request of the list; `GET /v1/requests/{request_id}` has the rest of it."""

    model_config = ConfigDict(from_attributes=True)

    request_id: UUID
    state: State
    category: str | None
    department: str | None
    accepted_at: datetime
    updated_at: datetime


class RequestList(BaseModel):
    """The agency's requests, the newest first. `next_cursor` leads to those before; null at the end."""

    items: list[RequestLine]
    next_cursor: str | None
