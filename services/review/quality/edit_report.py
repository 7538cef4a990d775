"""Counts what became of drafts, by category, article, passage, prompt, model and kind of letter. Pure."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, get_args
from uuid import UUID

from services.domain.articles import article_of
from services.review.quality.edits import EDIT_KINDS, FACTS, EditKind

Dimension = Literal["category", "article", "passage", "prompt", "model", "letter"]
DIMENSIONS: tuple[Dimension, ...] = get_args(Dimension)

NONE = ""
"""The group of drafts that have no such thing: no citation, no model."""
PUT_RIGHT: frozenset[EditKind] = FACTS | {"passage_dropped", "rewritten", "rejected"}
MOST_GROUPS = 5_000
"""Of one dimension that are counted by themselves; what comes after these is counted with all alone."""


@dataclass(frozen=True)
class EditedDraft:
    """A decision on a draft, as it is kept: no word of the draft or of the reply."""

    decision_id: UUID
    request_id: UUID
    decided_at: datetime
    kinds: tuple[EditKind, ...]
    distance: float | None
    words: int
    passages: tuple[str, ...]
    letter: str
    drafted_by: str
    model: str
    prompt_version: str


@dataclass(frozen=True)
class Group:
    """The drafts of one category, passage or the like. A draft may be of several kinds; `distance` is the mean of those sent."""

    name: str
    drafts: int
    distance: float | None
    by_kind: dict[EditKind, int]
    put_right: int
    """Where a fact, a passage or nearly the whole text is another, or the draft was rejected."""
    facts: int
    """Where figures, dates, links or phone numbers are others."""

    def share(self, kind: EditKind) -> float:
        """Of its drafts, how many were changed so."""
        return self.by_kind.get(kind, 0) / self.drafts if self.drafts else 0.0


@dataclass(frozen=True)
class Report:
    """All drafts that were decided on, and the same by each dimension, the most drafts first."""

    all: Group
    by: dict[Dimension, list[Group]]


@dataclass(frozen=True)
class AlikeDrafts:
    """So many drafts that are alike in everything but their words; `distance` is the sum of those that were sent."""

    category: str
    kinds: tuple[EditKind, ...]
    passages: tuple[str, ...]
    letter: str
    drafted_by: str
    model: str
    prompt_version: str
    drafts: int
    sent: int
    distance: float

    @property
    def names(self) -> dict[Dimension, tuple[str, ...]]:
        """The groups that they belong to."""
        return {
            "category": (self.category,),
            "article": tuple(dict.fromkeys(map(article_of, self.passages))) or (NONE,),
            "passage": self.passages or (NONE,),
            "prompt": (self.prompt_version,),
            "model": (self.model or self.drafted_by,),
            "letter": (self.letter,),
        }


@dataclass
class _Sums:
    drafts: int = 0
    sent: int = 0
    distance: float = 0.0
    put_right: int = 0
    facts: int = 0
    kinds: Counter[EditKind] = field(default_factory=Counter)

    def add(self, alike: AlikeDrafts) -> None:
        self.drafts += alike.drafts
        self.sent += alike.sent
        self.distance += alike.distance
        self.put_right += 0 if PUT_RIGHT.isdisjoint(alike.kinds) else alike.drafts
        self.facts += 0 if FACTS.isdisjoint(alike.kinds) else alike.drafts
        for kind in alike.kinds:
            self.kinds[kind] += alike.drafts

    def group(self, name: str) -> Group:
        counts: dict[EditKind, int] = {kind: self.kinds[kind] for kind in EDIT_KINDS}
        distance = round(self.distance / self.sent, 4) if self.sent else None
        return Group(name, self.drafts, distance, counts, self.put_right, self.facts)


class Tally:
    """Adds up drafts that are alike."""

    def __init__(self) -> None:
        self._all = _Sums()
        self._by: dict[Dimension, dict[str, _Sums]] = {dimension: defaultdict(_Sums) for dimension in DIMENSIONS}

    def add(self, alike: AlikeDrafts) -> None:
        """Counts them, unless the drafts themselves are gone and nothing can be said of them."""
        if not alike.kinds:
            return
        self._all.add(alike)
        for dimension, names in alike.names.items():
            sums = self._by[dimension]
            for name in names:
                if name in sums or len(sums) < MOST_GROUPS:
                    sums[name].add(alike)

    def report(self) -> Report:
        """The figures so far."""
        by: dict[Dimension, list[Group]] = {
            dimension: sorted((sums.group(name) for name, sums in groups.items()), key=lambda group: (-group.drafts, group.name))
            for dimension, groups in self._by.items()
        }
        return Report(self._all.group("all"), by)
