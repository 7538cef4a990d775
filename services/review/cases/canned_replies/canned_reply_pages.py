"""The page of canned replies, and the button that puts one into a reply where no script does it."""

import re
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel

from schemas.values import Prose
from services.review.cases import store
from services.review.cases.canned_replies import canned_replies, canned_reply_store
from services.review.cases.canned_replies.canned_replies import LANGUAGES, MOST_TEXT, MOST_TITLE, PLACEHOLDERS, CannedReply, Owner
from services.review.cases.commands import CaseCommands
from services.review.cases.deciding import rules
from services.review.cases.page.case_view import Problem
from services.review.cases.queue import case_walk, queue_page
from services.review.cases.queue.queue_view import case_address, view_of
from services.review.cases.request_dependencies import CommandsDep
from services.review.cases.writing import form_words, writing
from services.review.cases.writing.form_words import FormWords, unix_lines
from services.review.people.authentication import PersonFirst
from services.review.people.pages import ReaderDep, Visitor
from services.review.people.powers import Power
from services.review.web.phrases import fault
from services.review.web.templating import Choice, Flash, Page, flash_of, render
from services.review.web.translation import reader
from services.runtime import clock
from services.runtime.database import Session
from services.runtime.errors import Conflict, InvalidInput, NotAllowed

router = APIRouter(include_in_schema=False, route_class=PersonFirst)

MOST_AGENCIES = 200
"""In the list to choose from."""


class PreviewPiece(BaseModel):
    """A piece of a text; marked where it is what a placeholder stands for."""

    text: str
    marked: bool


class ReplyLine(BaseModel):
    """One canned reply."""

    reply_id: UUID
    owner: Owner
    agency: str
    department: str
    title: str
    language: str
    text: str
    version: int
    changed_by: str
    may_write: bool
    preview: list[PreviewPiece]


class ReplyForm(BaseModel):
    """What the form sends: a new one, or new words for one."""

    reply_id: UUID | None = None
    version: int = 0
    owner: Prose = "own"
    agency: Prose = ""
    department: Prose = ""
    title: Prose = ""
    language: Prose = "en"
    text: Prose = ""
    preview: bool = False
    delete: bool = False


class CannedRepliesPage(Page):
    """The texts, and the form to write one."""

    q: str
    lines: list[ReplyLine]
    form: ReplyForm
    preview: list[PreviewPiece]
    problem: Problem | None
    shares: bool
    agencies: list[str]
    every_agency: bool
    departments: list[Choice]
    every_department: bool
    languages: list[str]
    placeholders: list[str]
    most_title: int = MOST_TITLE
    most_text: int = MOST_TEXT


@router.get("/canned-replies")
async def show_replies(
    visitor: ReaderDep, commands: CommandsDep, q: Prose = "", edit: UUID | None = None, flash: str | None = None
) -> Response:
    """All that a person may use, by words of their titles; `edit` is the one to write anew."""
    form = ReplyForm()
    if edit:
        async with commands.database.reading() as session:
            reply = await canned_reply_store.reply_of(session, edit, visitor.person)
        canned_replies.must_write(reply.shelf, visitor.person)
        form = _form_of(reply)
    return await _page(visitor, commands, form, q=q, done=flash)


@router.post("/canned-replies")
async def write_reply(form: Annotated[ReplyForm, Form()], visitor: ReaderDep, commands: CommandsDep) -> Response:
    """Keeps, previews or deletes one; what was typed comes back where it can't be used."""
    form = form.model_copy(update={"text": unix_lines(form.text)})
    try:
        if form.preview:
            canned_replies.wording(form.title or "…", form.language, form.text)
            return await _page(visitor, commands, form)
        await _write(form, visitor, commands)
    except (InvalidInput, Conflict, NotAllowed) as error:
        kind = "conflict" if isinstance(error, Conflict) else "invalid"
        problem = Problem.model_validate({"kind": kind, "field": error.field or "", "detail": fault(error)})
        return await _page(visitor, commands, form, problem=problem, status=error.status)
    flash = Flash.CANNED_REPLY_DELETED if form.delete else Flash.CANNED_REPLY_KEPT
    return RedirectResponse(f"/canned-replies?flash={flash}", 303)


async def _write(form: ReplyForm, visitor: Visitor, commands: CaseCommands) -> None:
    person, now = visitor.person, clock.now()
    async with commands.database.transaction() as session:
        if form.reply_id and form.delete:
            await canned_reply_store.remove(session, form.reply_id, form.version, person, now)
            return
        words = canned_replies.wording(form.title, form.language, form.text)
        if form.reply_id:
            await canned_reply_store.change(session, form.reply_id, form.version, words, person, now)
        else:
            shelf = canned_replies.shelf_of(form.owner, form.agency, form.department, person, commands.taxonomy)
            await canned_reply_store.add(session, shelf, words, person, now)


async def _page(
    visitor: Visitor,
    commands: CaseCommands,
    form: ReplyForm,
    *,
    q: str = "",
    done: str | None = None,
    problem: Problem | None = None,
    status: int = 200,
) -> Response:
    person, taxonomy = visitor.person, commands.taxonomy
    async with commands.database.reading() as session:
        replies = canned_replies.titled(await canned_reply_store.of_person(session, person), q)
        agencies = await _agencies(session, visitor)
    page = CannedRepliesPage(
        now=clock.now(),
        viewer=visitor.viewer,
        flash=flash_of(done),
        q=q,
        lines=[_line(reply, visitor, commands) for reply in replies],
        form=form,
        preview=_preview(form.text, form.language, form.department, commands) if form.preview and not problem else [],
        problem=problem,
        shares=person.may(Power.SHARE_REPLIES),
        agencies=agencies,
        every_agency=not person.agencies,
        departments=queue_page.departments(taxonomy, person),
        every_department=not person.departments,
        languages=list(LANGUAGES),
        placeholders=list(PLACEHOLDERS),
    )
    return render("canned_replies.html", page, status)


async def _agencies(session: Session, visitor: Visitor) -> list[str]:
    """The agencies to choose from, where the person writes for others as well."""
    if not visitor.person.may(Power.SHARE_REPLIES):
        return []
    return sorted(visitor.person.agencies or await case_walk.agencies_of_cases(session))[:MOST_AGENCIES]


def _form_of(reply: CannedReply) -> ReplyForm:
    shelf = reply.shelf
    return ReplyForm(
        reply_id=reply.reply_id,
        version=reply.version,
        owner=shelf.owner,
        agency=shelf.agency,
        department=shelf.department,
        title=reply.title,
        language=reply.language,
        text=reply.text,
    )


def _line(reply: CannedReply, visitor: Visitor, commands: CaseCommands) -> ReplyLine:
    shelf = reply.shelf
    return ReplyLine(
        reply_id=reply.reply_id,
        owner=shelf.owner,
        agency=shelf.agency,
        department=commands.taxonomy.department_label(shelf.department, reader().language) if shelf.department else "",
        title=reply.title,
        language=reply.language,
        text=reply.text,
        version=reply.version,
        changed_by=reply.changed_by,
        may_write=canned_replies.may_write(shelf, visitor.person),
        preview=_preview(reply.text, reply.language, shelf.department, commands),
    )


def _preview(text: str, language: str, department: str, commands: CaseCommands) -> list[PreviewPiece]:
    """The text as a citizen would read it, with invented facts, which are marked."""
    facts = canned_replies.example_facts(clock.now(), language, department, commands.taxonomy)
    pieces = re.split(r"(\[[A-Z_]+\])", text)
    return [PreviewPiece(text=facts.get(piece, piece), marked=piece in facts) for piece in pieces if piece]


class InsertForm(FormWords):
    """The reply that is being written, and what is to be put into it."""

    canned_reply: UUID | None = None
    view: Prose = ""


@router.post("/cases/{request_id}/insert-canned-reply")
async def insert(request_id: UUID, form: Annotated[InsertForm, Form()], visitor: ReaderDep, commands: CommandsDep) -> Response:
    """Puts a canned reply at the end of the reply that is being written, and loads the case again. Nothing that was written is lost."""
    person = visitor.person
    await form_words.keep(request_id, "insert-canned-reply", form, person, commands)
    view = view_of(form.view)
    if not form.canned_reply or not form.draft_id:
        return RedirectResponse(f"{case_address(request_id, view)}#body", 303)
    async with commands.database.reading() as session:
        case = rules.visible(await store.look(session, request_id), person)
        reply = await canned_reply_store.offered_in(session, form.canned_reply, case, person)
    filled = canned_replies.filled(reply.text, canned_replies.facts_of(case, reply.language, commands.taxonomy))
    words = {"subject": unix_lines(form.subject), "body": canned_replies.appended(unix_lines(form.body), filled.text)}
    await commands.keep_texts(request_id, writing.by_program(person.email, form.draft_id, words, clock.now()), person, claims=True)
    if canned_replies.is_in_language(reply, case):
        flash = Flash.CANNED_REPLY_WITH_GAPS if filled.unknown else Flash.CANNED_REPLY_INSERTED
    else:
        flash = Flash.FOREIGN_CANNED_REPLY_WITH_GAPS if filled.unknown else Flash.FOREIGN_CANNED_REPLY_INSERTED
    return RedirectResponse(f"{case_address(request_id, view, flash=flash)}#body", 303)
