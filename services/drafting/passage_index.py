"""Searches the agency's published answers by BM25: which passages fit a citizen's message."""

import logging
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np
import numpy.typing as npt

from services.domain import articles, knowledge_folder
from services.domain.articles import Passage
from services.drafting import responsibility, tokenization
from services.drafting.bm25_without_scipy import BM25
from services.drafting.claims.published import published
from services.runtime import clock

logging.getLogger("bm25s").setLevel(logging.WARNING)  # it sets itself to DEBUG, and says at every index that it builds one

FloatArray = npt.NDArray[np.float64]

SAME_CATEGORY = 2.0  # a passage of the triaged category is this much likelier than its words alone say
QUERY_WORDS = 300  # the first thousand or two characters say what it is about; a signature and a quoted thread do not


@dataclass(frozen=True)
class SearchHit:
    """A passage and how well it fits: BM25, raised where the category is the same.

    Of the message's content `words`, `shared` stand in the passage itself; `named` counts those of the article's title, and twice those of
    its heading.
    """

    passage: Passage
    score: float
    shared: int = 99
    named: int = 99
    words: int = 0


class Knowledge:
    """BM25 over passages, an index for each language. Small enough to be rebuilt at every start."""

    def __init__(self, passages: Sequence[Passage]) -> None:
        by_language: dict[str, list[Passage]] = defaultdict(list)
        for passage in passages:
            by_language[passage.language].append(passage)
        self._indexes = {language: _Index(some, language) for language, some in by_language.items()}
        self._passages = dict(by_language)
        self._plain: dict[str, BM25] = {}
        self.size = len(passages)
        self.published = published(passages)
        """What the checks of a draft compare with."""

    @property
    def passages(self) -> list[Passage]:
        """All of them."""
        return [passage for some in self._passages.values() for passage in some]

    def search(self, text: str, language: str, category: str | None = None, limit: int = 4) -> list[SearchHit]:
        """The passages that fit best, best first, in the language asked for; in another only where that one has none."""
        own = self._indexes.get(language)
        hits = own.search(text, category, limit) if own else []
        if hits:
            return hits
        others = [hit for code, index in self._indexes.items() if code != language for hit in index.search(text, category, limit)]
        return sorted(others, key=lambda hit: -hit.score)[:limit]

    def with_context(self, hits: Sequence[SearchHit]) -> list[SearchHit]:
        """The same, with what the best one's article says of whose matter it is and of what happens next, where it is not among them."""
        if not hits:
            return []
        best = hits[0]
        others = (
            next((passage for passage in self._passages[best.passage.language] if _tells(passage, best.passage.article_id)), None),
            next((passage for passage in self._passages[best.passage.language] if _goes_on(passage, best.passage.article_id)), None),
        )
        there = {hit.passage.passage_id for hit in hits}
        return [*hits, *(replace(best, passage=passage) for passage in others if passage and passage.passage_id not in there)]

    def plain(self, text: str, language: str, limit: int = 4) -> list[SearchHit]:
        """What BM25 over the passages alone finds, with its usual settings: what `search` is measured against."""
        passages = self._passages[language]
        if language not in self._plain:
            index = BM25(k1=1.2, b=0.75, csc_backend="numpy")
            words = [tokenization.content(f"{p.title}\n{p.heading}\n{p.text}", language) or ["-"] for p in passages]
            index.index(words, show_progress=False)
            self._plain[language] = index
        index = self._plain[language]
        scores = _scores(index, list(dict.fromkeys(tokenization.content(text, language)[:QUERY_WORDS])))
        order = np.argsort(-scores, kind="stable")[:limit]
        return [SearchHit(passages[i], float(scores[i])) for i in order.tolist() if scores[i] > 0]


def _scores(index: BM25, query: list[str]) -> FloatArray:
    return np.asarray(index.get_scores_from_ids(index.get_tokens_ids(query)), dtype=float)


def _goes_on(passage: Passage, article: str) -> bool:
    return passage.article_id == article and responsibility.says_what_happens_next(passage.heading)


def _tells(passage: Passage, article: str) -> bool:
    return passage.article_id == article and responsibility.says_who_is_responsible(passage.text)


class _Index:
    """Scores a passage by its own words and, as much, by its article's: a question names the matter, a passage may not."""

    def __init__(self, passages: Sequence[Passage], language: str) -> None:
        self._passages = passages
        self._language = language
        self._by_passage = self._bm25([f"{p.title}\n{p.title}\n{p.asked_as}\n{p.heading}\n{p.text}" for p in passages])
        whole: dict[str, str] = {}
        for p in passages:
            titles = f"{p.title}\n{p.title}\n{p.asked_as}"
            whole[p.article_id] = f"{whole.get(p.article_id, titles)}\n{p.heading}\n{p.text}"
        self._by_article = self._bm25(list(whole.values()))
        place = {article: number for number, article in enumerate(whole)}
        self._article_of = np.array([place[p.article_id] for p in passages])

    def search(self, text: str, category: str | None, limit: int) -> list[SearchHit]:
        query = list(dict.fromkeys(tokenization.content(text, self._language)[:QUERY_WORDS]))
        scores = (_scores(self._by_passage, query) + _scores(self._by_article, query)[self._article_of]) / 2
        scores *= np.array([SAME_CATEGORY if category and p.category == category else 1.0 for p in self._passages])
        order = np.argsort(-scores, kind="stable")[:limit]
        words = frozenset(query)
        return [self._hit(self._passages[i], float(scores[i]), words) for i in order.tolist() if scores[i] > 0]

    def _hit(self, passage: Passage, score: float, words: frozenset[str]) -> SearchHit:
        own = words.intersection(tokenization.content(f"{passage.heading}\n{passage.text}", self._language))
        in_heading = words.intersection(tokenization.content(passage.heading, self._language))
        in_title = words.intersection(tokenization.content(passage.title, self._language))
        return SearchHit(passage, score, shared=len(own), named=2 * len(in_heading) + len(in_title), words=len(words))

    def _bm25(self, texts: Sequence[str]) -> BM25:
        # Chosen on the sorted messages of the corpus, see benchmarks/retrieval.py: a word said again counts, a long text is no fault.
        index = BM25(k1=1.5, b=0.5, csc_backend="numpy")
        index.index([tokenization.content(text, self._language) or ["-"] for text in texts], show_progress=False)
        return index


def load(folder: Path | None = None, today: date | None = None) -> Knowledge:
    """The agency's folder, or the sample city's, without what has expired by today. Raises InvalidKnowledge naming every file at fault."""
    return Knowledge(articles.holding(knowledge_folder.read(folder or knowledge_folder.SAMPLE_CITY), today or clock.now().date()))
