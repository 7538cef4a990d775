"""Tables of dispatch: mail deliveries, webhooks, and webhook deliveries."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field, SQLModel

from services.runtime.database import JSON, Moment


class DeliveryRow(SQLModel, table=True):
    """One decision's delivery. `attempts` is also the fence: who holds an older number may change nothing.

    Of a receipt (`kind`) its own id stands for a decision's. `reason`: the code of why the last attempt failed.
    """

    __tablename__ = "dispatch_deliveries"

    decision_id: UUID = Field(primary_key=True)
    request_id: UUID = Field(index=True)
    agency: str | None = None
    kind: str = Field(default="reply", sa_column_kwargs={"server_default": "reply"})
    event: str
    trace: dict[str, str] = Field(sa_type=JSON)
    state: str = Field(index=True)
    channel: str
    attempts: int
    next_attempt_at: datetime | None = Field(default=None, sa_type=Moment, index=True)
    leased_until: datetime | None = Field(default=None, sa_type=Moment, index=True)
    reason: str | None = None
    detail: str
    message_id: str
    created_at: datetime = Field(sa_type=Moment)
    updated_at: datetime = Field(sa_type=Moment)
    finished_at: datetime | None = Field(default=None, sa_type=Moment)


class WebhookRow(SQLModel, table=True):
    """The webhook of an agency. The secret signs, so it can't be kept as a hash."""

    __tablename__ = "dispatch_webhooks"

    agency: str = Field(primary_key=True)
    url: str
    secret: str
    loopback: bool = False
    created_at: datetime = Field(sa_type=Moment)


class WebhookDeliveryRow(SQLModel, table=True):
    """One decision's delivery to its agency's webhook. `payload` is text: each try sends, and signs, the same bytes.

    `attempts_before`: those of before it was last sent again by hand, which has as many tries as the first time.
    `arrived_at`: when the webhook first took it, whatever became of sending it again.
    """

    __tablename__ = "dispatch_webhook_deliveries"

    decision_id: UUID = Field(primary_key=True)
    request_id: UUID
    agency: str = Field(index=True)
    payload: str
    trace: dict[str, str] = Field(sa_type=JSON)
    state: str
    attempts: int
    attempts_before: int = 0
    next_attempt_at: datetime | None = Field(default=None, sa_type=Moment, index=True)
    leased_until: datetime | None = Field(default=None, sa_type=Moment, index=True)
    reason: str | None = None
    detail: str
    created_at: datetime = Field(sa_type=Moment)
    updated_at: datetime = Field(sa_type=Moment)
    finished_at: datetime | None = Field(default=None, sa_type=Moment)
    arrived_at: datetime | None = Field(default=None, sa_type=Moment)
