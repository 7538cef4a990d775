"""Figures of days after drawn changes, against counting the cases one by one: the same for both databases."""

import random
from bisect import bisect_right
from collections import Counter
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlmodel import select

from schemas.replies_decided import Decision, ReplyDecided
from services.domain import taxonomy
from services.review.cases import store
from services.review.cases.case_state import Case, State
from services.review.cases.daily_figures import daily_store
from services.review.cases.daily_figures.daily_store import KEYS, Chosen
from services.review.cases.daily_figures.measures import JUDGED_STATES, LENGTH_STEPS, SURE_STEPS
from services.review.cases.tables import CaseRow, DecisionRow
from services.review.people.rules import EVERYTHING, Scope
from services.runtime.database import Database
from tests.case_builders import NOW
from tests.counts_examples import CATEGORIES, SCOPES, a_drawn_case

CITY = taxonomy.load()
TODAY = CITY.day(NOW + timedelta(days=20))
Figures = Counter[tuple[Any, ...]]


async def _true(database: Database, scope: Scope) -> tuple[Figures, Figures, Figures, float]:
    """What came, what was sorted and what was decided each day, and how sure the sorting was, from every case and decision."""
    received: Figures = Counter()
    judged: Figures = Counter()
    decided: Figures = Counter()
    async with database.reading() as session:
        cases = {row.request_id: row for row in await session.exec(select(CaseRow)) if row.whole}
        decisions = (await session.exec(select(DecisionRow))).all()
    for row in [*cases.values()]:
        theirs = scope.has_department(row.department) or row.everybodys
        if not (scope.has_agency(row.agency) and theirs):
            del cases[row.request_id]
            continue
        kind = (row.agency, row.department or "", row.everybodys, row.category or "", row.language or "", "")
        received[(CITY.day(row.received_at), *kind)] += 1
        if row.triage and row.category and (row.sorted_by_person or State(row.state) in JUDGED_STATES):
            said = row.triage["category"] if row.sorted_by_person else row.category
            judged[(CITY.day(row.received_at), *kind, said, bisect_right(SURE_STEPS, row.confidence or 0))] += 1
    for decision in decisions:
        case = cases.get(decision.request_id)
        if case and not decision.recalled_at:
            seconds = (decision.decided_at - case.received_at).total_seconds()
            step = bisect_right(LENGTH_STEPS, seconds) if decision.event["decision"] in ("approved", "edited") else 0
            decided[(CITY.day(decision.decided_at), case.category or "", case.urgency, decision.event["decision"], step)] += 1
    return received, judged, decided, sum(row.confidence or 0 for row in cases.values())


async def equal_a_true_count(database: Database) -> None:
    """Each figure is what counting gives, in every scope."""
    for scope in (EVERYTHING, *SCOPES):
        received, judged, decided, sure = await _true(database, scope)
        chosen = Chosen(date(2026, 1, 1), date(2026, 12, 31), scope)
        async with database.reading() as session:
            for months in (False, True):
                read = partial(daily_store.sums, session, chosen=chosen, months=months)
                of_received = await read("received", by=("day", *KEYS))
                assert sum(row.total for row in of_received) == pytest.approx(sure)
                of_judged = await read("sorted", by=("day", *KEYS, "aspect", "bucket"))
                of_decided = await read("decided", by=("day", "category", "urgency", "aspect", "bucket"))
                for rows, true in ((of_received, received), (of_judged, judged), (of_decided, decided)):
                    assert {tuple(row)[:-2]: row.cases for row in rows} == (_of_months(true) if months else true)


def _of_months(figures: Figures) -> Figures:
    """The same with each month that is over as its first day."""
    summed: Figures = Counter()
    for (day, *rest), number in figures.items():
        summed[(day.replace(day=1) if day < TODAY.replace(day=1) else day, *rest)] += number
    return summed


def _decision(case: Case, at: datetime, kind: Decision) -> ReplyDecided:
    return ReplyDecided(
        request_id=case.request_id,
        decision_id=uuid4(),
        agency=case.agency or "vale",
        channel="web",
        decision=kind,
        decided_by="anna@city.example",
        decided_at=at,
        send_after=at,
        body="" if kind in ("approved", "edited") else None,
    )


async def hold_after_drawn_changes(database: Database, turns: int = 4) -> None:
    """Over three months cases come, are sorted, answered, recalled, rejected and corrected late; in between days are added up."""
    chance = random.Random(25)
    cases: dict[UUID, Case] = {}
    standing: list[tuple[UUID, UUID]] = []
    for _ in range(turns):
        for _ in range(25):
            at = NOW + timedelta(seconds=chance.randrange(-40 * 86_400, 20 * 86_400))
            async with database.transaction() as session:
                if cases and chance.random() < 0.3:
                    case = chance.choice([*cases.values()])
                    decision = _decision(case, at, chance.choice(("approved", "edited", "rejected", "closed")))
                    await store.add_decision(session, decision)
                    await store.save(session, case, None)
                    standing.append((case.request_id, decision.decision_id))
                elif standing and chance.random() < 0.3:
                    request_id, decision_id = standing.pop(chance.randrange(len(standing)))
                    await store.mark_recalled(session, decision_id, at)
                    await store.save(session, cases[request_id], None)
                elif cases and chance.random() < 0.4:
                    case = chance.choice([*cases.values()])
                    changed = {"category": chance.choice(CATEGORIES), "sorted_by_person": True, "state": chance.choice(list(State))}
                    cases[case.request_id] = case.model_copy(update=changed)
                    await store.save(session, cases[case.request_id], None)
                else:
                    case = a_drawn_case(chance)
                    assert case.triage
                    triage = case.triage.model_copy(update={"received_at": at, "confidence": chance.random()})
                    request = case.request.model_copy(update={"received_at": at}) if case.request else None
                    sorted_as = {"category": chance.choice((None, triage.category)), "triage": triage, "request": request}
                    cases[case.request_id] = case.model_copy(update=sorted_as)
                    await store.save(session, cases[case.request_id], None)
        await daily_store.add_up_all(database, CITY, NOW + timedelta(days=20))
        await equal_a_true_count(database)
