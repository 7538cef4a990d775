"""Says whether the pages that a draft quotes still say what they said. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from pydantic import BaseModel

from schemas.drafts_proposed import Citation
from services.domain.article_files import ArticleFile
from services.domain.articles import Passage, article_of
from services.domain.phrases import Phrase

Change = Literal["changed", "expired", "gone"]


class SourceDoubt(BaseModel):
    """A page that a waiting draft quotes and that says something else now, or nothing."""

    passage_id: str
    title: str
    url: str
    change: Change
    sentence: str


@dataclass(frozen=True)
class Page:
    """An article as it is published now, by the digests of its passages."""

    title: str
    url: str
    language: str
    category: str | None
    expires: date | None
    digests: Mapping[str, str]


@dataclass(frozen=True)
class PublishedPages:
    """Every article by its id."""

    pages: Mapping[str, Page] = field(default_factory=dict)
    files: Mapping[str, tuple[ArticleFile, ...]] = field(default_factory=dict)
    """What each offers to go with a reply."""


def published_pages(passages: Iterable[Passage]) -> PublishedPages:
    """What is published, out of its passages."""
    pages: dict[str, Page] = {}
    digests: dict[str, dict[str, str]] = {}
    files: dict[str, tuple[ArticleFile, ...]] = {}
    for passage in passages:
        own = digests.setdefault(passage.article_id, {})
        own[passage.passage_id] = passage.digest
        files[passage.article_id] = passage.files
        pages[passage.article_id] = Page(passage.title, passage.url, passage.language, passage.category, passage.expires, own)
    return PublishedPages(pages, files)


SENTENCES: dict[Change, str] = {
    "changed": Phrase("The page it quotes has changed since: compare the draft with it, or ask for another draft."),
    "expired": Phrase("The page it quotes has expired: what it says may not hold any more."),
    "gone": Phrase("The page it quotes is not among the published answers any more."),
}


def doubts(citations: Sequence[Citation], published: PublishedPages | None, today: date) -> list[SourceDoubt]:
    """The cited passages that are not what they were. None where nothing is known of what is published."""
    if not published:
        return []
    changes = ((citation, _change(citation, published, today)) for citation in citations)
    return [
        SourceDoubt(passage_id=c.passage_id, title=c.title, url=c.url, change=change, sentence=SENTENCES[change])
        for c, change in changes
        if change
    ]


def _change(citation: Citation, published: PublishedPages, today: date) -> Change | None:
    page = published.pages.get(article_of(citation.passage_id))
    if not page:
        return "gone"
    if page.expires and page.expires < today:
        return "expired"
    if not citation.digest:  # a draft of a release that did not tell: whether the passage is another can't be said
        return None if citation.passage_id in page.digests else "changed"
    # A section put in before it gives it another number, and changes nothing.
    return None if citation.digest in page.digests.values() else "changed"
