"""Parses bytes as a mail (RFC 5322, MIME) in bounded work. Never raises: what can't be parsed as a whole is parsed as far as it goes."""

import re
from dataclasses import dataclass
from email._policybase import Compat32
from email.message import Message
from email.parser import BytesHeaderParser, BytesParser
from email.policy import Policy
from typing import Any

from services.intake.mail.header_values import LONGEST_VALUE

MOST_PARTS = 400
"""Each part may hold the next, and the parser is deep in as many calls then."""
MOST_WORK = 20_000_000
"""Lines times boundaries: each line is compared with the boundary of every part that it may end."""
_SHORTER = (2_000_000, 100_000)  # bytes that are parsed where all is too much
_LONGEST_HEAD = 200_000
_MOST_FOLDS = 2_000

_ENVELOPE_LINE = re.compile(rb">?From [^\r\n]{0,1000}(?:\r\n|\r|\n)")
_HEAD_END = re.compile(rb"\r\n\r\n|\n\n|\r\r|\n\r\n")


class _TooManyParts(Exception):
    pass


class _Policy(Compat32):
    """Values of headers as they stand, cut where they are longer than any that means something."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        name, value = super().header_source_parse(sourcelines[:_MOST_FOLDS])
        return name, value[:LONGEST_VALUE]

    def header_fetch_parse(self, name: str, value: str) -> Any:  # noqa: ANN401 - as its base has it
        del name
        return value


class _Counted:
    """Makes the parts of one mail, and no more than are read."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, policy: "Policy[Message]") -> Message:
        self.count += 1
        if self.count > MOST_PARTS:
            raise _TooManyParts
        return Message(policy)


@dataclass(frozen=True)
class Parsed:
    """The message, and whether all of it was parsed."""

    message: Message
    complete: bool = True


def parsed(raw: bytes) -> Parsed:
    """The mail without what mailbox files put before it."""
    content = _trimmed(raw)
    for length in (len(content), *_SHORTER, len(content) // 4, len(content) // 16):
        if length > len(content) or _work(data := content[:length]) > MOST_WORK:
            continue
        try:
            return Parsed(_parse(data), complete=length == len(content))
        except (_TooManyParts, RecursionError, ValueError, LookupError, AttributeError, TypeError):
            continue
    return Parsed(_head_only(content), complete=False)


def _parse(data: bytes) -> Message:
    return BytesParser(policy=_POLICY.clone(message_factory=_Counted())).parsebytes(data)


def _work(data: bytes) -> int:
    lines = data.count(b"\n") + data.count(b"\r")
    boundaries = min(len(re.findall(rb"boundary", data, re.IGNORECASE)), MOST_PARTS)
    return lines * (boundaries + 1)


def _trimmed(raw: bytes) -> bytes:
    content = raw.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n")
    if envelope := _ENVELOPE_LINE.match(content):
        content = content[envelope.end() :]
    return content


def _head_only(content: bytes) -> Message:
    """The headers, and what follows as text whose parts nobody took apart."""
    head = content[:_LONGEST_HEAD]
    end = _HEAD_END.search(head)
    try:
        message: Message = BytesHeaderParser(policy=_POLICY).parsebytes(head[: end.end()] if end else head)
    except (ValueError, LookupError, AttributeError, TypeError):
        message = Message(policy=_POLICY)
    body = head[end.end() :] if end else b""
    del message["content-type"]
    del message["content-transfer-encoding"]
    message.set_payload(body.decode("ascii", "surrogateescape"))
    return message


_POLICY = _Policy()
