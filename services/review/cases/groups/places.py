"""Reads which place a message is about: streets that it names, and coordinates that came with it. Pure."""

import hashlib
import math
import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

from schemas.requests_received import Location, RequestReceived
from schemas.requests_triaged import MessagePart
from services.domain.message_parts import Excerpt

NEAR_METRES = 250
"""Two reports so close to each other are about one place: a street lamp, a burst pipe and the houses without water around it."""
MOST_STREETS = 5
CELL_LATITUDE, CELL_LONGITUDE = 0.0025, 0.005
"""Degrees of a cell, at least 250 metres up to 63 degrees north: what is near lies in the same cell or one beside it."""
METRES_PER_DEGREE = 111_320

_TYPES = "street|st|road|rd|lane|avenue|ave|square|drive|crescent|boulevard|terrace|bridge|parade"
_WORD = r"[^\W\d_][\w'’-]{1,30}"
_ENGLISH = re.compile(rf"\b((?-i:[A-ZÀ-Þ])[\w'’-]{{1,30}}(?: (?-i:[A-ZÀ-Þ])[\w'’-]{{1,30}}){{0,2}} (?:{_TYPES}))\b", re.IGNORECASE)
_FRENCH = re.compile(
    r"\b((?:rue|avenue|boulevard|place|quai|chemin|impasse|allée|route|square|passage|pont)"
    r"(?: (?:de la|de l['’]|des|du|de|d['’]|aux|au))?[ ]?"
    r"(?-i:[A-ZÀ-Þ])[\w'’-]{1,30}(?: (?-i:[A-ZÀ-Þ])[\w'’-]{1,30}){0,2})",
    re.IGNORECASE,
)
_GERMAN = re.compile(r"\b((?-i:[A-ZÄÖÜ])[\w-]{1,30}(?:straße|strasse|gasse|platz|allee|weg|str\.))(?!\w)", re.IGNORECASE)
_BEFORE = frozenset(
    {"the", "our", "your", "my", "this", "dear", "on", "in", "at", "from", "near", "along", "of", "and", "outside", "opposite"}
)
"""Words with a capital at the beginning of a sentence that belong to no name."""
_SHORT = {"st": "street", "rd": "road", "ave": "avenue", "str": "strasse"}


@dataclass(frozen=True)
class Place:
    """A street or a spot. `key` is what an index finds it by and holds none of its words; `words` are as they were written."""

    kind: Literal["street", "spot"]
    key: str
    words: str = ""
    latitude: float | None = None
    longitude: float | None = None


def places_of(request: RequestReceived, parts: list[MessagePart]) -> list[Place]:
    """The places that a message is about: not those of its signature, nor of what it quotes."""
    text = "\n".join((request.subject or "", Excerpt.of(request.body, parts, ("new",)).text, _address(request.location)))
    spot = spot_of(request.location)
    return [*streets_in(text), *([spot] if spot else [])]


def _address(location: Location | None) -> str:
    return (location.address or "") if location else ""


def streets_in(text: str) -> list[Place]:
    """The first streets that a text names, each once, however it is abbreviated."""
    streets: dict[str, Place] = {}
    for pattern in (_ENGLISH, _FRENCH, _GERMAN):
        for match in pattern.finditer(text):
            words = _name(match.group(1))
            if words:
                key = street_key(words)
                streets.setdefault(key, Place("street", key, words))
    return list(streets.values())[:MOST_STREETS]


def _name(words: str) -> str:
    """The name of the street without words before it that only begin a sentence; empty where nothing of a name is left."""
    tokens = words.split()
    while tokens and tokens[0].casefold() in _BEFORE:
        tokens = tokens[1:]
    return " ".join(tokens) if len(tokens) > 1 or (tokens and _GERMAN.fullmatch(tokens[0])) else ""


def street_key(words: str) -> str:
    """The same for each way of writing a street: capitals, accents, hyphens and abbreviations do not matter."""
    folded = "".join(char for char in unicodedata.normalize("NFKD", words.casefold()) if not unicodedata.combining(char))
    tokens = [_SHORT.get(token, token) for token in re.findall(r"\w+", folded)]
    plain = " ".join(token[:-3] + "strasse" if token.endswith("str") and len(token) > len("str") else token for token in tokens)
    return "s" + hashlib.blake2b(plain.encode(), digest_size=8).hexdigest()


def spot_of(location: Location | None) -> Place | None:
    """Where the coordinates lie. None where there are not both, or where they are 0, 0, which programs send for nothing."""
    if location is None or location.latitude is None or location.longitude is None or not (location.latitude or location.longitude):
        return None
    row, column = _cell(location.latitude, location.longitude)
    return Place("spot", f"c{row}:{column}", "", location.latitude, location.longitude)


def _cell(latitude: float, longitude: float) -> tuple[int, int]:
    return math.floor(latitude / CELL_LATITUDE), math.floor(longitude / CELL_LONGITUDE)


def keys_near(place: Place) -> list[str]:
    """The keys by which what is at the same place is found."""
    if place.latitude is None or place.longitude is None:
        return [place.key]
    row, column = _cell(place.latitude, place.longitude)
    return [f"c{row + up}:{column + along}" for up in (-1, 0, 1) for along in (-1, 0, 1)]


def metres_between(first: tuple[float, float], second: tuple[float, float]) -> int:
    """How far two spots are from each other, as near each other as they are here."""
    north = (first[0] - second[0]) * METRES_PER_DEGREE
    east = (first[1] - second[1]) * METRES_PER_DEGREE * math.cos(math.radians((first[0] + second[0]) / 2))
    return round(math.hypot(north, east))
