"""Makes the record that replays a dead letter: as it came, put right, or as a request with an id of its own."""

import base64
import json
from dataclasses import dataclass
from uuid import uuid5

from schemas import requests_received
from schemas.dead_letters import DeadLetter
from services.runtime.errors import InvalidInput
from services.runtime.kafka_records import EVENT_IDS, Outgoing, read_json
from services.runtime.trace_context import TRACEPARENT

CONFLICTS = ("IdTaken", "ContentDiffers")


@dataclass
class Replay:
    """A record to send in place of a dead letter."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: list[tuple[str, bytes | None]]

    @property
    def outgoing(self) -> Outgoing:
        """The record in the form that is signed."""
        return Outgoing(self.topic, self.key or b"", self.value or b"")


def as_it_came(letter: DeadLetter, put_right: bytes | None) -> Replay:
    """The record with its headers; what was put right goes on in its trace, and has no other: those were of other bytes."""
    value = letter.value and base64.b64decode(letter.value)
    headers = [(h.key, base64.b64decode(h.value) if h.value is not None else None) for h in letter.headers]
    key = base64.b64decode(letter.key) if letter.key is not None else None
    trace = [(name, content) for name, content in headers if name == TRACEPARENT]
    return Replay(letter.topic, key, put_right or value or None, trace if put_right else headers)


def with_new_id(letter: DeadLetter) -> Replay:
    """The request under an id that follows from the letter's, so that a second replay is the same request."""
    if letter.topic != requests_received.TOPIC:
        raise InvalidInput(f"--new-id is for requests: {letter.letter_id} is of {letter.topic}", field="new_id")
    request = read_json(base64.b64decode(letter.value or ""))
    if not isinstance(request, dict):
        raise InvalidInput(f"{letter.letter_id} holds no request that could get an id: put it right with --value", field="new_id")
    new = str(uuid5(EVENT_IDS, f"replay/{letter.letter_id}"))
    return Replay(letter.topic, new.encode(), json.dumps(request | {"request_id": new}, ensure_ascii=False).encode(), [])
