"""Writes the HTML alternative of a letter: its paragraphs, line breaks and links, and nothing else. Pure."""

import html
import re

from babel import Locale, UnknownLocaleError

_LINK = re.compile(r"https?://[^\s<>\"\u201d\u00bb]{1,2000}", re.IGNORECASE)
_AFTER_A_LINK = ".,;:!?)]}'\u2019*_"  # belongs to the sentence around it
_SPACES = re.compile(r"^ |(?<= ) ", re.MULTILINE)
TAB = "    "
SPACE_THAT_STAYS = "\u00a0"


def written(text: str, language: str | None) -> str:
    """The HTML of a plain text whose lines end with a line feed. `language` is a BCP 47 tag that was checked."""
    paragraphs = "\n".join(f"<p>{_paragraph(paragraph)}</p>" for paragraph in text.rstrip("\n").split("\n\n"))
    attributes = "".join(f' {name}="{value}"' for name, value in root(language).items())
    return f'<!DOCTYPE html>\n<html{attributes}><head><meta charset="utf-8"></head><body>\n{paragraphs}\n</body></html>\n'


def root(language: str | None) -> dict[str, str]:
    """The attributes of the root: what programs read aloud by, and on which side a line begins."""
    return {"lang": language, "dir": direction(language)} if language else {"dir": "auto"}


def as_shown(text: str) -> str:
    """The text as a page shows it: spaces that stay are spaces, tabs are four."""
    return text.replace("\t", TAB).replace(SPACE_THAT_STAYS, " ")


def direction(language: str) -> str:
    """The direction of a language's script, as HTML says it; `auto`, by the letters, where nobody knows the language."""
    try:
        return str(Locale.parse(language, sep="-").text_direction)
    except (UnknownLocaleError, ValueError):
        return "auto"


def _paragraph(text: str) -> str:
    # Browsers make one space of many: those after the first are such that stay.
    spaced = _SPACES.sub(SPACE_THAT_STAYS, text.replace("\t", TAB))
    pieces, end = [], 0
    for match in _LINK.finditer(spaced):
        link = match.group().rstrip(_AFTER_A_LINK)
        pieces += [html.escape(spaced[end : match.start()]), f'<a href="{html.escape(link)}">{html.escape(link)}</a>']
        end = match.start() + len(link)
    return "".join([*pieces, html.escape(spaced[end:])]).replace("\n", "<br>\n")
