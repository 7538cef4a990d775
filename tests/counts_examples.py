"""Counts of cases after drawn changes, and what mends them: the same for both databases."""

import random
from collections import Counter
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlmodel import col, select

from schemas.requests_triaged import DetectedLanguage
from schemas.values import Urgency
from services.review.cases import store
from services.review.cases.case_state import Case, State
from services.review.cases.queue import case_lists, counts_store
from services.review.cases.queue.case_lists import Query
from services.review.cases.tables import CaseRow, CountRow
from services.review.people.rules import EVERYTHING, Scope
from services.runtime.database import Database
from tests.case_builders import NOW, received, triaged

AGENCIES, DEPARTMENTS, CATEGORIES = ("belrive", "harbour", "vale"), ("streets", "social", None), ("noise", "housing", "street_lighting")
SCOPES = (EVERYTHING, Scope(departments=("streets",)), Scope(agencies=("vale",)), Scope(("social",), ("belrive", "harbour")))


def a_drawn_case(chance: random.Random, request_id: UUID | None = None, agency: str | None = None) -> Case:
    """A case of any kind."""
    request_id, agency = request_id or uuid4(), agency or chance.choice(AGENCIES)
    language = DetectedLanguage(code=chance.choice(("en", "fr", "ar")), confidence=0.9)
    return Case(
        request_id=request_id,
        state=chance.choice(list(State)),
        created_at=NOW,
        updated_at=NOW,
        request=received(request_id=str(request_id), agency=agency) if chance.random() < 0.9 else None,
        triage=triaged(request_id=request_id, agency=agency, language=language, outcome=chance.choice(("routed", "needs_triage"))),
        department=chance.choice(DEPARTMENTS),
        category=chance.choice(CATEGORIES),
        urgency=chance.choice(list(Urgency)),
        assignee=chance.choice((None, "anna@city.example")),
    )


def queries(chance: random.Random) -> list[Query]:
    """Filters of every kind in every scope."""
    return [
        Query(
            scope=scope,
            department=chance.choice((None, *DEPARTMENTS)),
            category=chance.choice((None, None, *CATEGORIES)),
            urgency=chance.choice((None, None, *Urgency)),
            language=chance.choice((None, None, "fr", "en")),
            agency=chance.choice((None, None, *AGENCIES)),
            assignee=chance.choice((None, None, "anna@city.example")),
            text=chance.choice((None, None, "lamp")),
        )
        for scope in SCOPES
        for _ in range(6)
    ]


async def equal_a_true_count(database: Database, seed: int) -> None:
    """Each count is what counting the cases gives."""
    async with database.reading() as session:
        for query in queries(random.Random(seed)):
            counted = await case_lists.counts_of(session, query)
            looked_at = await case_lists.searched(session, query)
            rows = (await session.exec(select(CaseRow.state).where(*case_lists.conditions_of(looked_at)))).all()
            true = Counter(rows)
            assert {state: count.number for state, count in counted.items()} == {state: true[state] for state in State}, query


async def hold_after_drawn_changes(database: Database) -> None:
    """Cases come, change in every way and stay as they are; in between rows are folded."""
    chance = random.Random(20)
    cases: list[Case] = []
    for turn in range(6):
        for _ in range(25):
            if cases and chance.random() < 0.6:
                old = chance.choice(cases)
                case = a_drawn_case(chance, old.request_id, old.agency)
            else:
                case = a_drawn_case(chance)
                cases.append(case)
            async with database.transaction() as session:
                await store.save(session, case, None)
        if turn % 2:
            await counts_store.fold_all(database)
        await equal_a_true_count(database, turn)
    async with database.transaction() as session:
        assert await counts_store.mend(session) == 0
        keys = [col(getattr(CountRow, key)) for key in counts_store.KEYS]
        twice = sa.select(sa.func.count()).select_from(CountRow).group_by(*keys).having(sa.func.count() > 1)
        await counts_store.fold(session)
        assert not (await (await session.connection()).execute(twice)).all()


async def are_mended(database: Database) -> None:
    """Whatever became of the counts, one look at the cases puts them right."""
    chance = random.Random(21)
    async with database.transaction() as session:
        for _ in range(60):
            await store.save(session, a_drawn_case(chance), None)
        connection = await session.connection()
        await connection.execute(sa.text("delete from review_counts where agency = 'vale'"))
        await connection.execute(sa.text("update review_counts set cases = cases + 3 where state = 'sent'"))
        await connection.execute(sa.text("update review_cases set state = 'closed' where state = 'received'"))
    async with database.transaction() as session:
        assert await counts_store.mend(session) > 0
    await equal_a_true_count(database, 1)
    async with database.transaction() as session:
        assert await counts_store.mend(session) == 0
