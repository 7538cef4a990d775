"""What may draft a letter: a model, the template or nobody, by the rules that review publishes."""

import asyncio
import contextlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from schemas.drafting_switched import DraftingSwitched, Spent, SwitchRule
from schemas.drafts_requested import DraftRequested
from services.domain import drafting_switch
from services.domain.drafting_switch import Decision
from services.domain.phrases import Phrase
from services.drafting.draft import Draft, ReplyContext
from services.drafting.model_client import Drafter, TemplateDrafter
from services.drafting.passage_index import SearchHit
from services.drafting.template import VERSION, language_of, subject_for, template_draft
from services.runtime import kafka_records
from services.runtime.errors import InvalidRecord

log = logging.getLogger(__name__)

PATIENCE = 60.0  # seconds; then the template drafts, since whatever the rules are it is what may be used most


@dataclass
class Switch:
    """The rules in force, as review published them last."""

    announced: asyncio.Event = field(default_factory=asyncio.Event)
    """Whether any record came; on a broker that forgets one comes at each start of it."""
    revision: int = -1
    rules: Sequence[SwitchRule] = ()
    spent: Sequence[Spent] = ()

    def take(self, value: bytes | None, _: datetime) -> None:
        """Takes a record; one of an earlier revision, which may come late, changes nothing."""
        try:
            switched = kafka_records.read_event(value, DraftingSwitched)
        except InvalidRecord as error:
            log.error("the rules of the drafting switch can't be read, the former ones stay: %s", error)  # noqa: TRY400
            return
        if switched.revision >= self.revision:
            if switched.revision > self.revision:
                log.info("revision %d of the drafting switch: %d rules", switched.revision, len(switched.rules))
            self.revision, self.rules = switched.revision, tuple(switched.rules)
        self.spent = tuple(switched.spent) or self.spent
        self.announced.set()

    def decision(self, request: DraftRequested) -> Decision:
        """What may draft this letter now."""
        return drafting_switch.decide_for(self.rules, request.triaged)


@dataclass
class SwitchedDrafter:
    """Drafts with what the switch allows. What was begun before a change and ends after it follows the change."""

    model: Drafter
    switch: Switch
    followed: Sequence[asyncio.Event] = ()
    """Set once what was published before this process started is read; until then nothing is drafted."""
    forgetful: bool = False
    """Whether the broker forgets: then its silence says nothing, and the first record is waited for."""
    patience: float = PATIENCE
    turns: contextlib.AbstractAsyncContextManager[object] = field(default_factory=contextlib.nullcontext)
    """Taken for each draft: so many are written side by side, and the rules are looked up when it is a draft's turn."""

    async def draft(self, request: DraftRequested, hits: Sequence[SearchHit], context: ReplyContext) -> Draft:
        """A whole reply, or none where drafting is switched off."""
        if not await self._rules_are_known():
            return template_draft(request, hits, context)
        async with self.turns:
            return await self._allowed(request, hits, context)

    async def _allowed(self, request: DraftRequested, hits: Sequence[SearchHit], context: ReplyContext) -> Draft:
        draft = Draft("", "", "")
        if self.switch.decision(request).mode == "model":
            draft = await self.model.draft(request, hits, context)
        decision = self.switch.decision(request)
        if decision.mode == "model":
            return draft
        allowed = template_draft(request, hits, context) if decision.mode == "template" else withheld(request, context, decision)
        return replace(allowed, usage=draft.usage, attempts=draft.attempts, spending=draft.spending)

    async def close(self) -> None:
        """Closes the model's connections."""
        await self.model.close()

    async def _rules_are_known(self) -> bool:
        """Whether the rules were read; waits for them at the start. Only a broker that forgets can leave them unknown for long."""
        for caught_up in self.followed:
            await caught_up.wait()
        if not self.forgetful or self.switch.announced.is_set():
            return True
        try:
            async with asyncio.timeout(self.patience):
                await self.switch.announced.wait()
        except TimeoutError:
            log.warning("review has not published the rules of the drafting switch: the template drafts until it does")
            self.patience = 0.0  # once is enough
            return False
        return True


def without_model(drafter: Drafter) -> Drafter:
    """The same drafter for a message that is nothing to ask a model about."""
    return replace(drafter, model=TemplateDrafter()) if isinstance(drafter, SwitchedDrafter) else TemplateDrafter()


def withheld(request: DraftRequested, context: ReplyContext, decision: Decision) -> Draft:
    """No draft, and why. In an emergency what to do first is written all the same, from fixed text: a setting must not take it away."""
    off = Phrase(f"Drafting is switched off for {decision.scope}")
    if context.lead:
        draft = template_draft(request, (), context)
        return replace(draft, withheld=Phrase(f"{off}: only what to do first in an emergency is written here. Write the rest yourself."))
    return Draft(
        language=language_of(request.triaged, context),
        subject=subject_for(request.triaged, context),
        body="",
        prompt_version=VERSION,
        withheld=Phrase(f"{off}: no draft was made. Write the reply yourself."),
    )
