"""A word of its own for each field of a request that a citizen's words can be in: wherever such a word turns up, its field has leaked.

The fields are read from the schema. A new one has a word without anybody's doing; what is no text of theirs is said here, with why.
"""

import base64
import hashlib
import re
import types
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Union, get_args, get_origin
from uuid import UUID, uuid4

from pydantic import AwareDatetime, BaseModel

from schemas.requests_received import RequestReceived

NOT_PERSONAL = {
    "agency": "who publishes",
    "channel": "one of a list",
    "language": "a tag of a language",
    "files.sha256": "measured by intake, and hexadecimal digits",
}
"""Texts of the schema that hold no word of a citizen's. Numbers but a position, moments, ids, switches and choices never do."""
LETTERS = "bcdfghklmnprstvz"


@dataclass(frozen=True)
class Canaries:
    """The words of one request: no two requests share one."""

    name: str

    def word(self, path: str) -> str:
        """Of that field: fourteen letters that stand in no text but these."""
        digest = hashlib.blake2b(f"{self.name}/{path}".encode(), digest_size=6).hexdigest()
        return "Qu" + "".join(LETTERS[int(digit, 16)] for digit in digest)

    def number(self, path: str, digits: int) -> str:
        """Of that field, in digits without a zero, which a number would not keep at its end."""
        return str(int(hashlib.blake2b(f"{self.name}/{path}".encode(), digest_size=8).hexdigest(), 16))[:digits].replace("0", "7")

    def request(self, **changes: Any) -> dict[str, Any]:
        """A request with a word in each of its fields, and in every part of its letter."""
        request: dict[str, Any] = {
            "request_id": str(uuid4()),
            "agency": "belrive",
            "channel": "web",
            "received_at": "2026-03-02T08:00:00+01:00",
        }
        for path in personal_fields():
            _put(request, path.split("."), self.value(path))
        # What says that a machine wrote it, or which case it follows, would take it another way; and `dropped` is noted by intake.
        return request | {"language": "en"} | changes

    def value(self, path: str) -> object:
        """What stands in the field."""
        return VALUES[path](self, path) if path in VALUES else self.word(path)

    def words(self) -> dict[str, str]:
        """All of them as they are looked for, by where they stand: in small letters."""
        words = {path: self.word(path) for path in personal_fields() if path not in DIGITS}
        words |= {path: digits(self, path) for path, digits in DIGITS.items()}
        words |= {f"body: {part}": self.word(f"body/{part}") for part in PARTS}
        return {path: word.lower() for path, word in words.items()}


PARTS = ("street", "account", "signature", "quoted", "question")


def letter(of: Canaries, path: str) -> str:
    """As people write: a matter, who they are, and the mail that they answer."""
    street, account, signature, quoted, question = (of.word(f"body/{part}") for part in PARTS)
    return (
        f"Good morning,\n\nthe street lamp outside 12 {street} Street has been out for a week. {of.word(path)}. "
        f"My customer account is {account}-4711, my telephone {of.value('citizen.phone')}. When will it be repaired, {question}?\n\n"
        f"Kind regards\n{of.word('citizen.name')} {signature}\n\n> On Monday Ada {quoted} <{quoted}@mail.example> wrote:\n> {quoted}\n"
    )


VALUES: Mapping[str, Callable[[Canaries, str], object]] = {
    "body": letter,
    "citizen.email": lambda of, path: f"{of.word(path)}@canary.example",
    "citizen.phone": lambda of, path: f"+41 22 {of.number(path, 7)}",
    "location.latitude": lambda of, path: float(f"46.{of.number(path, 6)}"),
    "location.longitude": lambda of, path: float(f"6.{of.number(path, 6)}"),
    "attachments.url": lambda of, path: f"https://files.example/{of.word(path)}.jpg",
    "attachments.media_type": lambda of, path: f"image/{of.word(path)}",
    "files.media_type": lambda of, path: f"text/{of.word(path)}",
    "files.content": lambda of, path: base64.b64encode(f"{of.word(path)}\n".encode()).decode(),
    "message_id": lambda of, path: f"<{of.word(path)}@mail.example>",
    "references": lambda of, path: [f"<{of.word(path)}@mail.example>"],
    "metadata": lambda of, path: {of.word(path): of.word(f"{path}/value")},
}
"""Fields whose words have a form of their own."""
DIGITS: Mapping[str, Callable[[Canaries, str], str]] = {
    "citizen.phone": lambda of, path: of.number(path, 7),
    "location.latitude": lambda of, path: f"46.{of.number(path, 6)}",
    "location.longitude": lambda of, path: f"6.{of.number(path, 6)}",
}


def in_text(words: Mapping[str, str], text: str) -> list[str]:
    """Where the words stood that are in the text. Digits count where they are a number of their own: times have long ones."""
    text = text.lower()
    return [
        path
        for path, word in words.items()
        if (re.search(rf"(?<![\d.]){re.escape(word)}(?!\d)", text) if word[0].isdigit() else word in text)
    ]


def personal_fields() -> list[str]:
    """The paths of all fields that a citizen's words can be in, as `citizen.name`."""
    return [path for path, kind in _leaves(RequestReceived, "") if path not in NOT_PERSONAL and kind in (str, float)]


def _leaves(model: type[BaseModel], under: str) -> Iterator[tuple[str, object]]:
    for name, about in model.model_fields.items():
        yield from _of_type(about.annotation, f"{under}{name}")


def _of_type(kind: Any, path: str) -> Iterator[tuple[str, object]]:
    origin, inside = get_origin(kind), [each for each in get_args(kind) if each is not type(None)]
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        yield from _leaves(kind, f"{path}.")
    elif origin is Annotated:
        yield from _of_type(inside[0], path)
    elif origin in (Union, types.UnionType):
        for each in inside:
            yield from _of_type(each, path)
    elif origin in (list, dict):
        yield from _of_type(inside[0], path)
    elif origin is not Literal and kind not in (UUID, AwareDatetime, bool, int):
        assert kind in (str, float), f"{path}: say in tests/harness/canaries.py what a canary of {kind} is"
        yield path, kind


def _put(request: dict[str, Any], path: list[str], value: object) -> None:
    """Into the request, with an object or a list of one where the schema has them."""
    first, *rest = path
    if not rest:
        request[first] = value
        return
    inner = request.setdefault(first, [{}] if first in ("attachments", "files", "dropped") else {})
    _put(inner[0] if isinstance(inner, list) else inner, rest, value)
