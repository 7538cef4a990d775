"""The page of the drafting switch: which rule applies to what, and the form that changes it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Form, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel

from schemas.drafting_switched import MODES, Mode
from schemas.requests_triaged import LETTER_KINDS, LetterKind
from schemas.values import Prose
from services.domain import drafting_switch
from services.domain.taxonomy import Taxonomy
from services.review.automation import rules, store
from services.review.automation.rules import Change, NotedRule
from services.review.cases.page.case_view import Problem
from services.review.cases.queue.queue_page import categories
from services.review.cases.request_dependencies import CommandsDep
from services.review.people.authentication import PersonFirst
from services.review.people.pages import OperatorDep, SwitcherDep, Visitor
from services.review.web.phrases import fault
from services.review.web.templating import Choice, Page, render
from services.review.web.translation import reader
from services.runtime import clock
from services.runtime.errors import InvalidInput, NotFound

router = APIRouter(include_in_schema=False, prefix="/ops/drafting", route_class=PersonFirst)


class RuleLine(BaseModel):
    """One rule, in the order in which they decide."""

    agency: str
    category: str
    category_label: str
    letter: str
    mode: Mode
    changed_by: str
    changed_at: datetime
    why: str


class Applying(BaseModel):
    """What applies to an agency's letters of one category; `otherwise` are the kinds of letter for which it is something else."""

    mode: Mode
    otherwise: list[tuple[LetterKind, Mode]] = []


class CategoryRow(BaseModel):
    """One category, with what applies in each column's agency."""

    label: str
    cells: list[Applying]


class SwitchForm(BaseModel):
    """What the form sends. An empty field is any."""

    agency: Prose = ""
    category: Prose = ""
    letter: Prose = ""
    mode: Prose = ""
    why: Prose = ""


class SwitchPage(Page):
    """Rules, what they come to, and the form."""

    revision: int
    rules: list[RuleLine]
    agencies: list[str]
    table: list[CategoryRow]
    may_switch: bool
    form: SwitchForm
    problem: Problem | None
    categories: list[Choice]
    letters: list[LetterKind]
    modes: list[Mode]


@router.get("")
async def show_switch(visitor: OperatorDep, commands: CommandsDep) -> Response:
    """What drafts may be made with."""
    async with commands.database.reading() as session:
        switch = (await store.standing(session)).within(visitor.person.scope)
    return render("drafting_switch.html", _page(switch, commands.taxonomy, visitor))


@router.post("")
async def change_switch(form: Annotated[SwitchForm, Form()], visitor: SwitcherDep, commands: CommandsDep) -> Response:
    """Changes one rule, from the next draft on; what was typed comes back where it can't be used."""
    change = Change(None if form.mode == rules.TAKE_AWAY else form.mode, form.agency, form.category, form.letter, form.why)
    try:
        async with commands.database.transaction() as session:
            await store.change(session, change, visitor.person.email, clock.now(), commands.taxonomy.names)
    except (InvalidInput, NotFound) as error:
        async with commands.database.reading() as session:
            switch = await store.standing(session)
        problem = Problem(kind="invalid", field=error.field or "", detail=fault(error))
        return render("drafting_switch.html", _page(switch, commands.taxonomy, visitor, form, problem), error.status)
    commands.wake()
    return RedirectResponse("/ops/drafting", 303)


def _page(
    switch: store.Standing, taxonomy: Taxonomy, visitor: Visitor, form: SwitchForm | None = None, problem: Problem | None = None
) -> SwitchPage:
    agencies = sorted({rule.agency for rule in switch.rules if rule.agency})
    return SwitchPage(
        now=clock.now(),
        viewer=visitor.viewer,
        revision=switch.revision,
        rules=[_line(rule, taxonomy) for rule in switch.rules],
        agencies=agencies,
        table=[
            CategoryRow(
                label=taxonomy.label(name, reader().language), cells=[applying(switch.rules, agency, name) for agency in (*agencies, "")]
            )
            for name in taxonomy.names
        ],
        may_switch=rules.may_switch(visitor.person),
        form=form or SwitchForm(),
        problem=problem,
        categories=categories(taxonomy),
        letters=list(LETTER_KINDS),
        modes=list(MODES),
    )


def applying(switch_rules: Sequence[NotedRule], agency: str, category: str) -> Applying:
    """What applies to letters of that category; the empty agency is every one that no rule names."""
    usual = drafting_switch.decide(switch_rules, agency, category, None).mode
    by_kind = [(kind, drafting_switch.decide(switch_rules, agency, category, kind).mode) for kind in LETTER_KINDS]
    return Applying(mode=usual, otherwise=[(kind, mode) for kind, mode in by_kind if mode != usual])


def _line(rule: NotedRule, taxonomy: Taxonomy) -> RuleLine:
    return RuleLine(
        agency=rule.agency or "",
        category=rule.category or "",
        category_label=taxonomy.label(rule.category, reader().language) if rule.category in taxonomy.names else rule.category or "",
        letter=rule.letter or "",
        mode=rule.mode,
        changed_by=rule.changed_by,
        changed_at=rule.changed_at,
        why=rule.why,
    )
