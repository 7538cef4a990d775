"""Says how likely a passage answers a message: a calibrated probability, so that a floor travels from one agency's articles to another's.

`python -m training.answerability` learns the weights; its card says of what. Pure, but for the weights that are read once.
"""

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from schemas.requests_triaged import LetterKind
from services.drafting.letter import WITHOUT_QUOTATION
from services.drafting.lexical_index import Query, QueryWord

WEIGHTS = Path(__file__).with_name("answerability.json")

Evidence = Literal["words", "meaning"]
"""What the passages were compared by: words alone, or an encoder's vectors as well."""

TELLING = 5
"""Words of a message that say most of what it is about."""
FEWEST = 3
"""Content words of a sentence that can be about something by itself."""


@dataclass(frozen=True)
class TriagedAs:
    """What triage made of the message: its category and kind of letter, and how sure it is of each."""

    category: str | None = None
    confidence: float = 1.0
    letter: LetterKind | None = None
    letter_confidence: float = 0.0


@dataclass(frozen=True)
class PassageWords:
    """The stems of a passage: of its text with its heading, of its heading, and of what names its article."""

    text: frozenset[str]
    heading: frozenset[str]
    names: frozenset[str]


@dataclass(frozen=True)
class Ranking:
    """A passage among the others: the score of its words, how it fits, the best one of another article and the best other of its own."""

    words: float
    fit: float
    elsewhere: float
    beside: float
    place: int


@dataclass(frozen=True)
class Meaning:
    """How close the passage is to the whole message and to its closest sentence, and how much closer than those of other articles."""

    message: float
    sentence: float
    margin: float


@dataclass(frozen=True)
class Judgement:
    """The weights that one question is answered by, and the probabilities from which the answer is yes, and yes without a doubt."""

    bias: float
    weights: Mapping[str, float]
    floor: float
    sure: float

    def probability(self, features: Mapping[str, float]) -> float:
        """That the answer is yes."""
        total = self.bias + sum(weight * features[name] for name, weight in self.weights.items())
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))


@dataclass(frozen=True)
class Judgements:
    """Whether the article answers the message, so that it is quoted, and whether this very passage does, so that nobody is told to look."""

    article: Judgement
    passage: Judgement


@cache
def judgements(evidence: Evidence) -> Judgements:
    """What was learned of one kind of evidence."""
    learned = json.loads(WEIGHTS.read_text(encoding="utf-8"))[evidence]
    return Judgements(Judgement(**learned["article"]), Judgement(**learned["passage"]))


def features(
    query: Query,
    words: PassageWords,
    rarity: Callable[[str], float],
    ranking: Ranking,
    triaged: TriagedAs,
    category: str | None,
    *,
    asks: bool,
    own_language: bool,
    meaning: Meaning | None = None,
) -> dict[str, float]:
    """What speaks for and against a passage, in numbers that depend neither on the length of the message nor on the size of the folder."""
    anywhere = words.text | words.names
    rare = {stem: _rarity(word, rarity) for stem, word in query.words.items()}
    shared_text, shared_names = _shared(query, words.text, rare), _shared(query, words.names | words.heading, rare)
    shared = _shared(query, anywhere, rare)
    total = sum(rare.values()) or 1.0
    topics = {stem: word.topic for stem, word in query.words.items()}
    matching = {stem: word.topic * word.strength(anywhere) for stem, word in query.words.items()}
    most_telling = sorted(topics, key=lambda stem: -topics[stem])[:TELLING]
    by_sentence = [_of_sentence(sentence, shared, rare) for sentence in query.sentences]
    most, densest = max((s[0] for s in by_sentence), default=0.0), max((s[1] for s in by_sentence), default=0.0)
    values = {
        "coverage": sum(shared.values()) / total,
        "shared_text": math.log1p(sum(shared_text.values())),
        "shared_names": math.log1p(sum(shared_names.values())),
        "rarest": max(shared_text.values(), default=0.0),
        "heading_said": _said(words.heading, query, rarity),
        "names_said": _said(words.names, query, rarity),
        "sentence": math.log1p(most),
        "sentence_coverage": densest,
        "margin": _ahead(ranking.fit, ranking.elsewhere),
        "ahead_beside": _ahead(ranking.fit, ranking.beside),
        "first": float(ranking.place == 0),
        "score": math.log1p(ranking.words / math.sqrt(max(len(query.words), 1))),
        "length": math.log1p(len(query.words)),
        "passage_length": math.log1p(len(words.text)),
        "category_agrees": triaged.confidence * (category is not None and category == triaged.category),
        "category_differs": triaged.confidence * (category is not None and triaged.category is not None and category != triaged.category),
        "topic_coverage": sum(matching.values()) / (sum(topics.values()) or 1.0),
        "topic_shared": math.log1p(10 * sum(matching.values())),
        "topic_of_most": sum(matching[stem] for stem in most_telling) / (sum(topics[stem] for stem in most_telling) or 1.0),
        "topic_of_words": sum(topics.values()) / max(len(topics), 1),
        "asks": float(asks),
        "other_language": float(not own_language),
        "no_rule": triaged.letter_confidence * (triaged.letter in WITHOUT_QUOTATION),
        "not_ours": triaged.letter_confidence * (triaged.letter == "not_ours"),
        "wants_something": triaged.letter_confidence * (triaged.letter in ("question", "report", "complaint")),
    }
    if meaning:
        values |= {
            "meaning": meaning.message,
            "meaning_of_sentence": meaning.sentence,
            "meaning_margin": meaning.margin,
        }
    return values


def _rarity(word: QueryWord, rarity: Callable[[str], float]) -> float:
    """Of a word that no passage has, that of its nearest variant: an unknown word is rare, a slip of the pen is not."""
    return min((rarity(stem) for stem in (word.stem, *word.variants)), default=1.0) if word.variants else rarity(word.stem)


def _shared(query: Query, among: frozenset[str], rare: Mapping[str, float]) -> dict[str, float]:
    """What of the message's words stands among some, each as rare as it is."""
    strengths = ((stem, word.strength(among)) for stem, word in query.words.items())
    return {stem: strength * rare[stem] for stem, strength in strengths if strength}


def _of_sentence(sentence: Sequence[str], shared: Mapping[str, float], rare: Mapping[str, float]) -> tuple[float, float]:
    """What a sentence shares, and the share of its rare words that it is."""
    stems = set(sentence)
    common = sum(shared.get(stem, 0.0) for stem in stems)
    return common, common / max(sum(rare[stem] for stem in stems), float(FEWEST))


def _said(words: frozenset[str], query: Query, rarity: Callable[[str], float]) -> float:
    """How much of some words the message says."""
    weights = query.weights
    total = sum(map(rarity, words))
    return sum(rarity(word) * weights.get(word, 0.0) for word in words) / total if total else 0.0


def _ahead(score: float, other: float) -> float:
    return (score - other) / max(score, other) if max(score, other) > 0 else 0.0
