"""Lists first names by country, and which of them places have too: `python -m training.first_names` writes both lists."""

import argparse
import importlib
import sys
import textwrap
from pathlib import Path

from phonenumbers.geodata import GEOCODE_DATA

from services.triage import redaction
from services.triage.redaction import name_lexicon
from services.triage.redaction.text_folding import fold
from training.ordinary_words import WORDS

NAMES = Path(redaction.__file__).with_name("first_names_by_country.txt")
PLACES = Path(redaction.__file__).with_name("first_names_of_places.txt")
COUNTRIES = ("en_GB", "en_IE", "en_US", "en_IN", "en_NZ", "yo_NG", "fr_FR", "fr_BE", "fr_CH", "fr_CA")
"""Whose names the people are likely to have who write to an agency in English or French."""
_LISTS = ("first_names", "first_names_male", "first_names_female", "first_names_nonbinary")
_SHORTEST = 3
_PREFIXES = ("1", "33", "353", "44")
"""Of the countries whose towns are written of most: North America, France, Ireland, the United Kingdom."""


def first_names() -> str:
    """The first names that Faker (MIT) knows, without those that are a word, a surname or a place as well."""
    folded: set[str] = set()
    for country in COUNTRIES:
        provider = importlib.import_module(f"faker.providers.person.{country}").Provider
        folded.update(fold(name).lower for names in _LISTS for name in getattr(provider, names, ()))
    names = {name for name in folded if name.isascii() and name.isalpha() and len(name) >= _SHORTEST}
    words = (
        set(WORDS.read_text(encoding="utf-8").split())
        | name_lexicon.WORDS_TOO
        | name_lexicon.SURNAMES_TOO
        | name_lexicon.GIVEN_TOO
        | name_lexicon.NATIONS
    )
    words |= (
        name_lexicon.OFFICES | name_lexicon.PLACE_WORDS | name_lexicon.BEFORE_PLACES | name_lexicon.SMALL_WORDS | name_lexicon.FIRST_NAMES
    )
    return textwrap.fill(" ".join(sorted(names - words)), 139) + "\n"


def names_of_places() -> str:
    """Those of them that towns and states have too, which alone name nobody: Carolina, Madison. By the places phonenumbers knows."""
    places = {
        fold(part).lower.strip()
        for prefix, languages in GEOCODE_DATA.items()
        if prefix.startswith(_PREFIXES)
        for place in languages.values()
        for part in place.replace("/", ",").split(",")
    }
    ends = {word for place in places for word in place.split(" ")[-1:]}  # North Carolina
    return textwrap.fill(" ".join(name for name in first_names().split() if name in places | ends), 139) + "\n"


def main() -> int:
    """Writes the list."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    NAMES.write_text(first_names(), encoding="utf-8")
    PLACES.write_text(names_of_places(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
