"""Chooses which passages a reply quotes: what answers the message and suits the kind of letter, or nothing. Pure."""

from collections.abc import Collection, Sequence

from schemas.requests_triaged import LetterKind, RequestTriaged
from services.domain.articles import Passage
from services.drafting.letter import WITHOUT_QUOTATION
from services.drafting.passage_index import SearchHit
from services.drafting.responsibility import says_what_happens_next, says_who_is_responsible

QUOTED = 2
NEARLY_AS_GOOD = 0.85
"""Of the best one's fit: from there on a second passage of its article is quoted as well."""

POSSIBLE, SUGGESTED = 0.1, 2
"""How likely an article answers from where on it is worth a look, and how many are."""

FITS_ANOTHER = 0.4
"""How likely an article must be, where the letter is surely about another body's matter, to say whose."""

LIKELY = 0.6
"""So likely must it be that a letter is one of these, so that none is quoted though nobody is sure."""


def chosen_passages(hits: Sequence[SearchHit], triaged: RequestTriaged, kind: LetterKind) -> list[Passage]:
    """The one or two passages to quote to a letter of this kind, if there are any."""
    maybe_none = triaged.letter in WITHOUT_QUOTATION and not triaged.letter_sure
    if kind in WITHOUT_QUOTATION or (maybe_none and (triaged.letter_confidence or 0.0) >= LIKELY):
        return []
    if kind == "several" and (apart := each_of_several(hits)):
        return [hit.passage for hit in apart]
    passages = relevant(hits)
    if kind == "not_ours" and (theirs := of_another_body(hits)):
        return theirs
    if not passages:
        return []
    article = passages[0].article_id
    if kind == "report":
        # What they have just done, and what else the article knows, is no answer: only what happens next is.
        of_article = [hit.passage for hit in hits if hit.passage.article_id == article]
        return [passage for passage in of_article if says_what_happens_next(passage.heading)][:1]
    # Where a whole article is about another body's matter, its rules are no answer without who that body is.
    of_article = [hit.passage for hit in hits if hit.passage.article_id == article and says_who_is_responsible(hit.passage.text)]
    responsible = [passage for passage in of_article if begins_article(passage)][:1]
    return [*responsible, *(passage for passage in passages if passage not in responsible)][:QUOTED]


def suggested(hits: Sequence[SearchHit], quoted: Collection[str], kind: LetterKind) -> list[Passage]:
    """The best passages of articles that may answer and are not quoted: a person sees at a glance whether one does."""
    articles = {hit.passage.article_id for hit in hits if hit.passage.passage_id in quoted}
    best: dict[str, Passage] = {}
    for hit in hits:
        if hit.article_answers >= POSSIBLE and hit.passage.article_id not in articles:
            best.setdefault(hit.passage.article_id, hit.passage)
    return [] if kind in WITHOUT_QUOTATION else list(best.values())[:SUGGESTED]


def of_another_body(hits: Sequence[SearchHit]) -> list[Passage]:
    """Who is responsible, and the steps that fit best, of the likeliest article that says whose matter it is."""
    article = next((hit.passage.article_id for hit in hits if hit.article_answers >= FITS_ANOTHER), None)
    passages = [hit.passage for hit in hits if hit.passage.article_id == article]
    responsible = [passage for passage in passages if says_who_is_responsible(passage.text)][:1]
    return [*responsible, *(passage for passage in passages if passage not in responsible)][:QUOTED] if responsible else []


def each_of_several(hits: Sequence[SearchHit]) -> list[SearchHit]:
    """Of the best hit of each matter those that answer it, one an article, if they are of more than one; otherwise none."""
    by_article: dict[str, SearchHit] = {}
    for hit in hits:
        if hit.answers:
            by_article.setdefault(hit.passage.article_id, hit)
    return list(by_article.values())[:QUOTED] if len(by_article) > 1 else []


def begins_article(passage: Passage) -> bool:
    """Whether it is the first of its article."""
    return passage.passage_id.endswith("#1")


def relevant(hits: Sequence[SearchHit]) -> list[Passage]:
    """The one or two passages of the article that answers the message, if one does."""
    answering = [hit for hit in hits if hit.answers]
    if not answering:
        return []
    best = answering[0]
    also = (hit for hit in answering[1:] if hit.passage.article_id == best.passage.article_id and hit.score >= NEARLY_AS_GOOD * best.score)
    return [best.passage, *(hit.passage for hit in also)][:QUOTED]
