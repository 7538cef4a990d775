"""How far a message to an agency's webhook is, without what it says. Pure."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True)
class WebhookRecord:
    """`state`: `pending`, `sending`, `delivered` or `failed`. `detail`: what came of the last attempt.

    `arrived_at`: when the webhook first took it.
    """

    decision_id: UUID
    request_id: UUID
    state: str
    attempts: int
    detail: str
    created_at: datetime
    updated_at: datetime
    next_attempt_at: datetime | None
    arrived_at: datetime | None
