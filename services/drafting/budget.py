"""What the model may cost an agency on one of its days, and what it has cost so far.

Drafting keeps nothing: it counts what all processes published on this day. Where the broker forgets, review says what was spent before.
"""

import logging
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Literal, get_args
from uuid import UUID

from pydantic import BaseModel, ValidationError

from schemas.drafting_switched import Spent
from schemas.drafts_proposed import Spending
from schemas.drafts_requested import DraftRequested
from services.domain.phrases import Phrase
from services.drafting import rules
from services.drafting.draft import Draft, ReplyContext
from services.drafting.model_client import Drafter
from services.drafting.passage_index import SearchHit
from services.drafting.template import template_draft
from services.runtime.settings import BudgetKind, LlmSettings

log = logging.getLogger(__name__)

KINDS: tuple[BudgetKind, ...] = get_args(BudgetKind)


class _Published(BaseModel):
    """What is read of a published draft."""

    draft_id: UUID
    agency: str = ""
    spending: Spending | None = None


@dataclass
class Budget:
    """Today's spending by agency, beside its limits. `day` says which day it is for the agency."""

    settings: LlmSettings
    day: Callable[[datetime], date]
    now: Callable[[], datetime]
    earlier: Callable[[], Sequence[Spent]] = lambda: ()
    """What was spent before the topic of drafts began, where the broker forgets."""
    _today: date | None = None
    _published: Counter[tuple[str, BudgetKind | Literal["drafts"]]] = field(default_factory=Counter)
    _own: dict[UUID, tuple[str, Spending]] = field(default_factory=dict)
    """Drafts of this process that were not read back from the topic yet."""
    _in_hand: Counter[str] = field(default_factory=Counter)
    _reported: set[str] = field(default_factory=set)

    def begin(self) -> None:
        """The topic is read anew: what was read of it does not count twice."""
        self._published.clear()

    def take(self, value: bytes | None, at: datetime) -> None:
        """Counts a published draft of today, whichever process wrote it."""
        self._turn_over()
        try:
            draft = _Published.model_validate_json(value or b"")
        except ValidationError:
            return  # review says what is wrong with it
        if draft.spending and self.day(at) == self._today:
            self._own.pop(draft.draft_id, None)
            self._add(draft.agency, draft.spending)

    def _add(self, agency: str, spending: Spending) -> None:
        for kind in KINDS:
            self._published[agency, kind] += getattr(spending, kind)
        self._published[agency, "drafts"] += 1

    def spent(self, agency: str) -> dict[BudgetKind, float]:
        """What the agency's drafts have cost today, as far as this process can know."""
        self._turn_over()
        own = [spending for owner, spending in self._own.values() if owner == agency]
        earlier = [spent for spent in self.earlier() if spent.agency == agency and spent.day == self._today]
        return {
            kind: self._published[agency, kind] + sum(getattr(s, kind) for s in own) + sum(getattr(s, kind) for s in earlier)
            for kind in KINDS
        }

    def exhausted(self, agency: str) -> str:
        """Which budget of the agency is used up, in words; empty where none is. What is in hand counts as the mean of today's drafts."""
        spent = self.spent(agency)
        drafts = self._published[agency, "drafts"]
        for kind in KINDS:
            limit = self.settings.daily_limit(kind, agency)
            if limit is None:
                continue
            in_hand = self._in_hand[agency] * self._published[agency, kind] / drafts if drafts else 0.0
            if spent[kind] + in_hand >= limit:
                words = self._words(kind, limit, agency)
                self._report(agency, words)
                return words
        return ""

    def _words(self, kind: BudgetKind, limit: float, agency: str) -> str:
        unit = self.settings.price_currency if kind == "cost" else kind
        amount = f"{limit:,.2f}" if kind == "cost" else f"{limit:,.0f}"
        return Phrase(f"{amount} {unit} a day for {agency}, PARVIS_LLM_DAILY_{kind.upper()}; the model drafts again from midnight on")

    def _report(self, agency: str, words: str) -> None:
        if agency not in self._reported:
            self._reported.add(agency)
            log.error("the budget is used up: %s", words)

    def begins(self, agency: str) -> None:
        """A draft is begun."""
        self._in_hand[agency] += 1

    def ends(self, request: DraftRequested, spending: Spending | None) -> None:
        """A draft was written, and costs that much until it is read back."""
        agency = request.triaged.agency
        self._in_hand[agency] -= 1
        if spending:
            self._own[rules.draft_id(request.request_id, request.revision)] = (agency, spending)

    def _turn_over(self) -> None:
        """Begins anew at the agency's midnight."""
        today = self.day(self.now())
        if today != self._today:
            self._today = today
            self._published.clear()
            self._own.clear()
            self._reported.clear()


@dataclass
class BudgetedDrafter:
    """Asks the model as long as the agency's budget lasts; then the template answers, and says why."""

    model: Drafter
    budget: Budget

    async def draft(self, request: DraftRequested, hits: Sequence[SearchHit], context: ReplyContext) -> Draft:
        """A whole reply."""
        agency = request.triaged.agency
        if reason := self.budget.exhausted(agency):
            return replace(template_draft(request, hits, context), fault="budget", fault_detail=reason)
        self.budget.begins(agency)
        spending: Spending | None = None
        try:
            draft = await self.model.draft(request, hits, context)
            spending = draft.spending
        finally:
            self.budget.ends(request, spending)
        return draft

    async def close(self) -> None:
        """Closes the model's connections."""
        await self.model.close()
