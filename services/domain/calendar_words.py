"""Names of months and weekdays in lower-case English and French without accents, as they stand in `tokenization.plain` text."""

import re

_FIRST = re.compile(r"\b1 (?=[^\W\d])")

MONTHS = {
    name: number
    for names in (
        "january february march april may june july august september october november december",
        "janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre",
    )
    for number, name in enumerate(names.split(), start=1)
}
"""The number of each month, from 1."""

WEEKDAYS = {
    name: number
    for names in ("monday tuesday wednesday thursday friday saturday sunday", "lundi mardi mercredi jeudi vendredi samedi dimanche")
    for number, name in enumerate(names.split())
}
"""The number of each weekday, from 0 for Monday, as `date.weekday` has it."""


def first_as_ordinal(written: str, language: str) -> str:
    """A day written out as people of the language do: French has the first of a month as an ordinal, which CLDR's patterns leave out."""
    return _FIRST.sub("1er ", written) if language.partition("-")[0] == "fr" else written
