"""The view of the queue that a case was opened from: read from an address, and what comes before and after a case in it.

One page of the list is read, and at its edge the beginning of the next: never all cases.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from pydantic import ValidationError

from services.review.cases import store
from services.review.cases.case_state import State
from services.review.cases.page.just_decided import JustDecided, just_decided
from services.review.cases.queue import case_lists
from services.review.cases.queue.case_lists import Line, ListPage
from services.review.cases.queue.list_order import FAR, RANKS, Sort
from services.review.cases.queue.queue_page import STATES, QueueFilters, Tab
from services.review.people.rules import Person
from services.review.web.templating import Flash
from services.runtime.database import Session
from services.runtime.errors import InvalidInput, NotFound

LONGEST = 4_000
"""Characters of a view: the place in a list that many agencies share is the longest part."""
PARTS = frozenset(QueueFilters.model_fields) - {"flash", "decided"}


@dataclass(frozen=True)
class Place:
    """A case and the page of the view that it is on."""

    request_id: UUID
    view: QueueFilters

    def address(self, **more: str) -> str:
        """Where the case is read as a part of the view."""
        return case_address(self.request_id, self.view, **more)


def view_of(text: str | None) -> QueueFilters | None:
    """The view that an address names. None where it names none, or holds anything but the queue's own choices."""
    if not text or len(text) > LONGEST:
        return None
    try:
        chosen = parse_qsl(text, max_num_fields=len(PARTS))
        return QueueFilters.model_validate(dict(chosen)) if chosen and {name for name, _ in chosen} <= PARTS else None
    except (ValidationError, ValueError):
        return None


def view_of_state(state: State) -> QueueFilters:
    """The view in which cases of that state are worked on."""
    return QueueFilters(tab=next(tab for tab, states in STATES.items() if state in states))


def view_text(view: QueueFilters) -> str:
    """The view as an address carries it: filters, order and page."""
    return view.address(cursor=view.cursor).removeprefix("/?")


def case_address(request_id: UUID, view: QueueFilters | None = None, **more: str) -> str:
    """Where the case is read; with a view, as a part of it."""
    query = ({"view": view_text(view)} if view else {}) | {name: value for name, value in more.items() if value}
    return f"/cases/{request_id}" + (f"?{urlencode(query)}" if query else "")


def case_number(text: str, field: str) -> UUID:
    """The case that somebody names, by its number or by the address of its page. Raises InvalidInput."""
    try:
        return UUID(text.strip().rpartition("/")[2].partition("?")[0].partition("#")[0])
    except ValueError:
        raise InvalidInput(f"{field}: give the number of a case, or the address of its page", field=field) from None


def queue_address(view: QueueFilters, request_id: UUID | None = None, **more: str) -> str:
    """Where the view is listed, at the row of the case."""
    return view.address(cursor=view.cursor, **more) + (f"#case-{request_id}" if request_id else "")


def leaves_the_view(name: str, view: QueueFilters) -> bool:
    """Whether a case is dealt with by that action, so that the next of the view is wanted."""
    return name in ("approve", "reject", "send-back", "close", "answer-by-hand", "join") or (name == "correct" and view.tab is Tab.SORT)


async def strip(
    session: Session, request_id: UUID | None, flash: Flash | None, view: QueueFilters | None, person: Person
) -> JustDecided | None:
    """What was just done to the case that the address names. None where it names no case, or nothing that was done."""
    if not request_id or not flash:
        return None
    try:
        case = await store.look(session, request_id)
    except NotFound:
        return None
    decided = await store.decisions_of(session, request_id)
    last = next((decision for decision, recalled_at in reversed(decided) if not recalled_at), None)
    return just_decided(case, flash, view_text(view) if view else "", case_address(request_id, view), person, last)


Find = Callable[[Session, QueueFilters, Person, UUID], Awaitable[Place | None]]
"""Looks for a case beside another one in a view, for that person: `following` or `preceding`."""


async def following(session: Session, view: QueueFilters, person: Person, request_id: UUID, *, round_again: bool = False) -> Place | None:
    """The case after this one; `round_again` begins anew behind the last."""
    shown, view = await _page(session, view, person)
    later = await _beyond(session, shown.lines, view, person, request_id)
    if later:
        return Place(later[0].request_id, view)
    if not (shown.next or round_again):
        return None
    if shown.next or view.cursor:
        shown, view = await _page(session, view.model_copy(update={"cursor": shown.next or ""}), person)
    return next((Place(line.request_id, view) for line in shown.lines if line.request_id != request_id), None)


async def preceding(session: Session, view: QueueFilters, person: Person, request_id: UUID) -> Place | None:
    """The case before this one."""
    shown, view = await _page(session, view, person)
    later = await _beyond(session, shown.lines, view, person, request_id)
    earlier = shown.lines[: len(shown.lines) - len(later)]
    if shown.previous and not any(line.request_id != request_id for line in earlier):
        shown, view = await _page(session, view.model_copy(update={"cursor": shown.previous}), person)
        earlier = shown.lines
    return next((Place(line.request_id, view) for line in reversed(earlier) if line.request_id != request_id), None)


async def _page(session: Session, view: QueueFilters, person: Person) -> tuple[ListPage, QueueFilters]:
    """One page of the view; its first where the address leads to none."""
    try:
        return await case_lists.page_of(session, view.query(person)), view
    except InvalidInput:
        view = view.model_copy(update={"cursor": ""})
        return await case_lists.page_of(session, view.query(person)), view


async def _beyond(session: Session, lines: Sequence[Line], view: QueueFilters, person: Person, request_id: UUID) -> Sequence[Line]:
    """The lines after the case: after its place where it is in the list, else after where it would be."""
    place = next((place for place, line in enumerate(lines) if line.request_id == request_id), None)
    if place is not None:
        return lines[place + 1 :]
    case_line = (await case_lists.lines_of(session, [request_id], person.scope)).get(request_id)
    return after(case_line, lines, view.order) if case_line else lines


def after(case_line: Line, lines: Sequence[Line], sort: Sort) -> Sequence[Line]:
    """The lines that come later in that order than a case that is not among them."""
    own = _order(case_line, sort)
    return [line for line in lines if _order(line, sort) > own]


def _order(line: Line, sort: Sort) -> tuple[Any, ...]:
    danger, received = -(line.danger or -1), line.received_at.timestamp()
    due = line.due_at or FAR
    match sort:
        case "urgency":
            return danger, RANKS[line.urgency], due, received, str(line.request_id)
        case "due":
            return danger, due, received, str(line.request_id)
        case "received":
            return danger, received, str(line.request_id)
        case _:
            return danger, -received
