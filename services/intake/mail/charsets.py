"""Decodes bytes whose charset was declared rightly, wrongly, or not at all. Never raises."""

import codecs
from dataclasses import dataclass

from charset_normalizer import from_bytes

_LONGEST_SAMPLE = 4_000  # bytes that a guess is made from: it tries each of some ninety charsets
_FEWEST_TO_GUESS = 12  # bytes outside ASCII: with fewer a guess is a lottery
_SMALL_SHARE = 0.02

_AS_BROWSERS_READ = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "euc_kr": "cp949",
    "ksx1001": "cp949",
    "shift_jis": "cp932",
}
_ALIASES = {
    "unicode-1-1-utf-7": "utf-7",
    "x-unknown": "",
    "unknown-8bit": "",
    "default": "",
    "windows-874": "cp874",
    "ks_c_5601-1987": "cp949",
    "iso-8859-8-i": "iso8859-8",
    "iso-8859-8-e": "iso8859-8",
    "x-gbk": "gb18030",
    "x-sjis": "cp932",
    "x-mac-roman": "mac_roman",
    "macintosh": "mac_roman",
    "utf8mb4": "utf-8",
    "x-utf-8": "utf-8",
}
_NO_CHARSETS = frozenset({"idna", "punycode", "unicode-escape", "unicode_escape", "raw-unicode-escape", "raw_unicode_escape", "undefined"})
"""Codecs of Python that no mail is written in; some are slow, some read escapes."""
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


@dataclass(frozen=True)
class Decoded:
    """A text, and what is to be said of its charset: empty where it was as declared."""

    text: str
    remark: str = ""


def decode(data: bytes, declared: str | None) -> Decoded:
    """Decodes by a byte order mark, by UTF-8 where the bytes are that, as declared, or by a guess."""
    for mark, name in _BOMS:
        if data.startswith(mark):
            return Decoded(data[len(mark) :].decode("utf-8", "replace") if name == "utf-8" else data.decode(name, "replace"))
    charset = python_name(declared)
    if data.isascii() and (charset in (None, "utf-8", "cp1252") or not _is_stateful(charset)):
        return _escaped_japanese(data) or Decoded(data.decode("ascii"))
    if charset != "utf-8" and not (charset and _is_stateful(charset)) and (text := _strictly(data, "utf-8")) is not None:
        return Decoded(text, f"declared {_shown(declared)}, read as utf-8" if declared and charset else "")
    if charset and (text := _strictly(data, charset)) is not None:
        return Decoded(text)
    if charset and _mostly(data, charset):
        return Decoded(data.decode(charset, "replace"), f"some characters are not {charset}")
    guess = _guess(data)
    return Decoded(_strictly(data, guess) or data.decode(guess, "replace"), f"declared {_shown(declared)}, read as {guess}")


def python_name(declared: str | None) -> str | None:
    """The codec that reads what is declared, as browsers do; None for what is none."""
    if not declared:
        return None
    label = declared.strip().strip("\"';").lower()[:60]
    label = _ALIASES.get(label, label)
    try:
        name = codecs.lookup(label).name
    except (LookupError, ValueError):
        return None
    if name in _NO_CHARSETS or not _is_text_codec(name):
        return None
    return _AS_BROWSERS_READ.get(name, name)


def _is_text_codec(name: str) -> bool:
    try:
        b"".decode(name)
    except (LookupError, ValueError):
        return False
    return True


def _is_stateful(charset: str) -> bool:
    """Whether ASCII bytes may mean other characters in it."""
    return charset.startswith(("iso2022", "utf-7", "hz", "utf-16", "utf-32", "cp037", "cp500", "cp1140", "cp1026"))


def _escaped_japanese(data: bytes) -> Decoded | None:
    if b"\x1b$" not in data:
        return None
    text = _strictly(data, "iso2022_jp_2")
    return None if text is None else Decoded(text, "not declared, read as iso-2022-jp")


def _strictly(data: bytes, charset: str) -> str | None:
    try:
        return data.decode(charset)
    except (UnicodeError, ValueError):
        # Windows leaves five places empty, which the ISO charset of the same letters has.
        return data.decode("latin-1") if charset == "cp1252" else None


def _mostly(data: bytes, charset: str) -> bool:
    """Whether few bytes are wrong: a text cut in the middle of a character, or one quoted in another charset."""
    if not charset.startswith(("utf-8", "gb18030", "cp9", "big5", "euc")):
        return False
    wrong = data.decode(charset, "replace").count("\ufffd")
    return wrong <= max(1, len(data) * _SMALL_SHARE) and wrong * 4 <= _outside_ascii(data)


def _outside_ascii(data: bytes) -> int:
    return len(data) - len(data.decode("ascii", "ignore"))


def _guess(data: bytes) -> str:
    start = next((place for place, byte in enumerate(data[:200_000]) if byte > 127), 0)  # noqa: PLR2004 - ASCII ends there
    sample = data[max(0, start - 200) : start + _LONGEST_SAMPLE]
    if _outside_ascii(sample) >= _FEWEST_TO_GUESS and (best := from_bytes(sample, preemptive_behaviour=False).best()):
        name = python_name(best.encoding)
        if name and name != "utf-8":
            return name
    return "cp1252"


def _shown(declared: str | None) -> str:
    return "nothing" if not declared else "".join(c for c in declared if c.isascii() and c.isprintable())[:40]
