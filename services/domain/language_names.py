"""Names languages as people know them: `Spanish`, not `es`."""

from functools import cache

from babel import Locale

UNDETERMINED = "und"


def language_name(code: str, page_language: str = "en") -> str:
    """The language's name in that of the page; the code itself where nobody has named it."""
    if not code or code == UNDETERMINED:
        return "Not known"
    primary, _, _ = code.replace("_", "-").partition("-")
    names = _names(page_language)
    return names.get(code.replace("-", "_")) or names.get(primary.lower()) or code


@cache
def _names(page_language: str) -> dict[str, str]:
    return dict(Locale(page_language).languages.items())


@cache
def language_codes(page_language: str = "en") -> dict[str, str]:
    """The code of each language by its name: what stands in a sentence for people is a name."""
    return {name: code for code, name in _names(page_language).items()}
