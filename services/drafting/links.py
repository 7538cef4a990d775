"""Links in a reply: only those that the agency has published itself may stand there."""

import re
from collections.abc import Sequence

from services.drafting.articles import Passage

# Every repetition is bounded: the text may have been written to keep this busy.
# Addresses with a scheme, mail addresses, and names that a mail program would turn into a link by itself.
_LINK = re.compile(
    r"\b(?:[a-z][a-z0-9+.-]{1,20}://|mailto:|tel:|javascript:|vbscript:|data:[a-z]+/)[^\s<>\"\u201d\u00bb]+"
    r"|[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,10}"
    r"|\bwww\.[^\s<>\"\u201d\u00bb]+"
    r"|(?<![\w-])(?:[a-z0-9-]{1,63}\.){1,10}(?:com|org|net|info|biz|io|co|app|dev|xyz|top|site|online|shop|click|link|ru|cn|uk|fr|eu|de|be|ch|ca|us|example)"
    r"\b(?:/[^\s<>\"\u201d\u00bb]*)?"
    r"|(?<![\w-])(?:[a-z0-9-]{1,63}\.){1,10}[a-z]{2,24}/[^\s<>\"\u201d\u00bb]*",
    re.IGNORECASE,
)


def links(text: str) -> list[str]:
    """Every link, without the punctuation of the sentence around it."""
    return [match.group().rstrip(".,;:!?)]}'\u2019*_") for match in _LINK.finditer(text)]


def foreign(text: str, passages: Sequence[Passage]) -> list[str]:
    """The links that none of the passages holds."""
    published = {link for passage in passages for link in (*links(passage.text), passage.url)}
    return sorted({link for link in links(text) if link not in published})


def without(text: str, unwanted: Sequence[str], mark: str) -> str:
    """The text with a mark in place of each of those links, the longest first so that no rest of one is left."""
    for link in sorted(unwanted, key=len, reverse=True):
        text = text.replace(link, mark)
    return text
