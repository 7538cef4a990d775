"""Converts events to Kafka records and back: the CloudEvents 1.0 binding in binary mode, with W3C trace context."""

import codecs
import hashlib
import json
import math
import re
from collections import Counter
from collections.abc import Container, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeVar
from uuid import UUID, uuid5

from pydantic import BaseModel, ValidationError
from pydantic_core import from_json

from schemas import dead_letters
from schemas.dead_letters import DeadLetter, Header
from schemas.values import Event, Value, in_utc
from services.runtime import clock, trace_context
from services.runtime.errors import InvalidRecord

MAX_RECORD_BYTES = 4 * 1024 * 1024  # a dead letter is base64 of a record that may have had 1 MiB itself
EVENT_IDS = UUID("6b2c4b6c-7f5e-5d0e-9a1f-0a7f3c0f8d11")

E = TypeVar("E", bound=BaseModel)


class Received(Protocol):
    """A record that came from Kafka, by whichever client."""

    @property
    def topic(self) -> str:
        """The topic it came from."""

    @property
    def partition(self) -> int:
        """The partition it came from."""

    @property
    def offset(self) -> int:
        """Its offset in the partition."""

    @property
    def timestamp(self) -> int:
        """Milliseconds since 1970, as the broker has it."""

    @property
    def key(self) -> bytes | None:
        """Its key: records of one key keep their order."""

    @property
    def value(self) -> bytes | None:
        """Its bytes."""

    @property
    def headers(self) -> Sequence[tuple[str, bytes | None]]:
        """Its headers, in order."""


@dataclass(frozen=True)
class Outgoing:
    """A record ready to be sent: bytes and headers, as they will stand in Kafka."""

    topic: str
    key: bytes
    value: bytes
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class WrittenEvent:
    """An event that another process has written as JSON already."""

    topic: str
    request_id: UUID
    value: bytes


def outgoing(event: Event | DeadLetter | WrittenEvent, service: str) -> Outgoing:
    """The event as a record, carrying the trace that is current now. The same event twice has the same `ce_id`."""
    topic = dead_letters.TOPIC if isinstance(event, DeadLetter) else event.topic
    key = str(event.letter_id if isinstance(event, DeadLetter) else event.request_id)
    value = event.value if isinstance(event, WrittenEvent) else written(event)
    headers = {
        "content-type": "application/json",
        "ce_specversion": "1.0",
        "ce_id": str(uuid5(EVENT_IDS, f"{topic}/{hashlib.sha256(value).hexdigest()}")),
        "ce_source": f"parvis/{service}",
        "ce_type": topic,
        "ce_time": in_utc(clock.now()),
        "ce_subject": key,
    }
    trace_context.inject(headers)
    return Outgoing(topic, key.encode(), value, headers)


def written(event: Event | DeadLetter) -> bytes:
    """The event as it stands in Kafka."""
    return event.model_dump_json(exclude_none=not isinstance(event, DeadLetter)).encode()


class RepeatedName(InvalidRecord):
    """A name that stands twice in one JSON object: which is meant, nobody can know. `field` is the name; the detail goes without it."""


def read_json(value: bytes | None) -> object:
    """The JSON of a record or of a request's body, with or without a byte order mark. Raises InvalidRecord where it is none.

    Half of a surrogate pair is legal in JSON and in no encoding: it becomes U+FFFD.
    """
    raw = (value or b"").removeprefix(codecs.BOM_UTF8)
    if not raw.strip():
        raise InvalidRecord("there is no value: a JSON object is expected")
    try:
        try:
            parsed = from_json(raw, allow_inf_nan=False)
        except ValueError:
            mended = _SURROGATES.sub(_only_pairs, raw)
            if mended == raw:
                raise
            raw, parsed = mended, from_json(mended, allow_inf_nan=False)
        # Read once more for what the first reader, which is faster and stops at 200 levels, passes over in silence.
        json.loads(raw, object_pairs_hook=_names_once, parse_float=_finite)
    except ValueError as error:
        raise InvalidRecord(f"the value is not JSON in UTF-8: {error}") from None
    return parsed


_SURROGATES = re.compile(
    rb"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[dD][89a-fA-F][0-9a-fA-F]{2}|\\.|\xed[\xa0-\xbf][\x80-\xbf]", re.DOTALL
)
"""A pair, half of one, any other escape, so that the end of one is not taken for the beginning of the next, and half of a pair as bytes."""
_ESCAPED_HALF = len(rb"\ud83d")


def _only_pairs(match: re.Match[bytes]) -> bytes:
    if match.group().startswith(b"\xed"):
        return "\ufffd".encode()
    return rb"\ufffd" if len(match.group()) == _ESCAPED_HALF else match.group()


def _names_once(pairs: list[tuple[str, object]]) -> None:
    if len(dict(pairs)) < len(pairs):
        [(name, _)] = Counter(name for name, _ in pairs).most_common(1)
        raise RepeatedName("a name stands twice in one object of it: send each name once", field=name)


def _finite(digits: str) -> None:
    if math.isinf(float(digits)):
        raise ValueError("a number in it is larger than any computer's")


def faults(error: ValidationError) -> str:
    """Faults of a value, field by field, without a word of what was sent: names that are not the schema's may be a citizen's."""
    return "; ".join(f"{field or 'value'}: {message}" for field, message in field_faults(error))


def field_faults(error: ValidationError) -> list[tuple[str, str]]:
    """The first faults of a value as fields and messages, as `faults` has them."""
    names = field_names()
    errors = error.errors(include_input=False, include_url=False)[:10]
    return [(".".join(_step(step, names) for step in e["loc"]), e["msg"]) for e in errors]


def _step(step: int | str, names: Container[str]) -> str:
    return str(step) if isinstance(step, int) or step in names else "*"


def field_names() -> frozenset[str]:
    """The names of all fields of all events."""
    models: list[type[BaseModel]] = [Event, Value, DeadLetter, Header]
    names: set[str] = set()
    while models:
        model = models.pop()
        names.update(model.model_fields)
        models += model.__subclasses__()
    return frozenset(names)


def read_event(value: bytes | None, model: type[E]) -> E:
    """The record as the event it should be. Raises InvalidRecord naming each field at fault."""
    try:
        return model.model_validate(read_json(value))
    except ValidationError as error:
        raise InvalidRecord(faults(error)) from None


def as_text(headers: Sequence[tuple[str, bytes | None]]) -> dict[str, str]:
    """Headers as text whatever bytes they hold: a header is never a reason to lose a record."""
    return {name: (value or b"").decode("utf-8", "replace") for name, value in headers}


def request_id_in(value: object) -> UUID | None:
    """The `request_id` of a decoded value; None where it has none that can be read."""
    try:
        return UUID(str(value["request_id"])) if isinstance(value, dict) else None
    except (KeyError, ValueError):
        return None
