"""Takes text and files out of winmail.dat (MS-OXTNEF), which Outlook sends in place of MIME. Bounded; raises ValueError on what is none.

The library for it counts as many recipients as a file claims to have, up to four thousand million, and is under the LGPL.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from services.intake.mail import charsets, html_text, rtf_text

SIGNATURE = 0x223E9F78
MOST_ATTRIBUTES, MOST_PROPERTIES, MOST_FILES = 2_000, 2_000, 100
_HEAD = 6  # bytes: signature and key

_BODY, _MESSAGE, _CODEPAGE = 0x800C, 0x9003, 0x9007
_RENDERING, _TITLE, _DATA, _ATTACHMENT = 0x9002, 0x8010, 0x800F, 0x9005
_PLAIN, _RTF, _HTML, _INTERNET_CODEPAGE = 0x1000, 0x1009, 0x1013, 0x3FDE
_CONTENT, _SHORT_NAME, _LONG_NAME, _MEDIA_TYPE, _CONTENT_ID = 0x3701, 0x3704, 0x3707, 0x370E, 0x3712

_FIXED = {0x02: 4, 0x03: 4, 0x04: 4, 0x05: 8, 0x06: 8, 0x07: 8, 0x0A: 4, 0x0B: 4, 0x14: 8, 0x40: 8, 0x48: 16}
_STRING, _UNICODE, _BINARY, _OBJECT = 0x1E, 0x1F, 0x102, 0x0D
_VARIABLE = (_STRING, _UNICODE, _BINARY, _OBJECT)
_MANY, _NAMED = 0x1000, 0x8000
_CLASS_ID = 16  # bytes before an object's data


@dataclass
class TnefFile:
    """A file as it is named and typed there; the bytes say what it is."""

    name: str = ""
    content: bytes = field(default=b"", repr=False)
    media_type: str = "application/octet-stream"
    content_id: str | None = None


@dataclass
class Tnef:
    """The text of the message, if it has one, and its files."""

    text: str = ""
    files: list[TnefFile] = field(default_factory=list)


def read(data: bytes) -> Tnef:
    """Reads a whole winmail.dat; where it is cut, what stands before the cut. Raises ValueError where it is none."""
    if len(data) < _HEAD or struct.unpack_from("<I", data)[0] != SIGNATURE:
        raise ValueError("this is no TNEF")
    result, charset = Tnef(), "cp1252"
    bodies: dict[int, str] = {}
    for identifier, content in _attributes(data):
        if identifier == _CODEPAGE and len(content) >= 4:  # noqa: PLR2004 - a number of 32 bits
            charset = f"cp{struct.unpack_from('<I', content)[0]}"
        elif identifier == _BODY:
            bodies.setdefault(_PLAIN, _text(content, charset))
        elif identifier == _MESSAGE:
            bodies.update(_bodies(content, charset))
        elif identifier == _RENDERING and len(result.files) < MOST_FILES:
            result.files.append(TnefFile())
        elif result.files:
            _add(result.files[-1], identifier, content, charset)
    result.text = bodies.get(_PLAIN) or bodies.get(_HTML) or bodies.get(_RTF) or ""
    result.files = [file for file in result.files if file.content]
    return result


def _attributes(data: bytes) -> Iterator[tuple[int, bytes]]:
    position = _HEAD
    for _ in range(MOST_ATTRIBUTES):
        if position + 9 > len(data):
            return
        _, identifier, _, length = struct.unpack_from("<BHHI", data, position)
        position += 9
        yield identifier, data[position : position + length]
        position += length + 2  # the checksum


def _bodies(content: bytes, charset: str) -> dict[int, str]:
    properties = list(_properties(content))
    page = next((struct.unpack_from("<I", value)[0] for number, _, value in properties if number == _INTERNET_CODEPAGE), None)
    own = "utf-8" if page == 65001 else f"cp{page}" if page else charset  # noqa: PLR2004 - the number that Windows gives UTF-8
    bodies: dict[int, str] = {}
    for number, kind, value in properties:
        if number == _PLAIN:
            bodies[_PLAIN] = _string(kind, value, charset)
        elif number == _HTML:
            bodies[_HTML] = html_text.text_of(_string(kind, value, own)).text
        elif number == _RTF:
            bodies[_RTF] = rtf_text.of_compressed(value)
    return {number: text for number, text in bodies.items() if text.strip()}


def _add(file: TnefFile, identifier: int, content: bytes, charset: str) -> None:
    if identifier == _TITLE:
        file.name = file.name or _text(content, charset)
    elif identifier == _DATA:
        file.content = content
    elif identifier == _ATTACHMENT:
        for number, kind, value in _properties(content):
            match number:
                case 0x3707:
                    file.name = _string(kind, value, charset) or file.name
                case 0x3704:
                    file.name = file.name or _string(kind, value, charset)
                case 0x3701:
                    file.content = file.content or (value[_CLASS_ID:] if kind == _OBJECT else value)
                case 0x370E:
                    file.media_type = _string(kind, value, charset) or file.media_type
                case 0x3712:
                    file.content_id = _string(kind, value, charset) or None


def _properties(content: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Number, type and first value of each property; ends where the bytes do."""
    try:
        (count,) = struct.unpack_from("<I", content)
        position = 4
        for _ in range(min(count, MOST_PROPERTIES)):
            kind, number = struct.unpack_from("<HH", content, position)
            position += 4
            if number >= _NAMED:
                position = _after_name(content, position)
            value, position = _value(content, position, kind)
            if value is None:
                return
            yield number, kind & ~_MANY, value
    except struct.error:
        return


def _after_name(content: bytes, position: int) -> int:
    (kind,) = struct.unpack_from("<I", content, position + 16)
    if kind == 0:
        return position + 24
    (length,) = struct.unpack_from("<I", content, position + 20)
    return position + 24 + _padded(length)


def _value(content: bytes, position: int, kind: int) -> tuple[bytes | None, int]:
    base, several = kind & ~_MANY, bool(kind & _MANY)
    if base in _FIXED:
        count, start = (struct.unpack_from("<I", content, position)[0], position + 4) if several else (1, position)
        return content[start : start + _FIXED[base]], start + _FIXED[base] * count
    if base not in _VARIABLE:
        return None, position
    (count,) = struct.unpack_from("<I", content, position)
    position, first = position + 4, b""
    for place in range(min(count, MOST_PROPERTIES)):
        (length,) = struct.unpack_from("<I", content, position)
        if place == 0:
            first = content[position + 4 : position + 4 + length]
        position += 4 + _padded(length)
    return first, position


def _padded(length: int) -> int:
    return length + (-length % 4)


def _string(kind: int, value: bytes, charset: str) -> str:
    return value.decode("utf-16-le", "replace").split("\x00", 1)[0] if kind == _UNICODE else _text(value, charset)


def _text(value: bytes, charset: str) -> str:
    return charsets.decode(value.split(b"\x00", 1)[0], charset).text
