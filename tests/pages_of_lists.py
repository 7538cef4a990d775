"""Pages of lists compared with what is cut out of all cases, the same for both databases."""

import dataclasses
import random
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa

from schemas.values import Urgency
from services.review.cases import store
from services.review.cases.case_state import Case, State
from services.review.cases.deciding import rules
from services.review.cases.queue import case_lists, case_walk, list_order
from services.review.cases.queue.case_lists import Query
from services.review.cases.queue.list_order import START, Sort
from services.review.people.rules import Person, Role
from services.runtime.database import Database, lines
from tests.case_builders import NOW
from tests.counts_examples import AGENCIES, CATEGORIES, SCOPES, a_drawn_case

SORTS: tuple[Sort, ...] = ("urgency", "due", "received", "-received")
LIMIT = 7


async def are_those_of_all_cases(database: Database, chance: random.Random) -> None:
    """Walks through every kind of list to its end and back."""
    cases = [_with_times(a_drawn_case(chance), chance) for _ in range(150)]
    async with database.transaction() as session:
        for case in cases:
            await store.save(session, case, None)
        rows = await lines(session, sa.select(*case_walk.key_columns()))
    key_of = {row.request_id: list_order.Key(*tuple(row)) for row in rows}
    for sort in SORTS:
        for scope in SCOPES:
            query = Query(
                scope=scope,
                states=chance.choice(((), (State.AWAITING_APPROVAL,), (State.SENT, State.CLOSED, State.NEEDS_TRIAGE))),
                category=chance.choice((None, *CATEGORIES)),
                language=chance.choice((None, None, "fr", "ar")),
                urgency=chance.choice((None, None, Urgency.HIGH)),
                agency=chance.choice((None, None, *AGENCIES)),
                assignee=chance.choice((None, None, "anna@city.example")),
                sort=sort,
                limit=LIMIT,
            )
            theirs = [key_of[case.request_id] for case in cases if _fits(case, query)]
            await _walk(database, query, theirs)


def _with_times(case: Case, chance: random.Random) -> Case:
    at = NOW + timedelta(hours=chance.randrange(9))
    request = case.request and case.request.model_copy(update={"received_at": at})
    due = chance.choice((None, at + timedelta(days=chance.randrange(4))))
    return case.model_copy(update={"request": request, "due_at": due})


def _fits(case: Case, query: Query) -> bool:
    reader = Person("r@city.example", "R", Role.CASEWORKER, query.scope.departments, query.scope.agencies)
    wanted = (
        (query.category, case.category), (query.urgency, case.urgency), (query.agency, case.agency), (query.assignee, case.assignee),
        (query.language, case.triage and case.triage.language.code),
    )  # fmt: skip
    return (
        case.request is not None
        and rules.in_scope(case, reader)
        and (not query.states or case.state in query.states)
        and all(asked is None or asked == value for asked, value in wanted)
    )


async def _walk(database: Database, query: Query, theirs: Sequence[list_order.Key]) -> None:
    cursor = START
    shown: list[UUID] = []
    while True:
        cut = list_order.cut(theirs, query.sort, cursor, LIMIT)
        page = await _page(database, query, cursor)
        assert [line.request_id for line in page.lines] == [key.request_id for key in cut.keys], query
        assert page.next == list_order.written(cut.next, query.sort)
        assert page.previous == list_order.written(cut.previous, query.sort)
        shown += [line.request_id for line in page.lines]
        if cut.next is None:
            break
        cursor = cut.next
    assert sorted(shown) == sorted(key.request_id for key in theirs)
    previous = cut.previous
    while previous is not None:
        cut = list_order.cut(theirs, query.sort, previous, LIMIT)
        page = await _page(database, query, previous)
        assert [line.request_id for line in page.lines] == [key.request_id for key in cut.keys], query
        previous = cut.previous


async def _page(database: Database, query: Query, cursor: list_order.Cursor) -> case_lists.ListPage:
    text = list_order.written(cursor, query.sort) if cursor.shown_until else None
    async with database.reading() as session:
        return await case_lists.page_of(session, dataclasses.replace(query, cursor=text))
