"""Says what a file is by its bytes, and gives it a name that is safe to show and to keep. Never raises."""

import re

import filetype

from schemas.invisible_characters import is_blank, one_line
from schemas.values import without_gaps

OTHER = "application/octet-stream"
LONGEST_NAME = 255
_LOOKED_AT = 8_192  # bytes

_MEDIA_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]{1,63}/[a-z0-9!#$&^_.+-]{1,63}")
_PAGE = re.compile(rb"\s{0,64}(?:<!--.{0,500}?-->\s{0,64})?<(?:!doctype html|html|head|body)\b", re.IGNORECASE | re.DOTALL)
_SVG = re.compile(rb"\s{0,64}(?:<\?xml[^>]{0,200}>\s{0,64})?(?:<!doctype svg[^>]{0,300}>\s{0,64})?<svg\b", re.IGNORECASE)
_TEXT_BY_ENDING = {
    "csv": "text/csv",
    "ics": "text/calendar",
    "vcf": "text/vcard",
    "eml": "message/rfc822",
    "json": "application/json",
    "xml": "application/xml",
    "md": "text/markdown",
    "asc": "application/pgp-encrypted",
}
_TEXTS = ("text/", "application/json", "application/xml", "application/pgp", "message/", "application/x-subrip")
_ZIPS = ("application/vnd.openxmlformats", "application/vnd.oasis", "application/epub", "application/vnd.ms-", "application/java-archive")
_OFFICE = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "odt": "application/vnd.oasis.opendocument.text",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "odp": "application/vnd.oasis.opendocument.presentation",
}
_ENDINGS = {
    "text/plain": "txt",
    "text/html": "html",
    "text/calendar": "ics",
    "text/csv": "csv",
    "message/rfc822": "eml",
    "image/jpeg": "jpg",
    "image/svg+xml": "svg",
    "application/pgp-encrypted": "asc",
    "application/zip": "zip",
    **{media_type: ending for ending, media_type in _OFFICE.items()},
}

_RUNS = re.compile(
    r"""
    # programs and what installs or starts them
    exe|com|scr|pif|cpl|msi|msp|msix|appx|jar|apk|app|dmg|pkg|deb|rpm|run|iso|img|vhdx?|lnk|url|scf|reg|inf|gadget|chm
    # scripts
    |bat|cmd|ps1|psm1|vbs|vbe|jse?|mjs|wsf|wsh|hta|sh|command|py|pl|rb|php
    # pages and pictures that may hold scripts
    |html?|xhtml|xht|shtml|mht|mhtml|svgz?|xml|xsl
    # documents that hold macros
    |docm|dotm|xlsm|xltm|xlam|xlsb|pptm|potm|ppsm|ppam|sldm
    """,
    re.VERBOSE,
)
"""Endings of names of files that somebody who opens them may start, or that start something themselves."""


def can_run(name: str) -> bool:
    """Whether a file of that name may run something once it is downloaded and opened: its name is what a computer goes by."""
    _, dot, ending = one_line(name).strip(" .").lower().rpartition(".")
    return bool(dot) and _RUNS.fullmatch(ending) is not None


def media_type(content: bytes, declared: str, name: str = "") -> str:
    """The media type: what the bytes are where they show it; what was declared only where nothing speaks against it."""
    declared = declared.lower() if _MEDIA_TYPE.fullmatch(declared.lower()) else OTHER
    ending = name.rpartition(".")[2].lower()
    head = bytes(content[:_LOOKED_AT])
    guess = _guess(head)
    if guess == "application/zip":
        return declared if declared.startswith(_ZIPS) else _OFFICE.get(ending, guess)
    if guess:
        return guess
    if _is_text(head):
        return _kind_of_text(head, declared, ending)
    # Pictures, sounds and films would have been known by their first bytes.
    is_other = declared.startswith(("text/", "image/", "audio/", "video/", "message/", "multipart/"))
    return OTHER if is_other or declared == "application/pdf" else declared


def _kind_of_text(head: bytes, declared: str, ending: str) -> str:
    if _PAGE.match(head):
        return "text/html"
    if _SVG.match(head):
        return "image/svg+xml"
    if declared != "image/svg+xml" and (declared.startswith(_TEXTS) or declared.endswith(("+xml", "+json"))):
        return declared
    return _TEXT_BY_ENDING.get(ending, "text/plain")


def _guess(head: bytes) -> str | None:
    try:
        kind = filetype.guess(head)
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
    return str(kind.mime) if kind is not None else None


def _is_text(head: bytes) -> bool:
    if b"\x00" in head:
        return False
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start < len(head) - 4:  # a character may be cut at the end
            controls = sum(byte < 32 and byte not in (9, 10, 12, 13, 27) for byte in head)  # noqa: PLR2004 - where ASCII has its controls
            return controls == 0 and sum(byte > 127 for byte in head) * 3 < len(head)  # noqa: PLR2004 - ASCII ends there
    return bool(head)


def file_name(name: str | None, kind: str, fallback: str = "file") -> str:
    """One line without paths and without what turns text round; made of its kind where the mail gives none."""
    clean = without_gaps(one_line(name or ""))
    clean = re.split(r"[/\\]", clean.rstrip("/\\"))[-1].strip(" .")
    if not clean or is_blank(clean):
        guess = _ENDINGS.get(kind) or _extension(kind)
        return f"{fallback}.{guess}" if guess else fallback
    if len(clean) <= LONGEST_NAME:
        return clean
    stem, dot, ending = clean.rpartition(".")
    return f"{stem[: LONGEST_NAME - 20]}{dot}{ending}" if dot and len(ending) < 20 else clean[:LONGEST_NAME]  # noqa: PLR2004 - longer is no ending


def _extension(kind: str) -> str:
    kind_of_file = next((each for each in filetype.TYPES if each.mime == kind), None)
    return str(kind_of_file.extension) if kind_of_file else ""
