"""Reads what a message is about: its telling words by their stems, as numbers that hold none of them. Pure, and linear in the text."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

import numpy as np
import numpy.typing as npt

from schemas.requests_received import RequestReceived
from schemas.requests_triaged import RequestTriaged
from services.domain import word_stems
from services.domain.message_parts import Excerpt
from services.domain.placeholders import PLACEHOLDER
from services.review.cases.groups import places
from services.review.cases.search import search_words

LONGEST_READ = 6_000
"""Characters of a text: whoever writes of something that happens now says so on the first pages."""
MOST_TERMS = 120
SHORTEST_WORD, LONGEST_WORD = 3, 30

Terms = npt.NDArray[np.uint32]
"""Sorted, each once."""


@dataclass(frozen=True)
class Reading:
    """What a message is about: terms by which it is compared, and the words of its redacted text that stand behind them."""

    terms: Terms
    words: dict[int, str]
    """The words as they are written, of the redacted text alone."""
    streets: tuple[str, ...]
    """Streets as the redacted text has them, which hides each that stands with a number."""


def read(request: RequestReceived, triaged: RequestTriaged) -> Reading:
    """Reads the new part of the redacted text; of the message as it came only the streets that it names, as numbers."""
    language = triaged.language.code
    text = redacted_text(triaged)
    words = _words(text, language)
    named = places.places_of(request, triaged.parts)
    of_places = [word for place in named for word in _words(place.words, language)]
    spots = [term for place in named if place.kind == "spot" for term in _spot_terms(place)]
    terms = [*list(words)[: MOST_TERMS - len(of_places) - len(spots)], *of_places, *spots]
    streets = tuple(place.words for place in places.streets_in(text))
    return Reading(as_terms(terms), words, streets)


def redacted_text(triaged: RequestTriaged) -> str:
    """What the citizen wrote now, as a model may see it."""
    new = Excerpt.of(triaged.redacted.body, triaged.parts, ("new",)).text
    return f"{triaged.redacted.subject or ''}\n{new}"[:LONGEST_READ]


def _words(text: str, language: str) -> dict[int, str]:
    """The words by their terms, in their order; what holds a digit is a number, a date or a reference and no word."""
    plain = PLACEHOLDER.sub(" ", text)
    written: dict[str, str] = {}
    for word in search_words.words(plain):
        if _may_tell(word.text):
            written.setdefault(word.text, plain[word.start : word.end])
    folded = list(written)
    stems = word_stems.stems(folded, language)
    by_term: dict[int, str] = {}
    for stem, plain_word in zip(stems, folded, strict=True):
        by_term.setdefault(term_of(stem), written[plain_word])
    return by_term


def _may_tell(word: str) -> bool:
    if any(character.isdecimal() for character in word):
        return False
    spaced = word.isascii() or not search_words.is_unspaced(word)
    return not spaced or SHORTEST_WORD <= len(word) <= LONGEST_WORD


def _spot_terms(place: places.Place) -> list[int]:
    """Two grids, half a cell apart: what is near each other shares a cell of one of them."""
    assert place.latitude is not None
    assert place.longitude is not None
    cells = (place.latitude / places.CELL_LATITUDE, place.longitude / places.CELL_LONGITUDE)
    return [term_of(f"spot {shift} {int(cells[0] + shift)} {int(cells[1] + shift)}") for shift in (0.0, 0.5)]


@lru_cache(maxsize=1 << 15)
def term_of(stem: str) -> int:
    """The number of a stem. Two of a million words may have the same, which once in a while weighs a message wrongly."""
    return int.from_bytes(hashlib.blake2b(stem.encode("utf-8", "replace"), digest_size=4).digest(), "little")


def packed(terms: Terms) -> bytes:
    """The terms as a row keeps them."""
    return terms.astype("<u4").tobytes()


def unpacked(kept: bytes) -> Terms:
    """The terms of a row; none where it is broken."""
    return np.frombuffer(kept[: len(kept) // 4 * 4], dtype="<u4").astype(np.uint32)


def draw_of(request_id: UUID) -> int:
    """Where a message stands when a sample is drawn: the same each time, and nothing to do with what it is about."""
    return int.from_bytes(hashlib.blake2b(request_id.bytes, digest_size=8).digest()) >> 2


def as_terms(numbers: Iterable[int]) -> Terms:
    """The terms as they are compared."""
    return np.unique(np.fromiter(numbers, dtype=np.uint32))
