"""A person's own figures: how they fared with test drafts. Nobody else's page, and no list of people anywhere."""

from datetime import datetime, timedelta
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel

from services.domain.known_bad_drafts import Mistake
from services.review.cases.attention_checks import check_store
from services.review.cases.attention_checks.check_store import Answered
from services.review.cases.attention_checks.outcome import Outcome
from services.review.cases.request_dependencies import CommandsDep
from services.review.people.authentication import PersonFirst
from services.review.people.pages import LookerDep
from services.review.people.rules import Person
from services.review.safeguards import store as safeguards
from services.review.safeguards.rules import NotedRule
from services.review.web.templating import Page, render
from services.runtime import clock

router = APIRouter(include_in_schema=False, route_class=PersonFirst)

DAYS = 180


class CheckLine(BaseModel):
    """One test draft that the person has decided on."""

    request_id: UUID
    category: str
    mistake: Mistake | None
    outcome: Outcome
    answered_at: datetime


class ShareLine(BaseModel):
    """How many test drafts a rule asks for, and where."""

    agency: str
    category: str
    share: int
    why: str


class OwnFigures(Page):
    """What a person sees of themselves."""

    days: int
    caught: int
    missed: int
    lines: list[CheckLine]
    shares: list[ShareLine]


@router.get("/my-figures")
async def show_own_figures(visitor: LookerDep, commands: CommandsDep) -> Response:
    """The person's own figures, for them alone."""
    now = clock.now()
    async with commands.database.reading() as session:
        answered = await check_store.answered_by(session, visitor.person.email, now - timedelta(days=DAYS))
        standing = await safeguards.standing(session)
    label = commands.taxonomy.label
    page = OwnFigures(
        now=now,
        viewer=visitor.viewer,
        days=DAYS,
        caught=_number(answered, "caught"),
        missed=_number(answered, "missed"),
        lines=[
            CheckLine(
                request_id=done.request_id,
                category=label(done.category),
                mistake=done.check.mistake if done.check else None,
                outcome=done.outcome,
                answered_at=done.answered_at,
            )
            for done in answered
        ],
        shares=[
            ShareLine(agency=rule.agency or "", category=label(rule.category) if rule.category else "", share=rule.share or 0, why=rule.why)
            for rule in standing.rules
            if _concerns(rule, visitor.person)
        ],
    )
    return render("own_figures.html", page)


def _number(answered: list[Answered], outcome: Outcome) -> int:
    return sum(done.outcome == outcome for done in answered)


def _concerns(rule: NotedRule, person: Person) -> bool:
    return rule.kind == "test_drafts" and (rule.agency is None or person.scope.has_agency(rule.agency))
