"""Takes the text out of the compressed RTF that Outlook writes. Never raises; bounded by the length that is read."""

import re
from dataclasses import dataclass, replace

from compressed_rtf import decompress

from services.intake.mail import charsets

LONGEST_COMPRESSED = 200_000  # bytes; what comes out is nine times as long at most
_MOST_FALLBACK = 10
LONGEST = 1_000_000  # characters of RTF that are read

_TOKEN = re.compile(r"\\([a-zA-Z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-fA-F]{2})|\\([^a-zA-Z])|([{}])|([^\\{}\r\n]+)|[\r\n]+|\\")
_SKIPPED = frozenset(
    {
        *("fonttbl", "colortbl", "stylesheet", "info", "pict", "object", "listtable", "listoverridetable", "themedata", "datastore"),
        *(
            "generator",
            "fldinst",
            "xmlnstbl",
            "htmltag",
            *(f"{part}{side}" for part in ("header", "footer") for side in ("", "l", "r", "f")),
        ),
    }
)
_CHARACTERS = {
    **dict.fromkeys(("par", "line", "sect", "page", "row"), "\n"),
    **dict.fromkeys(("tab", "cell", "nestcell"), "\t"),
    "emdash": "—",
    "endash": "–",
    "bullet": "•",
    "lquote": "‘",
    "rquote": "’",
    "ldblquote": "“",
    "rdblquote": "”",
    "emspace": " ",
}
_SYMBOLS = {"~": "\u00a0", "_": "-", "\\": "\\", "{": "{", "}": "}", "\n": "\n", "\r": "\n"}


@dataclass
class _Group:
    skipped: bool = False
    fallback: int = 1
    """Characters after a `\\u` that stand there for programs that know no Unicode."""


def of_compressed(data: bytes) -> str:
    """The text of an attribute PidTagRtfCompressed; empty where it is none."""
    try:
        rtf = decompress(data[:LONGEST_COMPRESSED])
    except Exception:  # noqa: BLE001 - the library raises just that
        return ""
    return text_of(rtf.decode("latin-1"))


def text_of(rtf: str) -> str:
    """The text of an RTF document whose characters are its bytes."""
    document = _Document()
    for word, number, code, symbol, brace, plain in (match.groups() for match in _TOKEN.finditer(rtf[:LONGEST])):
        if code is not None:
            document.octet(int(code, 16))
            continue
        document.end_octets()
        if brace is not None:
            document.brace(brace)
        elif word is not None:
            document.command(word, number)
        else:
            document.characters(symbol, plain)
    document.end_octets()
    text = "".join(document.written).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return re.sub(r"\n{3,}", "\n\n", text).strip()


class _Document:
    """What is written so far, and what the groups that are open say."""

    def __init__(self) -> None:
        self.written: list[str] = []
        self._groups = [_Group()]
        self._octets = bytearray()
        self._charset = "cp1252"
        self._fallback_left = 0

    def octet(self, value: int) -> None:
        if self._fallback_left:
            self._fallback_left -= 1
        elif not self._groups[-1].skipped:
            self._octets.append(value)

    def end_octets(self) -> None:
        if self._octets:
            self.written.append(charsets.decode(bytes(self._octets), self._charset).text)
            self._octets.clear()

    def brace(self, brace: str) -> None:
        self._fallback_left = 0
        if brace == "{":
            self._groups.append(replace(self._groups[-1]))
        elif len(self._groups) > 1:
            self._groups.pop()

    def command(self, word: str, number: str | None) -> None:
        group = self._groups[-1]
        self._fallback_left = 0
        if word in _SKIPPED:
            group.skipped = True
        elif word == "ansicpg":
            self._charset = f"cp{number}"
        elif word == "uc":
            group.fallback = min(int(number), _MOST_FALLBACK) if number and number.isdigit() else 1
        elif group.skipped:
            return
        elif word == "u" and number:
            self.written.append(_character(int(number)))
            self._fallback_left = group.fallback
        else:
            self.written.append(_CHARACTERS.get(word, ""))

    def characters(self, symbol: str | None, plain: str | None) -> None:
        group = self._groups[-1]
        if symbol == "*":
            group.skipped = True
        elif not group.skipped:
            self.written.append(_SYMBOLS.get(symbol or "", "") or (plain or "")[self._fallback_left :])
        self._fallback_left = 0


def _character(number: int) -> str:
    code = number % 0x10000
    return chr(code) if code else ""
