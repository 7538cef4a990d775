"""Searches the agency's published answers: which passages fit a citizen's message, and how likely each answers it."""

import copy
import logging
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Self

import numpy as np

from services.domain import articles, knowledge_folder
from services.domain.articles import Passage
from services.drafting import answerability, responsibility, tokenization
from services.drafting.answerability import Meaning, PassageWords, Ranking, TriagedAs
from services.drafting.claims.published import published
from services.drafting.lexical_index import QUERY_WORDS, FloatArray, LexicalIndex, WeightedBm25
from services.drafting.meanings import Closeness, Meanings
from services.runtime import clock
from services.runtime.encoder import Encoder

logging.getLogger("bm25s").setLevel(logging.WARNING)  # it sets itself to DEBUG, and says at every index that it builds one

SAME_CATEGORY = 0.35  # what a sure category adds to a passage of it: evidence, which words outweigh
JUDGED = 6  # passages that are judged, so that the likeliest is among the few that are given on
MEANING = 2.0  # what a likeness of meaning of 1 counts for, beside the words of the passage that shares most of them


@dataclass(frozen=True)
class SearchHit:
    """A passage, how well it fits, how likely its article answers the message, and how likely this very passage does."""

    passage: Passage
    score: float
    article_answers: float = 1.0
    passage_answers: float = 1.0
    floor: float = 0.5
    """From which probability on an article may be quoted."""
    sure: float = 0.5
    """From which on a passage may be without a mark, if its article may."""
    article_sure: float = 0.0

    @property
    def answers(self) -> bool:
        """Whether its article is likely enough to be quoted."""
        return self.article_answers >= self.floor

    @property
    def doubtful(self) -> bool:
        """Whether a person should look first if this passage answers."""
        return self.passage_answers < self.sure or self.article_answers < self.article_sure


@dataclass(frozen=True)
class Candidate:
    """A passage that fits, with the evidence of whether it answers; `by` is what it was compared by."""

    passage: Passage
    score: float
    features: dict[str, float]
    by: answerability.Evidence


def judged(candidates: Sequence[Candidate]) -> list[SearchHit]:
    """The passages with their probabilities: those of the likeliest article first, and of one article the one that fits best."""
    hits = []
    for candidate in candidates:
        learned = answerability.judgements(candidate.by)
        hits.append(
            SearchHit(
                candidate.passage,
                candidate.score,
                article_answers=learned.article.probability(candidate.features),
                passage_answers=learned.passage.probability(candidate.features),
                floor=learned.article.floor,
                sure=learned.passage.sure,
                article_sure=learned.article.sure,
            )
        )
    likeliest: dict[str, float] = defaultdict(float)
    for hit in hits:
        likeliest[hit.passage.article_id] = max(likeliest[hit.passage.article_id], hit.article_answers)
    hits = [replace(hit, article_answers=likeliest[hit.passage.article_id]) for hit in hits]
    return sorted(hits, key=lambda hit: (-hit.article_answers, hit.passage.article_id, -hit.score))


class Knowledge:
    """An index for each language. Small enough to be rebuilt at every start."""

    def __init__(self, passages: Sequence[Passage], encoder: Encoder | None = None) -> None:
        by_language: dict[str, list[Passage]] = defaultdict(list)
        for passage in passages:
            by_language[passage.language].append(passage)
        self._indexes = {language: _Index(some, language, encoder) for language, some in by_language.items()}
        self._passages = dict(by_language)
        self._plain: dict[str, WeightedBm25] = {}
        self.size = len(passages)
        self.published = published(passages)
        """What the checks of a draft compare with."""

    @property
    def by_words_alone(self) -> Self:
        """The same without its encoder, which is a model too: for a text that none may be asked about."""
        other = copy.copy(self)
        other._indexes = {language: index.by_words_alone for language, index in self._indexes.items()}  # noqa: SLF001 - our own
        return other

    @property
    def passages(self) -> list[Passage]:
        """All of them."""
        return [passage for some in self._passages.values() for passage in some]

    def search(
        self, text: str, language: str, category: str | None = None, limit: int = 4, *, triaged: TriagedAs | None = None
    ) -> list[SearchHit]:
        """The passages that fit best, best first, in the language asked for; in another only where that one has none."""
        return judged(self.candidates(text, language, triaged or TriagedAs(category), max(limit, JUDGED)))[:limit]

    def candidates(self, text: str, language: str, triaged: TriagedAs, limit: int = 4) -> list[Candidate]:
        """What `search` judges; of several other languages the best of each."""
        own = self._indexes.get(language)
        candidates = own.search(text, triaged, limit, own_language=True) if own else []
        return candidates or [
            candidate
            for code, index in self._indexes.items()
            if code != language
            for candidate in index.search(text, triaged, limit, own_language=False)
        ]

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
            words = [tokenization.content(f"{p.title}\n{p.heading}\n{p.text}", language) for p in passages]
            self._plain[language] = WeightedBm25(words, k1=1.2, b=0.75)
        query = dict.fromkeys(tokenization.content(text, language)[:QUERY_WORDS], 1.0)
        scores = self._plain[language].scores(query)
        order = np.argsort(-scores, kind="stable")[:limit]
        return [SearchHit(passages[i], float(scores[i])) for i in order.tolist() if scores[i] > 0]


def _goes_on(passage: Passage, article: str) -> bool:
    return passage.article_id == article and responsibility.says_what_happens_next(passage.heading)


def _tells(passage: Passage, article: str) -> bool:
    return passage.article_id == article and responsibility.says_who_is_responsible(passage.text)


class _Index:
    """The passages of one language, by their words and, where there is an encoder, by their meaning."""

    def __init__(self, passages: Sequence[Passage], language: str, encoder: Encoder | None) -> None:
        self._passages = passages
        self._lexical = LexicalIndex(passages, language)
        self._meanings = Meanings(passages, encoder) if encoder else None
        self._words = [
            PassageWords(
                frozenset(tokenization.content(f"{p.heading}\n{p.text}", language)),
                frozenset(tokenization.content(p.heading, language)),
                frozenset(tokenization.content(f"{p.title}\n{p.asked_as}", language)),
            )
            for p in passages
        ]

    @property
    def by_words_alone(self) -> Self:
        other = copy.copy(self)
        other._meanings = None  # noqa: SLF001 - our own
        return other

    def search(self, text: str, triaged: TriagedAs, limit: int, *, own_language: bool) -> list[Candidate]:
        query = self._lexical.query(text)
        scores = self._lexical.scores(query)
        close = self._meanings.closeness(text) if self._meanings and query.words else None
        fit = scores if close is None else scores / max(float(scores.max(initial=0.0)), 1.0) + MEANING * np.maximum(close.fit, 0.0)
        same = np.array([triaged.category is not None and p.category == triaged.category for p in self._passages])
        fit = fit * (1 + SAME_CATEGORY * triaged.confidence * same)
        candidates = []
        for rank, place in enumerate(np.argsort(-fit, kind="stable")[:limit].tolist()):
            if fit[place] <= 0:
                break
            features = answerability.features(
                query,
                self._words[place],
                self._lexical.by_passage.rarity,
                self._ranking(place, rank, scores, fit),
                triaged,
                self._passages[place].category,
                asks="?" in text,
                own_language=own_language,
                meaning=None if close is None else self._meaning(place, close),
            )
            candidates.append(Candidate(self._passages[place], float(fit[place]), features, "words" if close is None else "meaning"))
        return candidates

    def _ranking(self, place: int, rank: int, scores: FloatArray, fit: FloatArray) -> Ranking:
        article = self._lexical.article_of
        beside = article == article[place]
        beside[place] = False
        return Ranking(
            words=float(scores[place]),
            fit=float(fit[place]),
            elsewhere=float(fit[article != article[place]].max(initial=0.0)),
            beside=float(fit[beside].max(initial=0.0)),
            place=rank,
        )

    def _meaning(self, place: int, close: Closeness) -> Meaning:
        article = self._lexical.article_of
        elsewhere = close.fit[article != article[place]].max(initial=0.0)
        return Meaning(float(close.message[place]), float(close.sentence[place]), float(close.fit[place] - elsewhere))


def load(folder: Path | None = None, today: date | None = None, encoder: Encoder | None = None) -> Knowledge:
    """The agency's folder, or the sample city's, without what has expired by today. Raises InvalidKnowledge naming every file at fault."""
    passages = articles.holding(knowledge_folder.read(folder or knowledge_folder.SAMPLE_CITY), today or clock.now().date())
    return Knowledge(passages, encoder)
