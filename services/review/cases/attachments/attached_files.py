"""What a citizen's file is, by its bytes and not by its name, and how much of it is shown. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote

from schemas import invisible_characters
from schemas.attached_files import MAIL_TYPE, ORIGINAL, ScanResult
from schemas.requests_received import RequestReceived

Kind = Literal["png", "jpeg", "gif", "webp", "text", "other"]
"""What is previewed, and all the rest."""

IMAGES: tuple[Kind, ...] = ("png", "jpeg", "gif", "webp")
MOST_SHOWN = 20_000
"""Characters of a text that are shown."""

_TEXT_TYPES = ("text/plain", "text/csv", "application/octet-stream")
_FIRST_BYTES: dict[Kind, re.Pattern[bytes]] = {
    "png": re.compile(rb"\x89PNG\r\n\x1a\n"),
    "jpeg": re.compile(rb"\xff\xd8\xff"),
    "gif": re.compile(rb"GIF8[79]a"),
    "webp": re.compile(rb"RIFF.{4}WEBP", re.DOTALL),
}


@dataclass(frozen=True)
class KeptFile:
    """A file as it is listed; its bytes are asked for by its place."""

    place: int
    name: str
    media_type: str
    size: int
    sha256: str
    kind: Kind
    scan: ScanResult | None = None
    threat: str = ""

    @property
    def is_infected(self) -> bool:
        """Whether a scanner has found something in it. Nobody opens it."""
        return self.scan == "infected"

    @property
    def is_scanned(self) -> bool:
        """Whether a scanner has said what is in it, which it says once."""
        return self.scan in ("clean", "infected")

    @property
    def is_original(self) -> bool:
        """Whether it is the mail itself."""
        return (self.name, self.media_type) == (ORIGINAL, MAIL_TYPE)


def opened_with(place: int, files: Sequence[KeptFile]) -> list[KeptFile]:
    """What whoever opens that file opens: a mail holds all the others, whether or not a scanner looks into mails."""
    return [file for file in files if file.place == place or any(mail.is_original for mail in files if mail.place == place)]


def without_contents(request: RequestReceived) -> RequestReceived:
    """The request with what its files are, and without the files."""
    if not request.files:
        return request
    return request.model_copy(update={"files": [file.model_copy(update={"content": None}) for file in request.files]})


def kind_of(content: bytes, media_type: str) -> Kind:
    """What it is: an image by its first bytes, whether or not it can be shown; a text where it says so and can be read as one."""
    for kind, pattern in _FIRST_BYTES.items():
        if pattern.match(content):
            return kind
    return "text" if media_type.partition(";")[0].strip().lower() in _TEXT_TYPES and _is_text(content) else "other"


def kind_by_type(media_type: str) -> Kind:
    """What a file that lies elsewhere is taken for, by the type that whoever stored it has read in its bytes."""
    essence = media_type.partition(";")[0].strip().lower()
    if essence in _TEXT_TYPES[:2]:
        return "text"
    return next((kind for kind in IMAGES if essence == f"image/{kind}"), "other")


def _is_text(content: bytes) -> bool:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False
    return "\x00" not in text and not invisible_characters.is_blank(text)


def _line(name: str) -> str:
    """The name as a download has it: without paths and what turns text round."""
    return invisible_characters.one_line(name).replace("/", "_").replace("\\", "_").strip(" .") or "file"


def text_shown(content: bytes) -> tuple[str, bool]:
    """The beginning of a text, and whether it goes on."""
    text = content.decode("utf-8-sig", errors="replace")
    return invisible_characters.letter(text[:MOST_SHOWN]), len(text) > MOST_SHOWN


def disposition(name: str) -> str:
    """The header that makes a browser keep a file and not show it: its name without paths, quotes and what turns text round."""
    line = _line(name)
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "-_. ") else "_" for c in line)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(line, safe='')}"
