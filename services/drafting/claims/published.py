"""What the agency has published anywhere: its names, how rare each word is, and where a statement stands that a draft cites nothing for."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from math import log

from services.domain.articles import Passage
from services.drafting import tokenization
from services.drafting.claims.names import words_of_names
from services.drafting.claims.support import sentences_of

COMMON = 0.02  # share of sentences from which a word tells none apart


@dataclass(frozen=True)
class Published:
    """Every sentence of the knowledge by its rarer words."""

    names: frozenset[str] = frozenset()
    """The words of all names that stand in it."""
    sentences: tuple[tuple[str, str, frozenset[str]], ...] = ()
    """Passage, language and content words of each."""
    places: dict[tuple[str, str], list[int]] = field(default_factory=dict)
    """Where each word of a language stands."""

    def rarity(self, stem: str, language: str) -> float:
        """How much a word tells: from 0 for one in every sentence to 1 for one in none."""
        size = len(self.sentences) + 1
        return log(size / (len(self.places.get((language, stem), ())) + 1)) / log(size) if size > 1 else 1.0

    def elsewhere(self, stems: Collection[str], language: str, but: Collection[str]) -> tuple[str, set[str]] | None:
        """The passage, not one of these, of which a sentence shares most of the words, and the shared words."""
        wanted = {stem for stem in stems if not stem.isdigit()}
        counts: Counter[int] = Counter()
        for stem in wanted:
            places = self.places.get((language, stem), [])
            if len(places) <= max(50, COMMON * len(self.sentences)):
                counts.update(places)
        best = max(
            ((len(wanted & self.sentences[place][2]), place) for place, _ in counts.most_common(30) if self.sentences[place][0] not in but),
            default=None,
        )
        return (self.sentences[best[1]][0], wanted & self.sentences[best[1]][2]) if best else None


def published(passages: Iterable[Passage]) -> Published:
    """Reads all passages once; small enough to be read at every start."""
    passages = list(passages)
    sentences = tuple(
        (p.passage_id, p.language, frozenset(tokenization.content(sentence, p.language)))
        for p in passages
        for sentence in sentences_of(f"{p.title}.\n{p.heading}.\n{p.text}")
    )
    places: dict[tuple[str, str], list[int]] = defaultdict(list)
    for place, (_, language, stems) in enumerate(sentences):
        for stem in stems:
            places[language, stem].append(place)
    return Published(words_of_names(text for p in passages for text in (p.title, p.heading, p.text)), sentences, dict(places))
