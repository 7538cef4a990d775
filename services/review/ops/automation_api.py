"""The JSON API of the drafting switch."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import AliasChoices, BaseModel, ConfigDict, Field

from schemas.drafting_switched import Mode
from schemas.requests_triaged import LetterKind
from schemas.values import Prose
from services.domain import drafting_switch
from services.review.automation import store
from services.review.automation.rules import Change, NotedRule
from services.review.automation.store import Standing
from services.review.cases.request_dependencies import CommandsDep
from services.review.people.authentication import OperatorDep, PersonFirst, SwitcherDep
from services.runtime import clock

router = APIRouter(prefix="/api/v1", route_class=PersonFirst)


class RuleOut(BaseModel):
    """One rule. What is null is any."""

    agency: str | None
    category: str | None
    letter: LetterKind | None
    mode: Mode
    changed_by: str
    changed_at: datetime
    why: str


class Applies(BaseModel):
    """What may draft the letters that were asked about, and the rule that decides; none: no rule does."""

    mode: Mode
    rule: RuleOut | None


class Automation(BaseModel):
    """All rules in force, the one that decides first first."""

    revision: int
    rules: list[RuleOut]
    applies: Applies | None = None


class ChangeBody(BaseModel):
    """One rule: what is left out or `*` is any. Without a mode the rule is taken away."""

    model_config = ConfigDict(extra="forbid")

    mode: Prose | None
    agency: Prose | None = None
    category: Prose | None = None
    letter: Annotated[Prose | None, Field(validation_alias=AliasChoices("letter", "kind"))] = None
    why: Annotated[Prose, Field(validation_alias=AliasChoices("why", "reason"))] = ""


@router.get("/automation")
async def show_automation(
    person: OperatorDep,
    commands: CommandsDep,
    agency: Annotated[str | None, Query(max_length=100)] = None,
    category: Annotated[str | None, Query(max_length=100)] = None,
    letter: LetterKind | None = None,
) -> Automation:
    """What drafts may be made with; with an agency also what applies to its letters of that category and kind."""
    async with commands.database.reading() as session:
        switch = (await store.standing(session)).within(person.scope)
    applies = None
    if agency and person.scope.has_agency(agency):
        decided = drafting_switch.decide(switch.rules, agency, category, letter)
        applies = Applies(mode=decided.mode, rule=_out(decided.rule) if isinstance(decided.rule, NotedRule) else None)
    return _automation(switch, applies)


@router.put("/automation")
async def change_automation(sent: ChangeBody, person: SwitcherDep, commands: CommandsDep) -> Automation:
    """Changes one rule, from the next draft on."""
    change = Change(sent.mode, sent.agency, sent.category, sent.letter, sent.why)
    async with commands.database.transaction() as session:
        switch = await store.change(session, change, person.email, clock.now(), commands.taxonomy.names)
    commands.wake()
    return _automation(switch)


def _automation(switch: Standing, applies: Applies | None = None) -> Automation:
    return Automation(revision=switch.revision, rules=[_out(rule) for rule in switch.rules], applies=applies)


def _out(rule: NotedRule) -> RuleOut:
    return RuleOut.model_validate(rule, from_attributes=True)
