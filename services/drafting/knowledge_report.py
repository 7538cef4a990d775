"""Measures an agency's knowledge: what could be better in its articles, and how well retrieval finds the right ones. Pure."""

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from services.domain.articles import PASSAGE_CHARACTERS, Passage
from services.drafting import tokenization

SOON = timedelta(days=30)


@dataclass(frozen=True)
class Question:
    """A question with the articles or passages that answer it; none where nothing does."""

    text: str
    language: str
    answers: frozenset[str]


@dataclass(frozen=True)
class Figures:
    """Shares of questions, of 0 to 1; `abstained` is of those that nothing answers."""

    questions: int
    first: float
    three: float
    mrr: float
    abstained: float | None


def advice(passages: Sequence[Passage], categories: Collection[str], today: date) -> list[str]:
    """What could be better, each with the article that it is about."""
    hints: list[str] = []
    languages = Counter(p.language for p in passages)
    for article, own in _by_article(passages).items():
        first = own[0]
        if first.category is None:
            hints.append(f"{article}: no category: retrieval can't tell what it is about beyond its words")
        elif first.category not in categories:
            hints.append(f"{article}: category {first.category!r} is not in the taxonomy")
        if first.expires and first.expires < today:
            hints.append(f"{article}: expired on {first.expires}, so nothing quotes it any more: renew it or take it out")
        elif first.expires and first.expires <= today + SOON:
            hints.append(f"{article}: expires on {first.expires}")
        if len(own) > 1 and all(not p.heading for p in own):
            hints.append(f"{article}: {len(own)} passages and no heading: a heading over each says what it answers")
        hints += [
            f"{p.passage_id}: {len(p.text)} characters: nobody reads that in a reply" for p in own if len(p.text) > 2 * PASSAGE_CHARACTERS
        ]
    same = Counter(" ".join(tokenization.split(p.text)) for p in passages)
    hints += [f"{p.passage_id}: says the same as another passage" for p in passages if same[" ".join(tokenization.split(p.text))] > 1]
    if len(languages) > 1:
        fewest, most = min(languages.values()), max(languages.values())
        if fewest < most / 2:
            hints.append(f"languages are far apart: {', '.join(f'{code} {n}' for code, n in languages.most_common())} passages")
    return hints


def figures(questions: Sequence[Question], search: Callable[[Question], Sequence[Passage]]) -> Figures:
    """How often the right article stands first, among the first three, and where; `search` gives the passages, best first."""
    answered = [question for question in questions if question.answers]
    ranks = [_rank(search(question), question.answers) for question in answered]
    silent = [not search(question) for question in questions if not question.answers]
    total = max(len(ranks), 1)
    return Figures(
        questions=len(questions),
        first=sum(rank == 1 for rank in ranks) / total,
        three=sum(0 < rank <= 3 for rank in ranks) / total,  # noqa: PLR2004
        mrr=sum(1 / rank for rank in ranks if rank) / total,
        abstained=sum(silent) / len(silent) if silent else None,
    )


def _rank(passages: Sequence[Passage], answers: frozenset[str]) -> int:
    """The place of the first right passage, from 1; 0 where none is."""
    return next((place for place, p in enumerate(passages, start=1) if p.article_id in answers or p.passage_id in answers), 0)


def _by_article(passages: Sequence[Passage]) -> dict[str, list[Passage]]:
    articles: dict[str, list[Passage]] = {}
    for passage in passages:
        articles.setdefault(passage.article_id, []).append(passage)
    return articles
