"""Says which published articles no draft cites, and which are corrected most. Pure."""

from collections.abc import Collection, Mapping

from pydantic import BaseModel

from services.domain.articles import article_of
from services.review.cases.page.published_pages import PublishedPages
from services.review.quality.edit_report import Group, Report

FEWEST_DRAFTS = 3
"""With fewer, nothing can be said of an article."""
SHOWN_EDITED = 20


class ArticleLine(BaseModel):
    """A published article; one that is cited and not published any more has no title."""

    article_id: str
    title: str
    url: str
    language: str


class EditedArticle(ArticleLine):
    """What became of the drafts that cite it: `put_right` counts those whose facts, passage or whole text a person changed, or rejected."""

    drafts: int
    put_right: int
    distance: float | None


class ArticleUse(BaseModel):
    """Of a period."""

    known: bool
    """Whether the folder could be read: without it nothing can be said of what is never cited."""
    never_cited: list[ArticleLine]
    most_edited: list[EditedArticle]


def use_of(published: PublishedPages | None, report: Report, cited_now: Collection[str]) -> ArticleUse:
    """Articles that neither a decided draft nor one of `cited_now` (passages of drafts that wait) cites, and those put right most."""
    by_article = {group.name: group for group in report.by["article"] if group.name}
    cited = {*by_article, *map(article_of, cited_now)}
    lines = _lines(published)
    return ArticleUse(
        known=published is not None,
        never_cited=[line for article, line in sorted(lines.items()) if article not in cited],
        most_edited=sorted(
            (_edited(group, lines) for group in by_article.values() if group.drafts >= FEWEST_DRAFTS and group.put_right),
            key=lambda article: (-article.put_right / article.drafts, -article.drafts, article.article_id),
        )[:SHOWN_EDITED],
    )


def _lines(published: PublishedPages | None) -> dict[str, ArticleLine]:
    pages = published.pages if published else {}
    return {
        article_id: ArticleLine(article_id=article_id, title=page.title, url=page.url, language=page.language)
        for article_id, page in pages.items()
    }


def _edited(group: Group, lines: Mapping[str, ArticleLine]) -> EditedArticle:
    line = lines.get(group.name) or ArticleLine(article_id=group.name, title="", url="", language="")
    return EditedArticle(**line.model_dump(), drafts=group.drafts, put_right=group.put_right, distance=group.distance)
