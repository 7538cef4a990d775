"""Computes quality statistics from the decisions and the mail of a period. Pure."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from schemas.drafts_proposed import DraftProposed
from schemas.replies_decided import Decision, ReplyDecided
from services.domain.psi import psi, psi_by_chance
from services.review.cases.case_state import Case
from services.review.cases.daily_figures.measures import REPLIES
from services.review.quality import edits
from services.review.quality.edit_report import EditedDraft

Kind = Decision | Literal["by_hand"]
KINDS: tuple[Kind, ...] = ("approved", "edited", "by_hand", "rejected", "closed")


@dataclass(frozen=True)
class Decided:
    """So many decisions of one kind that stood, by their cases' category; of replies also the step of how long they took."""

    kind: Kind
    category: str
    step: int
    cases: int
    seconds: float
    """From the message to its reply, of all of them together."""


@dataclass(frozen=True)
class Figures:
    """The decisions of one category, or of all. Only replies count for the time: a rejected draft is not an answer."""

    total: int
    by_kind: dict[Kind, int]
    median_time: timedelta | None
    """The mean of the replies in the step that the middle one lies in."""

    def share(self, kind: Kind) -> float:
        """Of all decisions, how many were of this kind."""
        return self.by_kind[kind] / self.total if self.total else 0.0


def figures(decided: Sequence[Decided]) -> Figures:
    """Counts, and the median time from the message to its reply."""
    counts: Counter[Kind] = Counter()
    replies: Counter[int] = Counter()
    seconds: dict[int, float] = defaultdict(float)
    for alike in decided:
        counts[alike.kind] += alike.cases
        if alike.kind in REPLIES:
            replies[alike.step] += alike.cases
            seconds[alike.step] += alike.seconds
    middle = _middle(replies)
    time = timedelta(seconds=seconds[middle] / replies[middle]) if middle is not None else None
    return Figures(counts.total(), {kind: counts[kind] for kind in KINDS}, time)


def _middle(counts: Counter[int]) -> int | None:
    """The step in which the middle one of all lies; None of none."""
    passed = 0
    for step in sorted(counts):
        passed += counts[step]
        if 2 * passed >= counts.total():
            return step
    return None


def by_category(decided: Sequence[Decided]) -> list[tuple[str, Figures]]:
    """The same for each category, the busiest first."""
    grouped: dict[str, list[Decided]] = defaultdict(list)
    for alike in decided:
        grouped[alike.category].append(alike)
    return sorted(((name, figures(those)) for name, those in grouped.items()), key=lambda pair: (-pair[1].total, pair[0]))


@dataclass(frozen=True)
class Mail:
    """The messages of a period: how many of each category, and how sure the classifier was of all of them on average."""

    by_category: dict[str, int]
    confidence: float | None

    @property
    def total(self) -> int:
        """All of them."""
        return sum(self.by_category.values())


@dataclass(frozen=True)
class Shift:
    """A period against the one before. `mix` is the population stability index without what chance alone would show."""

    before: Mail
    now: Mail
    mix: float
    grown: list[tuple[str, int, int]]
    """The categories whose share has changed most: before and now."""


def shift(before: Mail, now: Mail, shown: int = 5) -> Shift:
    """What has moved in what citizens write about."""
    names = {*before.by_category, *now.by_category}

    def moved(name: str) -> float:
        return abs(now.by_category.get(name, 0) / max(now.total, 1) - before.by_category.get(name, 0) / max(before.total, 1))

    most = sorted(names, key=lambda name: (-moved(name), name))[:shown]
    mix = max(psi(before.by_category, now.by_category) - psi_by_chance(before.by_category, now.by_category), 0.0)
    return Shift(before, now, mix, [(name, before.by_category.get(name, 0), now.by_category.get(name, 0)) for name in most])


def edited_draft(case: Case, draft: DraftProposed | None, decision: ReplyDecided) -> EditedDraft:
    """What the decision made of the draft, whose placeholders are filled as the person saw them."""
    edit: edits.Edit | None = None
    if draft and not draft.withheld:
        drafted = edits.Letter(*case.with_details(draft))
        if decision.body is None:
            edit = edits.rejected(drafted)
        else:
            sent = edits.Letter(decision.subject or "", decision.own_text)
            edit = edits.edit_of(drafted, sent, [citation.quote for citation in draft.citations], draft.language)
    return EditedDraft(
        decision_id=decision.decision_id,
        request_id=decision.request_id,
        decided_at=decision.decided_at,
        kinds=edit.kinds if edit else (),
        distance=edit.distance if edit else None,
        words=edit.words if edit else 0,
        passages=tuple(dict.fromkeys(citation.passage_id for citation in draft.citations)) if draft else (),
        letter=(case.triage.letter or "") if case.triage else "",
        drafted_by=draft.drafted_by if draft else "",
        model=(draft.model or "") if draft else "",
        prompt_version=(draft.prompt_version or "") if draft else "",
    )
