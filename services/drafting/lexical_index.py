"""Scores passages by the words of a message, as stems and as runs of four letters, each forgiving what the other does not. No I/O."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from services.domain import word_stems
from services.domain.articles import Passage
from services.drafting import tokenization
from services.drafting.bm25_without_scipy import BM25
from services.drafting.spelling import Spelling

FloatArray = npt.NDArray[np.float64]

QUERY_WORDS = 300  # the first thousand or two characters say what it is about; a signature and a quoted thread do not
K1, B = 1.5, 0.5  # chosen on the dev half of benchmarks/sets/questions.jsonl: a word said again counts, a long text is no fault
LETTERS = 0.2
"""What runs of letters weigh beside stems: there are about five times as many of them to add up."""
OWN = 0.35
"""What a passage's own text weighs more than its article's, so that the right article gives the right passage."""
EVERY_WORD = 0.5
"""What a word counts for that says nothing of the matter; one that says all counts 1 more."""
MISSPELT, SYNONYM = 0.8, 0.5
"""What a word counts for that is not the message's own, but the nearest one known, or one of the same meaning."""


@dataclass(frozen=True)
class QueryWord:
    """A content word of a message as a stem, with what else counts for it, each by a weight of 0 to 1."""

    stem: str
    topic: float
    """How much it says of what the message is about."""
    variants: Mapping[str, float]

    @property
    def weight(self) -> float:
        """What it counts for in a search: a word that is in every message for less."""
        return EVERY_WORD + self.topic

    def strength(self, words: frozenset[str]) -> float:
        """How far it stands among some words: 1 where it does, less where only a variant does."""
        if self.stem in words:
            return 1.0
        return max((weight for variant, weight in self.variants.items() if variant in words), default=0.0)


@dataclass(frozen=True)
class Query:
    """A message as it is searched for: its words, and which of them stand in each of its sentences."""

    words: Mapping[str, QueryWord]
    sentences: Sequence[Sequence[str]]
    letters: Mapping[str, float]

    @cached_property
    def weights(self) -> Mapping[str, float]:
        """Of every stem, variants as well, what it counts for."""
        weights: dict[str, float] = {}
        for word in self.words.values():
            for variant, weight in word.variants.items():
                weights[variant] = max(weights.get(variant, 0.0), weight * word.weight)
        return weights | {stem: word.weight for stem, word in self.words.items()}


class WeightedBm25:
    """BM25 of texts for a query whose terms count for more and less."""

    def __init__(self, texts: Sequence[Sequence[str]], k1: float = K1, b: float = B) -> None:
        index = BM25(k1=k1, b=b, csc_backend="numpy")
        index.index([list(words) or ["-"] for words in texts], show_progress=False)
        self.place: Mapping[str, int] = index.vocab_dict
        self._worth = np.asarray(index.scores["data"], dtype=float)
        self._text = np.asarray(index.scores["indices"], dtype=np.int64)
        self._start = np.asarray(index.scores["indptr"], dtype=np.int64)
        self._texts = len(texts)
        having = np.diff(self._start)
        rarity = np.log1p((len(texts) - having + 0.5) / (having + 0.5)) / np.log1p((len(texts) + 0.5) / 0.5)
        self._rarity: list[float] = rarity.tolist()

    def scores(self, weights: Mapping[str, float]) -> FloatArray:
        """The score of every text."""
        weighted = [(self.place[term], weight) for term, weight in weights.items() if term in self.place]
        if not weighted:
            return np.zeros(self._texts)
        terms = np.array([place for place, _ in weighted])
        start, length = self._start[terms], self._start[terms + 1] - self._start[terms]
        within = np.arange(length.sum()) - np.repeat(np.cumsum(length) - length, length)
        postings = np.repeat(start, length) + within
        worth = self._worth[postings] * np.repeat([weight for _, weight in weighted], length)
        return np.bincount(self._text[postings], weights=worth, minlength=self._texts).astype(float)

    def rarity(self, term: str) -> float:
        """From near 0 for what stands in every text to 1 for what stands in none: comparable between small and large folders."""
        place = self.place.get(term)
        return 1.0 if place is None else self._rarity[place]


class LexicalIndex:
    """The passages of one language, scored by their own words and, as much, by their article's: a passage may not name its matter."""

    def __init__(self, passages: Sequence[Passage], language: str) -> None:
        self._language = language
        titles = [f"{p.title}\n{p.title}\n{p.asked_as}" for p in passages]
        full = [f"{title}\n{p.heading}\n{p.text}" for title, p in zip(titles, passages, strict=True)]
        own = [f"{p.heading}\n{p.heading}\n{p.text}" for p in passages]
        whole: dict[str, str] = {}
        for title, p in zip(titles, passages, strict=True):
            whole[p.article_id] = f"{whole.get(p.article_id, title)}\n{p.heading}\n{p.text}"
        place = {article: number for number, article in enumerate(whole)}
        self.article_of = np.array([place[p.article_id] for p in passages])
        articles = list(whole.values())
        self.by_passage, self._by_own, self._by_article = (WeightedBm25([self._stems(t) for t in texts]) for texts in (full, own, articles))
        self._letters = tuple(WeightedBm25([self._runs(t) for t in texts]) for texts in (full, own, articles))
        self._spelling = Spelling({word for text in full for word in tokenization.content_words(text, language)})

    def query(self, text: str) -> Query:
        """What to search for, of the beginning of a message."""
        sentences: list[list[str]] = []
        words: dict[str, QueryWord] = {}
        letters: dict[str, float] = {}
        left = QUERY_WORDS
        for sentence in tokenization.sentences(text):
            written = tokenization.content_words(sentence, self._language)[:left]
            left -= len(written)
            stems = word_stems.stems(written, self._language)
            for word, stem in zip(written, stems, strict=True):
                if stem not in words:
                    words[stem] = QueryWord(stem, tokenization.topic(stem, self._language), self._variants(word, stem))
                for run in tokenization.runs_of(word):
                    letters[run] = max(letters.get(run, 0.0), words[stem].weight)
            if stems:
                sentences.append(stems)
        return Query(words, sentences, letters)

    def scores(self, query: Query) -> FloatArray:
        """How well each passage fits: of its own words, of all words that stand for it, and of its whole article's."""
        full, own, article = (
            stems.scores(query.weights) + LETTERS * letters.scores(query.letters)
            for stems, letters in zip((self.by_passage, self._by_own, self._by_article), self._letters, strict=True)
        )
        return np.asarray((full + OWN * own + article[self.article_of]) / (2 + OWN))

    def _variants(self, word: str, stem: str) -> Mapping[str, float]:
        variants: dict[str, float] = dict.fromkeys(tokenization.synonyms(stem, self._language), SYNONYM)
        nearest = None if stem in self.by_passage.place else self._spelling.nearest(word)
        if nearest:
            (meant,) = word_stems.stems([nearest], self._language)
            variants |= dict.fromkeys(tokenization.synonyms(meant, self._language), SYNONYM * MISSPELT)
            variants[meant] = MISSPELT
        return variants

    def _stems(self, text: str) -> list[str]:
        return tokenization.content(text, self._language)

    def _runs(self, text: str) -> list[str]:
        return tokenization.letter_runs(text, self._language)
