"""How the pages reach agencies' keys and webhooks: these are intake's and dispatch's, so the process is given the way."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from services.domain.key_terms import NO_LIMITS, KeyTerms
from services.runtime.database import Session


class Key(Protocol):
    """A key as it may be shown."""

    @property
    def prefix(self) -> str:
        """How it begins."""

    @property
    def terms(self) -> KeyTerms:
        """What it is good for, and until when."""

    @property
    def created_at(self) -> datetime:
        """Since when it is good."""

    @property
    def used_on(self) -> date | None:
        """The last day that it was used."""


class Agency(Protocol):
    """Somebody who may publish."""

    @property
    def slug(self) -> str:
        """Its code."""

    @property
    def name(self) -> str:
        """What people call it."""

    @property
    def keys(self) -> Sequence[Key]:
        """Those that are good now."""


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


class WebhookRecord(Protocol):
    """How far one message to an agency's webhook is, without what it says."""

    @property
    def decision_id(self) -> UUID:
        """The decision that it tells of."""

    @property
    def request_id(self) -> UUID:
        """The request that was decided on."""

    @property
    def state(self) -> str:
        """`pending`, `sending`, `delivered` or `failed`."""

    @property
    def attempts(self) -> int:
        """How often it was tried."""

    @property
    def detail(self) -> str:
        """What came of the last attempt."""

    @property
    def created_at(self) -> datetime:
        """Since when it waits, or waited."""

    @property
    def arrived_at(self) -> datetime | None:
        """When the webhook first took it."""

    @property
    def next_attempt_at(self) -> datetime | None:
        """When it is tried next."""


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
