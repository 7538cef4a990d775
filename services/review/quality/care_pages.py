"""The page of how carefully drafts are read, by category: to make things easier to see, and not to rank anybody."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel

from services.review.cases import statistics_store
from services.review.cases.attention_checks import check_store
from services.review.cases.request_dependencies import CommandsDep
from services.review.cases.second_look import look_store
from services.review.people.authentication import PersonFirst
from services.review.people.pages import FiguresDep
from services.review.quality import care
from services.review.quality.care import Care, Counted
from services.review.web.templating import Page, render
from services.runtime import clock

router = APIRouter(include_in_schema=False, route_class=PersonFirst)


class CareLine(BaseModel):
    """One category."""

    label: str
    care: Care


class CarePage(Page):
    """The last `days`, and how many people and decisions stand behind each figure at least."""

    days: int
    lines: list[CareLine]
    fewest_people: int = care.FEWEST_PEOPLE
    fewest_decisions: int = care.FEWEST_DECISIONS
    fewest_checks: int = care.FEWEST_CHECKS


@router.get("/quality/care")
async def show_care(visitor: FiguresDep, commands: CommandsDep, days: Annotated[int, Query(ge=1, le=366)] = 90) -> Response:
    """Time on case, unedited share, mistakes noticed and second looks, by category."""
    now, scope = clock.now(), visitor.person.scope
    since = now - timedelta(days=days)
    async with commands.database.reading() as session:
        drafts = await statistics_store.handled_drafts(session, since, scope)
        checks = await check_store.tally(session, since, scope)
        looks = await look_store.tally(session, since, scope)
    lines = care.by_category(
        drafts,
        {tally.category: Counted(tally.people, tally.caught, tally.caught + tally.missed) for tally in checks},
        {tally.category: Counted(tally.people, tally.outcomes[0], sum(tally.outcomes)) for tally in looks},
    )
    label = commands.taxonomy.label
    shown = [CareLine(label=label(line.category) if line.category else "", care=line) for line in lines]
    page = CarePage(now=now, viewer=visitor.viewer, days=days, lines=sorted(shown, key=lambda line: line.label.casefold()))
    return render("care.html", page)
