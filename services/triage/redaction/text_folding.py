"""Normalises a text for matching: plain letters, digits, dashes and spaces without markup, each with its place in the original."""

import html
import re
import unicodedata
from dataclasses import dataclass, replace
from functools import lru_cache
from urllib.parse import unquote

_FOREIGN = re.compile(r"[^\x00-\x7f]")
_DIGITS = re.compile(r"[0-9]+")  # all others are folded to these
_FEW = 40  # so many different characters are replaced one after the other, which is quicker than a look at each
_BY_HAND = {
    "ß": "s", "œ": "o", "Œ": "O", "æ": "a", "Æ": "A", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ð": "d", "ı": "i",
    "’": "'", "‘": "'", "ʼ": "'", "´": "'", "`": "'", "′": "'", "«": '"', "»": '"', "“": '"', "”": '"',
    "−": "-", "⁃": "-", "﹣": "-", "⁄": "/", "∕": "/", "․": ".", "。": ".", "･": ".", "·": ".", "•": ".", "∙": ".",
    "\u2028": "\n", "\u2029": "\n", "\u0085": "\n",
    "\u115f": "", "\u1160": "", "\u3164": "", "\uffa0": "", "\u2800": " ",
}  # fmt: skip
"""What Unicode's own decompositions do not say: letters with a stroke, look-alike marks, fillers that show nothing."""


@lru_cache(maxsize=4096)
def fold_character(character: str) -> str:
    """One plain character for it, or none where it shows nothing of its own (joiners, accents, direction marks)."""
    if character in _BY_HAND:
        return _BY_HAND[character]
    category = unicodedata.category(character)
    if category in {"Cf", "Mn", "Me"}:
        return ""
    if category == "Zs":
        return " "
    if category == "Pd":
        return "-"
    digit = unicodedata.digit(character, None)
    if digit is not None:
        return str(digit)
    # An accent is the same name without it. What falls apart into several letters stays, since lengths must hold.
    parts = [part for part in unicodedata.normalize("NFKD", character) if unicodedata.category(part) not in {"Mn", "Me"}]
    return _BY_HAND.get(parts[0], parts[0]) if len(parts) == 1 else character


@dataclass(frozen=True, slots=True)
class Folded:
    """`text` is matched, `places[i]` is where its character i stands in the original (none: the same place).

    `digits` are the stretches of digits, found once since most rules need one nearby.
    """

    text: str
    lower: str
    length: int
    digits: tuple[tuple[int, int], ...]
    places: tuple[int, ...] | None = None
    ends: tuple[int, ...] | None = None
    """Where character i ends in the original: only where markup was taken out, which is no part of what stands before it."""

    def original(self, start: int, end: int) -> tuple[int, int]:
        """The span in the original, with the accents and joiners that cling to its last character."""
        if self.places is None:
            return start, end
        if self.ends is not None:
            return self.places[start], self.ends[end - 1]
        return self.places[start], self.places[end] if end < len(self.places) else self.length


def _digits(plain: str) -> tuple[tuple[int, int], ...]:
    for digit in "0123456789":  # ten looks of the kind that costs next to nothing, before one that reads every character
        if digit in plain:
            return tuple([run.span() for run in _DIGITS.finditer(plain)])
    return ()


_TAG = r"(?:<|&lt;)(?P<tag>(?!(?:at|dot|point|arobas[ec]?)[>&])/?[a-zA-Z][a-zA-Z0-9]{0,20})(?:[\s/](?:(?!&[lg]t;)[^<>@]){0,400})?(?:>|&gt;)"
"""Written as such or escaped; but "jean<at>example<dot>org" is an address."""
_MARKUP = re.compile(
    _TAG + r"|&(?:amp;){0,2}(?P<entity>\#[0-9]{1,7}|\#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,30});"
    r"|(?<=[\w.+-])%(?P<byte>40|2[bBdDeE]|5[fF])(?=\w)|(?<=\w)(?P<spelt>(?:%20|%[cC][2-9]%[89abAB][0-9a-fA-F]){1,8})(?=\w)"
)
_TAGS = re.compile(_TAG)
_BLOCKS = frozenset(("p", "br", "div", "li", "ul", "ol", "tr", "table", "h1", "h2", "h3", "h4", "blockquote", "hr", "body", "html"))
_CELLS = frozenset({"td", "th"})


_WITHIN_LINK = re.compile(r"(?:://|www\.)\S{0,300}$")


def _shown(markup: re.Match[str]) -> str:
    """What a reader sees in its place."""
    text, start, end = markup.string, *markup.span()
    if markup["tag"] is not None:
        tag = markup["tag"].lstrip("/").lower()
        if tag == "br" and text[start - 1 : start].isdigit() and text[end : end + 1].isdigit():
            return " "  # a number broken in two
        if tag == "br" and text[end : end + 1] in {"\n", "\r"}:
            return ""  # one new line, not two
        return "\n" if tag in _BLOCKS else " " if tag in _CELLS else ""
    if markup["byte"] is not None:
        return chr(int(markup["byte"], 16))
    if markup["spelt"] is not None:  # a space would end a link before what it asks for
        inside = _WITHIN_LINK.search(text, max(0, start - 300), start) is not None
        return markup.group() if inside else unquote(markup["spelt"])
    return html.unescape(f"&{markup['entity']};")


def balanced(text: str, start: int, end: int) -> tuple[int, int]:
    """The stretch with the tags beside it that would else stand alone: all of "<b>Ida</b> Kestrel"."""
    if "<" not in text[start:end] and "&lt;" not in text[start:end]:
        return start, end
    open_tags = unopened = 0
    for tag in _TAGS.finditer(text, start, end):
        if not tag["tag"].startswith("/"):
            open_tags += tag["tag"].lower() not in _EMPTY
        elif open_tags:
            open_tags -= 1
        else:
            unopened += 1
    window = max(0, start - _AROUND)
    for tag in reversed([tag for tag in _TAGS.finditer(text, window, start) if unopened]):
        if tag.end() != start or tag["tag"].startswith("/") or not unopened:
            break
        start, unopened = tag.start(), unopened - 1
    while open_tags and (closing := _TAGS.match(text, end)) is not None and closing["tag"].startswith("/"):
        end, open_tags = closing.end(), open_tags - 1
    return start, end


_EMPTY = frozenset({"br", "hr", "img", "wbr"})
_AROUND = 200


def _without_markup(text: str) -> tuple[str, list[int], list[int]]:
    """As a browser shows it, with where each character begins and ends in the original."""
    shown: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    done = 0
    for markup in _MARKUP.finditer(text):
        character = _shown(markup)
        shown += text[done : markup.start()], character
        starts += [*range(done, markup.start()), *[markup.start()] * len(character)]
        ends += [*range(done + 1, markup.start() + 1), *[markup.end()] * len(character)]
        done = markup.end()
    shown.append(text[done:])
    return "".join(shown), [*starts, *range(done, len(text))], [*ends, *range(done + 1, len(text) + 1)]


def fold(text: str) -> Folded:
    """The text with every character made plain, and HTML as it is shown. ASCII, the usual case, costs nothing."""
    if ("<" in text or "&" in text or "%" in text) and _MARKUP.search(text) is not None:
        shown, starts, ends = _without_markup(text)
        inner = _fold(shown)
        if inner.places is None:
            return replace(inner, length=len(text), places=tuple(starts), ends=tuple(ends))
        last = [inner.original(place, place + 1)[1] - 1 for place in range(len(inner.text))]
        return replace(
            inner, length=len(text), places=tuple(starts[place] for place in inner.places), ends=tuple(ends[place] for place in last)
        )
    return _fold(text)


def _fold(text: str) -> Folded:
    if text.isascii():
        return Folded(text, text.lower(), len(text), _digits(text))
    foreign = set(_FOREIGN.findall(text))
    plain = text
    if len(foreign) <= _FEW:
        for character in foreign:
            plain = plain.replace(character, fold_character(character))
    else:
        plain = _FOREIGN.sub(lambda match: fold_character(match.group()), text)
    places = None
    if len(plain) != len(text):
        kept = [place for place, character in enumerate(text) if character < "\x80" or fold_character(character)]
        places = tuple(kept)
    lower = plain.lower()
    if len(lower) != len(plain):  # a few capitals have two small letters: leave those as they are
        lower = "".join(small if len(small := character.lower()) == 1 else character for character in plain)
    return Folded(plain, lower, len(text), _digits(plain), places)
