"""Finds and removes zero-width and bidirectional control characters."""

import re
import unicodedata

_TURNING = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
_DIRECTION_MARKS = "\u061c\u200e\u200f"
BIDI_CONTROLS = frozenset(_TURNING + _DIRECTION_MARKS)
"""All of Unicode's Bidi_Control: marks of a direction, embeddings, overrides and isolates."""

BLANK_LETTERS = frozenset("\u115f\u1160\u3164\uffa0\u2800\ufffc\U0001d159\U00013441\U00013442")
"""Letters and symbols by their category that show nothing: fillers of Hangul, the empty Braille pattern, and their like."""

_VISIBLE = frozenset("LNPS")  # letters, numbers, punctuation, symbols: marks show only on something
_JOINERS = frozenset("\u200c\u200d")  # Persian words and many emojis are written with them
_NOT_IN_A_LETTER = re.compile(f"[{_TURNING}\\x00-\\x08\\x0e-\\x1b\\x7f-\\x84\\x86-\\x9f\ud800-\udfff]")
_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029]")


def is_blank(text: str) -> bool:
    """Whether a reader sees nothing: only spaces, controls, formats, marks on nothing, and letters that look like spaces."""
    return not any(unicodedata.category(character)[0] in _VISIBLE and character not in BLANK_LETTERS for character in text)


def without_turning(text: str) -> str:
    """Removes characters that change the direction of the text that follows. The marks of right-to-left writing stay."""
    return text if text.isascii() else text.translate(_DROP_TURNING)


def one_line(text: str) -> str:
    """Makes a name or a subject one line: no controls and no formats but joiners, single spaces."""
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    return " ".join("".join(_in_a_line(character) for character in text).split())


def letter(text: str) -> str:
    """Cleans a text of many lines: each ends with a line feed, whatever ended it; controls and what turns the text round are dropped."""
    return _NOT_IN_A_LETTER.sub("", _LINE_ENDS.sub("\n", text))


def comparable(text: str) -> str:
    """A form that is the same for texts that look the same: composed or not, wide or narrow, capital or small, soft hyphens or none."""
    if text.isascii():
        return text.lower()
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    ignorable = {ord(character): None for character in set(folded) if character > "\x7f" and _is_ignorable(character)}
    return folded.translate(ignorable) if ignorable else folded


def _in_a_line(character: str) -> str:
    category = unicodedata.category(character)
    if category in ("Cc", "Zl", "Zp"):
        return " "
    return "" if category in ("Cf", "Cs") and character not in _JOINERS else character


def _is_ignorable(character: str) -> bool:
    return unicodedata.category(character) == "Cf" or "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef"


_DROP_TURNING = dict.fromkeys(map(ord, _TURNING))
