"""The operations pages: cases by state, stuck cases, dead letters."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from services.domain.waiting_deliveries import WaitingDelivery
from services.review.automation import store as automation
from services.review.cases import statistics_store
from services.review.cases import store as cases
from services.review.cases.case_state import State
from services.review.cases.commands import CaseCommands
from services.review.cases.page.published_pages import PublishedPages
from services.review.cases.queue import case_lists
from services.review.cases.request_dependencies import CommandsDep, trace_id_in
from services.review.cases.statistics_store import AgencySpending
from services.review.ops import store
from services.review.ops.dead_letter_groups import LetterGroup, grouped
from services.review.ops.delivery_pages import deliveries_of
from services.review.ops.health import Overview
from services.review.ops.last_hour import Chart
from services.review.ops.letter_diff import LetterDiff, diff_of
from services.review.ops.overview import OverviewReader
from services.review.people.authentication import PersonFirst
from services.review.people.pages import OperatorDep
from services.review.web.templating import Page, flash_of, render
from services.runtime import clock
from services.runtime.reloading import Reloaded
from services.runtime.settings import BudgetKind, LlmSettings

router = APIRouter(include_in_schema=False, prefix="/ops", route_class=PersonFirst)

MOST_CASES = 100
MOST_LETTERS = 500
MOST_COMPARED = 10
"""Causes of which a record is read and compared with its schema: each may have a megabyte."""


class StateCount(BaseModel):
    """The number of cases in one state."""

    state: State
    count: int


class Still(BaseModel):
    """A case whose next step is overdue. No word of what was written."""

    request_id: UUID
    state: State
    since: datetime
    trace_id: str


class Used(BaseModel):
    """What of one budget is used; without a limit nothing is ever used up."""

    spent: float
    limit: float | None

    @property
    def up(self) -> bool:
        """Whether it is used up."""
        return self.limit is not None and self.spent >= self.limit


class UsageLine(BaseModel):
    """What asking the model has cost an agency today."""

    agency: str
    drafts: int
    tokens: Used
    cost: Used
    seconds: Used
    currency: str


class OpsPage(Page):
    """What is stuck, since when, and where to look. Without `overview` this process was not given the way to the others."""

    overview: Overview | None
    charts: list[Chart]
    deliveries: list[WaitingDelivery]
    counts: list[StateCount]
    still: list[Still]
    still_after: timedelta
    letters: int
    switch_rules: int
    switched_off: int
    usage: list[UsageLine]
    limited: bool
    knowledge_fault: str = ""
    knowledge_fault_since: datetime | None = None


class DeadLetterLine(BaseModel):
    """One dead letter; its bytes are for the command line."""

    letter_id: UUID
    topic: str
    partition: int
    offset: int
    services: list[str]
    error_type: str
    error_message: str
    attempts: int
    first_failed_at: datetime
    last_failed_at: datetime
    replays: int


class DeadLettersPage(Page):
    """The letters that wait for somebody. `diffs`: how the newest of each of the largest causes differs from its schema."""

    letters: list[DeadLetterLine]
    groups: list[LetterGroup]
    diffs: dict[UUID, LetterDiff]
    waiting: int
    quarantined_after: int = store.QUARANTINED_AFTER


@router.get("")
@router.get("/overview")  # what an open page asks for by itself, which is no use of the session
async def show_ops(visitor: OperatorDep, commands: CommandsDep, request: Request) -> Response:
    """The state of things."""
    now = clock.now()
    published: Reloaded[PublishedPages] = request.app.state.published
    async with commands.database.reading() as session:
        scope = visitor.person.scope
        counts = await case_lists.counts(session, scope)
        still = await cases.standing(session, now - commands.first_nudge, MOST_CASES, *case_lists.in_scope(scope))
        letters = await store.count(session, scope=scope)
        switch = (await automation.standing(session)).within(scope)
        spending = await statistics_store.spending_since(session, commands.taxonomy.midnight(now))
    reading: OverviewReader | None = request.app.state.overview
    overview = await reading.now(scope) if reading else None
    page = OpsPage(
        now=now,
        viewer=visitor.viewer,
        flash=flash_of(request.query_params.get("flash")),
        overview=overview,
        charts=await reading.charts(overview, scope) if reading and overview else [],
        deliveries=await deliveries_of(request, commands, scope),
        counts=[StateCount(state=state, count=count) for state, count in counts.items()],
        still=[
            Still(request_id=request_id, state=state, since=since, trace_id=trace_id_in(trace)) for request_id, state, since, trace in still
        ],
        still_after=commands.first_nudge,
        letters=letters,
        switch_rules=len(switch.rules),
        switched_off=sum(rule.mode == "off" for rule in switch.rules),
        usage=[_usage(agency, commands.settings.llm) for agency in spending if scope.has_agency(agency.agency)],
        limited=commands.settings.llm.limited,
        knowledge_fault=published.fault,
        knowledge_fault_since=published.fault_since,
    )
    return render("ops.html", page)


def _usage(spending: AgencySpending, settings: LlmSettings) -> UsageLine:
    def used(kind: BudgetKind) -> Used:
        return Used(spent=getattr(spending, kind), limit=settings.daily_limit(kind, spending.agency))

    return UsageLine(
        agency=spending.agency,
        drafts=spending.drafts,
        tokens=used("tokens"),
        cost=used("cost"),
        seconds=used("seconds"),
        currency=spending.currency or settings.price_currency,
    )


@router.get("/dead-letters")
async def show_dead_letters(visitor: OperatorDep, commands: CommandsDep, request: Request) -> Response:
    """What could not be worked on, with the command that sends it once more."""
    async with commands.database.reading() as session:
        heads = await store.heads(session, limit=MOST_LETTERS, scope=visitor.person.scope)
        waiting = await store.count(session, scope=visitor.person.scope)
    groups = grouped(heads)
    page = DeadLettersPage(
        now=clock.now(),
        viewer=visitor.viewer,
        flash=flash_of(request.query_params.get("flash")),
        letters=[DeadLetterLine.model_validate(head, from_attributes=True) for head in heads],
        groups=groups,
        diffs=await _diffs(commands, [group.sample for group in groups[:MOST_COMPARED]]),
        waiting=waiting,
    )
    return render("dead_letters.html", page)


async def _diffs(commands: CaseCommands, letter_ids: Sequence[UUID]) -> dict[UUID, LetterDiff]:
    """One record after the other, so that one alone is in memory."""
    diffs: dict[UUID, LetterDiff] = {}
    for letter_id in letter_ids:
        async with commands.database.reading() as session:
            letter = await store.record(session, letter_id)
        if letter:
            diffs[letter_id] = await asyncio.to_thread(diff_of, letter)
    return diffs
