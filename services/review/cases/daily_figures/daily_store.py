"""Adds up the figures of days where cases changed, a few days in a transaction, and reads their sums.

A change of a case leaves a row in its own transaction. Between the rounds of the reconciler each day that such a case came in or was
decided on is counted anew as a whole, in the database: late corrections and recalls change the right day, and nothing can drift apart.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, get_args
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlmodel import col, delete

from services.domain.placeholders import UNREAD
from services.domain.taxonomy import Taxonomy
from services.review.cases import upkeep_store
from services.review.cases.daily_figures.daily_tables import DailyFigureRow, FigureChangeRow
from services.review.cases.daily_figures.measures import (
    JUDGED_STATES,
    LENGTH_STEPS,
    REPLIES,
    SURE_STEPS,
    Measure,
    days_beside,
    month_of,
)
from services.review.cases.tables import WHOLE, CaseRow, DecisionRow
from services.review.people.rules import Scope
from services.runtime.database import Database, Session, lines

UPKEEP = "daily figures"
REVISION = 3
"""Goes up where days are counted in another way: then all of them are counted anew."""
CHANGES_AT_ONCE = 500
DAYS_AT_ONCE = 3
WHOLE_MONTH = "whole"
"""Of a month that is added up: the measure of the row that says so."""
KEYS = ("agency", "department", "everybodys", "category", "language", "urgency")

SORTED_BY_PERSON: Any = col(CaseRow.sorted_by_person)
CLASSIFIED: Any = sa.case((SORTED_BY_PERSON, col(CaseRow.triage)["category"].as_string()), else_=col(CaseRow.category))
"""What the classifier said. Only of what a person sorted does it differ from the case's own category, so only there the event is read."""
JUDGED: Any = sa.and_(
    sa.or_(SORTED_BY_PERSON, col(CaseRow.state).in_([state.value for state in sorted(JUDGED_STATES)])),
    # What goes on with another case is sorted as that one, by nobody.
    sa.or_(SORTED_BY_PERSON, col(CaseRow.request)["unsolved_by"].as_string().is_(None)),
)


class _Seconds(sa.sql.functions.FunctionElement[float]):
    """How many seconds lie between two moments, as each database says it."""

    type = sa.Float()
    inherit_cache = True


@compiles(_Seconds)
def _on_postgresql(element: _Seconds, compiler: Any, **options: Any) -> str:  # noqa: ANN401 - SQLAlchemy's
    later, earlier = (compiler.process(clause, **options) for clause in element.clauses)
    return f"extract(epoch from ({later} - {earlier}))"


@compiles(_Seconds, "sqlite")
def _on_sqlite(element: _Seconds, compiler: Any, **options: Any) -> str:  # noqa: ANN401 - SQLAlchemy's
    later, earlier = (compiler.process(clause, **options) for clause in element.clauses)
    return f"((julianday({later}) - julianday({earlier})) * 86400.0)"


@dataclass(frozen=True)
class Chosen:
    """Of which days and cases figures are read, both days included."""

    first: date
    last: date
    scope: Scope
    agency: str | None = None
    department: str | None = None
    category: str | None = None
    language: str | None = None


async def note_change(session: Session, request_id: UUID) -> None:
    """Has the days of that case counted anew, once its transaction is done."""
    await (await session.connection()).execute(sa.insert(FigureChangeRow), [{"request_id": request_id}])


async def add_up_all(database: Database, taxonomy: Taxonomy, now: datetime) -> None:
    """Counts every day anew that has changed, some at a time, each few in a transaction of their own; then months that are over."""
    await database.in_turns(lambda session: add_up_some(session, taxonomy))
    await database.in_turns(lambda session: add_up_a_month(session, taxonomy.day(now)))


async def begin_again(session: Session) -> None:
    """Has every day counted anew by the next rounds."""
    await upkeep_store.begin_again(session, UPKEEP)


async def add_up_a_month(session: Session, today: date) -> bool:
    """Adds up the days of the next month that is over, so that long periods are read from fewer rows; says whether there was one."""
    if not await upkeep_store.held(session, UPKEEP):
        return False
    day, span, measure = col(DailyFigureRow.day), col(DailyFigureRow.span), col(DailyFigureRow.measure)
    oldest = sa.select(sa.func.min(day).label("day")).where(measure == "received", span == "day")
    (first,) = await lines(session, oldest)
    if first.day is None:
        return False
    done = {row.day for row in await lines(session, sa.select(day).where(measure == WHOLE_MONTH, span == "month"))}
    month, last = month_of(first.day)
    while month in done:
        month, last = month_of(last + timedelta(days=1))
    if last >= today:
        return False
    await _add_up_month(session, month, last)
    return True


async def _add_up_month(session: Session, month: date, last: date) -> None:
    names = ("measure", *KEYS, "aspect", "bucket")
    keys = [col(getattr(DailyFigureRow, name)) for name in names]
    sums = (sa.func.sum(col(DailyFigureRow.cases)), sa.func.sum(col(DailyFigureRow.total)))
    of_month = (col(DailyFigureRow.measure).in_(get_args(Measure)), col(DailyFigureRow.span) == "day")
    within = (col(DailyFigureRow.day) >= month, col(DailyFigureRow.day) <= last)
    place = (sa.literal(month, sa.Date()), sa.literal("month", sa.String()))
    summed = sa.select(*place, *keys, *sums).where(*of_month, *within).group_by(*keys)
    connection = await session.connection()
    await connection.execute(sa.insert(DailyFigureRow).from_select(("day", "span", *names, "cases", "total"), summed))
    nothing = dict.fromkeys(("agency", "department", "category", "language", "urgency", "aspect"), "")
    marker = {**nothing, "day": month, "span": "month", "measure": WHOLE_MONTH, "everybodys": False, "bucket": 0, "cases": 0, "total": 0.0}
    await connection.execute(sa.insert(DailyFigureRow), [marker])


def counted_by(taxonomy: Taxonomy) -> str:
    """How days are counted, and in which time zone they begin."""
    return f"{REVISION} {taxonomy.zone}"


async def add_up_some(session: Session, taxonomy: Taxonomy) -> bool:
    """Counts the next days anew; says whether there may be more. One process at a time."""
    upkeep = await upkeep_store.held(session, UPKEEP)
    if upkeep is None:
        return False
    if upkeep.position != counted_by(taxonomy):
        await _note_every_day(session, taxonomy)
        upkeep.position = counted_by(taxonomy)
        session.add(upkeep)
    if await _days_of_changes(session, taxonomy):
        return True  # first all that changed, so that a day of many changes is counted once
    changed = sa.select(col(FigureChangeRow.day)).where(col(FigureChangeRow.day).is_not(None))
    newest_first = changed.group_by(col(FigureChangeRow.day)).order_by(col(FigureChangeRow.day).desc())
    days = [row.day for row in await lines(session, newest_first.limit(DAYS_AT_ONCE))]
    if days:
        # What is added from here on stays, and its day is counted once more.
        await session.exec(delete(FigureChangeRow).where(col(FigureChangeRow.day).in_(days)))
    for day in days:
        await _add_up(session, day, taxonomy)
    return len(days) == DAYS_AT_ONCE


async def _note_every_day(session: Session, taxonomy: Taxonomy) -> None:
    ends = sa.select(sa.func.min(col(CaseRow.received_at)).label("first"), sa.func.max(col(CaseRow.received_at)).label("last"))
    decided = sa.select(sa.func.max(col(DecisionRow.decided_at)).label("last"))
    (received,), (decisions,) = await lines(session, ends), await lines(session, decided)
    if received.first is None:
        return
    first, last = taxonomy.day(received.first), taxonomy.day(max(received.last, decisions.last or received.last))
    await _note_days(session, (first + timedelta(days=number) for number in range((last - first).days + 1)))


async def _note_days(session: Session, days: Iterable[date]) -> None:
    if rows := [{"day": day} for day in days]:
        await (await session.connection()).execute(sa.insert(FigureChangeRow), rows)


async def _days_of_changes(session: Session, taxonomy: Taxonomy) -> bool:
    """Puts in place of cases that changed the days that they came in and were decided on."""
    changes = sa.select(col(FigureChangeRow.id), col(FigureChangeRow.request_id)).where(col(FigureChangeRow.request_id).is_not(None))
    rows = await lines(session, changes.order_by(col(FigureChangeRow.id)).limit(CHANGES_AT_ONCE))
    if not rows:
        return False
    # Taken out before the cases are read: what changes after that is noted anew.
    await session.exec(delete(FigureChangeRow).where(col(FigureChangeRow.id).in_([row.id for row in rows])))
    request_ids = {row.request_id for row in rows}
    received: sa.Select[Any] = sa.select(col(CaseRow.received_at).label("at")).where(col(CaseRow.request_id).in_(request_ids))
    decided: sa.Select[Any] = sa.select(col(DecisionRow.decided_at).label("at")).where(col(DecisionRow.request_id).in_(request_ids))
    moments = [*(await lines(session, received)), *(await lines(session, decided))]
    await _note_days(session, sorted({taxonomy.day(row.at) for row in moments}))
    return len(rows) == CHANGES_AT_ONCE


async def _add_up(session: Session, day: date, taxonomy: Taxonomy) -> None:
    since, until = taxonomy.begins(day), taxonomy.begins(day + timedelta(days=1))
    of_day = (col(DecisionRow.decided_at) >= since, col(DecisionRow.decided_at) < until)
    kind = col(DecisionRow.event)["decision"].as_string()
    # A process of the former release keeps decisions without it.
    await session.exec(sa.update(DecisionRow).where(*of_day, col(DecisionRow.kind).is_(None)).values(kind=kind))
    of_days = (col(DailyFigureRow.measure).in_((*get_args(Measure), WHOLE_MONTH)),)
    await session.exec(delete(DailyFigureRow).where(*of_days, col(DailyFigureRow.span) == "day", col(DailyFigureRow.day) == day))
    month, _ = month_of(day)  # is added up anew once its days are right
    await session.exec(delete(DailyFigureRow).where(*of_days, col(DailyFigureRow.span) == "month", col(DailyFigureRow.day) == month))
    columns = ("day", "span", "measure", *KEYS, "aspect", "bucket", "cases", "total")
    for counted in (_received(day, since, until), _sorted(day, since, until), _decided(day, *of_day)):
        await (await session.connection()).execute(sa.insert(DailyFigureRow).from_select(columns, counted))


def _received(day: date, since: datetime, until: datetime) -> sa.Select[Any]:
    came = (col(CaseRow.received_at) >= since, col(CaseRow.received_at) < until)
    sure = sa.func.coalesce(col(CaseRow.confidence), 0.0)
    return _counted(day, "received", sa.literal("", sa.String()), sa.literal(0, sa.Integer()), sure, came)


def _sorted(day: date, since: datetime, until: datetime) -> sa.Select[Any]:
    sure = sa.func.coalesce(col(CaseRow.confidence), 0.0)
    read = sa.or_(sa.not_(SORTED_BY_PERSON), col(CaseRow.triage)["model_version"].as_string() != UNREAD)
    came = (col(CaseRow.received_at) >= since, col(CaseRow.received_at) < until)
    judged = (JUDGED, read, col(CaseRow.triage).is_not(None), col(CaseRow.category).is_not(None))
    return _counted(day, "sorted", sa.func.coalesce(CLASSIFIED, ""), _step(sure, SURE_STEPS), sure, (*came, *judged))


def _decided(day: date, *of_day: Any) -> sa.Select[Any]:  # noqa: ANN401 - conditions
    seconds = _Seconds(col(DecisionRow.decided_at), col(CaseRow.received_at))
    is_reply = col(DecisionRow.kind).in_(REPLIES)
    bucket = sa.case((is_reply, _step(seconds, LENGTH_STEPS)), else_=0)
    taken = sa.case((is_reply, seconds), else_=0.0)
    standing = (*of_day, col(DecisionRow.recalled_at).is_(None))
    return _counted(day, "decided", sa.func.coalesce(col(DecisionRow.kind), ""), bucket, taken, standing)


def _counted(day: date, measure: Measure, aspect: Any, bucket: Any, amount: Any, conditions: Sequence[Any]) -> sa.Select[Any]:  # noqa: ANN401
    own = (
        col(CaseRow.agency),
        sa.func.coalesce(col(CaseRow.department), ""),
        col(CaseRow.everybodys),
        sa.func.coalesce(col(CaseRow.category), ""),
        sa.func.coalesce(col(CaseRow.language), ""),
        col(CaseRow.urgency) if measure == "decided" else sa.literal("", sa.String()),  # what nobody asks for would make more rows
    )
    # Grouped outside: an expression that is written twice with parameters is not the same to PostgreSQL.
    each = [column.label(name) for name, column in zip((*KEYS, "aspect", "bucket", "amount"), (*own, aspect, bucket, amount), strict=True)]
    inner = sa.select(*each).select_from(CaseRow).where(WHOLE, *conditions)
    if measure == "decided":
        inner = inner.join(DecisionRow, col(DecisionRow.request_id) == col(CaseRow.request_id))
    alike = inner.subquery("alike")
    keys = [alike.c[name] for name in (*KEYS, "aspect", "bucket")]
    place = (sa.literal(day, sa.Date()), sa.literal("day", sa.String()), sa.literal(measure, sa.String()))
    return sa.select(*place, *keys, sa.func.count(), sa.func.sum(alike.c.amount)).group_by(*keys)


def _step(value: Any, edges: Sequence[float]) -> Any:  # noqa: ANN401 - an expression
    return sa.case(*((value < edge, number) for number, edge in enumerate(edges)), else_=len(edges))


async def sums(session: Session, measure: Measure, chosen: Chosen, by: Sequence[str], *, months: bool = True) -> Sequence[sa.Row[Any]]:
    """The numbers of cases, and the sums of what was added up, by these columns. With `months` a whole month counts as its first day."""
    whole = await _whole_months(session, chosen) if months else []
    columns = [col(getattr(DailyFigureRow, name)) for name in by]
    cases, total = sa.func.sum(col(DailyFigureRow.cases)).label("cases"), sa.func.sum(col(DailyFigureRow.total)).label("total")
    query = sa.select(*columns, cases, total).where(*_conditions(measure, chosen, whole)).group_by(*columns).order_by(*columns)
    return await lines(session, query)


async def _whole_months(session: Session, chosen: Chosen) -> list[date]:
    """The months within the period that are added up."""
    day = col(DailyFigureRow.day)
    whole = (col(DailyFigureRow.measure) == WHOLE_MONTH, col(DailyFigureRow.span) == "month", day >= chosen.first, day <= chosen.last)
    return [row.day for row in await lines(session, sa.select(day).where(*whole)) if month_of(row.day)[1] <= chosen.last]


def _conditions(measure: Measure, chosen: Chosen, months: Sequence[date]) -> list[Any]:
    day, span = col(DailyFigureRow.day), col(DailyFigureRow.span)
    parts = [sa.and_(span == "day", day >= start, day <= end) for start, end in days_beside(chosen.first, chosen.last, months)]
    parts += [sa.and_(span == "month", day.in_(months))] if months else []
    conditions: list[Any] = [col(DailyFigureRow.measure) == measure, sa.or_(*parts)]
    wanted = {name: getattr(chosen, name) for name in ("agency", "department", "category", "language")}
    conditions += [col(getattr(DailyFigureRow, name)) == value for name, value in wanted.items() if value is not None]
    if chosen.scope.agencies:
        conditions.append(col(DailyFigureRow.agency).in_(chosen.scope.agencies))
    if chosen.scope.departments:
        theirs = col(DailyFigureRow.department).in_([*chosen.scope.departments, ""])
        conditions.append(theirs | col(DailyFigureRow.everybodys))
    return conditions
