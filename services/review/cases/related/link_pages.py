"""Routes to link a case with another one, to part them again, and to split a letter with two matters."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, StringConstraints

from schemas.values import Prose, Urgency
from services.review.cases import store
from services.review.cases.deciding import rules
from services.review.cases.queue.queue_view import case_address, view_of
from services.review.cases.related import link_commands, split_commands
from services.review.cases.related.related_shown import Related, related_to
from services.review.cases.related.splitting import LONGEST_PART, SecondMatter
from services.review.cases.request_dependencies import CommandsDep
from services.review.cases.writing import form_words
from services.review.cases.writing.form_words import FormWords
from services.review.people.authentication import CaseworkerDep, PersonFirst
from services.review.people.pages import ReaderDep
from services.review.web.templating import Flash

router = APIRouter(include_in_schema=False, route_class=PersonFirst)
api = APIRouter(prefix="/api/v1", route_class=PersonFirst)


class LinkForm(FormWords):
    """The number of the other case."""

    case: Prose = ""
    view: Prose = ""


LinkFormDep = Annotated[LinkForm, Form()]


@router.post("/cases/{request_id}/link")
async def link(request_id: UUID, form: LinkFormDep, visitor: ReaderDep, commands: CommandsDep) -> Response:
    """Links the case with another one: what came later follows what came before."""
    await form_words.keep(request_id, "link", form, visitor.person, commands)
    await link_commands.link(commands.database, request_id, form.case, visitor.person)
    return RedirectResponse(case_address(request_id, view_of(form.view), flash=Flash.LINKED), 303)


@router.post("/cases/{request_id}/unlink")
async def unlink(request_id: UUID, form: LinkFormDep, visitor: ReaderDep, commands: CommandsDep) -> Response:
    """Parts the case from another one."""
    await form_words.keep(request_id, "unlink", form, visitor.person, commands)
    await link_commands.unlink(commands.database, request_id, form.case, visitor.person)
    return RedirectResponse(case_address(request_id, view_of(form.view), flash=Flash.UNLINKED), 303)


class SplitForm(FormWords):
    """The second matter of a letter."""

    category: Prose = ""
    department: Prose = ""
    urgency: Urgency | None = None
    part: Prose = ""
    view: Prose = ""


@router.post("/cases/{request_id}/split")
async def split(request_id: UUID, form: Annotated[SplitForm, Form()], visitor: ReaderDep, commands: CommandsDep) -> Response:
    """Makes a case of its own for the second matter of the letter."""
    await form_words.keep(request_id, "split", form, visitor.person, commands)
    matter = SecondMatter(form.category, form.department, form.urgency, form.part)
    await split_commands.split(commands, request_id, matter, visitor.person)
    return RedirectResponse(f"{case_address(request_id, view_of(form.view), flash=Flash.SPLIT)}#linked", 303)


class SecondMatterSent(BaseModel):
    """The second matter of a letter; `part` is the text that is about it, as it stands in the message."""

    category: Prose
    department: Prose = ""
    urgency: Urgency | None = None
    part: Annotated[Prose, StringConstraints(max_length=LONGEST_PART)] = ""


class SecondCase(BaseModel):
    """The number of the second case."""

    request_id: UUID


@api.post("/cases/{request_id}/split")
async def split_by_program(request_id: UUID, sent: SecondMatterSent, person: CaseworkerDep, commands: CommandsDep) -> SecondCase:
    """Makes a case of its own for the second matter of the letter. The same category again names the same case."""
    matter = SecondMatter(sent.category, sent.department, sent.urgency, sent.part)
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
