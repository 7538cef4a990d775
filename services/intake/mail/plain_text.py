"""Puts the text of a text/plain part in order: flowed lines, PGP's armour, line ends. Never raises."""

import re
from dataclasses import dataclass
from typing import Literal

_SIGNED = "-----BEGIN PGP SIGNED MESSAGE-----"
_SIGNATURE = "-----BEGIN PGP SIGNATURE-----"
_SIGNATURE_END = "-----END PGP SIGNATURE-----"
_ENCRYPTED = "-----BEGIN PGP MESSAGE-----"
_ENCRYPTED_END = "-----END PGP MESSAGE-----"
_TAG = re.compile(r"</?[A-Za-z][A-Za-z0-9-]{0,40}>")


@dataclass(frozen=True)
class Armour:
    """The text without PGP's armour, what kind it had, and the encrypted block."""

    text: str
    kind: Literal["signed", "encrypted"] | None = None
    block: str = ""


def flowed(text: str, *, delete_space: bool) -> str:
    """Joins the lines of format=flowed (RFC 3676) to paragraphs; quotes keep their depth."""
    lines: list[str] = []
    joined: list[str] = []
    depth = 0
    for raw_line in text.replace("\r\n", "\n").split("\n"):
        content = raw_line.lstrip(">")
        own = len(raw_line) - len(content)
        content = content.removeprefix(" ")
        if joined and own != depth:
            lines.append(_quoted("".join(joined), depth))
            joined = []
        depth = own
        if content == "-- " or not content.endswith(" "):
            lines.append(_quoted("".join([*joined, content]), depth))
            joined = []
        else:
            joined.append(content[:-1] if delete_space else content)
    if joined:
        lines.append(_quoted("".join(joined), depth))
    return "\n".join(lines)


def _quoted(text: str, depth: int) -> str:
    return f"{'>' * depth} {text}" if depth else text


def without_armour(text: str) -> Armour:
    """Takes a PGP signature off, whose text then reads as it was written, or an encrypted block out."""
    if _SIGNED in text:
        before, _, rest = text.partition(_SIGNED)
        _, _, signed = rest.replace("\r\n", "\n").partition("\n\n")
        body, mark, signature = signed.partition(_SIGNATURE)
        after = signature.partition(_SIGNATURE_END)[2] if mark else ""
        lines = (line.removeprefix("- ") for line in body.split("\n"))
        return Armour(f"{before}{chr(10).join(lines).rstrip()}\n{after}".strip("\n"), "signed")
    if _ENCRYPTED in text:
        before, _, rest = text.partition(_ENCRYPTED)
        block, _, after = rest.partition(_ENCRYPTED_END)
        return Armour(f"{before.rstrip()}\n{after.lstrip()}".strip(), "encrypted", f"{_ENCRYPTED}{block}{_ENCRYPTED_END}\n")
    return Armour(text)


def without_tags(text: str) -> str:
    """The text of text/enriched and text/richtext (RFC 1896), whose few commands are dropped."""
    return _TAG.sub("", text.replace("<<", "<")).replace("\r\n", "\n")
