"""The JSON API of the rules about approvals."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import AliasChoices, BaseModel, ConfigDict, Field

from schemas.values import Prose, Urgency
from services.review.cases.request_dependencies import CommandsDep
from services.review.people.authentication import PersonFirst, SafeguarderDep, SignedInDep
from services.review.safeguards import rules, store
from services.review.safeguards.rules import Change, Kind
from services.review.safeguards.store import Standing
from services.runtime import clock

router = APIRouter(prefix="/api/v1", route_class=PersonFirst)


class RuleOut(BaseModel):
    """One rule. What is null is any."""

    kind: Kind
    agency: str | None
    category: str | None
    urgency: Urgency | None
    check: str | None
    share: int | None = None
    """Of a hundred decisions so many, where the kind is about a share."""
    changed_by: str
    changed_at: datetime
    why: str


class Safeguards(BaseModel):
    """All rules in force."""

    revision: int
    rules: list[RuleOut]


class ChangeBody(BaseModel):
    """One rule: what is left out or `*` is any. `take_away` takes it away."""

    model_config = ConfigDict(extra="forbid")

    kind: Prose = "second_person"
    agency: Prose | None = None
    category: Prose | None = None
    urgency: Prose | None = None
    check: Prose | None = None
    share: int | None = None
    why: Annotated[Prose, Field(validation_alias=AliasChoices("why", "reason"))] = ""
    take_away: bool = False


@router.get("/safeguards")
async def show_safeguards(_: SignedInDep, commands: CommandsDep) -> Safeguards:
    """Which approvals need a second person: for everybody whose work it changes."""
    async with commands.database.reading() as session:
        return _out(await store.standing(session))


@router.put("/safeguards")
async def change_safeguards(sent: ChangeBody, person: SafeguarderDep, commands: CommandsDep) -> Safeguards:
    """Makes one rule or takes it away, from the next approval on."""
    rules.must_change(person)
    change = Change(sent.kind, sent.agency, sent.category, sent.urgency, sent.check, _text(sent.share), sent.why, sent.take_away)
    async with commands.database.transaction() as session:
        standing = await store.change(session, change, person.email, clock.now(), commands.taxonomy.names)
    return _out(standing)


def _text(share: int | None) -> str | None:
    return None if share is None else str(share)


def _out(standing: Standing) -> Safeguards:
    lines = [RuleOut.model_validate(rule, from_attributes=True) for rule in standing.rules]
    return Safeguards(revision=standing.revision, rules=lines)
