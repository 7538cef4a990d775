"""The routes of the queue and case pages: GET renders, POST applies one action and redirects back."""

import dataclasses
from datetime import UTC, datetime
from typing import Annotated, Any, Self
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import Field

from schemas.requests_triaged import LETTER_KINDS
from schemas.values import Prose, Urgency
from services.review.audit import store as audit
from services.review.cases import store
from services.review.cases.case_state import State
from services.review.cases.commands import CaseCommands
from services.review.cases.deciding import rules
from services.review.cases.deciding.actions import ACTIONS, Action
from services.review.cases.deciding.colleagues import colleagues_of
from services.review.cases.emerging import matter_lines
from services.review.cases.live import presence_store
from services.review.cases.live.live_pages import mark_of
from services.review.cases.page import published_pages
from services.review.cases.page.case_view import Typed
from services.review.cases.page.shown_case import CasePages, CasePagesDep
from services.review.cases.queue import case_lists, queue_page, queue_view, saved_views
from services.review.cases.queue.preferences import PreferencesDep
from services.review.cases.queue.queue_page import QueueFilters, QueuePage
from services.review.cases.queue.queue_view import Place, case_number, view_of
from services.review.cases.related import link_store
from services.review.cases.request_dependencies import CommandsDep, PublishedDep
from services.review.cases.writing import form_words
from services.review.cases.writing.form_words import FormWords, unix_lines
from services.review.people import store as people
from services.review.people.authentication import PersonFirst
from services.review.people.pages import Visitor, VisitorDep
from services.review.web.templating import Flash, Live, flash_of, render
from services.review.web.translation import reader
from services.runtime import clock
from services.runtime.errors import Conflict, InvalidInput, NotFound

router = APIRouter(include_in_schema=False, route_class=PersonFirst)

LOOK_AGAIN = "4"  # seconds: an empty queue with drafts on their way fills by itself, also without scripts


class CaseForm(FormWords):
    """Whatever a form of the case page sends. What it lacks is empty, and the rules say what is missing."""

    version: int
    view: Prose = ""
    """The list that the case was opened from, as the queue's own query string."""
    wish: list[Prose] = []
    """Of the common wishes for another draft those that were ticked."""
    category: Prose = ""
    department: Prose = ""
    urgency: Prose = ""
    letter: Prose = ""
    email: Prose = ""
    to: Prose = ""
    into: Prose = ""
    confirm_recipient: bool = False
    confirm_follow_up: bool = False
    although_claimed: bool = False
    attachments: list[Prose] | None = None
    looked_at: list[Prose] = []
    """Figures that no passage supports and that were ticked."""
    shown: Prose = ""
    group: UUID | None = None
    how: Prose = ""
    given_at: Prose = ""
    doubts_shown: Annotated[int, Field(ge=0)] = 0
    """How many of the quoted pages the person was told of, that they say something else now."""

    def with_wishes(self) -> Self:
        """The same with what was ticked before what was written."""
        return self.model_copy(update={"instructions": "\n".join(filter(None, (*self.wish, self.instructions.strip()))), "wish": []})

    def typed(self, name: str) -> Typed:
        """The person's own words, to come back with the page."""
        writes = name in ("approve", "edit")
        return Typed(
            action=name,
            subject=self.subject if writes else None,
            body=unix_lines(self.body) if writes else None,
            reason=self.reason,
            instructions=self.instructions,
            wishes=self.wish,
            category=self.category,
            department=self.department,
            urgency=self.urgency,
            letter=self.letter,
            email=self.email,
            to=self.to,
            confirm_recipient=self.confirm_recipient,
            confirm_follow_up=self.confirm_follow_up,
            although_claimed=self.although_claimed,
            looked_at=self.looked_at,
            attachments=self.attachments if writes else None,
            how=self.how,
            given_at=self.given_at,
            note=self.note,
        )


CaseFormDep = Annotated[CaseForm, Form()]


@router.get("/")
async def show_queue(
    filters: Annotated[QueueFilters, Query()],
    visitor: VisitorDep,
    commands: CommandsDep,
    published: PublishedDep,
    preferences: PreferencesDep,
) -> Response:
    """The queue: what cannot wait first. Whoever runs the machines has no letters here and begins at /ops."""
    if not visitor.person.reads_cases:
        return RedirectResponse("/ops", 303)
    person, now = visitor.person, clock.now()
    async with commands.database.reading() as session:
        live = Live(session=mark_of(visitor.csrf), after=await audit.newest(session), list=filters.live)
        query = await case_lists.searched(session, filters.query(person))
        listed = await case_lists.page_of(session, query)
        lines = await case_lists.with_source_changes(session, listed.lines, published, commands.taxonomy.day(now))
        lines = await link_store.with_follow_ups(session, lines, person.scope)
        counts = await case_lists.counts_of(session, query)
        emergencies = await case_lists.emergencies_of(session, query)
        names = await people.names(session)
        present = await presence_store.present(session, [case_line.request_id for case_line in lines], now)
        views = await saved_views.bar(session, filters, person, commands.taxonomy)
        colleagues = colleagues_of(person, await people.people(session, removed=False))
        written = await case_lists.languages(session, person.scope)
        texts = await store.texts_of(session, [line.request_id for line in lines]) if query.hits else {}
        above = await matter_lines.announced(session, person, now)
        strip = await queue_view.strip(session, filters.decided, flash_of(filters.flash), filters, person)
    shown = [
        queue_page.line(
            line, Place(line.request_id, filters).address(), commands.taxonomy, names, person, now, present.get(line.request_id, ())
        )
        for line in lines
    ]
    tabs = queue_page.tabs(filters, counts, emergencies)
    page = QueuePage(
        now=now,
        viewer=visitor.viewer,
        live=live,
        views=views,
        flash=None if strip else flash_of(filters.flash),
        just_decided=strip,
        tabs=tabs,
        elsewhere=queue_page.elsewhere(tabs, filters.tab) if query.hits else [],
        filters=filters,
        lines=queue_page.with_marks(shown, filters.q, texts) if query.hits else shown,
        hits=len(query.hits.request_ids) if query.hits else None,
        more_hits=query.hits.more if query.hits else False,
        next_address=filters.address(cursor=listed.next) if listed.next else None,
        previous_address=filters.address(cursor=listed.previous) if listed.previous else None,
        first_address=filters.address() if filters.cursor else None,
        clear_address=QueueFilters(tab=filters.tab).address(),
        coming=queue_page.coming(filters, counts) if not lines else 0,
        departments=queue_page.departments(commands.taxonomy, person),
        categories=queue_page.categories(commands.taxonomy),
        colleagues=colleagues,
        urgencies=list(Urgency),
        languages=queue_page.languages(written, filters.language),
        preferences=preferences,
        back=queue_view.queue_address(filters),
        rising=above.groups,
        matters=above.matters,
    )
    answer = render("queue.html", page)
    if page.coming:
        answer.headers["Refresh"] = LOOK_AGAIN
    return answer


@router.get("/cases/{request_id}")
async def show_case(
    request_id: UUID, pages: CasePagesDep, flash: str | None = None, view: str | None = None, decided: str | None = None
) -> Response:
    """The whole decision on one screen. `decided` is the case before it, which the person has just dealt with."""
    return await pages.show(request_id, flash=flash_of(flash), view=view_of(view), decided=_id(decided))


def _id(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


DONE: dict[str, Flash] = {
    "claim": Flash.CLAIMED,
    "release": Flash.RELEASED,
    "take-over": Flash.TAKEN_OVER,
    "assign": Flash.ASSIGNED,
    "forward": Flash.FORWARDED,
    "correct": Flash.CORRECTED,
    "written-by-person": Flash.WRITTEN_BY_PERSON,
    "redraft": Flash.REDRAFTING,
    "approve": Flash.APPROVED,
    "send-back": Flash.SENT_BACK,
    "recall": Flash.RECALLED,
    "reject": Flash.REJECTED,
    "close": Flash.CLOSED,
    "answer-by-hand": Flash.ANSWERED_BY_HAND,
    "join": Flash.JOINED,
    "separate": Flash.SEPARATED,
    "confirm-delivery": Flash.CONFIRMED,
    "record-delivery": Flash.RECORDED,
    "correct-recipient": Flash.RECIPIENT_CORRECTED,
    "send-again": Flash.SENDING_AGAIN,
}
"""What the page says after each action."""


def _action(name: str, form: CaseForm) -> Action:
    """The form's fields that the action has; one left empty counts as absent, and the rules say what is missing."""
    sent: dict[str, Any] = {}
    for asked in dataclasses.fields(ACTIONS[name]):
        value = getattr(form, asked.name)
        sent[asked.name] = unix_lines(value) if isinstance(value, str) else value
        if asked.name == "attachments" and value is not None:  # an empty one says that none is ticked
            sent[asked.name] = tuple(filter(None, value))
        if asked.default is None and name != "approve":  # whoever empties a reply has emptied it
            sent[asked.name] = value or None
    if form.draft_id is None and "draft_id" in sent:
        raise InvalidInput("draft_id: the form names no draft; load the page again", field="draft_id")
    if form.urgency and "urgency" in sent:
        if form.urgency not in set(Urgency):
            raise InvalidInput(f"urgency: there is no {form.urgency!r}; use one of {', '.join(Urgency)}", field="urgency")
        sent["urgency"] = Urgency(form.urgency)
    if form.letter and form.letter not in LETTER_KINDS and "letter" in sent:
        raise InvalidInput(f"letter: there is no {form.letter!r}; use one of {', '.join(LETTER_KINDS)}", field="letter")
    if "into" in sent:
        sent["into"] = case_number(form.into, "into")
    if form.given_at and "given_at" in sent:
        sent["given_at"] = _moment(form.given_at)
    return ACTIONS[name](**sent)


def _moment(typed: str) -> datetime:
    """What a person typed into a field for a moment, in their zone, as the field says."""
    try:
        moment = datetime.fromisoformat(typed)
    except ValueError:
        raise InvalidInput(f"given_at: {typed!r} is no date with a time, as 2026-03-02T14:30", field="given_at") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=reader().zone).astimezone(UTC)


@router.post("/cases/{request_id}/{name}")
async def act(request: Request, request_id: UUID, name: str, form: CaseFormDep, pages: CasePagesDep) -> Response:
    """Does one thing to the case. What can't be done comes back with the case as it is now and with what was typed."""
    visitor, commands, view = pages.visitor, pages.commands, view_of(form.view)
    try:
        page = await form_words.keep(request_id, name, form, visitor.person, commands)
        following = await _following(request_id, name, view, visitor, commands)
        if name == "edit":
            flash = Flash.SAVED
        elif name in ACTIONS:
            if name == "approve":
                await _must_know_of_changed_pages(request_id, form, pages)
            changed = await commands.act(request_id, form.version, _action(name, form.with_wishes()), visitor.person, page)
            if changed.invented_for and changed.state is State.CLOSED:
                return RedirectResponse(queue_view.case_address(request_id, view), 303)
            flash = Flash.APPROVED_BY_HAND if name == "approve" and not changed.address else DONE[name]
            if name == "approve" and changed.first_approval:
                flash = Flash.FIRST_APPROVED if changed.first_approval.by == visitor.person.email else Flash.LOOKED
        else:
            raise NotFound(f"there is nothing to do at {request.url.path}")
    except (InvalidInput, Conflict) as error:
        return await pages.show(request_id, error=error, view=view, typed=form.typed(name))
    if view and flash is not Flash.LOOKED and queue_view.leaves_the_view(name, view):
        decided = str(request_id)
        onward = (
            following.address(decided=decided, flash=flash) if following else queue_view.queue_address(view, decided=decided, flash=flash)
        )
        return RedirectResponse(onward, 303)
    # A case that moved to another department is no longer theirs to see.
    async with commands.database.reading() as session:
        case = await store.look(session, request_id)
    theirs = rules.in_scope(case, visitor.person)
    if not theirs:
        return RedirectResponse(queue_view.queue_address(view, flash=flash) if view else f"/?flash={flash}", 303)
    return RedirectResponse(queue_view.case_address(request_id, view, flash=flash), 303)


async def _following(request_id: UUID, name: str, view: QueueFilters | None, visitor: Visitor, commands: CaseCommands) -> Place | None:
    """The case to go on with after this one, looked up while this one still has its place in the list."""
    if not view or not queue_view.leaves_the_view(name, view):
        return None
    async with commands.database.reading() as session:
        rules.visible(await store.look(session, request_id), visitor.person)
        return await queue_view.following(session, view, visitor.person, request_id, round_again=True)


async def _must_know_of_changed_pages(request_id: UUID, form: CaseForm, pages: CasePages) -> None:
    """Raises Conflict where a quoted page became another while the person was reading."""
    async with pages.commands.database.reading() as session:
        case = rules.visible(await store.look(session, request_id), pages.visitor.person)
    citations = case.draft.citations if case.draft and case.decidable else []
    if len(published_pages.doubts(citations, pages.published, pages.commands.taxonomy.day(clock.now()))) > form.doubts_shown:
        raise Conflict("a page that the draft quotes has changed while you were reading: compare, then approve again if it still fits")
