"""Reads the word lists beside the modules: alternatives of a pattern by the name of what they tell, in lower case and without accents."""

import re
from functools import cache
from pathlib import Path

import yaml

FOLDER = Path(__file__).parent


@cache
def alternatives(name: str) -> dict[str, list[str]]:
    """The lists of a file, by name. Every repetition in them is bounded: the text may have been written to keep this busy."""
    lists: dict[str, list[str]] = yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))
    return lists


@cache
def patterns(name: str) -> dict[str, re.Pattern[str]]:
    """One pattern for each list of a file."""
    return {key: re.compile("|".join(words)) for key, words in alternatives(name).items()}
