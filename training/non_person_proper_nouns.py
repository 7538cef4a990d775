"""Lists proper nouns that name no person, and writes `redaction/proper_nouns.txt`.

`python -m training.non_person_proper_nouns FR.dic EN.dic BRANDS.json`.

The French dictionary says of each proper noun whether it is a person's ("po:prn", "po:patr") or a body's, a firm's, a place's ("po:npr").
Of the brands those count which the English dictionary has not: it does not tell surnames from other names.
"""

import argparse
import json
import re
import sys
import textwrap
from pathlib import Path

from services.triage import redaction
from services.triage.redaction import name_lexicon
from services.triage.redaction.text_folding import fold

NOUNS = Path(redaction.__file__).with_name("proper_nouns.txt")
_ENTRY = re.compile(r"([^/\s]+)(.*)")
_PERSONS = {"prn", "patr"}
_SHORTEST = 4


def proper_nouns(french: str, english: str, brands: list[str]) -> str:
    """The names of bodies, firms and places, in small letters, without any that a list of ours has as a person's."""
    persons: set[str] = set()
    others: set[str] = set()
    for entry in map(_ENTRY.match, french.splitlines()):
        if entry is not None and entry[1][0].isupper():
            classes = set(re.findall(r"po:(\w+)", entry[2]))
            (persons if classes & _PERSONS else others if "npr" in classes else set()).add(_small(entry[1]))
            if classes == {"nom"}:
                others.add(_small(entry[1]))
    capitals = {_small(entry[1]) for entry in map(_ENTRY.match, english.splitlines()) if entry is not None and entry[1][0].isupper()}
    others |= {_small(brand) for brand in brands} - capitals
    persons |= (
        name_lexicon.FIRST_NAMES
        | name_lexicon.FIRST_NAMES_BY_COUNTRY
        | name_lexicon.SURNAMES_TOO
        | name_lexicon.GIVEN_TOO
        | name_lexicon.WORDS_TOO
    )
    names = {
        name for name in others - persons - name_lexicon.ORDINARY_WORDS if name.isascii() and name.isalpha() and len(name) >= _SHORTEST
    }
    return textwrap.fill(" ".join(sorted(names)), 139) + "\n"


def _small(name: str) -> str:
    return fold(name).lower


def main() -> int:
    """Writes the list."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("french", type=Path, help="fr.dic of hunspell-fr-classical")
    parser.add_argument("english", type=Path, help="en_GB.dic of hunspell-en-gb")
    parser.add_argument("brands", type=Path, help="data/simple-icons.json of simple-icons")
    chosen = parser.parse_args()
    brands = [icon["title"] for icon in json.loads(chosen.brands.read_text(encoding="utf-8"))]
    french, english = (path.read_text(encoding="utf-8-sig") for path in (chosen.french, chosen.english))
    NOUNS.write_text(proper_nouns(french, english, brands), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
