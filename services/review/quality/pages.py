"""What becomes of drafts, as a page for supervisors."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel

from services.review.cases.access import DeskDep
from services.review.people.pages import VisitorDep
from services.review.people.rules import Role
from services.review.quality import rules, store
from services.review.quality.rules import Figures
from services.review.web.templating import Page, render
from services.runtime import clock
from services.runtime.errors import NotAllowed

router = APIRouter(include_in_schema=False)


class CategoryFigures(BaseModel):
    """One category's line."""

    label: str
    figures: Figures


class QualityPage(Page):
    """The last `days` in figures."""

    days: int
    all: Figures
    categories: list[CategoryFigures]


@router.get("/quality")
async def show_quality(visitor: VisitorDep, desk: DeskDep, days: Annotated[int, Query(ge=1, le=366)] = 30) -> Response:
    """Decisions by kind and category, and how long citizens wait for theirs."""
    if visitor.person.role is not Role.SUPERVISOR:
        raise NotAllowed(f"{visitor.person.email} has the role {visitor.person.role}: these figures are for supervisors")
    now = clock.now()
    async with desk.database.reading() as session:
        decided = await store.decided_since(session, now - timedelta(days=days))
    page = QualityPage(
        now=now,
        viewer=visitor.viewer,
        days=days,
        all=rules.figures(decided),
        categories=[CategoryFigures(label=desk.taxonomy.label(name) if name else "", figures=f) for name, f in rules.by_category(decided)],
    )
    return render("quality.html", page)
