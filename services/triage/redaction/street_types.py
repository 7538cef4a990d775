"""Lists the types of streets and their short forms in English and French."""

import re

SHORT_FORMS: dict[str, tuple[str, ...]] = {
    "street": ("st",), "road": ("rd",), "avenue": ("ave", "av"), "lane": ("ln",), "drive": ("dr",), "court": ("ct",), "close": ("cl",),
    "square": ("sq",), "terrace": ("ter", "terr"), "place": ("pl",), "boulevard": ("bd", "bld", "blvd", "boul"), "gardens": ("gdns",),
    "crescent": ("cres",), "rue": ("r",), "chemin": ("ch", "chem"), "route": ("rte",), "impasse": ("imp",), "allee": ("all",),
    "allees": ("all",), "saint": ("st",), "sainte": ("ste",), "general": ("gal",), "docteur": ("dr",), "apartment": ("apt",),
    "appartement": ("apt", "appt"), "batiment": ("bat",), "north": ("n",), "south": ("s",), "east": ("e",), "west": ("w",),
}  # fmt: skip
_LONG_FORMS = {short: full for full, shorts in SHORT_FORMS.items() for short in shorts}


def house_pattern(words: list[str]) -> re.Pattern[str]:
    """These words of an address in this order, shortened or not, with whatever stands between them."""
    return re.compile(r"(?<!\w)" + r"[\s,.'\-]{1,4}".join(_any_form(word) for word in words) + r"(?!\w)")


def _any_form(word: str) -> str:
    full = _LONG_FORMS.get(word, word)
    forms = sorted({word, full, *SHORT_FORMS.get(full, ())}, key=len, reverse=True)
    return "(?:" + "|".join(re.escape(form) for form in forms) + ")"
