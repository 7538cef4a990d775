"""Names a matter by its telling words and streets, of redacted texts alone, and never by whom it is of. Pure."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from services.review.cases.emerging import matters
from services.review.cases.emerging.likeness import History
from services.review.cases.emerging.message_terms import Reading
from services.review.cases.groups import places
from services.review.cases.search import search_words

MOST_WORDS, MOST_STREETS = 4, 2
FEWEST_WITH_WORD = 3
SHARE_WITH_WORD = 0.25
FEWEST_WITH_STREET = 2
LONGEST_STREET = 60
ORDINARY = frozenset(Path(__file__).with_name("ordinary_words.txt").read_text(encoding="utf-8").split())
"""Words that say nothing of a matter, folded; which of them are usual its letters mostly say themselves."""


@dataclass(frozen=True)
class Name:
    """What a matter is called. `terms` are those behind the words and streets, by which it is said who else has them."""

    words: tuple[str, ...]
    streets: tuple[str, ...]
    terms: tuple[int, ...] = ()


def name_of(readings: Sequence[Reading], history: History, names_of_people: Collection[str] = ()) -> Name:
    """The name of what the readings have in common. `names_of_people` are words that are no part of it, folded."""
    streets = _streets(readings, names_of_people)
    in_streets = {word.text for street in streets for word in search_words.words(street)}
    fewest = max(FEWEST_WITH_WORD, round(SHARE_WITH_WORD * len(readings)))
    of_words = [list(reading.words) for reading in readings]
    words: list[str] = []
    terms: list[int] = []
    telling = matters.telling_terms(of_words, history, fewest)
    for term in sorted(telling, key=lambda term: (-telling[term], term)):
        written = Counter(reading.words[term].lower() for reading in readings if term in reading.words)
        word = max(written, key=lambda each: (written[each], each))
        folded = search_words.fold(word)
        if folded not in in_streets and folded not in names_of_people and folded not in ORDINARY:
            words.append(word)
            terms.append(term)
    return Name(tuple(words[:MOST_WORDS]), streets, tuple(terms[:MOST_WORDS]))


def _streets(readings: Sequence[Reading], names_of_people: Collection[str]) -> tuple[str, ...]:
    """The streets that several name, as most of them write each, where nobody's name is in it but the street's own."""
    written: dict[str, Counter[str]] = {}
    for reading in readings:
        for street in set(reading.streets):
            if len(street) <= LONGEST_STREET and not any(character.isdecimal() for character in street):
                written.setdefault(places.street_key(street), Counter())[street] += 1
    often = sorted((key for key in written if written[key].total() >= FEWEST_WITH_STREET), key=lambda key: (-written[key].total(), key))
    shown = [max(written[key], key=lambda street: (written[key][street], street)) for key in often]
    return tuple(street for street in shown if not {w.text for w in search_words.words(street)} & set(names_of_people))[:MOST_STREETS]
