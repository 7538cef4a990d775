"""Database queries of case lists: filters, orders, keyset pages, counts and choices, within a person's scope."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict
from sqlmodel import col

from schemas.drafts_proposed import Citation
from schemas.values import Urgency
from services.review.cases import store
from services.review.cases.attention_checks import check_store
from services.review.cases.case_state import State
from services.review.cases.daily_figures import cases_behind
from services.review.cases.daily_figures.cases_behind import Behind
from services.review.cases.notes.note_tables import MentionRow
from services.review.cases.page.published_pages import Change, PublishedPages, doubts
from services.review.cases.queue import case_walk, counts_store, list_order
from services.review.cases.queue.list_order import THOUSANDTHS, Cursor, Key, Sort
from services.review.cases.search import search_store
from services.review.cases.search.search_document import facet
from services.review.cases.search.search_store import Hits
from services.review.cases.tables import AWAITED, WHOLE, CaseRow
from services.review.people.rules import EVERYTHING, Scope
from services.runtime.database import Session, lines

MOST_COUNTED = 500
URGENT = (Urgency.EMERGENCY, Urgency.HIGH)


class Line(BaseModel):
    """A case as one line of the queue, on the page and in the API."""

    model_config = ConfigDict(frozen=True)

    request_id: UUID
    agency: str
    state: State
    subject: str
    category: str | None
    confidence: float | None
    department: str | None
    urgency: Urgency
    language: str | None
    received_at: datetime
    due_at: datetime | None
    assignee: str | None
    version: int
    danger: float | None = None
    """How sure it is that somebody is in danger, while that waits for somebody."""
    perhaps_in_danger: bool = False
    """Triage was in doubt whether there is danger, and nobody has looked yet."""
    second_approval: bool = False
    """An approval waits for a second person."""
    from_machine: bool = False
    """A machine wrote it, as the headers of its mail say."""
    follow_up: bool = False
    """It follows another case that whoever looks may see."""
    source_change: Change | None = None
    """What became of a page that its draft quotes, while the draft waits."""


@dataclass(frozen=True)
class Query:
    """The filters, order and page of a list, and the person's scope."""

    states: tuple[State, ...] = ()
    department: str | None = None
    scope: Scope = EVERYTHING
    reader: str | None = None
    """Whose list it is: attention checks that wait for them stand in it."""
    category: str | None = None
    urgency: Urgency | None = None
    language: str | None = None
    agency: str | None = None
    assignee: str | None = None
    unassigned: bool = False
    urgent: bool = False
    second_approval: bool = False
    from_machine: bool = False
    mentioned: str | None = None
    overdue_since: datetime | None = None
    """Only what is waited for and was due before that moment."""
    behind: Behind | None = None
    """Only what stands behind that figure."""
    text: str | None = None
    hits: Hits | None = None
    """The cases that hold `text`, once they are looked for."""
    sort: Sort = "urgency"
    cursor: str | None = None
    limit: int = 50


def conditions_of(query: Query) -> list[Any]:
    """What a case of the list fulfils."""
    # A case is there for people once it holds the message: until then the request is the broker's alone.
    conditions: list[Any] = [WHOLE]
    for column, wanted in (
        (CaseRow.department, query.department),
        (CaseRow.category, query.category),
        (CaseRow.urgency, query.urgency),
        (CaseRow.language, query.language),
        (CaseRow.agency, query.agency),
        (CaseRow.assignee, query.assignee),
    ):
        if wanted is not None:
            conditions.append(col(column) == wanted)
    if query.urgency is not None:
        conditions.append(col(CaseRow.urgency_rank) == list_order.RANKS[query.urgency])
    if query.unassigned:
        conditions.append(col(CaseRow.assignee).is_(None))
    if query.mentioned:
        conditions.append(
            col(CaseRow.request_id).in_(sa.select(col(MentionRow.request_id)).where(col(MentionRow.email) == query.mentioned))
        )
    if query.urgent:
        conditions.append(col(CaseRow.urgency_rank).in_([list_order.RANKS[urgency] for urgency in URGENT]))
    conditions += [sa.text("review_cases.second_approval")] * query.second_approval
    conditions += [sa.text("review_cases.from_machine")] * query.from_machine
    if query.overdue_since:
        conditions += [col(CaseRow.due_at) < query.overdue_since, AWAITED]
    conditions += cases_behind.conditions(query.behind, query.category)
    if query.states:
        conditions.append(col(CaseRow.state).in_([s.value for s in query.states]))
    if query.hits is not None:
        conditions.append(col(CaseRow.request_id).in_(query.hits.request_ids))
    conditions.extend(in_scope(query.scope))
    return conditions


def facets_of(query: Query) -> list[list[str]]:
    """The filters and the scope of a list as the search index knows them."""
    facets = [[facet("state", state.value) for state in query.states]] if set(query.states) != set(State) else []
    wanted = {
        "department": query.department,
        "category": query.category,
        "urgency": query.urgency,
        "language": query.language,
        "agency": query.agency,
        "assignee": query.assignee,
    }
    facets += [[facet(kind, value)] for kind, value in wanted.items() if value is not None]
    if query.unassigned:
        facets.append([facet("assignee", None)])
    if query.urgent:
        facets.append([facet("urgency", urgency.value) for urgency in URGENT])
    facets.append([facet("agency", agency) for agency in query.scope.agencies])
    if query.scope.departments:
        theirs = [facet("department", department) for department in (*query.scope.departments, None)]
        facets.append([*theirs, facet("everybodys", "yes")])
    return [any_of for any_of in facets if any_of]


async def searched(session: Session, query: Query) -> Query:
    """The same query with the cases that hold its words."""
    if not query.text:
        return query
    return dataclasses.replace(query, hits=await search_store.hits(session, query.text, facets_of(query)))


def in_scope(scope: Scope) -> list[Any]:
    """The conditions on a case that leave what somebody may see: the same as `rules.in_scope`, for every query about cases."""
    conditions: list[Any] = []
    if scope.agencies:
        conditions.append(col(CaseRow.agency).in_(scope.agencies))
    if scope.departments:
        conditions.append(col(CaseRow.department).in_(scope.departments) | col(CaseRow.department).is_(None) | col(CaseRow.everybodys))
    return conditions


@dataclass(frozen=True)
class ListPage:
    """One page of a list, with the cursors of the next page and of the one before, where there are such."""

    lines: list[Line]
    next: str | None
    previous: str | None


async def page(session: Session, query: Query) -> tuple[list[Line], str | None]:
    """One page of the queue, and the cursor of the next. A new case never shifts what was shown already."""
    shown = await page_of(session, query)
    return shown.lines, shown.next


async def page_of(session: Session, query: Query) -> ListPage:
    """One page of the queue. By urgency, agencies take turns within the same urgency: the first of each, then the second of each."""
    cursor = list_order.read(query.cursor, query.sort)
    query = query if query.hits else await searched(session, query)
    in_list = await checks(session, query)
    keys = [*await _keys(session, query, cursor), *(case_walk.key_of(row) for row in in_list)]
    cut = list_order.cut(keys, query.sort, cursor, query.limit)
    if cursor.back and not cut.keys:  # all that was before has left the list
        return await page_of(session, dataclasses.replace(query, cursor=None))
    columns = [getattr(CaseRow, name) for name in _LINE]
    request_ids = [key.request_id for key in cut.keys]
    rows = await lines(session, sa.select(*columns).where(col(CaseRow.request_id).in_(request_ids)))
    line_of = {line.request_id: line for line in map(_line, [*rows, *in_list])}
    shown = [line_of[request_id] for request_id in request_ids if request_id in line_of]
    return ListPage(shown, list_order.written(cut.next, query.sort), list_order.written(cut.previous, query.sort))


async def checks(session: Session, query: Query) -> list[CaseRow]:
    """The attention checks that stand in the list as if they were cases. A search finds none."""
    if query.reader is None or query.behind or query.text or query.mentioned or query.second_approval or query.from_machine:
        return []
    rows = [store.row_of(case) for case in await check_store.waiting(session, query.reader)]
    return [row for row in rows if fits(query, row)]


def fits(query: Query, row: CaseRow) -> bool:
    """Whether a row is one of the list: the same as `conditions_of`, without words, mentions and second approvals."""
    wanted = {
        "department": query.department,
        "category": query.category,
        "urgency": query.urgency,
        "language": query.language,
        "agency": query.agency,
        "assignee": query.assignee,
    }
    return (
        all(value is None or getattr(row, name) == value for name, value in wanted.items())
        and (not query.states or row.state in query.states)
        and not (query.unassigned and row.assignee)
        and not (query.urgent and row.urgency not in URGENT)
        and (query.overdue_since is None or (row.due_at is not None and row.due_at < query.overdue_since))
        and query.scope.has_agency(row.agency)
        and query.scope.has_department(None if row.everybodys else row.department)
    )


async def _keys(session: Session, query: Query, cursor: Cursor) -> list[Key]:
    """What the page is cut out of: all cases where they are few, else the first beyond the cursor."""
    conditions = conditions_of(query)
    if await _are_few(session, query) and (few := await case_walk.gathered(session, conditions)) is not None:
        return few
    agencies = await case_walk.agencies_of_cases(session)
    theirs = [name for name in agencies if query.agency in (None, name) and query.scope.has_agency(name)]
    conditions = conditions_of(dataclasses.replace(query, states=(), agency=None, scope=Scope(query.scope.departments)))
    return await case_walk.walked(session, conditions, query.states or tuple(State), theirs, query.sort, cursor, query.limit)


async def _are_few(session: Session, query: Query) -> bool:
    """Whether it is likely that so few cases match that all of them are read at once."""
    if query.hits is not None or query.overdue_since is not None or query.mentioned is not None or query.behind:
        return True
    if query.second_approval or query.from_machine:
        return True
    narrowed = [value for value in (query.category, query.language, query.department) if value]
    if query.assignee is not None or not narrowed or narrowed in ([query.category], [query.language]):
        return False  # an index holds these in the order of the list
    count_of = await counts_store.by_state(session, filters_of(query))
    return sum(count_of.values()) <= case_walk.MOST_GATHERED


def filters_of(query: Query) -> counts_store.Filters:
    """The filters of a list that cases are counted by."""
    urgencies = [urgency.value for urgency in Urgency if query.urgency in (None, urgency) and (not query.urgent or urgency in URGENT)]
    return counts_store.Filters(
        query.scope,
        query.states,
        query.agency,
        query.department,
        tuple(urgencies) if len(urgencies) < len(Urgency) else (),
        query.category,
        query.language,
    )


async def among(session: Session, query: Query, request_ids: Sequence[UUID]) -> list[UUID]:
    """Those of the given cases that a list holds, on whatever page."""
    conditions = conditions_of(dataclasses.replace(query, hits=None))
    rows = await lines(session, sa.select(col(CaseRow.request_id)).where(col(CaseRow.request_id).in_(request_ids), *conditions))
    theirs = [row.request_id for row in rows]
    return await search_store.among(session, query.text, theirs) if query.text else theirs


async def lines_of(session: Session, request_ids: Sequence[UUID], scope: Scope) -> dict[UUID, Line]:
    """The lines of the given cases that are in scope."""
    columns = [getattr(CaseRow, name) for name in _LINE]
    conditions = conditions_of(Query(scope=scope))
    rows = await lines(session, sa.select(*columns).where(col(CaseRow.request_id).in_(request_ids), *conditions))
    return {row.request_id: _line(row) for row in rows}


_LINE = (
    "request_id", "agency", "state", "title", "category", "confidence", "department", "urgency", "language", "received_at", "due_at",
    "assignee", "version", "pressing", "second_approval", "from_machine",
)  # fmt: skip


def _line(row: Any) -> Line:  # noqa: ANN401
    values = {name: getattr(row, name) for name in _LINE}
    pressing = values.pop("pressing")
    danger = (pressing - 1) / THOUSANDTHS if pressing else None
    doubt = danger is not None and values["urgency"] != Urgency.EMERGENCY
    return Line(subject=values.pop("title"), danger=danger, perhaps_in_danger=doubt, **values)


async def citations_of(session: Session, request_ids: Sequence[UUID]) -> dict[UUID, list[Citation]]:
    """What the current drafts of cases that wait for a decision rest on."""
    cited = col(CaseRow.draft)["citations"].label("citations")
    waiting = [State.AWAITING_APPROVAL.value, State.NEEDS_TRIAGE.value]
    conditions = (col(CaseRow.request_id).in_(request_ids), col(CaseRow.state).in_(waiting), col(CaseRow.draft).is_not(None))
    rows = await lines(session, sa.select(col(CaseRow.request_id), cited).where(*conditions))
    return {row.request_id: [Citation.model_validate(citation) for citation in row.citations or []] for row in rows}


async def with_source_changes(session: Session, shown: Sequence[Line], published: PublishedPages | None, today: date) -> list[Line]:
    """The same lines, marked where a page that the waiting draft quotes says something else now."""
    citations = await citations_of(session, [line.request_id for line in shown])
    changes = {request_id: doubt.change for request_id, cited in citations.items() for doubt in doubts(cited, published, today)[:1]}
    return [line.model_copy(update={"source_change": changes.get(line.request_id)}) for line in shown]


async def languages(session: Session, scope: Scope = EVERYTHING) -> list[str]:
    """Every language of the cases that somebody may see."""
    return await counts_store.languages(session, scope)


async def counts(session: Session, scope: Scope = EVERYTHING) -> dict[State, int]:
    """The number of cases by state."""
    return await counts_store.by_state(session, counts_store.Filters(scope))


@dataclass(frozen=True)
class Count:
    """How many cases; at least so many where there are `more`."""

    number: int = 0
    more: bool = False

    def __add__(self, other: "Count") -> "Count":
        return Count(self.number + other.number, self.more or other.more)


async def count_of(session: Session, query: Query) -> Count:
    """The number of cases of a list."""
    if query.hits:
        return Count(len(query.hits.request_ids), query.hits.more)
    by_state = await counts_of(session, query)
    return sum((by_state[state] for state in query.states or tuple(State)), Count())


def is_counted(query: Query) -> bool:
    """Whether counters are kept for all that the list is filtered by."""
    return not (
        query.text
        or query.assignee
        or query.unassigned
        or query.mentioned
        or query.second_approval
        or query.from_machine
        or query.overdue_since
        or query.behind
    )


async def counts_of(session: Session, query: Query) -> dict[State, Count]:
    """The number of cases of every state that fit the other filters, with the attention checks among them."""
    counted = await _counts_of(session, query)
    for row in await checks(session, dataclasses.replace(query, states=())):
        counted[State(row.state)] += Count(1)
    return counted


async def emergencies_of(session: Session, query: Query) -> dict[State, int]:
    """The emergencies of every state that fit the other filters: danger shows from any list, and none that a tab does not count."""
    if query.urgency not in (None, Urgency.EMERGENCY):
        return {}
    sought = dataclasses.replace(query, urgency=Urgency.EMERGENCY)
    return {state: count.number for state, count in (await counts_of(session, sought)).items()}


async def _counts_of(session: Session, query: Query) -> dict[State, Count]:
    """The number of cases of every state that fit the other filters. What no counter is kept for is counted up to a bound."""
    everywhere = dataclasses.replace(query, states=(), hits=None)
    if is_counted(query):
        return {state: Count(number) for state, number in (await counts_store.by_state(session, filters_of(everywhere))).items()}
    if query.text:
        everywhere = await searched(session, everywhere)
        more = bool(everywhere.hits and everywhere.hits.more)
        grouped = sa.select(col(CaseRow.state), sa.func.count().label("cases")).where(*conditions_of(everywhere))
        rows = await lines(session, grouped.group_by(col(CaseRow.state)))
        return dict.fromkeys(State, Count(0, more)) | {State(row.state): Count(row.cases, more) for row in rows}
    parts = []
    for state in State:
        conditions = conditions_of(dataclasses.replace(everywhere, states=(state,)))
        few = sa.select(col(CaseRow.request_id)).where(*conditions).limit(MOST_COUNTED + 1).subquery()
        parts.append(sa.select(sa.literal(state.value).label("state"), sa.func.count().label("cases")).select_from(few))
    count_of = {State(row.state): row.cases for row in await lines(session, sa.union_all(*parts))}
    return {state: Count(min(number, MOST_COUNTED), number > MOST_COUNTED) for state, number in count_of.items()}
