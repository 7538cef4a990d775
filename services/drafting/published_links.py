"""Finds and removes links in a reply that the agency has not published itself."""

from collections.abc import Sequence

from services.domain.articles import Passage
from services.domain.links import links, target

__all__ = ["foreign", "links", "target", "without"]


def foreign(text: str, passages: Sequence[Passage]) -> list[str]:
    """The links that none of the passages holds."""
    published = {link for passage in passages for link in (*links(passage.text), passage.url)}
    return sorted({link for link in links(text) if link not in published})


def without(text: str, unwanted: Sequence[str], mark: str) -> str:
    """The text with a mark in place of each of those links, the longest first so that no rest of one is left."""
    for link in sorted(unwanted, key=len, reverse=True):
        text = text.replace(link, mark)
    return text
