"""The route that does one thing to all ticked cases, and the page that tells what became of each."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Response
from pydantic import BaseModel

from schemas.values import Prose, Urgency
from services.review.cases.deciding import bulk_actions
from services.review.cases.deciding.actions import Action, Assign, Close, Correct
from services.review.cases.deciding.applied_action import reason_of
from services.review.cases.queue import case_lists
from services.review.cases.queue.queue_page import QueueFilters
from services.review.cases.queue.queue_view import case_address, queue_address, view_of
from services.review.cases.request_dependencies import CommandsDep
from services.review.cases.writing.form_words import unix_lines
from services.review.people.authentication import PersonFirst
from services.review.people.pages import ReaderDep
from services.review.web.templating import Page, render
from services.runtime import clock
from services.runtime.errors import InvalidInput

router = APIRouter(include_in_schema=False, route_class=PersonFirst)


class BulkForm(BaseModel):
    """The ticked cases, what is to be done, and the fields of each of the things that can be done."""

    case: list[Prose] = []
    action: Prose = ""
    view: Prose = ""
    to: Prose = ""
    category: Prose = ""
    urgency: Prose = ""
    reason: Prose = ""


class BulkLine(BaseModel):
    """What became of one case."""

    request_id: UUID
    subject: str
    address: str
    reason: str
    hidden: bool
    failed: bool


class BulkPage(Page):
    """What became of all of them."""

    action: bulk_actions.Kind
    done: list[BulkLine]
    not_done: list[BulkLine]
    back: str


@router.post("/bulk")
async def act_on_ticked(form: Annotated[BulkForm, Form()], visitor: ReaderDep, commands: CommandsDep) -> Response:
    """Does it to each ticked case by itself, and tells of each whether it could be done, and why not."""
    action = _action(form)
    outcomes = await bulk_actions.act_on_all(commands, bulk_actions.ticked_of(form.case), action, visitor.person)
    view = view_of(form.view) or QueueFilters()
    async with commands.database.reading() as session:
        lines = await case_lists.lines_of(session, [outcome.request_id for outcome in outcomes], visitor.person.scope)
    results = [
        (
            outcome.done,
            BulkLine(
                request_id=outcome.request_id,
                subject=lines[outcome.request_id].subject if outcome.request_id in lines else "",
                address=case_address(outcome.request_id, view) if outcome.request_id in lines else "",
                reason=outcome.reason,
                hidden=outcome.hidden,
                failed=outcome.failed,
            ),
        )
        for outcome in outcomes
    ]
    page = BulkPage(
        now=clock.now(),
        viewer=visitor.viewer,
        action=action.kind,
        done=[line for done, line in results if done],
        not_done=[line for done, line in results if not done],
        back=queue_address(view),
    )
    return render("bulk.html", page)


def _action(form: BulkForm) -> Action:
    """What is to be done to each. Raises InvalidInput where that is wrong for all of them."""
    match form.action:
        case "assign":
            if not form.to:
                raise InvalidInput("to: choose whom the cases are for; nothing was done", field="to")
            return Assign(to=form.to)
        case "correct":
            if form.urgency and form.urgency not in set(Urgency):
                raise InvalidInput(f"urgency: there is no {form.urgency!r}; use one of {', '.join(Urgency)}", field="urgency")
            if not (form.category or form.urgency):
                raise InvalidInput("category: choose a category, an urgency or both; nothing was done", field="category")
            return Correct(category=form.category or None, urgency=Urgency(form.urgency) if form.urgency else None)
        case "close":
            return Close(reason=reason_of(unix_lines(form.reason)))
        case _:
            raise InvalidInput("action: from a list cases are assigned, sorted otherwise or closed, and nothing else", field="action")
