"""What an agency asks of the list of its requests, and where a page of it ends. Pure."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BeforeValidator

from schemas.values import EARLIEST, LATEST
from services.intake.rules import State

MOST_LISTED = 1000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
CURSOR = r"^\d{1,16}-[0-9a-f]{32}$"


def _written(value: object) -> object:
    if not isinstance(value, str) or not value[:5].endswith("-"):
        raise ValueError("give RFC 3339 with an offset, as 2026-03-02T08:00:00+01:00")
    return value


def _within_reach(value: datetime) -> datetime:
    """The moment, or the end of the calendar that is next to it: nothing lies beyond."""
    return min(max(value, EARLIEST), LATEST)


Since = Annotated[AwareDatetime, BeforeValidator(_written), AfterValidator(_within_reach)]
"""A moment to look from or up to."""


@dataclass(frozen=True)
class Filters:
    """Each None is no filter. Moments at the lower ends are included, at the upper ends too."""

    request_ids: tuple[UUID, ...] | None = None
    states: tuple[State, ...] | None = None
    categories: tuple[str, ...] | None = None
    accepted_from: datetime | None = None
    accepted_to: datetime | None = None
    updated_from: datetime | None = None
    updated_to: datetime | None = None


@dataclass(frozen=True)
class Place:
    """Where a page ends: the list goes on after it, whatever has come meanwhile."""

    at: datetime
    number: UUID

    def __str__(self) -> str:
        """As it travels: microseconds since 1970, and the id."""
        return f"{(self.at - EPOCH) // timedelta(microseconds=1)}-{self.number.hex}"

    @classmethod
    def read(cls, text: str) -> "Place":
        """The place that was written as `text`. Raises ValueError."""
        microseconds, _, number = text.partition("-")
        try:
            return cls(EPOCH + timedelta(microseconds=int(microseconds)), UUID(number))
        except OverflowError:
            raise ValueError("no moment is so late") from None


@dataclass(frozen=True)
class Listed:
    """One request of the list. `category` is triage's; `chosen_category` the sender's own choice where it made one."""

    request_id: UUID
    accepted_at: datetime
    updated_at: datetime
    state: State
    category: str | None
    chosen_category: str | None
    department: str | None
    urgency: str | None
    trace_id: str | None

    @property
    def place(self) -> Place:
        """Where it stands in the list."""
        return Place(self.accepted_at, self.request_id)


@dataclass(frozen=True)
class Report:
    """What the journal has of a request beside its status, without its sender."""

    received_at: datetime | None
    body: str
    latitude: float | None = None
    longitude: float | None = None
    address: str | None = None
    address_id: str | None = None
    media_url: str | None = None
