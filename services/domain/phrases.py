"""Marks the English that people read. Events, the database and errors keep it; pages show it in the reader's language."""

from typing import NewType

Phrase = NewType("Phrase", str)
"""A sentence, or a part of one. `make messages` takes it into the catalogue, with `{0}`, `{1}` for what an f-string fills in."""

Word = NewType("Word", str)
"""A word or two that stand inside a phrase: alone they may as well be a person's own, and are left as they are."""


def numbered(count: int, single: str, several: str) -> str:
    """The words for one of a thing, or those for several."""
    return single if count == 1 else several
