"""Turns texts into the words that are indexed, and what somebody types into what is looked for. Pure, and linear in the text.

Both databases index exactly these words and nothing of their own making, so that they find exactly the same.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

LONGEST_WORD = 64
"""Characters of a word that count. What is longer is no word of a language."""
MOST_TERMS = 32
SHORTEST_BEGINNING = 2
"""Characters from which on an unquoted word also finds the words that begin with it."""
MOST_JOINED, LONGEST_JOINED = 5, 40
_CACHED = 1 << 15


def _marks() -> str:
    blocks = (range(0x0300, 0x1D00), range(0x1DC0, 0x1E00), range(0x20D0, 0x2100), range(0x3099, 0x309B), range(0xA600, 0xABFF))
    return "".join(chr(c) for block in blocks for c in block if unicodedata.category(chr(c))[0] == "M")


# Inside a word and no part of it: marks that stand on letters, soft hyphens, joiners and marks of a direction.
_UNSEEN = "\u00ad\u0640\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufe00-\ufe0f\ufeff"
_WORD = re.compile(f"[^\\W_](?:[^\\W_]|[{_marks()}{_UNSEEN}])*")
_DROPPED = re.compile(
    f"[{_UNSEEN}\u0300-\u036f\u0483-\u0487\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u1dc0-\u1dff\u20d0-\u20ff]"
)
_NO_PART_OF_A_WORD = re.compile(f"(?![{_marks()}])[\\W_]")
# Writing without spaces: Chinese, Japanese, Thai, Lao, Burmese, Khmer. Its words are looked for by pairs of characters.
_UNSPACED = re.compile(
    "([\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uf900-\ufaff\U00020000-\U0003ffff]+)"
)
_LETTERS = str.maketrans(
    {"œ": "oe", "æ": "ae", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "ł": "l", "ħ": "h", "ŧ": "t", "ŋ": "n", "ı": "i",
     "ى": "ي", "ی": "ي", "ک": "ك", "ة": "ه", "ٱ": "ا", "ß": "ss"}
)  # fmt: skip
_SPACE = re.compile(r"\S+")
_APOSTROPHE = "['’ʼ‘`´′]"
_ELISION = re.compile(
    rf"(?<![\w])(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu|quoiqu|quelqu|un|all|dall|dell|nell|sull){_APOSTROPHE}(?=\w)", re.IGNORECASE
)
_BETWEEN_DIGITS = " ().\\-/\u00a0\u2009\u202f\u2010-\u2013"
_TELEPHONE = re.compile(f"(?<![\\w+])(?:\\+ ?)?\\(?\\d[\\d{_BETWEEN_DIGITS}]{{4,28}}\\d(?!\\w)")
SHORTEST_NUMBER, LONGEST_NUMBER = 6, 15
_QUOTED = re.compile('["“”„‟«»]([^"“”„‟«»]*)["“”„‟«»]')

_COUNTRIES_OF_TWO_DIGITS = frozenset(
    [
        "20",
        "27",
        "30",
        "31",
        "32",
        "33",
        "34",
        "36",
        "39",
        "40",
        "41",
        "43",
        "44",
        "45",
        "46",
        "47",
        "48",
        "49",
        "51",
        "52",
        "53",
        "54",
        "55",
        "56",
        "57",
        "58",
        "60",
        "61",
        "62",
        "63",
        "64",
        "65",
        "66",
        "81",
        "82",
        "84",
        "86",
        "90",
        "91",
        "92",
        "93",
        "94",
        "95",
        "98",
    ]
)


class Word(NamedTuple):
    """A word of a text as it is indexed, and where it stands there."""

    text: str
    start: int
    end: int


class Pattern(NamedTuple):
    """Words one after another. Where `begins`, the last one may go on."""

    words: tuple[str, ...]
    begins: bool


Term = tuple[Pattern, ...]
"""Any of these."""
Sought = tuple[Term, ...]
"""All of these, in any order and anywhere."""


def fold(text: str) -> str:
    """What is the same for words that people take for the same: capitals, accents, ligatures, widths and hidden characters are gone."""
    if text.isascii():
        return text.lower()
    if len(text) <= LONGEST_WORD:
        return _folded(text)
    return "".join(_folded(text[at : at + LONGEST_WORD]) for at in range(0, len(text), LONGEST_WORD))


@lru_cache(maxsize=_CACHED)
def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    plain = unicodedata.normalize("NFC", _DROPPED.sub("", plain)).translate(_LETTERS)
    return "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in _NO_PART_OF_A_WORD.sub("", plain))


def words(text: str) -> Iterator[Word]:
    """Every word in its order. Writing without spaces gives each pair of characters, and the last character."""
    for run in _WORD.finditer(text):
        yield from _words_of(run.group(), run.start())


def _words_of(run: str, start: int) -> Iterator[Word]:
    end = start + len(run)
    folded = fold(run)
    if len(run) == len(folded) <= LONGEST_WORD and folded.isascii():
        yield Word(folded, start, end)
        return
    at = 0
    for part in _UNSPACED.split(folded):
        if not part:
            continue
        # Where folding has changed the length nobody can say which characters a pair came from: the whole run it is.
        place = (start + at, start + at + len(part)) if len(run) == len(folded) else (start, end)
        if _UNSPACED.match(part):
            exact = len(run) == len(folded)
            for i in range(len(part)):
                pair = part[i : i + 2]
                yield Word(pair, place[0] + i, place[0] + i + len(pair)) if exact else Word(pair, *place)
        else:
            yield Word(part[:LONGEST_WORD], *place)
        at += len(part)


def is_unspaced(word: str) -> bool:
    """Whether a word is of a script that puts no blanks between words: it is a pair of characters then."""
    return _UNSPACED.match(word) is not None


def joined(text: str) -> Iterator[Word]:
    """What stands together without a space, as one word more: e-mail as email, O'Brien as obrien, U.S.A. as usa."""
    for chunk in _SPACE.finditer(text):
        piece = chunk.group()
        if piece.isalnum():
            continue
        runs = []
        for run in _WORD.finditer(piece[: 4 * LONGEST_JOINED]):
            runs.append(run)
            if len(runs) > MOST_JOINED:
                break
        if 2 <= len(runs) <= MOST_JOINED:  # noqa: PLR2004 - two are joined
            together = "".join(fold(run.group()) for run in runs)
            if len(together) <= LONGEST_JOINED:
                yield Word(together, chunk.start() + runs[0].start(), chunk.start() + runs[-1].end())


def telephones(text: str, shortest: int = 8) -> Iterator[tuple[Word, ...]]:
    """What may be a telephone number, as every form of it that others would type: digits alone, without country, without zeros."""
    for number in _TELEPHONE.finditer(text):
        forms = telephone_forms(number.group())
        if forms and max(map(len, forms)) >= shortest:
            yield tuple(Word(form, number.start(), number.end()) for form in forms)


def telephone_forms(number: str) -> tuple[str, ...]:
    """One number in digits: as it was written, and without country and leading zeros. Nothing where it is too short or too long."""
    plus = number.lstrip(" (").startswith("+")
    digits = "".join(str(unicodedata.decimal(c)) for c in (number.replace("(0)", "") if plus else number) if c.isdecimal())
    if not SHORTEST_NUMBER <= len(digits) <= LONGEST_NUMBER + 2:
        return ()
    abroad = digits if plus else digits[2:] if digits.startswith("00") else ""
    if abroad:
        forms = [abroad, abroad[_country(abroad) :].lstrip("0")]
    else:
        forms = [digits, digits.lstrip("0")]
        if len(digits) > 10 and digits[0] != "0":  # noqa: PLR2004 - a national number has at most ten digits in most countries
            forms.append(digits[_country(digits) :].lstrip("0"))
    return tuple(dict.fromkeys(form for form in forms if len(form) >= SHORTEST_NUMBER))


def _country(digits: str) -> int:
    return 1 if digits[0] in "17" else 2 if digits[:2] in _COUNTRIES_OF_TWO_DIGITS else 3


def sought(query: str) -> Sought:
    """What somebody looks for: all words, each also as the beginning of a longer one; what stands in quotation marks word for word."""
    terms: list[Term] = []
    end = 0
    for quoted in _QUOTED.finditer(query):
        terms += _plain(query[end : quoted.start()])
        terms += _phrase(quoted.group(1))
        end = quoted.end()
    terms += _plain(query[end:])
    return tuple(dict.fromkeys(terms))[:MOST_TERMS]


def _phrase(text: str) -> list[Term]:
    pattern = _pattern([word.text for word in words(text)], begins=text.rstrip().endswith("*"))
    return [(pattern,)] if pattern else []


def _plain(text: str) -> list[Term]:
    terms: list[Term] = []
    end = 0
    for number in _TELEPHONE.finditer(text):
        forms = telephone_forms(number.group())
        written = _pattern([word.text for word in words(number.group())], begins=True)
        if forms and written:
            terms += _chunks(text[end : number.start()])
            terms.append(tuple(dict.fromkeys((written, *(Pattern((form,), begins=True) for form in forms)))))
            end = number.end()
    return terms + _chunks(text[end:])


def _chunks(text: str) -> list[Term]:
    terms = []
    for chunk in _SPACE.finditer(text):
        piece = _ELISION.sub("", chunk.group().lstrip("'’‘`´([{<¿¡"), count=1) if len(chunk.group()) <= LONGEST_WORD else chunk.group()
        patterns = [_pattern([word.text for word in words(piece)], begins=True)]
        patterns += [Pattern((word.text,), begins=True) for word in joined(chunk.group())]
        if any(patterns):
            terms.append(tuple(dict.fromkeys(pattern for pattern in patterns if pattern)))
    return terms


def _pattern(texts: list[str], *, begins: bool) -> Pattern | None:
    if not texts:
        return None
    last = texts[-1]
    if _UNSPACED.fullmatch(last) and len(last) == 1:
        if len(texts) == 1:
            return Pattern((last,), begins=True)  # one character: every pair that begins with it, and itself
        if _UNSPACED.fullmatch(texts[-2]) and texts[-2].endswith(last) and len(texts[-2]) > 1:
            return Pattern(tuple(texts[:-1]), begins=False)  # the text may go on where the query ends
    return Pattern(tuple(texts), begins and len(last) >= SHORTEST_BEGINNING)
