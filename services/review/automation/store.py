"""Reads and changes the drafting switch; each change leaves with its audit entry and the event, or not at all."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from schemas.drafting_switched import DraftingSwitched, Spent, revision_id
from schemas.requests_triaged import RequestTriaged
from services.domain import drafting_switch
from services.domain.drafting_switch import Decision
from services.review.audit import store as audit
from services.review.automation import rules
from services.review.automation.rules import Change, NotedRule
from services.review.automation.tables import DraftingSwitchRow
from services.review.people.rules import Scope
from services.runtime import outbox
from services.runtime.database import Session, insert_new
from services.runtime.errors import Conflict

SERVICE = "review"


@dataclass(frozen=True)
class Standing:
    """The rules in force, the most specific first."""

    revision: int
    rules: tuple[NotedRule, ...] = ()

    def within(self, scope: Scope) -> "Standing":
        """Those that concern the agencies of the scope."""
        return Standing(self.revision, tuple(rule for rule in self.rules if not rule.agency or scope.has_agency(rule.agency)))


async def standing(session: Session) -> Standing:
    """What holds now."""
    return _standing(await session.get(DraftingSwitchRow, 1))


def _standing(row: DraftingSwitchRow | None) -> Standing:
    if row is None:
        return Standing(0)
    return Standing(row.revision, tuple(NotedRule.model_validate(rule) for rule in row.rules))


async def change(session: Session, wanted: Change, by: str, now: datetime, categories: Collection[str]) -> Standing:
    """Changes one rule. Raises InvalidInput, NotFound."""
    await insert_new(session, DraftingSwitchRow())
    row = await session.get(DraftingSwitchRow, 1, with_for_update=True, populate_existing=True)
    before = _standing(row)
    after = rules.changed(before.rules, wanted, by, now, categories)
    place = rules.place_of(wanted)
    if row is None:
        raise Conflict("the drafting switch is not there: try again")
    row.revision += 1
    row.rules = [rule.model_dump(mode="json") for rule in after]
    detail = dict(zip(("agency", "category", "letter"), place, strict=True)) | {
        "mode": [rules.mode_at(before.rules, place), rules.mode_at(after, place)],
        "why": wanted.why.strip(),
        "revision": row.revision,
    }
    await audit.add(session, audit.Entry(now, by, "switch drafting", None, detail))
    switched = Standing(row.revision, tuple(after))
    await announce(session, switched)
    return switched


async def announce(session: Session, switch: Standing, spent: Sequence[Spent] = ()) -> None:
    """Publishes the rules in force."""
    plain = [rule.plain() for rule in switch.rules]
    event = DraftingSwitched(request_id=revision_id(switch.revision), revision=switch.revision, rules=plain, spent=list(spent))
    await outbox.add(session, SERVICE, event)


async def decision(session: Session, triaged: RequestTriaged) -> Decision:
    """What may draft a reply to that letter."""
    return drafting_switch.decide_for((await standing(session)).rules, triaged)


async def must_not_be_off(session: Session, triaged: RequestTriaged) -> None:
    """Raises Conflict where nobody but a person may draft a reply to that letter."""
    decided = await decision(session, triaged)
    if decided.mode != "off":
        return
    rule = decided.rule
    raise Conflict(
        f"drafting is switched off for {decided.scope}{f' by {rule.changed_by}: {rule.why}' if isinstance(rule, NotedRule) else ''}. "
        "No draft is made; the reply is yours to write",
        field="instructions",
    )
