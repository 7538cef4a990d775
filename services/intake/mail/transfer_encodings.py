"""Undoes the transfer encoding of a part, broken as it may be. Never raises."""

import binascii
import copy
import re
from dataclasses import dataclass
from email.message import Message

from services.intake.mail import header_values

_BASE64_LINE = re.compile(rb"[A-Za-z0-9+/=]*")
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/=]")
_UU_BEGIN = re.compile(rb"(?m)^begin [0-7]{3,4} ([^\r\n]{1,255})\r?$")


@dataclass(frozen=True)
class Payload:
    """The bytes of a part, and whether its encoding was broken."""

    content: bytes
    broken: bool = False


def payload(part: Message) -> Payload:
    """The decoded bytes of a part that has no parts itself."""
    data = octets(part)
    encoding = (header_values.values(part, "content-transfer-encoding") or [""])[0].strip().strip("\"';").lower()
    if encoding == "base64":
        return _base64(data)
    if encoding == "quoted-printable":
        return Payload(binascii.a2b_qp(data), broken=re.search(rb"=(?![0-9A-Fa-f]{2}|[ \t]*\r?\n|[ \t]*\r?$)", data) is not None)
    if encoding in ("x-uuencode", "uuencode", "x-uue", "uue"):
        return _uuencoded(data)
    return Payload(data)


def octets(part: Message) -> bytes:
    """The bytes of a part as they were sent, still encoded."""
    bare = copy.copy(part)  # its headers are a list of its own as soon as one is deleted
    del bare["content-transfer-encoding"]
    content = bare.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _base64(data: bytes) -> Payload:
    """What is base64 of it. A line of plain text below, as lists append it, stays as it is; what is plain as a whole too."""
    lines = data.splitlines()
    length = next((number for number, line in enumerate(lines) if not _BASE64_LINE.fullmatch(line.strip())), len(lines))
    rest = b"\n".join(lines[length:]).strip()
    if rest and (b" " not in rest or length == 0):
        if b" " in rest:
            return Payload(data, broken=True)
        # Stray characters, not a text: those outside the alphabet are passed over, as RFC 2045 asks for.
        lines, length, broken, rest = [_NOT_BASE64.sub(b"", data)], 1, True, b""
    else:
        broken = bool(rest)
    encoded = b"".join(b"".join(lines[:length]).split())
    letters = encoded.partition(b"=")[0]
    usable = letters[: len(letters) - 1] if len(letters) % 4 == 1 else letters
    try:
        content = binascii.a2b_base64(usable + b"=" * (-len(usable) % 4))
    except binascii.Error:
        return Payload(data, broken=True)
    return Payload(content + (b"\n\n" + rest if rest else b""), broken or len(encoded) % 4 != 0)


def _uuencoded(data: bytes) -> Payload:
    begin = _UU_BEGIN.search(data)
    decoded = _uu(data, begin.end() if begin else 0)
    return Payload(decoded.content, decoded.broken)


def uuencoded_files(text: bytes, most: int) -> tuple[bytes, list[tuple[bytes, bytes]]]:
    """The text without files that stand in it as `begin 644 name` ... `end`, and these: names and contents."""
    files: list[tuple[bytes, bytes]] = []
    kept: list[bytes] = []
    position = 0
    for begin in _UU_BEGIN.finditer(text):
        if begin.start() < position or len(files) >= most:
            continue
        decoded = _uu(text, begin.end())
        if not decoded.broken and decoded.content:
            kept.append(text[position : begin.start()])
            files.append((begin[1].strip(), decoded.content))
            position = decoded.end
    return b"".join([*kept, text[position:]]), files


@dataclass(frozen=True)
class _Uu:
    content: bytes
    broken: bool
    end: int
    """Where in the text the line after `end` begins."""


def _uu(text: bytes, position: int) -> _Uu:
    """Decodes from the line after this place to `end`. The next `begin` ends it as well, so that no line is read twice."""
    read: list[bytes] = []
    while position < len(text):
        stop = text.find(b"\n", position)
        stop = len(text) if stop < 0 else stop
        encoded, position = text[position : min(stop, position + 200)].rstrip(b"\r\n"), stop + 1
        if encoded.strip() == b"end":
            return _Uu(b"".join(read), broken=False, end=min(position, len(text)))
        if encoded.startswith(b"begin "):
            break
        if not encoded.strip(b" `"):
            continue
        # Programs that reckon the length of a line wrongly: as many letters count as the length asks for.
        size = ((encoded[0] - 32) & 63) * 4 // 3 + 5
        try:
            read.append(binascii.a2b_uu(encoded[:size]))
        except binascii.Error:
            break
    return _Uu(b"".join(read), broken=True, end=position)
