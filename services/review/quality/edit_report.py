"""Counts what became of drafts, by category, article, passage, prompt, model and kind of letter. Pure."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, get_args
from uuid import UUID

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


@dataclass
class _Sums:
    drafts: int = 0
    sent: int = 0
    distance: float = 0.0
    put_right: int = 0
    facts: int = 0
    kinds: Counter[EditKind] = field(default_factory=Counter)

    def add(self, draft: EditedDraft) -> None:
        self.drafts += 1
        self.kinds.update(draft.kinds)
        self.put_right += not PUT_RIGHT.isdisjoint(draft.kinds)
        self.facts += not FACTS.isdisjoint(draft.kinds)
        if draft.distance is not None:
            self.sent += 1
            self.distance += draft.distance

    def group(self, name: str) -> Group:
        counts: dict[EditKind, int] = {kind: self.kinds[kind] for kind in EDIT_KINDS}
        return Group(name, self.drafts, round(self.distance / self.sent, 4) if self.sent else None, counts, self.put_right, self.facts)


class Tally:
    """Adds up drafts that come page by page: what it keeps grows with the groups, not with the drafts."""

    def __init__(self) -> None:
        self._all = _Sums()
        self._by: dict[Dimension, dict[str, _Sums]] = {dimension: defaultdict(_Sums) for dimension in DIMENSIONS}

    def add(self, page: Sequence[tuple[str, EditedDraft]]) -> None:
        """Counts drafts, each with its category."""
        for category, draft in page:
            if not draft.kinds:
                continue  # the draft itself is gone: nothing can be said of it
            self._all.add(draft)
            names: dict[Dimension, tuple[str, ...]] = {
                "category": (category,),
                "article": tuple(dict.fromkeys(passage.rpartition("#")[0] for passage in draft.passages)) or (NONE,),
                "passage": draft.passages or (NONE,),
                "prompt": (draft.prompt_version,),
                "model": (draft.model or draft.drafted_by,),
                "letter": (draft.letter,),
            }
            for dimension, values in names.items():
                sums = self._by[dimension]
                for value in values:
                    if value in sums or len(sums) < MOST_GROUPS:
                        sums[value].add(draft)

    def report(self) -> Report:
        """The figures so far."""
        by: dict[Dimension, list[Group]] = {
            dimension: sorted((sums.group(name) for name, sums in groups.items()), key=lambda group: (-group.drafts, group.name))
            for dimension, groups in self._by.items()
        }
        return Report(self._all.group("all"), by)
