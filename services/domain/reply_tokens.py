"""A case's number as it travels in an address or a subject: short, and the same in capitals. Pure."""

import base64
import re
from uuid import UUID

LENGTH = 26
"""Characters of a token: 128 bits by five."""
MOST = 20
"""Tokens read from one text."""
_TOKEN = re.compile(rf"(?<![0-9A-Za-z])[A-Za-z2-7]{{{LENGTH}}}(?![0-9A-Za-z])")
_PADDING = "======"


def token_of(request_id: UUID) -> str:
    """The case's number in base32 (RFC 4648): 26 letters and digits, lower case, no padding."""
    return base64.b32encode(request_id.bytes).decode("ascii").rstrip("=").lower()


def request_in(text: str) -> list[UUID]:
    """The case numbers whose tokens stand in a text, each once, at most 20: of `answers+TOKEN@city.example` and `Re: Lamp [TOKEN]` one.

    A word of 26 letters may read as a token: a number that comes out of one is a question to the database and no answer.
    """
    numbers = (_request_of(token) for token in _TOKEN.findall(text))
    return list(dict.fromkeys(number for number in numbers if number is not None))[:MOST]


def _request_of(token: str) -> UUID | None:
    number = UUID(bytes=base64.b32decode(token.upper() + _PADDING))
    return number if token_of(number) == token.lower() else None  # two bits are left over: one spelling counts
