"""Undoes the transfer encoding of a part, broken as it may be. Never raises."""

import binascii
import re
from dataclasses import dataclass
from email.message import Message

from services.intake.mail import header_values

_BASE64 = re.compile(rb"[A-Za-z0-9+/=\s]*")
_SMALL_SHARE = 0.9
_UU_BEGIN = re.compile(rb"(?m)^begin [0-7]{3,4} ([^\r\n]{1,255})\r?$")
_UU_LONGEST_LINE = 62  # 45 bytes, with the length before them


@dataclass(frozen=True)
class Payload:
    """The bytes of a part, and whether its encoding was broken."""

    content: bytes
    broken: bool = False


def payload(part: Message) -> Payload:
    """The decoded bytes of a part that has no parts itself."""
    raw = part.get_payload()
    if not isinstance(raw, str):
        return Payload(b"")
    data = header_values.octets(raw)
    encoding = (header_values.values(part, "content-transfer-encoding") or [""])[0].strip().strip("\"';").lower()
    if encoding == "base64":
        return _base64(data)
    if encoding == "quoted-printable":
        return Payload(binascii.a2b_qp(data), broken=re.search(rb"=(?![0-9A-Fa-f]{2}|[ \t]*\r?\n|[ \t]*\r?$)", data) is not None)
    if encoding in ("x-uuencode", "uuencode", "x-uue", "uue"):
        return _uuencoded(data)
    return Payload(data)


def _base64(data: bytes) -> Payload:
    """What is base64 of it. A line of plain text below, as lists append it, stays as it is; what is plain as a whole too."""
    match = _BASE64.match(data)
    length = match.end() if match else 0
    if length < len(data) * _SMALL_SHARE and b"\n" in data[:length]:
        length = data.rfind(b"\n", 0, length) + 1  # the line that goes on as something else is no base64
    letters = b"".join(data[:length].partition(b"=")[0].split()) if length else b""
    rest = data[length:]
    if length < len(data) and not letters:
        return Payload(data, broken=True)
    broken = bool(rest.strip()) or len(letters) % 4 == 1
    if rest.strip() and b" " not in rest.strip():
        # Stray characters, not a text: those outside the alphabet are passed over, as RFC 2045 asks for.
        letters = re.sub(rb"[^A-Za-z0-9+/]", b"", data.partition(b"=")[0])
        rest = b""
    letters = letters[: len(letters) - 1] if len(letters) % 4 == 1 else letters
    try:
        content = binascii.a2b_base64(letters + b"=" * (-len(letters) % 4))
    except binascii.Error:
        return Payload(data, broken=True)
    return Payload(content + (b"\n" + rest if rest.strip() else b""), broken)


def _uuencoded(data: bytes) -> Payload:
    begin = _UU_BEGIN.search(data)
    lines = (data[begin.end() :] if begin else data).splitlines()
    return Payload(*_uu_lines(lines)[:2])


def uuencoded_files(text: bytes, most: int) -> tuple[bytes, list[tuple[bytes, bytes]]]:
    """The text without files that stand in it as `begin 644 name` ... `end`, and these: names and contents."""
    files: list[tuple[bytes, bytes]] = []
    kept: list[bytes] = []
    position = 0
    while len(files) < most and (begin := _UU_BEGIN.search(text, position)):
        close = re.compile(rb"(?m)^end[ \t]*\r?$").search(text, begin.end())
        content, broken, _ = _uu_lines(text[begin.end() : close.start()].splitlines()) if close else (b"", True, 0)
        if close is None or broken or not content:
            kept.append(text[position : begin.end()])
            position = begin.end()
            continue
        kept.append(text[position : begin.start()])
        files.append((begin[1].strip(), content))
        position = close.end()
    return b"".join([*kept, text[position:]]), files


def _uu_lines(lines: list[bytes]) -> tuple[bytes, bool, int]:
    read: list[bytes] = []
    for number, encoded in enumerate(lines):
        encoded_line = encoded.rstrip(b"\r\n")
        if not encoded_line:
            continue
        if encoded_line.strip() == b"end" or (encoded_line[:1] in (b"`", b" ") and len(encoded_line.strip()) <= 1):
            return b"".join(read), False, number
        try:
            read.append(binascii.a2b_uu(encoded_line[: _UU_LONGEST_LINE + 20]))
        except binascii.Error:
            # Programs that reckon the length of a line wrongly: as many letters count as the length asks for.
            size = ((encoded_line[0] - 32) & 63) * 4 // 3 + 5
            try:
                read.append(binascii.a2b_uu(encoded_line[:size]))
            except binascii.Error:
                return b"".join(read), True, number
    return b"".join(read), False, len(lines)
