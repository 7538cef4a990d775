"""Pictures of quality read days that were added up before: what they show is what counting every case would give."""

import random
from datetime import timedelta

import sqlalchemy as sa
from sqlmodel import delete, update

from services.review.cases import store
from services.review.cases.daily_figures import daily_store
from services.review.cases.daily_figures.daily_tables import DailyFigureRow, FigureChangeRow
from services.review.cases.tables import DecisionRow
from services.review.cases.upkeep_tables import UpkeepRow
from services.runtime.database import Database
from tests.case_builders import NOW
from tests.counts_examples import a_drawn_case
from tests.daily_examples import CITY, equal_a_true_count, hold_after_drawn_changes


async def test_days_are_true_after_any_changes(database: Database) -> None:
    await hold_after_drawn_changes(database)


async def test_days_are_counted_anew_where_nothing_of_them_is_left(database: Database) -> None:
    await hold_after_drawn_changes(database, turns=1)
    async with database.transaction() as session:
        await session.exec(delete(DailyFigureRow))
        await session.exec(update(DecisionRow).values(kind=None))  # as the former release leaves them
        await session.exec(update(UpkeepRow).values(position=None))

    await daily_store.add_up_all(database, CITY, NOW + timedelta(days=20))

    await equal_a_true_count(database)


async def test_what_is_undone_leaves_nothing_to_count(database: Database) -> None:
    async with database.rehearsal() as session, session.begin():
        await store.save(session, a_drawn_case(random.Random(5)), None)
        await session.rollback()
    async with database.reading() as session:
        assert (await session.exec(sa.select(sa.func.count()).select_from(FigureChangeRow))).one()[0] == 0  # type: ignore[call-overload]
