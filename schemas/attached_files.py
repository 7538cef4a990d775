"""Files that travel with a message: bounded, so that the record that carries them stays below what Kafka takes."""

import base64
import binascii
import hashlib
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from schemas.optional_fields import LONGEST_VALUE
from schemas.values import Line, Value

MOST_FILES = 50
MOST_BYTES = 512 * 1024
LONGEST_THREAT = 100
ORIGINAL = "original.eml"
"""The mail itself, which intake keeps beside the files that it holds."""
MAIL_TYPE = "message/rfc822"
MOST_TOGETHER = 600 * 1024  # as base64 800 KiB: with the longest letter still below the 1 MiB that a broker takes by default


ScanResult = Literal["clean", "infected", "not_scanned"]
"""What a virus scanner said of a file; `not_scanned` where it was away."""


class AttachedFile(Value):
    """A file of the citizen's. `content` is base64; without it the file is `stored`, or stayed where it was and `dropped` says why."""

    name: Annotated[Line, StringConstraints(min_length=1, max_length=255)] = "file"
    media_type: Annotated[Line, StringConstraints(min_length=1, max_length=127)] = "application/octet-stream"
    content: Annotated[str, StringConstraints(max_length=4 * (MOST_BYTES // 3 + 1))] | None = None
    size: Annotated[int, Field(ge=0)] | None = None
    sha256: Annotated[str, StringConstraints(pattern="^[0-9a-f]{64}$")] | None = None
    stored: Annotated[bool, Field(description="it lies in the installation's store of files, under its agency and `sha256`")] = False
    scan: Annotated[ScanResult | None, Field(description="what the installation's scanner said of it; believed of intake alone")] = None
    threat: Annotated[
        Annotated[Line, StringConstraints(min_length=1, max_length=LONGEST_THREAT)] | None,
        Field(description="the scanner's name for what is in an infected file"),
    ] = None

    def read(self) -> bytes | None:
        """The file itself, where it came along."""
        return base64.b64decode(self.content) if self.content else None


def with_usable_files(sent: Mapping[str, Any]) -> Mapping[str, Any]:
    """The request with its files measured. What can't be used of a file is taken out and noted, and the file is still named."""
    files = sent.get("files")
    if not isinstance(files, list):
        return sent
    usable, notes, room = list(files), list[dict[str, Any]](), MOST_TOGETHER
    for place, file in enumerate(files[:MOST_FILES]):
        if not isinstance(file, Mapping) or not isinstance(file.get("content"), str) or not file["content"].strip():
            continue
        content = _decoded(file["content"])
        about = {} if content is None else {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        fault = _fault(content, file.get("sha256"), about.get("sha256"), room)
        usable[place] = {name: value for name, value in file.items() if name != "content"} | about
        if fault or content is None:
            named = str(file.get("name") or "")[:LONGEST_VALUE]
            notes.append({"field": f"files.{place}.content", "message": fault, "value": named})
        else:
            usable[place]["content"] = base64.b64encode(content).decode()
            room -= len(content)
    if not notes:
        return {**sent, "files": usable}
    earlier = sent.get("dropped")
    return {**sent, "files": usable, "dropped": [*(earlier if isinstance(earlier, list) else ()), *notes]}


def _decoded(content: str) -> bytes | None:
    try:
        return base64.b64decode("".join(content.split()), validate=True)
    except (binascii.Error, ValueError):
        return None


def _fault(content: bytes | None, stated: object, sha256: object, room: int) -> str:
    if content is None:
        return "left out: give the file as base64"
    if len(content) > MOST_BYTES:
        return f"left out: it has {len(content)} bytes, at most {MOST_BYTES} travel; give its address in `attachments`"
    if len(content) > room:
        return f"left out: all files together have at most {MOST_TOGETHER} bytes; give its address in `attachments`"
    if isinstance(stated, str) and stated.strip() and stated.strip().lower() != sha256:
        return "left out: its sha256 is another than was given, so it was changed on its way; send it again"
    return ""
