"""Routes to link a case with another one, to part them again, and to split a letter with two matters."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, StringConstraints

from schemas.values import Prose, Urgency
from services.review.cases import store
from services.review.cases.deciding import rules
from services.review.cases.page.case_view import Typed
from services.review.cases.page.shown_case import CasePagesDep
from services.review.cases.queue.queue_view import case_address, view_of
from services.review.cases.related import link_commands, split_commands
from services.review.cases.related.related_shown import Related, related_to
from services.review.cases.related.splitting import LONGEST_PART, SecondMatter
from services.review.cases.request_dependencies import CommandsDep
from services.review.cases.writing import form_words
from services.review.cases.writing.form_words import FormWords, unix_lines
from services.review.people.authentication import CaseworkerDep, PersonFirst
from services.review.web.templating import Flash
from services.runtime.errors import Conflict, InvalidInput

router = APIRouter(include_in_schema=False, route_class=PersonFirst)
api = APIRouter(prefix="/api/v1", route_class=PersonFirst)


class LinkForm(FormWords):
    """The number of the other case."""

    case: Prose = ""
    view: Prose = ""


LinkFormDep = Annotated[LinkForm, Form()]


@router.post("/cases/{request_id}/link")
async def link(request_id: UUID, form: LinkFormDep, pages: CasePagesDep) -> Response:
    """Links the case with another one: what came later follows what came before."""
    view = view_of(form.view)
    try:
        await form_words.keep(request_id, "link", form, pages.visitor.person, pages.commands)
        await link_commands.link(pages.commands.database, request_id, form.case, pages.visitor.person)
    except (InvalidInput, Conflict) as error:
        return await pages.show(request_id, view=view, error=error, typed=Typed(action="link", case=form.case))
    return RedirectResponse(case_address(request_id, view, flash=Flash.LINKED), 303)


@router.post("/cases/{request_id}/unlink")
async def unlink(request_id: UUID, form: LinkFormDep, pages: CasePagesDep) -> Response:
    """Parts the case from another one."""
    view = view_of(form.view)
    try:
        await form_words.keep(request_id, "unlink", form, pages.visitor.person, pages.commands)
        await link_commands.unlink(pages.commands.database, request_id, form.case, pages.visitor.person)
    except (InvalidInput, Conflict) as error:
        return await pages.show(request_id, view=view, error=error)
    return RedirectResponse(case_address(request_id, view, flash=Flash.UNLINKED), 303)


class SplitForm(FormWords):
    """The second matter of a letter."""

    category: Prose = ""
    department: Prose = ""
    urgency: Urgency | None = None
    part: Prose = ""
    view: Prose = ""


@router.post("/cases/{request_id}/split")
async def split(request_id: UUID, form: Annotated[SplitForm, Form()], pages: CasePagesDep) -> Response:
    """Makes a case of its own for the second matter of the letter."""
    view = view_of(form.view)
    try:
        await form_words.keep(request_id, "split", form, pages.visitor.person, pages.commands)
        matter = SecondMatter(form.category, form.part, form.department, form.urgency)
        await split_commands.split(pages.commands, request_id, matter, pages.visitor.person)
    except (InvalidInput, Conflict) as error:
        typed = Typed(
            action="split", category=form.category, department=form.department, urgency=form.urgency or "", part=unix_lines(form.part)
        )
        return await pages.show(request_id, view=view, error=error, typed=typed)
    return RedirectResponse(f"{case_address(request_id, view, flash=Flash.SPLIT)}#linked", 303)


class SecondMatterSent(BaseModel):
    """The second matter of a letter; `part` is the text that is about it, as it stands in the message."""

    category: Prose
    part: Annotated[Prose, StringConstraints(max_length=LONGEST_PART)]
    department: Prose = ""
    urgency: Urgency | None = None


class SecondCase(BaseModel):
    """The number of the second case."""

    request_id: UUID


@api.post("/cases/{request_id}/split")
async def split_by_program(request_id: UUID, sent: SecondMatterSent, person: CaseworkerDep, commands: CommandsDep) -> SecondCase:
    """Makes a case of its own for the second matter of the letter. The same category again names the same case."""
    matter = SecondMatter(sent.category, sent.part, sent.department, sent.urgency)
    return SecondCase(request_id=await split_commands.split(commands, request_id, matter, person))


class OtherCase(BaseModel):
    """The number of another case."""

    case: Prose


@api.get("/cases/{request_id}/related")
async def related_cases(request_id: UUID, person: CaseworkerDep, commands: CommandsDep) -> Related:
    """What belongs to the case: what it follows and what follows it, the other matter of its letter, other cases of the citizen."""
    async with commands.database.reading() as session:
        case = rules.visible(await store.look(session, request_id), person)
        return await related_to(session, case, person, commands.senders)


@api.post("/cases/{request_id}/link")
async def link_by_program(request_id: UUID, sent: OtherCase, person: CaseworkerDep, commands: CommandsDep) -> Related:
    """Links the case with another one: what came later follows what came before."""
    await link_commands.link(commands.database, request_id, sent.case, person)
    return await related_cases(request_id, person, commands)


@api.post("/cases/{request_id}/unlink")
async def unlink_by_program(request_id: UUID, sent: OtherCase, person: CaseworkerDep, commands: CommandsDep) -> Related:
    """Parts the case from another one."""
    await link_commands.unlink(commands.database, request_id, sent.case, person)
    return await related_cases(request_id, person, commands)
