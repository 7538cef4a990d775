"""Reads the word lists beside the modules: alternatives of a pattern by the name of what they tell, in lower case and without accents."""

import re
from functools import cache
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent


@cache
def alternatives(name: str) -> dict[str, Any]:
    """The lists of a file, by name. Every repetition in them is bounded: the text may have been written to keep this busy."""
    lists: dict[str, Any] = yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))
    return lists


@cache
def patterns(name: str) -> dict[str, re.Pattern[str]]:
    """One pattern for each list of a file."""
    return {key: re.compile("|".join(words)) for key, words in alternatives(name).items() if isinstance(words, list)}


def named(name: str, key: str) -> dict[str, Any]:
    """What a file names one by one under a key."""
    words: Any = alternatives(name)[key]
    return dict(words)


@cache
def reply_words(language: str) -> frozenset[str]:
    """The stems that right replies in this language use whatever they are about; none where nobody has listed them."""
    return frozenset(str(alternatives("reply_words").get(language, "")).split())
