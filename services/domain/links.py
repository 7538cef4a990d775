"""Finds links in a text and where each really leads: as a browser reads an address, not as a person does at a glance. Pure."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote

import idna

from services.domain.phrases import Phrase

# Every repetition is bounded: the text may have been written to keep this busy.
# Addresses with a scheme, mail addresses, and names that a mail program would turn into a link by itself.
_LINK = re.compile(
    r"\b(?:[a-z][a-z0-9+.-]{1,20}://|mailto:|tel:|javascript:|vbscript:|data:[a-z]+/)[^\s<>\"\u201d\u00bb]+"
    r"|[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,10}"
    r"|\bwww\.[^\s<>\"\u201d\u00bb]+"
    r"|(?<![\w-])(?:[\w-]{1,63}\.){1,10}(?:xn--[a-z0-9-]{2,59}|\u0440\u0444|com|org|net|info|biz|io|co|app|dev|xyz|top|site|online|shop|click|link|ru|cn|uk|fr|eu|de|be|ch|ca|us|example)"
    r"\b(?:/[^\s<>\"\u201d\u00bb]*)?"
    r"|(?<![\w-])(?:[\w-]{1,63}\.){1,10}[a-z]{2,24}/[^\s<>\"\u201d\u00bb]*",
    re.IGNORECASE,
)


def links(text: str) -> list[str]:
    """Every link, without the punctuation of the sentence around it."""
    return [match.group().rstrip(".,;:!?)]}'\u2019*_") for match in _LINK.finditer(text)]


@dataclass(frozen=True)
class Target:
    """The host that a link leads to, empty where it leads to none, and warnings of what may deceive about it."""

    host: str
    doubts: tuple[str, ...] = ()


_SCHEME = re.compile(r"([a-z][a-z0-9+.-]{0,20}):(?!\d+(?:[/?#]|$))", re.IGNORECASE)
_PORT = re.compile(r":\d*$")
_LIKE_A_HOST = re.compile(r"\.(?:com|org|net|gov|example|[a-z]{2})\.(?=[^.]+\.[^.]+$)")
_NUMBER = re.compile(r"(?:0x[0-9a-f]*|\d+)(?:\.(?:0x[0-9a-f]*|\d+)){0,3}\.?")
_MARKDOWN = re.compile(r"\[([^\[\]\n]{1,300})\]\(\s{0,5}([^()\s]{1,2000})")
LONGEST = 2_000
LONGEST_HOST = 253


def target(link: str, name: str = "") -> Target:
    """The host and the warnings of a link. `name` is what it is called where that is shown beside it."""
    doubts: list[str] = []
    plain = "".join(c for c in link[:LONGEST].strip() if c not in "\t\r\n")
    match = _SCHEME.match(plain)
    scheme, rest = (match[1].lower(), plain[match.end() :]) if match else ("", plain)
    if scheme not in ("", "http", "https", "ftp", "mailto"):
        return Target("", (Phrase(f"a {scheme} link, no web address"),))
    # Browsers read a backslash as a slash, and pass over how many there are.
    authority = re.split("[/?#]", rest.replace("\\", "/").lstrip("/"), maxsplit=1)[0]
    before, at, written = authority.rpartition("@")
    host, strange = _host(_PORT.sub("", written))
    is_mail = scheme == "mailto" or (not scheme and bool(at))
    if at and not is_mail:
        doubts.append(Phrase(f"\u201c{before[:80]}\u201d before the @ is not where it leads"))
    doubts += strange
    for other in {target(inner).host for inner in links(name[:LONGEST])} - {host, ""}:
        if not host.endswith(f".{other}"):
            doubts.append(Phrase(f"it is called {other[:80]} and leads elsewhere"))
    return Target(host, tuple(doubts))


def called(text: str) -> Iterator[tuple[str, str]]:
    """Links with another name, as Markdown has them: each link with its name."""
    for match in _MARKDOWN.finditer(text):
        yield match[2], match[1]


def _host(written: str) -> tuple[str, list[str]]:
    """The host as it is looked up, with its letters where they are others than a to z, and what is strange about it."""
    decoded = unquote(written)
    visible = "".join(c for c in decoded if unicodedata.category(c) not in ("Cf", "Cc", "Mn") or c.isascii())
    folded = unicodedata.normalize("NFKC", visible).replace("\u3002", ".").lower().strip(".")
    doubts: list[str] = [] if visible == decoded == written else [Phrase("it is written with characters that are not seen, or encoded")]
    ascii_form, shown = _both_forms(folded)
    if ascii_form != shown:
        mixed = [scripts for label in shown.split(".") if len(scripts := sorted({_script(c) for c in label if c.isalpha()})) > 1]
        others = sorted({_script(c) for c in shown if c.isalpha() and not c.isascii()}) or ["unusual"]
        if mixed:
            doubts.append(Phrase(f"its name mixes {' and '.join(mixed[0])} letters and may look like another"))
        else:
            doubts.append(Phrase(f"its name has other letters than a to z, {' and '.join(others)} ones, and may look like another"))
        return f"{ascii_form[:LONGEST_HOST]} ({shown[:LONGEST_HOST]})", doubts
    if _NUMBER.fullmatch(folded):
        doubts.append(Phrase("a number, and no name"))
    elif _LIKE_A_HOST.search(folded):
        doubts.append(Phrase("it begins like the name of another host: its end says whose it is"))
    return ascii_form[:LONGEST_HOST], doubts


def _both_forms(host: str) -> tuple[str, str]:
    try:
        ascii_form = idna.encode(host, uts46=True).decode() if not host.isascii() else host
        return ascii_form, idna.decode(ascii_form) if "xn--" in ascii_form else ascii_form
    except (idna.IDNAError, UnicodeError):
        # No name that may be registered; what a browser makes of it is not to be trusted either.
        return host.encode("ascii", "backslashreplace").decode(), "no valid name"


def _script(character: str) -> str:
    return unicodedata.name(character, "UNKNOWN").partition(" ")[0].title()
