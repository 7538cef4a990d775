"""How many cases there are, by what lists are filtered by: kept in the transaction that changes a case, and never counted anew.

Each change adds rows (one less there, one more here) and changes none, so that two transactions never wait for each other. The reconciler
folds rows that are alike into one. What has come apart is mended by comparing with the cases, in one statement while all else goes on.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlmodel import col, delete

from services.review.cases import upkeep_store
from services.review.cases.case_state import State
from services.review.cases.tables import CaseRow, CountRow
from services.review.people.rules import Scope
from services.runtime.database import Database, Session, lines

FOLDED_AT_ONCE = 200
UPKEEP = "counts"
KEYS = ("finest", "agency", "department", "state", "urgency", "everybodys", "category", "language")


class Cell(NamedTuple):
    """What cases that are counted together have in common."""

    agency: str
    department: str
    state: str
    urgency: str
    everybodys: bool
    category: str
    language: str


@dataclass(frozen=True)
class Filters:
    """Which cases are counted."""

    scope: Scope
    states: tuple[State, ...] = ()
    agency: str | None = None
    department: str | None = None
    urgencies: tuple[str, ...] = ()
    category: str | None = None
    language: str | None = None


def cell_of(row: CaseRow | None) -> Cell | None:
    """Where a case is counted; nowhere until it holds its message."""
    if row is None or not row.whole:
        return None
    return Cell(row.agency, row.department or "", row.state, row.urgency, row.everybodys, row.category or "", row.language or "")


async def move(session: Session, before: Cell | None, after: Cell | None) -> None:
    """Counts a case elsewhere than before."""
    if before == after:
        return
    rows = [_row(cell, cases, finest=finest) for cell, cases in ((before, -1), (after, 1)) if cell for finest in (False, True)]
    await (await session.connection()).execute(sa.insert(CountRow), rows)


def _row(cell: Cell, cases: int, *, finest: bool) -> dict[str, Any]:
    values = cell._asdict() if finest else {**cell._asdict(), "category": "", "language": ""}
    return {"finest": finest, "cases": cases, **values}


def _conditions(filters: Filters) -> list[Any]:
    conditions = [col(CountRow.finest) if filters.category or filters.language else sa.not_(col(CountRow.finest))]
    for name in ("agency", "department", "category", "language"):
        wanted = getattr(filters, name)
        if wanted is not None:
            conditions.append(getattr(CountRow, name) == wanted)
    if filters.urgencies:
        conditions.append(col(CountRow.urgency).in_(filters.urgencies))
    if filters.states:
        conditions.append(col(CountRow.state).in_([state.value for state in filters.states]))
    if filters.scope.agencies:
        conditions.append(col(CountRow.agency).in_(filters.scope.agencies))
    if filters.scope.departments:
        conditions.append(col(CountRow.department).in_([*filters.scope.departments, ""]) | col(CountRow.everybodys))
    return conditions


async def by_state(session: Session, filters: Filters) -> dict[State, int]:
    """The number of cases by state."""
    query = sa.select(col(CountRow.state), sa.func.sum(col(CountRow.cases)).label("cases")).where(*_conditions(filters))
    count_of = {State(row.state): int(row.cases) for row in await lines(session, query.group_by(col(CountRow.state)))}
    return {state: max(count_of.get(state, 0), 0) for state in State}


async def languages(session: Session, scope: Scope) -> list[str]:
    """Every language of the cases in that scope: the index is asked for the next one, then whether such a case is counted there."""
    column, finest = col(CountRow.language), col(CountRow.finest)
    following = sa.select(sa.func.min(column).label("code")).where(finest, column > "").cte("languages", recursive=True)
    after = sa.select(column).where(finest, column > following.c.code).order_by(column).limit(1).scalar_subquery()
    codes = following.union_all(sa.select(after).where(following.c.code.is_not(None)))
    counted = [*_conditions(Filters(scope))[1:], finest, col(CountRow.cases) > 0]
    theirs = sa.exists().where(column == codes.c.code, *counted)
    rows = await lines(session, sa.select(codes.c.code).where(codes.c.code.is_not(None), theirs))
    return [row.code for row in rows]


async def fold(session: Session) -> bool:
    """Makes one row of rows that are alike, of the next of them. Says whether there may be more. One process at a time."""
    if not await upkeep_store.held(session, UPKEEP):
        return False
    keys = [col(getattr(CountRow, key)) for key in KEYS]
    alike = sa.select(*keys).group_by(*keys).having(sa.func.count() > 1).limit(FOLDED_AT_ONCE).subquery()
    same = sa.and_(*(key == alike.c[name] for key, name in zip(keys, KEYS, strict=True)))
    rows = await lines(session, sa.select(col(CountRow.id), *keys, col(CountRow.cases)).join(alike, same))
    sums: dict[tuple[Any, ...], int] = {}
    for row in rows:
        cell = tuple(getattr(row, key) for key in KEYS)
        sums[cell] = sums.get(cell, 0) + row.cases
    for first in range(0, len(rows), 500):
        await session.exec(delete(CountRow).where(col(CountRow.id).in_([row.id for row in rows[first : first + 500]])))
    folded = [{**dict(zip(KEYS, cell, strict=True)), "cases": cases} for cell, cases in sums.items() if cases]
    if folded:
        await (await session.connection()).execute(sa.insert(CountRow), folded)
    return len(sums) == FOLDED_AT_ONCE


async def fold_all(database: Database) -> None:
    """Folds what there is to fold, some at a time, each in a transaction of its own."""
    await database.in_turns(fold)


async def mend(session: Session) -> int:
    """Compares the counts with the cases and adds what is missing; says how many cases were counted wrongly.

    A case that is counted at the wrong place counts twice. One statement sees cases and counts at the same moment, so that nothing
    needs to stop for it.
    """
    own_words = [sa.func.coalesce(col(column), "") for column in (CaseRow.category, CaseRow.language)]
    own = [
        col(CaseRow.agency),
        sa.func.coalesce(col(CaseRow.department), ""),
        col(CaseRow.state),
        col(CaseRow.urgency),
        col(CaseRow.everybodys),
    ]

    def of_cases(columns: Sequence[Any], *, finest: bool) -> sa.Select[Any]:
        named = [column.label(key) for column, key in zip((sa.literal(finest, sa.Boolean()), *own, *columns), KEYS, strict=True)]
        return sa.select(*named, sa.literal(1, sa.Integer()).label("cases")).where(col(CaseRow.whole))

    coarse = [sa.literal("", sa.String()), sa.literal("", sa.String())]
    counted: Any = sa.select(*(col(getattr(CountRow, key)).label(key) for key in KEYS), (-col(CountRow.cases)).label("cases"))
    both = sa.union_all(of_cases(coarse, finest=False), of_cases(own_words, finest=True), counted).subquery()
    keys = [both.c[key] for key in KEYS]
    wrong = sa.select(*keys, sa.func.sum(both.c.cases)).group_by(*keys).having(sa.func.sum(both.c.cases) != 0)
    await upkeep_store.held(session, UPKEEP, waits=True)  # two at once would mend twice
    insert = sa.insert(CountRow).from_select([*KEYS, "cases"], wrong).returning(col(CountRow.finest), col(CountRow.cases))
    added = (await (await session.connection()).execute(insert)).all()
    return sum(abs(cases) for finest, cases in added if not finest)
