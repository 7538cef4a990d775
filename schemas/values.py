"""Base models and field types that several events share."""

import re
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, ClassVar, Literal, TypeGuard
from uuid import UUID

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    TypeAdapter,
    ValidationError,
)

from schemas.invisible_characters import is_blank

EARLIEST, LATEST = datetime(1970, 1, 2, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


def _not_nil(value: UUID) -> UUID:
    if value.int == 0:
        raise ValueError("the nil UUID names no request: choose a random one")
    return value


class Event(BaseModel):
    """What every record's value has in common. Unknown fields are passed over, so that a newer publisher can be read."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    topic: ClassVar[str]
    request_id: Annotated[UUID, AfterValidator(_not_nil)]


class Value(BaseModel):
    """A part of an event."""

    model_config = ConfigDict(frozen=True, extra="ignore")


def _text_only(value: object) -> object:
    """Refuses numbers, which would be read as seconds since 1970: a date must say its offset."""
    if isinstance(value, int | float) or (isinstance(value, str) and not value[:5].endswith("-")):
        raise ValueError("give RFC 3339 with an offset, as 2026-03-02T08:00:00+01:00")
    return value


def _within_reach(value: datetime) -> datetime:
    """Refuses moments at the ends of the calendar, where a time zone or a promised week would fall off it."""
    if not EARLIEST <= value < LATEST:
        raise ValueError(f"give a moment between {EARLIEST.year} and {LATEST.year}")
    return value


def says_something(value: str) -> str:
    """Refuses text of nothing but spaces and characters that nobody sees. Raises ValueError."""
    if is_blank(value):
        raise ValueError("there is nothing to read in it: send what the citizen wrote")
    return value


def without_gaps(value: str) -> str:
    """Replaces lone surrogates, legal in JSON and in no encoding, and NULs, which no database keeps, by U+FFFD."""
    return value if value.isascii() and "\0" not in value else _GAPS.sub("\ufffd", value)


def _number_as_text(value: object) -> object:
    """Reads a JSON number as text, since a telephone number or a reference may come as one."""
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:.0f}" if isinstance(value, float) and value.is_integer() else str(value) if isinstance(value, int | float) else value


def _language_tag(value: object) -> object:
    """Reads a locale as programs write it (`fr_FR.UTF-8`) as BCP 47 writes it (`fr-FR`)."""
    if not isinstance(value, str):
        return value
    language, *others = re.split("[.@]", value.strip())[0].replace("_", "-").split("-")
    return "-".join([language.lower(), *(_subtag(subtag) for subtag in others)])


def _subtag(text: str) -> str:
    match len(text):
        case 2:
            return text.upper()  # a region
        case 4:
            return text.title()  # a script
        case _:
            return text.lower()


_GAPS = re.compile("[\x00\ud800-\udfff]")

Line = Annotated[str, StringConstraints(strip_whitespace=True), AfterValidator(without_gaps)]
Prose = Annotated[str, AfterValidator(without_gaps)]
"""Text with line breaks; NUL and lone surrogates replaced, since no database keeps them."""
NumberAsText = BeforeValidator(_number_as_text)

Moment = Annotated[AwareDatetime, BeforeValidator(_text_only), AfterValidator(_within_reach)]
AgencySlug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$")]
_SLUG: TypeAdapter[str] = TypeAdapter(AgencySlug)


def is_agency_slug(value: object) -> TypeGuard[str]:
    """Whether it can be an agency's code."""
    try:
        _SLUG.validate_python(value)
    except ValidationError:
        return False
    return True


Code = Annotated[str, StringConstraints(min_length=1, max_length=64)]
"""A category, a department: the taxonomy's own names."""
LanguageTag = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$", max_length=35), BeforeValidator(_language_tag)
]
Probability = Annotated[float, Field(ge=0, le=1)]

Channel = Literal["email", "web", "phone", "letter", "open311", "chat", "social"]

MailMachine = Literal["reply", "bounce", "report", "list", "own"]
"""An automatic reply, a mail that came back, a delivery or read report, a newsletter or list, a mail of our own."""


class Urgency(StrEnum):
    """Most urgent first, in the order a queue shows them."""

    EMERGENCY = "emergency"
    HIGH = "high"
    NORMAL = "normal"
    LOW = "low"


class RedactedSpan(Value):
    """Where in the original a placeholder stands for something: code points, end excluded. Says where, never what."""

    field: Literal["subject", "body"]
    start: Annotated[int, Field(ge=0)]
    end: Annotated[int, Field(ge=0)]
    placeholder: str


class Redacted(Value):
    """The message with personal details replaced by placeholders: all that a model may see."""

    subject: str | None = None
    body: str
    found: dict[str, int] = Field(default_factory=dict, description="how many of each kind were replaced: {'EMAIL': 2}")
    spans: list[RedactedSpan] = []


class Person(Value):
    """Whom a reply goes to. At most one of each way to reach them."""

    name: Annotated[Line, StringConstraints(max_length=200)] | None = None
    email: Annotated[Line, StringConstraints(max_length=320, pattern=r"^[^@\s<>,;:\"()\[\]\\]+@[^@\s<>,;:\"()\[\]\\]+$")] | None = None
    phone: Annotated[Line, StringConstraints(max_length=50), NumberAsText] | None = None
    address: Annotated[Prose, StringConstraints(max_length=500)] | None = None


def in_utc(moment: datetime) -> str:
    """RFC 3339 with a Z, as CloudEvents likes it."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
