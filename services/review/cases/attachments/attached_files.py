"""What a citizen's file is, by its bytes and not by its name, and how much of it is shown. Pure."""

import struct
from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote

from schemas import invisible_characters
from schemas.requests_received import RequestReceived

Kind = Literal["png", "jpeg", "text", "other"]
"""What is previewed, and all the rest."""

MEDIA_TYPES: dict[Kind, str] = {"png": "image/png", "jpeg": "image/jpeg"}
LONGEST_SIDE, MOST_PIXELS = 10_000, 40_000_000  # a small file may unfold to more than a browser's memory
MOST_SHOWN = 20_000
"""Characters of a text that are shown."""

_TEXT_TYPES = ("text/plain", "text/csv", "application/octet-stream")
_PNG = b"\x89PNG\r\n\x1a\n"
_FRAMES = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
"""JPEG segments that say how large the picture is."""
_ALONE = frozenset({0x01, *range(0xD0, 0xD8)})
"""JPEG markers without a length."""


@dataclass(frozen=True)
class KeptFile:
    """A file as it is listed; its bytes are asked for by its place."""

    place: int
    name: str
    media_type: str
    size: int
    sha256: str
    kind: Kind


def without_contents(request: RequestReceived) -> RequestReceived:
    """The request with what its files are, and without the files."""
    if not request.files:
        return request
    return request.model_copy(update={"files": [file.model_copy(update={"content": None}) for file in request.files]})


def kind_of(content: bytes, media_type: str) -> Kind:
    """What it is: a picture by its first bytes and its size in pixels, a text where it says so and can be read as one."""
    if content.startswith(_PNG):
        return "png" if _is_shown(_size_of_png(content)) else "other"
    if content.startswith(b"\xff\xd8\xff"):
        return "jpeg" if _is_shown(_size_of_jpeg(content)) else "other"
    return "text" if media_type.partition(";")[0].strip().lower() in _TEXT_TYPES and _is_text(content) else "other"


def _is_shown(size: tuple[int, int] | None) -> bool:
    return size is not None and min(size) > 0 and max(size) <= LONGEST_SIDE and size[0] * size[1] <= MOST_PIXELS


def _size_of_png(content: bytes) -> tuple[int, int] | None:
    if len(content) < 24 or content[12:16] != b"IHDR":  # noqa: PLR2004 - where width and height end
        return None
    width, height = struct.unpack(">II", content[16:24])
    return width, height


def _size_of_jpeg(content: bytes) -> tuple[int, int] | None:
    at = 2
    while at + 9 <= len(content) and content[at] == 0xFF:  # noqa: PLR2004 - each segment begins so
        marker = content[at + 1]
        if marker == 0xFF or marker in _ALONE:  # noqa: PLR2004 - filled up
            at += 1 if marker == 0xFF else 2  # noqa: PLR2004 - the same
            continue
        if marker in _FRAMES:
            height, width = struct.unpack(">HH", content[at + 5 : at + 9])
            return width, height
        length = struct.unpack(">H", content[at + 2 : at + 4])[0]
        if length < 2:  # noqa: PLR2004 - it counts itself
            return None
        at += 2 + length
    return None


def _is_text(content: bytes) -> bool:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False
    return "\x00" not in text and not invisible_characters.is_blank(text)


def text_shown(content: bytes) -> tuple[str, bool]:
    """The beginning of a text, and whether it goes on."""
    text = content.decode("utf-8-sig", errors="replace")
    return invisible_characters.letter(text[:MOST_SHOWN]), len(text) > MOST_SHOWN


def disposition(name: str) -> str:
    """The header that makes a browser keep a file and not show it: its name without paths, quotes and what turns text round."""
    line = invisible_characters.one_line(name).replace("/", "_").replace("\\", "_").strip(" .") or "file"
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "-_. ") else "_" for c in line)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(line, safe='')}"
