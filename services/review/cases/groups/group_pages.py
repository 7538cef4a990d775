"""The routes of groups: the list, the page of one, its common text, and what belongs to it."""

import dataclasses
from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel

from schemas.values import Prose
from services.review.audit import store as audit
from services.review.audit.store import Entry
from services.review.cases import reading_log, store
from services.review.cases.case_state import UNDECIDED, Case, State
from services.review.cases.commands import CaseCommands
from services.review.cases.deciding import four_eyes, reply_text, rules
from services.review.cases.deciding.actions import Approve
from services.review.cases.deciding.applied_action import Applied
from services.review.cases.deciding.reply_note import ReplyNotes
from services.review.cases.emerging import matter_lines
from services.review.cases.emerging.matter_lines import MatterLine
from services.review.cases.groups import answering, group_page, group_store, rising_groups
from services.review.cases.groups.answering import CommonText, Rehearsal
from services.review.cases.groups.group_page import GroupFile
from services.review.cases.groups.group_store import Member
from services.review.cases.groups.grouping import Tie, sender_mark
from services.review.cases.groups.rising_groups import RisingGroup
from services.review.cases.page import published_pages
from services.review.cases.page.published_pages import PublishedPages
from services.review.cases.queue import case_lists
from services.review.cases.queue.queue_view import case_number
from services.review.cases.related.contact_keys import contact_keys
from services.review.cases.request_dependencies import CommandsDep, PublishedDep
from services.review.cases.second_look import drawn_looks
from services.review.cases.writing.form_words import unix_lines
from services.review.people import store as people
from services.review.people.authentication import PersonFirst
from services.review.people.pages import ReaderDep
from services.review.people.rules import Person
from services.review.safeguards import store as safeguards
from services.review.safeguards.store import Standing
from services.review.web.templating import Flash, Page, flash_of, render
from services.runtime import clock
from services.runtime.database import Session
from services.runtime.errors import Conflict, InvalidInput, NotFound

router = APIRouter(include_in_schema=False, route_class=PersonFirst)

AT_ONCE = 25
"""Replies on one page: as many as somebody can read before they approve them."""
OTHERS = 10
LISTED = 30


class GroupLine(BaseModel):
    """A group in the list."""

    group_id: UUID
    title: str
    waits: int
    all: int
    rising: bool


class GroupsPage(Page):
    """The groups with the newest messages."""

    groups: list[GroupLine]
    most_counted: int


@router.get("/groups")
async def list_groups(visitor: ReaderDep, commands: CommandsDep) -> Response:
    """The groups of which this person sees at least two messages, what waits first."""
    person, now = visitor.person, clock.now()
    shown: list[GroupLine] = []
    async with commands.database.reading() as session:
        for group in await group_store.recent_groups(session, person.scope, now, LISTED):
            number = await group_store.count(session, group.group_id, person.scope)
            if number > 1:
                waits = await group_store.count(session, group.group_id, person.scope, UNDECIDED)
                rise = group.rising_since and await rising_groups.rise_for(session, group.group_id, person, now)
                title = await rising_groups.title_of(session, group.group_id, person)
                shown.append(GroupLine(group_id=group.group_id, title=title, waits=waits, all=number, rising=bool(rise)))
    shown.sort(key=lambda line: (not line.rising, not line.waits))
    return render("groups.html", GroupsPage(now=now, viewer=visitor.viewer, groups=shown, most_counted=group_store.MOST_COUNTED))


class RisingPage(Page):
    """The part of the queue that announces groups."""

    rising: list[RisingGroup]
    matters: list[MatterLine]


@router.get("/groups/rising")
async def show_rising(visitor: ReaderDep, commands: CommandsDep) -> Response:
    """The groups that rise now, for a queue that is open."""
    now = clock.now()
    async with commands.database.reading() as session:
        above = await matter_lines.announced(session, visitor.person, now)
    return render("rising.html", RisingPage(now=now, viewer=visitor.viewer, rising=above.groups, matters=above.matters))


@router.get("/groups/{group_id}")
async def show_group(
    group_id: UUID,
    visitor: ReaderDep,
    commands: CommandsDep,
    published: PublishedDep,
    begin: UUID | None = None,
    after: str = "",
    flash: str | None = None,
) -> Response:
    """The messages of a group, and each one's reply once there is a common text. `begin` is the case whose draft that may begin from."""
    now = clock.now()
    async with commands.database.reading() as session:
        group = await _group_file(session, group_id, visitor.person, commands, published, begin, after)
        standing, notes = await safeguards.standing(session), await commands.reply_notes(session)
    if group.text:
        group = _with_replies(group, group.text, visitor.person, rehearsal(commands, visitor.person, standing, notes))
    for _, case in (*group.waiting, *group.others):
        await reading_log.note(commands.database, case.request_id, visitor.person)
    base = Page(now=now, viewer=visitor.viewer, flash=flash_of(flash))
    return render("group.html", group_page.group_page(group, base, commands.taxonomy, group_store.MOST_COUNTED))


async def _group_file(
    session: Session,
    group_id: UUID,
    person: Person,
    commands: CaseCommands,
    published: PublishedPages | None,
    begin: UUID | None,
    after: str,
) -> GroupFile:
    """What this person may see of the group. Raises NotFound where that is nothing."""
    number = await must_see(session, group_id, person)
    now, scope, decided = clock.now(), person.scope, [state for state in State if state not in UNDECIDED]
    waiting = await group_store.members(session, group_id, scope, AT_ONCE + 1, UNDECIDED, group_page.place_of(after))
    others = await group_store.members(session, group_id, scope, OTHERS, decided, newest_first=True)
    text = await group_store.common_text(session, group_id, person.email)
    likes = [member.tie.like for member in (*waiting, *others) if member.tie.like]
    begun_from = text.begun_from if text else begin or _first_drafted(await _with_cases(session, waiting[:AT_ONCE]))
    case = await visible_member(session, group_id, begun_from, person) if begun_from else None
    citations = case.draft.citations if case and case.draft else []
    return GroupFile(
        group_id=group_id,
        title=await rising_groups.title_of(session, group_id, person),
        rise=await rising_groups.rise_for(session, group_id, person, now),
        waits=await group_store.count(session, group_id, scope, UNDECIDED),
        all=number,
        waiting=await _with_cases(session, waiting[:AT_ONCE]),
        others=await _with_cases(session, others),
        subject_of={line.request_id: line.subject for line in (await case_lists.lines_of(session, likes, scope)).values()},
        names={colleague.email: colleague.name for colleague in await people.people(session)},
        text=text,
        begun_from=case,
        source_doubts=published_pages.doubts(citations, published, commands.taxonomy.day(now)),
        after=after,
        has_more=len(waiting) > AT_ONCE,
    )


async def must_see(session: Session, group_id: UUID, person: Person) -> int:
    """How many of its messages the person may see. Raises NotFound where there are none: that there is a group is not theirs to know."""
    number = await group_store.count(session, group_id, person.scope)
    if not number:
        raise NotFound("there is no such group, or none of its messages is yours to see")
    return number


async def _with_cases(session: Session, members: Sequence[Member]) -> list[tuple[Member, Case]]:
    return [(member, await store.look(session, member.request_id)) for member in members]


def _first_drafted(waiting: Sequence[tuple[Member, Case]]) -> UUID | None:
    return next((case.request_id for _, case in waiting if case.decidable), None)


async def visible_member(session: Session, group_id: UUID, request_id: UUID, person: Person) -> Case | None:
    """The case, where it is in the group and theirs to see."""
    member = await group_store.member(session, request_id)
    if member is None or member.group_id != group_id:
        return None
    case = await store.look(session, request_id)
    return case if rules.in_scope(case, person) else None


def _with_replies(group: GroupFile, text: CommonText, person: Person, rehearse: Rehearsal) -> GroupFile:
    return dataclasses.replace(
        group, replies={case.request_id: answering.reply_for(case, text, group.group_id, person, rehearse) for _, case in group.waiting}
    )


def rehearsal(commands: CaseCommands, person: Person, standing: Standing, notes: ReplyNotes) -> Rehearsal:
    """What approvals by this person would do now."""
    now = clock.now()

    def approve(case: Case, action: Approve) -> Applied:
        in_force = [rule for rule in drawn_looks.asked_of(case, standing) if rule.kind != "look_at_figures"]
        return commands.rehearse(case, action, person, now, in_force, notes=notes)

    return Rehearsal(approve, must_look=lambda case: four_eyes.must_look(case, standing.rules))


class TextForm(BaseModel):
    """The common text."""

    subject: Prose = ""
    body: Prose = ""
    begun_from: UUID


@router.post("/groups/{group_id}/text")
async def keep_text(group_id: UUID, form: Annotated[TextForm, Form()], visitor: ReaderDep, commands: CommandsDep) -> Response:
    """Keeps the common text, and shows what each would be sent. Nothing leaves."""
    for name, words, most in (("subject", form.subject, reply_text.MAX_SUBJECT), ("body", form.body, reply_text.MAX_BODY)):
        if len(unix_lines(words)) > most:
            raise InvalidInput(f"{name}: at most {most} characters, this has {len(words)}; go back and shorten it", field=name)
    async with commands.database.transaction() as session:
        await must_see(session, group_id, visitor.person)
        case = await visible_member(session, group_id, form.begun_from, visitor.person)
        if case is None or case.draft is None:
            raise Conflict("the message whose draft the text began from is not in this group any more: choose another draft")
        text = CommonText(form.subject, unix_lines(form.body), case.request_id, case.draft.language, clock.now())
        await group_store.keep_text(session, group_id, visitor.person.email, text)
    return RedirectResponse(f"{group_page.address(group_id)}#replies", 303)


@router.post("/groups/{group_id}/begin-anew")
async def begin_anew(group_id: UUID, visitor: ReaderDep, commands: CommandsDep) -> Response:
    """Forgets the common text."""
    async with commands.database.transaction() as session:
        await must_see(session, group_id, visitor.person)
        await group_store.forget_text(session, group_id, visitor.person.email)
    return RedirectResponse(group_page.address(group_id), 303)


class MemberForm(BaseModel):
    """The number of a case that is to belong to the group, or no more."""

    request_id: Prose = ""


@router.post("/groups/{group_id}/take-out")
async def take_out(group_id: UUID, form: Annotated[MemberForm, Form()], visitor: ReaderDep, commands: CommandsDep) -> Response:
    """A person says that a message is about something else: it does not come back by itself."""
    request_id, person = case_number(form.request_id, "request_id"), visitor.person
    async with commands.database.transaction() as session:
        rules.visible(await store.look(session, request_id), person)
        if not await group_store.take_out(session, request_id, group_id):
            raise Conflict("the message is not in this group any more")
        await audit.add(session, Entry(clock.now(), person.email, "take out of group", request_id, {"group": str(group_id)}))
        left = await group_store.count(session, group_id, person.scope)
    return RedirectResponse(f"{group_page.address(group_id)}?flash={Flash.TAKEN_OUT}" if left else "/groups", 303)


@router.post("/groups/{group_id}/put-in")
async def put_in(group_id: UUID, form: Annotated[MemberForm, Form()], visitor: ReaderDep, commands: CommandsDep) -> Response:
    """A person says that a message is about the same: it leaves the group that it was in."""
    request_id, person, now = case_number(form.request_id, "request_id"), visitor.person, clock.now()
    async with commands.database.transaction() as session:
        await must_see(session, group_id, person)
        case = rules.visible(await store.look(session, request_id), person)
        group = await group_store.group(session, group_id)
        if case.invented_for:  # nobody has written it
            raise Conflict("this letter is about nothing that others wrote: decide on it as it is")
        if group is None or group.agency != case.agency:
            raise Conflict("the message is another agency's: a group is of one agency")
        former = await group_store.member(session, request_id)
        if former and former.group_id == group_id:
            raise Conflict("the message is in this group already")
        if former:
            await group_store.take_out(session, request_id, former.group_id)
        await group_store.let_back(session, request_id, group_id)
        received_at = case.request.received_at if case.request else case.created_at
        sender = sender_mark(group_id, contact_keys(case))
        await group_store.put_in(session, [Member(request_id, group_id, received_at, Tie("person", by=person.email), sender)])
        await audit.add(session, Entry(now, person.email, "put into group", request_id, {"group": str(group_id)}))
    return RedirectResponse(f"{group_page.address(group_id)}?flash={Flash.PUT_IN}", 303)
