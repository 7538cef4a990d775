"""Queries of how long cases have waited, by state: for whoever runs Parvis."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import col

from services.review.cases.case_state import UNDECIDED, WAITS_FOR_SOMEBODY, State
from services.review.cases.tables import WHOLE, CaseRow
from services.runtime.database import Session, lines

OPEN = (*(state.value for state in WAITS_FOR_SOMEBODY), State.APPROVED.value)


async def oldest(session: Session, *conditions: sa.ColumnElement[bool]) -> dict[State, datetime]:
    """When the oldest request of every open state came; of a state without cases nothing."""
    state = col(CaseRow.state)
    ages = sa.select(state, sa.func.min(col(CaseRow.received_at)).label("since")).where(WHOLE, state.in_(OPEN), *conditions)
    return {State(row.state): row.since for row in await lines(session, ages.group_by(state)) if row.since}


async def still(session: Session, since: datetime, *conditions: sa.ColumnElement[bool]) -> dict[State, tuple[int, datetime]]:
    """How many cases were nudged and have not moved since then, by state, and the longest of these waits."""
    state = col(CaseRow.state)
    counted = sa.select(state, sa.func.count().label("cases"), sa.func.min(col(CaseRow.updated_at)).label("since"))
    # By the index of what is to be nudged, which few cases are.
    waits = counted.where(col(CaseRow.nudge_at).is_not(None), col(CaseRow.nudges) > 0, col(CaseRow.updated_at) <= since, WHOLE, *conditions)
    return {State(row.state): (row.cases, row.since) for row in await lines(session, waits.group_by(state))}


async def late_emergencies(session: Session, before: datetime, *conditions: sa.ColumnElement[bool]) -> tuple[int, datetime | None]:
    """How many emergencies are here since before then and are undecided, and since when the first of them is."""
    states = [state.value for state in UNDECIDED]
    counted = sa.select(sa.func.count().label("cases"), sa.func.min(col(CaseRow.created_at)).label("since"))
    pinned = (WHOLE, col(CaseRow.pressing) > 0, col(CaseRow.urgency) == "emergency", col(CaseRow.state).in_(states))
    [row] = await lines(session, counted.where(*pinned, col(CaseRow.created_at) < before, *conditions))
    return row.cases, row.since
