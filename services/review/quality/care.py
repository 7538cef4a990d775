"""How carefully drafts of each category are read, over people together and never of one. Pure."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from services.review.cases.statistics_store import HandledDraft

FEWEST_PEOPLE = 5
FEWEST_DECISIONS = 20
FEWEST_CHECKS = 10
"""Of fewer nothing is shown: it would be about somebody, or about chance."""


@dataclass(frozen=True)
class Part:
    """So many of so many."""

    number: int
    of: int

    @property
    def share(self) -> float:
        """As a part of one."""
        return self.number / self.of


@dataclass(frozen=True)
class Care:
    """One category. What too few people or decisions stand behind is None."""

    category: str
    seconds: float | None = None
    """The median between opening a case and deciding on it."""
    unedited: Part | None = None
    noticed: Part | None = None
    agreed: Part | None = None


@dataclass(frozen=True)
class Counted:
    """Of so many people together so many of so many."""

    people: int
    number: int
    of: int


def by_category(drafts: Sequence[HandledDraft], checks: Mapping[str, Counted], looks: Mapping[str, Counted]) -> list[Care]:
    """Every category that something is known of, by name."""
    groups: dict[str, list[HandledDraft]] = defaultdict(list)
    for draft in drafts:
        groups[draft.category].append(draft)
    return [_care(name, groups.get(name, []), checks.get(name), looks.get(name)) for name in sorted({*groups, *checks, *looks})]


def _care(name: str, drafts: Sequence[HandledDraft], checks: Counted | None, looks: Counted | None) -> Care:
    timed = [draft for draft in drafts if draft.seconds is not None]
    unedited = Counted(_people(drafts), sum(draft.kind == "approved" for draft in drafts), len(drafts))
    return Care(
        category=name,
        seconds=median(draft.seconds or 0.0 for draft in timed)
        if _people(timed) >= FEWEST_PEOPLE and len(timed) >= FEWEST_DECISIONS
        else None,
        unedited=_part(unedited, FEWEST_DECISIONS),
        noticed=_part(checks, FEWEST_CHECKS),
        agreed=_part(looks, FEWEST_CHECKS),
    )


def _people(drafts: Sequence[HandledDraft]) -> int:
    return len({draft.decided_by for draft in drafts})


def _part(counted: Counted | None, fewest: int) -> Part | None:
    if counted is None or counted.people < FEWEST_PEOPLE or counted.of < fewest:
        return None
    return Part(counted.number, counted.of)
