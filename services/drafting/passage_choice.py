"""Chooses which passages a reply quotes: what speaks to the matter and suits the kind of letter, or nothing. Pure."""

import math
from collections.abc import Sequence

from schemas.requests_triaged import LetterKind, RequestTriaged
from services.domain.articles import Passage
from services.drafting.passage_index import SearchHit
from services.drafting.responsibility import says_what_happens_next, says_who_is_responsible

QUOTED = 2
# Scores below which a passage shares some words with the message and not its matter, read off the demo requests: low for a passage
# of the triaged category, higher where the article names none, high where it is about something else.
RELEVANT, RELEVANT_ANYWHERE, RELEVANT_ELSEWHERE = 5.5, 6.0, 9.0
NEARLY_AS_GOOD = 0.85
"""Of the best one's score: a second passage only where it is about the same thing."""
USUAL = 12
"""Content words of the messages that the floors were read off: of a longer one by chance, scores grow with the root of its length."""
SHARED = 2
"""Content words that a passage must have of the message: one alone is a coincidence."""
UNNAMED, UNNAMED_LONG = 6, 30
"""Content words from which a message has one of the article's title or the passage's heading, if they are about the same thing; the longer
ones, one of the heading or two of the title."""
CERTAIN = 0.9
"""Confidence in a category below which its agreement says less."""

_APART, _USUAL_APART = 4.5, 6
"""The floor of a single sentence with so many content words, searched for without a category."""

WITHOUT_QUOTATION: frozenset[LetterKind] = frozenset(("praise", "suggestion", "follow_up", "no_answer"))
"""To none of these is a rule an answer: whoever follows up has had it, or waits for something else."""

UNCERTAIN, LIKELY = 1.25, 0.6
"""So much better must a passage be where the letter may be one that no rule is an answer to; from so likely on, none is quoted."""


def chosen_passages(hits: Sequence[SearchHit], triaged: RequestTriaged, kind: LetterKind) -> list[Passage]:
    """The one or two passages to quote to a letter of this kind, if there are any."""
    maybe_none = triaged.letter in WITHOUT_QUOTATION and not triaged.letter_sure
    if kind in WITHOUT_QUOTATION or (maybe_none and (triaged.letter_confidence or 0.0) >= LIKELY):
        return []
    if kind == "several" and (apart := each_of_several(hits)):
        return [hit.passage for hit in apart]
    strictness = (UNCERTAIN if maybe_none else 1.0) * (1 + max(0.0, CERTAIN - triaged.confidence))
    passages = relevant(hits, triaged.category, strictness)
    if not passages:
        return []
    if kind == "report":
        # What they have just done, and what else the article knows, is no answer: only what happens next is.
        of_article = [hit.passage for hit in hits if hit.passage.article_id == passages[0].article_id]
        return [passage for passage in of_article if says_what_happens_next(passage.heading)][:1]
    # Where a whole article is about another body's matter, its rules are no answer without who that body is.
    article = passages[0].article_id
    of_article = [hit.passage for hit in hits if hit.passage.article_id == article and says_who_is_responsible(hit.passage.text)]
    responsible = [passage for passage in of_article if begins_article(passage) or kind == "not_ours"][:1]
    if kind == "not_ours":
        return responsible or passages
    return [*responsible, *(passage for passage in passages if passage not in responsible)][:QUOTED]


def each_of_several(hits: Sequence[SearchHit]) -> list[SearchHit]:
    """Of the best hit of each matter those that answer it, one an article, if they are of more than one; otherwise none."""
    by_article: dict[str, SearchHit] = {}
    for hit in hits:
        floor = _APART * max(1.0, math.sqrt(hit.words / _USUAL_APART))
        if hit.score >= floor and hit.shared >= SHARED and hit.named >= SHARED:
            by_article.setdefault(hit.passage.article_id, hit)
    return list(by_article.values())[:QUOTED] if len(by_article) > 1 else []


def begins_article(passage: Passage) -> bool:
    """Whether it is the first of its article."""
    return passage.passage_id.endswith("#1")


def relevant(hits: Sequence[SearchHit], category: str, strictness: float = 1.0) -> list[Passage]:
    """The one or two passages that are about the matter itself, if there are any."""
    good = [hit for hit in hits if answers(hit, category, strictness)]
    if not good:
        return []
    best = good[0]
    also = [
        hit.passage
        for hit in good[1:]
        if hit.score >= NEARLY_AS_GOOD * best.score
        and (hit.passage.article_id == best.passage.article_id or hit.passage.category == best.passage.category == category)
    ]
    return [best.passage, *also][:QUOTED]


def answers(hit: SearchHit, category: str, strictness: float = 1.0) -> bool:
    """Whether a passage speaks to the matter: by its score, its own words and its headings.

    Scores add up over the words of a message: a long one would reach any floor by chance.
    """
    if hit.shared < SHARED or hit.named < (hit.words >= UNNAMED) + (hit.words >= UNNAMED_LONG):
        return False
    return hit.score >= strictness * _floor(hit.passage, category) * max(1.0, math.sqrt(hit.words / USUAL))


def _floor(passage: Passage, category: str) -> float:
    if passage.category is None:
        return RELEVANT_ANYWHERE
    return RELEVANT if passage.category == category else RELEVANT_ELSEWHERE
