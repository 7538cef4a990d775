"""The languages of pages, and the catalogues of what is said in them: gettext files, compiled when they are first asked for.

A message is written in English where it stands. A language without a translation shows it as it is.
"""

import gettext
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Literal, get_args

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from services.runtime.accept_language import liked, primary

PageLanguage = Literal["en", "fr"]
LANGUAGES: tuple[PageLanguage, ...] = get_args(PageLanguage)
NAMES: list[tuple[str, str]] = [("en", "English"), ("fr", "Français")]
"""As each is called by those who speak it."""


def entries(locales: Path, domain: str, language: PageLanguage) -> Catalog:
    """All messages of the language, each with its translation."""
    path = locales / language / "LC_MESSAGES" / f"{domain}.po"
    if not path.exists():
        return Catalog(locale=language)
    with path.open("rb") as text:
        return read_po(text, locale=language)


@cache
def catalogue(locales: Path, domain: str, language: PageLanguage) -> gettext.NullTranslations:
    """Compiled from its text when it is first asked for, so that nothing has to be built before a start."""
    compiled = BytesIO()
    write_mo(compiled, entries(locales, domain, language))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def supported(language: str | None) -> PageLanguage | None:
    """The language if it is one of ours; of `fr-CH` the first part counts."""
    return next((ours for ours in LANGUAGES if ours == primary(language or "")), None)


def preferred(accept_language: str) -> PageLanguage | None:
    """The one of our languages that a browser likes best, by its `Accept-Language`."""
    return next((language for tag in liked(accept_language) if (language := supported(tag))), None)
