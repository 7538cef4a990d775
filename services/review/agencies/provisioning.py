"""How the pages reach agencies' keys and webhooks: these are intake's and dispatch's, so the process is given the way."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from services.domain.agency_keys import NO_LIMITS, Agency, KeyTerms
from services.domain.webhook_records import WebhookRecord
from services.runtime.database import Session


class Add(Protocol):
    """Adds an agency, or gives it a further key."""

    async def __call__(self, session: Session, code: str, name: str, now: datetime, *, terms: KeyTerms = NO_LIMITS) -> str:
        """The new key."""


class Replace(Protocol):
    """Issues a key in the place of another, which stays good until then."""

    async def __call__(self, session: Session, code: str, now: datetime, until: datetime, *, prefix: str | None = None) -> tuple[str, str]:
        """The new key, and how the former begins."""


class Revoke(Protocol):
    """Ends keys of an agency."""

    async def __call__(self, session: Session, code: str, now: datetime, *, prefix: str | None = None) -> int:
        """How many ended."""


class Records(Protocol):
    """Messages to an agency's webhook, the newest first."""

    async def __call__(self, session: Session, agency: str, *, limit: int, undelivered: bool = False) -> Sequence[WebhookRecord]:
        """Alone those that have not arrived, where asked for."""


@dataclass(frozen=True)
class AgencyWebhooks:
    """How the page of an agency's webhook reaches dispatch's deliveries."""

    host: Callable[[Session, str], Awaitable[str | None]]
    records: Records
    send_again: Callable[[Session, str, UUID, datetime], Awaitable[None]]


@dataclass(frozen=True)
class AgencyKeys:
    """What the process was given."""

    agencies: Callable[[Session, datetime], Awaitable[Sequence[Agency]]]
    add: Add
    replace: Replace
    revoke: Revoke
    webhooks: AgencyWebhooks
