"""The quality page: how drafts are decided, and how the mail shifts, for supervisors."""

from datetime import timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel

from services.domain.psi import DRIFTED, STEADY
from services.domain.taxonomy import Taxonomy
from services.review.cases.daily_figures.daily_store import Chosen
from services.review.cases.ratings import rating_figures, rating_store
from services.review.cases.ratings.rating_figures import Solved
from services.review.cases.request_dependencies import CommandsDep
from services.review.people.authentication import PersonFirst
from services.review.people.pages import FiguresDep
from services.review.quality import rules, store
from services.review.quality.edit_report import Dimension, Group, Report
from services.review.quality.rules import Figures, Mail
from services.review.web.templating import Page, render
from services.review.web.translation import reader
from services.runtime import clock

router = APIRouter(include_in_schema=False, route_class=PersonFirst)

SHOWN_GROUPS = 20
FEW_MESSAGES = 50
"""A period with fewer says nothing about what citizens write about."""


class CategoryFigures(BaseModel):
    """One category's line."""

    label: str
    figures: Figures


class Grown(BaseModel):
    """A category whose share of the mail has changed."""

    label: str
    before: int
    now: int


class MailShift(BaseModel):
    """What citizens write about, against as many days before. `mix` is in words; nothing is said of few messages."""

    before: Mail
    now: Mail
    mix: Literal["steady", "shifting", "another", "too few to say"]
    grown: list[Grown]


class EditedGroup(BaseModel):
    """One line of what people changed."""

    label: str
    group: Group


class Edits(BaseModel):
    """What became of drafts: all of them, and what was decided most of each category, passage, prompt, model and kind of letter."""

    all: Group
    by: dict[Dimension, list[EditedGroup]]


class QualityPage(Page):
    """The last `days` in figures."""

    days: int
    mail: MailShift
    all: Figures
    categories: list[CategoryFigures]
    edits: Edits
    solved: Solved | None
    """Of all whose citizens answered; None where they are too few."""
    solved_by: list[Solved]


@router.get("/quality")
async def show_quality(visitor: FiguresDep, commands: CommandsDep, days: Annotated[int, Query(ge=1, le=366)] = 30) -> Response:
    """Decisions by kind and category, and how long citizens wait for theirs."""
    now, scope = clock.now(), visitor.person.scope
    today = commands.taxonomy.day(now)
    first = today - timedelta(days=days - 1)
    these, before = Chosen(first, today, scope), Chosen(first - timedelta(days=days), first - timedelta(days=1), scope)
    async with commands.database.reading() as session:
        decided = await store.decided_on(session, these)
        mail, earlier = await store.mail_of(session, these), await store.mail_of(session, before)
        rated = await rating_store.by_category(session, commands.taxonomy.begins(first), now, scope)
        edited = await store.tally_since(session, commands.taxonomy.begins(first), scope)
    page = QualityPage(
        now=now,
        viewer=visitor.viewer,
        days=days,
        mail=_mail(rules.shift(earlier, mail), commands.taxonomy),
        all=rules.figures(decided),
        categories=[
            CategoryFigures(label=commands.taxonomy.label(name, reader().language) if name else "", figures=f)
            for name, f in rules.by_category(decided)
        ],
        edits=_edits(edited, commands.taxonomy),
        solved=rating_figures.all_together(rated),
        solved_by=[
            line.model_copy(update={"category": commands.taxonomy.label(line.category, reader().language) if line.category else ""})
            for line in rating_figures.by_category(rated)
        ],
    )
    return render("quality.html", page)


def _edits(report: Report, taxonomy: Taxonomy) -> Edits:
    def label(dimension: Dimension, name: str) -> str:
        return taxonomy.label(name, reader().language) if name and dimension == "category" else name

    return Edits(
        all=report.all,
        by={
            dimension: [EditedGroup(label=label(dimension, group.name), group=group) for group in groups[:SHOWN_GROUPS]]
            for dimension, groups in report.by.items()
        },
    )


def _mail(shift: rules.Shift, taxonomy: Taxonomy) -> MailShift:
    few = min(shift.before.total, shift.now.total) < FEW_MESSAGES
    mix: Literal["steady", "shifting", "another"] = "another" if shift.mix >= DRIFTED else "shifting" if shift.mix >= STEADY else "steady"
    grown = [Grown(label=taxonomy.label(name, reader().language), before=before, now=now) for name, before, now in shift.grown]
    return MailShift(before=shift.before, now=shift.now, mix="too few to say" if few else mix, grown=grown)
