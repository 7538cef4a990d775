"""Builds the queue page: its tabs, filters, lines and choices."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

from pydantic import BaseModel, ConfigDict, StringConstraints, model_validator

from schemas.invisible_characters import comparable
from schemas.values import Prose, Urgency
from services.domain.language_names import language_name
from services.domain.taxonomy import Taxonomy
from services.review.cases.case_state import WAITS_FOR_SOMEBODY, State
from services.review.cases.daily_figures.cases_behind import Behind
from services.review.cases.emerging.matter_lines import MatterLine
from services.review.cases.groups.rising_groups import RisingGroup
from services.review.cases.live.presence import Colleague, Present, colleagues
from services.review.cases.page.just_decided import JustDecided
from services.review.cases.page.published_pages import Change
from services.review.cases.queue import case_lists, list_order
from services.review.cases.queue.case_lists import Count
from services.review.cases.queue.preferences import Preferences
from services.review.cases.queue.saved_view_bar import ViewBar
from services.review.cases.search import search_marks, search_words
from services.review.cases.search.search_marks import Piece, Snippet
from services.review.people.rules import Person
from services.review.web.templating import Choice, LiveList, Page
from services.review.web.translation import reader
from services.runtime import clock

LINES = 50


class Tab(StrEnum):
    """What a person looks for: states by what is to be done about them."""

    SORT = "sort"
    DECIDE = "decide"
    BY_HAND = "by-hand"
    DRAFTING = "drafting"
    LEAVING = "leaving"
    UNDELIVERED = "undelivered"
    SENT = "sent"
    CLOSED = "closed"
    OPEN = "open"
    ALL = "all"


STATES: dict[Tab, tuple[State, ...]] = {
    Tab.SORT: (State.NEEDS_TRIAGE,),
    Tab.DECIDE: (State.AWAITING_APPROVAL,),
    Tab.BY_HAND: (State.BY_HAND,),
    Tab.DRAFTING: (State.RECEIVED, State.DRAFTING),
    Tab.LEAVING: (State.APPROVED,),
    Tab.UNDELIVERED: (State.DELIVERY_FAILED, State.DELIVERY_UNCERTAIN),
    Tab.SENT: (State.SENT,),
    Tab.CLOSED: (State.CLOSED,),
    Tab.OPEN: tuple(state for state in State if state in WAITS_FOR_SOMEBODY),
    Tab.ALL: tuple(State),
}

DONE = frozenset({Tab.SENT, Tab.CLOSED, Tab.LEAVING})
WAITING = frozenset({Tab.SORT, Tab.DECIDE, Tab.BY_HAND, Tab.UNDELIVERED})


class QueueFilters(Behind):
    """What the address asks for. An empty choice is no choice."""

    model_config = ConfigDict(frozen=True)

    tab: Tab = Tab.DECIDE
    agency: Prose = ""
    department: Prose = ""
    category: Prose = ""
    urgency: Urgency | None = None
    language: Prose = ""
    mine: bool = False
    unassigned: bool = False
    urgent: bool = False
    """Emergencies and what is of high urgency."""
    overdue: bool = False
    second_approval: bool = False
    from_machine: bool = False
    """Mail that a machine wrote."""
    mentions: bool = False
    """Where somebody is mentioned in a note and has not put it aside."""
    q: Annotated[str, StringConstraints(max_length=200, strip_whitespace=True)] = ""
    sort: list_order.Sort | None = None
    cursor: Prose = ""
    flash: Prose = ""
    decided: UUID | None = None

    @model_validator(mode="before")
    @classmethod
    def _without_empty_choices(cls, sent: object) -> object:
        # A form sends every select, also the one that says "any".
        if not isinstance(sent, dict):
            return sent
        return {
            name: value for name, value in sent.items() if value is not None and (not isinstance(value, str) or comparable(value).strip())
        }

    @property
    def order(self) -> list_order.Sort:
        """Open work by urgency, what is done by date."""
        return self.sort or ("-received" if self.tab in DONE else "urgency")

    @property
    def narrowed(self) -> bool:
        """Whether fewer cases are shown than the tab has."""
        return bool(self.q or self.chosen)

    @property
    def chosen(self) -> int:
        """How many filters are set beside the words that are looked for."""
        choices = (self.agency, self.department, self.category, self.urgency, self.language, self.mine, self.unassigned, self.urgent)
        return sum(map(bool, (*choices, self.overdue, self.second_approval, self.from_machine, self.mentions, self.of_figures)))

    def query(self, person: Person) -> case_lists.Query:
        """The same for the store, within what the person may see."""
        return case_lists.Query(
            states=STATES[self.tab],
            department=self.department or None,
            scope=person.scope,
            agency=self.agency or None,
            behind=self if self.of_figures else None,
            reader=person.email,
            category=self.category or None,
            urgency=self.urgency,
            language=self.language or None,
            assignee=person.email if self.mine else None,
            unassigned=self.unassigned,
            urgent=self.urgent,
            second_approval=self.second_approval,
            from_machine=self.from_machine,
            mentioned=person.email if self.mentions else None,
            overdue_since=clock.now() if self.overdue else None,
            text=self.q or None,
            sort=self.order,
            cursor=self.cursor or None,
            limit=LINES,
        )

    @property
    def live(self) -> LiveList:
        """The same for the page, which is told of changes."""
        return LiveList(
            states=[state.value for state in STATES[self.tab]] if self.tab is not Tab.ALL else [],
            department=self.department,
            category=self.category,
            urgency=self.urgency or "",
            language=self.language,
            mine=self.mine,
            unassigned=self.unassigned,
            urgent=self.urgent,
            search=bool(self.q or self.agency) or self.mentions or self.second_approval or self.from_machine or self.of_figures,
        )

    def address(self, **changed: str) -> str:
        """The queue's address with these filters, some of them changed."""
        shown = self.model_dump(mode="json", exclude={"cursor", "flash", "decided"}) | changed
        kept = {name: "true" if value is True else value for name, value in shown.items() if value}
        return f"/?{urlencode(kept)}"


class QueueTab(BaseModel):
    """One tab with how many cases it holds and where it leads."""

    tab: Tab
    count: int
    more: bool
    """Whether there are more: then they are counted no further."""
    emergencies: int
    address: str
    current: bool


class QueueLine(BaseModel):
    """One case in the queue."""

    request_id: UUID
    version: int
    address: str
    state: State
    subject: str
    category: str
    department: str
    confidence: float | None
    urgency: Urgency
    language: str | None
    received_at: datetime
    due_at: datetime | None
    overdue: bool
    assignee: str | None
    mine: bool
    present: list[Colleague] = []
    """Colleagues who have it open now."""
    perhaps_in_danger: bool = False
    second_approval: bool = False
    from_machine: bool = False
    follow_up: bool = False
    source_change: Change | None = None
    """What became of a page that its draft quotes, while the draft waits."""
    marked_subject: tuple[Piece, ...] = ()
    snippet: Snippet | None = None
    """Where the words that were looked for stand, outside of the subject."""


class QueuePage(Page):
    """The queue."""

    just_decided: JustDecided | None
    views: ViewBar
    tabs: list[QueueTab]
    filters: QueueFilters
    lines: list[QueueLine]
    next_address: str | None
    previous_address: str | None
    first_address: str | None
    clear_address: str
    coming: int
    departments: list[Choice]
    categories: list[Choice]
    colleagues: list[Choice]
    """To whom cases may be given."""
    urgencies: list[Urgency]
    languages: list[Choice]
    preferences: Preferences
    back: str
    hits: int | None = None
    """How many cases of this view hold what was looked for; at least so many where there are `more_hits`."""
    more_hits: bool = False
    elsewhere: list[QueueTab] = []
    """Other lists that hold cases of what was looked for."""
    rising: list[RisingGroup] = []
    """Groups of messages that rise."""
    matters: list[MatterLine] = []
    """What many people begin to write about."""


def with_marks(shown: Sequence[QueueLine], text: str, texts: Mapping[UUID, Mapping[str, str]]) -> list[QueueLine]:
    """The same lines with what was looked for marked in them, and the place in a long text where it stands."""
    sought = search_words.sought(text)
    return [
        line.model_copy(
            update={
                "marked_subject": search_marks.pieces(line.subject, sought),
                "snippet": search_marks.snippet(texts.get(line.request_id, {}), sought),
            }
        )
        for line in shown
    ]


def coming(filters: QueueFilters, counts: Mapping[State, Count]) -> int:
    """How many cases are on their way to an empty tab, so that it is worth looking again."""
    waits = {Tab.DECIDE: STATES[Tab.DRAFTING], Tab.SORT: (State.RECEIVED,)}.get(filters.tab, ())
    return 0 if filters.narrowed else sum(counts[state].number for state in waits if state in counts)


def tabs(filters: QueueFilters, counts: Mapping[State, Count], emergencies: Mapping[State, int]) -> list[QueueTab]:
    """Every tab, with the cases that fit the filters, and how many emergencies wait in it."""
    return [
        QueueTab(
            tab=tab,
            count=sum(counts[state].number for state in states if state in counts),
            more=any(counts[state].more for state in states if state in counts),
            emergencies=sum(emergencies.get(state, 0) for state in states) if tab in WAITING else 0,
            address=filters.address(tab=tab.value, sort=""),
            current=tab is filters.tab,
        )
        for tab, states in STATES.items()
    ]


def elsewhere(tabs: Sequence[QueueTab], current: Tab) -> list[QueueTab]:
    """The tabs that hold cases which the current one can't have; those of several states only repeat them."""
    shown = set(STATES[current])
    return [tab for tab in tabs if tab.count and tab.tab not in (Tab.OPEN, Tab.ALL) and not shown.issuperset(STATES[tab.tab])]


def line(
    case_line: case_lists.Line,
    address: str,
    taxonomy: Taxonomy,
    names: Mapping[str, str],
    person: Person,
    now: datetime,
    present: Sequence[Present] = (),
) -> QueueLine:
    """A case as it is shown, with the agency's own names."""
    waits = case_line.state not in (State.SENT, State.CLOSED, State.APPROVED)
    return QueueLine(
        request_id=case_line.request_id,
        version=case_line.version,
        address=address,
        state=case_line.state,
        subject=case_line.subject,
        category=taxonomy.label(case_line.category, reader().language) if case_line.category else "",
        department=taxonomy.department_label(case_line.department, reader().language) if case_line.department else "",
        confidence=case_line.confidence,
        urgency=case_line.urgency,
        language=case_line.language,
        received_at=case_line.received_at,
        due_at=case_line.due_at if waits else None,
        overdue=bool(waits and case_line.due_at and case_line.due_at < now),
        assignee=names.get(case_line.assignee, case_line.assignee) if case_line.assignee else None,
        mine=case_line.assignee == person.email,
        present=colleagues(person, present, names),
        perhaps_in_danger=case_line.perhaps_in_danger,
        second_approval=case_line.second_approval,
        from_machine=case_line.from_machine,
        follow_up=case_line.follow_up,
        source_change=case_line.source_change,
    )


def departments(taxonomy: Taxonomy, person: Person | None = None) -> list[Choice]:
    """The departments to choose from: for a filter, those whose cases the person may see."""
    seen = set(person.departments) if person and person.departments else set(taxonomy.departments)
    choices = [
        Choice(value=name, label=taxonomy.department_label(name, reader().language)) for name in taxonomy.departments if name in seen
    ]
    return sorted(choices, key=lambda choice: choice.label.casefold())


def categories(taxonomy: Taxonomy) -> list[Choice]:
    """The categories to choose from."""
    return sorted(
        (Choice(value=n, label=taxonomy.label(n, reader().language)) for n in taxonomy.names), key=lambda choice: choice.label.casefold()
    )


def languages(written: Sequence[str], chosen: str) -> list[Choice]:
    """The languages that cases are written in, by name; the one asked for stays, also once its last case is gone."""
    codes = {*written, chosen} - {""}
    return sorted((Choice(value=code, label=language_name(code)) for code in codes), key=lambda choice: choice.label.casefold())
