"""Searches the agency's published answers: which passages fit a citizen's message, and how likely each answers it."""

import logging
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from services.drafting import answerability, articles, responsibility, tokenization
from services.drafting.answerability import Meaning, PassageWords, Ranking, TriagedAs
from services.drafting.articles import InvalidArticle, Passage
from services.drafting.claims.published import published
from services.drafting.lexical_index import QUERY_WORDS, FloatArray, LexicalIndex, Query, WeightedBm25

logging.getLogger("bm25s").setLevel(logging.WARNING)  # it sets itself to DEBUG, and says at every index that it builds one

DEFAULT = Path(__file__).with_name("knowledge")

SAME_CATEGORY = 0.35  # what a sure category adds to a passage of it: evidence, which words outweigh


class InvalidKnowledge(ValueError):
    """The folder can't be used; the message has one line a file at fault."""


@dataclass(frozen=True)
class SearchHit:
    """A passage, how well it fits, and how likely it answers the message; `sure` where that is beyond doubt."""

    passage: Passage
    score: float
    probability: float = 1.0
    floor: float = 0.5
    """From which probability on it may be quoted."""
    sure: float = 0.5
    """From which on it may be without a doubt."""

    @property
    def answers(self) -> bool:
        """Whether it is likely enough to be quoted."""
        return self.probability >= self.floor

    @property
    def doubtful(self) -> bool:
        """Whether a person should look first if it answers."""
        return self.probability < self.sure


class Knowledge:
    """An index for each language. Small enough to be rebuilt at every start."""

    def __init__(self, passages: Sequence[Passage]) -> None:
        by_language: dict[str, list[Passage]] = defaultdict(list)
        for passage in passages:
            by_language[passage.language].append(passage)
        self._indexes = {language: _Index(some, language) for language, some in by_language.items()}
        self._passages = dict(by_language)
        self._plain: dict[str, WeightedBm25] = {}
        self.size = len(passages)
        self.published = published(passages)
        """What the checks of a draft compare with."""

    def search(
        self, text: str, language: str, category: str | None = None, limit: int = 4, *, triaged: TriagedAs | None = None
    ) -> list[SearchHit]:
        """The passages that fit best, best first, in the language asked for; in another only where that one has none."""
        triaged = triaged or TriagedAs(category)
        own = self._indexes.get(language)
        hits = own.search(text, triaged, limit, own_language=True) if own else []
        if hits:
            return hits
        others = [
            hit
            for code, index in self._indexes.items()
            if code != language
            for hit in index.search(text, triaged, limit, own_language=False)
        ]
        return sorted(others, key=lambda hit: -hit.probability)[:limit]

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
    """The passages of one language, by their words."""

    def __init__(self, passages: Sequence[Passage], language: str) -> None:
        self._passages = passages
        self._lexical = LexicalIndex(passages, language)
        self._words = [
            PassageWords(
                frozenset(tokenization.content(f"{p.heading}\n{p.text}", language)),
                frozenset(tokenization.content(p.heading, language)),
                frozenset(tokenization.content(f"{p.title}\n{p.asked_as}", language)),
            )
            for p in passages
        ]

    def search(self, text: str, triaged: TriagedAs, limit: int, *, own_language: bool) -> list[SearchHit]:
        query = self._lexical.query(text)
        scores = self._lexical.scores(query)
        same = np.array([triaged.category is not None and p.category == triaged.category for p in self._passages])
        scores = scores * (1 + SAME_CATEGORY * triaged.confidence * same)
        judgement = answerability.judgement("words")
        order = [place for place in np.argsort(-scores, kind="stable")[:limit].tolist() if scores[place] > 0]
        hits = []
        for rank, place in enumerate(order):
            evidence = self.evidence(text, query, place, rank, scores, triaged, own_language=own_language)
            hits.append(
                SearchHit(
                    self._passages[place], float(scores[place]), judgement.probability(evidence), judgement.floor, judgement.sure
                )
            )
        return hits

    def evidence(
        self,
        text: str,
        query: Query,
        place: int,
        rank: int,
        scores: FloatArray,
        triaged: TriagedAs,
        *,
        own_language: bool,
        meaning: Meaning | None = None,
    ) -> dict[str, float]:
        """What the probability of a passage is computed from."""
        article = self._lexical.article_of
        others = scores[article != article[place]]
        beside = np.delete(scores, place)[np.delete(article, place) == article[place]]
        ranking = Ranking(float(scores[place]), float(others.max(initial=0.0)), float(beside.max(initial=0.0)), rank)
        return answerability.features(
            query,
            self._words[place],
            self._lexical.by_passage.rarity,
            ranking,
            triaged,
            self._passages[place].category,
            asks="?" in text,
            own_language=own_language,
            meaning=meaning,
        )


def load(folder: Path | None = None) -> Knowledge:
    """The agency's folder, or the sample city's. Raises InvalidKnowledge naming every file at fault."""
    return Knowledge(read(folder or DEFAULT))


def read(folder: Path) -> list[Passage]:
    """Every passage of every `.md` file below the folder; a README is no article."""
    if not folder.is_dir():
        raise InvalidKnowledge(f"{folder} is not a folder: set PARVIS_KNOWLEDGE_DIR to the one with your articles")
    passages_read: list[Passage] = []
    faults: list[str] = []
    files_of: dict[str, Path] = {}
    for file in sorted(path for path in folder.rglob("*.md") if path.stem.lower() != "readme"):
        try:
            some = articles.passages(file.read_text(encoding="utf-8"), str(file.relative_to(folder)))
        except InvalidArticle as error:
            faults.append(str(error))
            continue
        except UnicodeDecodeError:
            faults.append(f"{file.relative_to(folder)}: not UTF-8; save it as UTF-8")
            continue
        before = files_of.setdefault(some[0].article_id, file)
        if before is not file:
            faults.append(f"{file.relative_to(folder)}: id: {some[0].article_id!r} is already {before.relative_to(folder)}")
            continue
        passages_read.extend(some)
    if not passages_read and not faults:
        faults.append("there is no article in it: write one Markdown file an answer")
    if faults:
        more = f"\n... and {len(faults) - 20} more" if len(faults) > 20 else ""  # noqa: PLR2004 - a screenful
        raise InvalidKnowledge(f"the knowledge in {folder} can't be used:\n" + "\n".join(faults[:20]) + more)
    return passages_read
