"""The page of the rules about approvals: what they ask for and why, for everybody, and the form that changes them."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Form, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel

from schemas.values import Prose, Urgency
from services.domain.taxonomy import Taxonomy
from services.review.cases.page.case_view import Problem
from services.review.cases.queue.queue_page import categories
from services.review.cases.request_dependencies import CommandsDep
from services.review.people.authentication import PersonFirst
from services.review.people.pages import SafeguarderDep, Visitor, VisitorDep
from services.review.safeguards import rules, store
from services.review.safeguards.rules import CHECKS, KINDS, Change, Kind, NotedRule
from services.review.web.phrases import fault
from services.review.web.templating import Choice, Page, render
from services.review.web.translation import reader
from services.runtime import clock
from services.runtime.errors import InvalidInput, NotFound

router = APIRouter(include_in_schema=False, prefix="/safeguards", route_class=PersonFirst)


class RuleLine(BaseModel):
    """One rule."""

    kind: Kind
    agency: str
    category: str
    category_label: str
    urgency: str
    check: str
    share: int | None
    changed_by: str
    changed_at: datetime
    why: str


class SafeguardForm(BaseModel):
    """What the form sends. An empty field is any."""

    kind: Prose = "second_person"
    agency: Prose = ""
    category: Prose = ""
    urgency: Prose = ""
    check: Prose = ""
    share: Prose = ""
    why: Prose = ""
    take_away: bool = False

    def change(self) -> Change:
        """The same for the rules."""
        return Change(self.kind, self.agency, self.category, self.urgency, self.check, self.share, self.why, self.take_away)


class SafeguardsPage(Page):
    """The rules, what they mean, and the form."""

    rules: list[RuleLine]
    may_change: bool
    form: SafeguardForm
    problem: Problem | None
    kinds: list[Kind]
    categories: list[Choice]
    urgencies: list[Urgency]
    checks: list[str]


@router.get("")
async def show_safeguards(visitor: VisitorDep, commands: CommandsDep) -> Response:
    """Which approvals need a second person, and why."""
    async with commands.database.reading() as session:
        standing = await store.standing(session)
    return render("safeguards.html", _page(standing, commands.taxonomy, visitor))


@router.post("")
async def change_safeguards(form: Annotated[SafeguardForm, Form()], visitor: SafeguarderDep, commands: CommandsDep) -> Response:
    """Makes one rule or takes it away; what was typed comes back where it can't be used."""
    rules.must_change(visitor.person)
    try:
        async with commands.database.transaction() as session:
            await store.change(session, form.change(), visitor.person.email, clock.now(), commands.taxonomy.names)
    except (InvalidInput, NotFound) as error:
        async with commands.database.reading() as session:
            standing = await store.standing(session)
        problem = Problem(kind="invalid", field=error.field or "", detail=fault(error))
        return render("safeguards.html", _page(standing, commands.taxonomy, visitor, form, problem), error.status)
    return RedirectResponse("/safeguards", 303)


def _page(
    standing: store.Standing, taxonomy: Taxonomy, visitor: Visitor, form: SafeguardForm | None = None, problem: Problem | None = None
) -> SafeguardsPage:
    return SafeguardsPage(
        now=clock.now(),
        viewer=visitor.viewer,
        rules=[_line(rule, taxonomy) for rule in standing.rules],
        may_change=rules.may_change(visitor.person),
        form=form or SafeguardForm(),
        problem=problem,
        kinds=list(KINDS),
        categories=categories(taxonomy),
        urgencies=list(Urgency),
        checks=list(CHECKS),
    )


def _line(rule: NotedRule, taxonomy: Taxonomy) -> RuleLine:
    return RuleLine(
        kind=rule.kind,
        agency=rule.agency or "",
        category=rule.category or "",
        category_label=taxonomy.label(rule.category, reader().language) if rule.category in taxonomy.names else rule.category or "",
        urgency=rule.urgency or "",
        check=rule.check or "",
        share=rule.share,
        changed_by=rule.changed_by,
        changed_at=rule.changed_at,
        why=rule.why,
    )
