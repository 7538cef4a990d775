"""Keeps the words of cases and finds cases by them, in PostgreSQL and in SQLite alike."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, TSQUERY
from sqlmodel import col, delete, select

from services.review.cases.case_state import Case
from services.review.cases.search import search_document, search_words
from services.review.cases.search.search_document import Facets, as_match, as_tsquery
from services.review.cases.search.search_tables import INDEX, TABLE, SearchRow
from services.review.cases.tables import CaseRow
from services.runtime.database import Session, lines

MOST_HITS = 500
"""Of what more cases hold, the newest so many are listed, and the page says so."""
VOLUMES_AT_ONCE = 64
"""Volumes of a statement, the newest first. It stops at the one that holds enough: a rare word asks all, a frequent one the first."""

FEW = 20
"""Cases of a volume that are opened rather than looked for in the index once more."""


@dataclass(frozen=True)
class Hits:
    """Cases that hold what was looked for. Where there are `more`, these are the newest."""

    request_ids: tuple[UUID, ...]
    more: bool = False


async def index(session: Session, case: Case, number: int | None = None) -> None:
    """Keeps the words of a case as it is now; nothing is written where they are the same. The caller holds the case."""
    if case.request is None:
        return
    basis = search_document.basis_of(case)
    kept = (await session.exec(select(SearchRow.number, SearchRow.basis).where(SearchRow.request_id == case.request_id))).first()
    if kept and kept[1] == basis:
        return
    at = (kept[0] if kept else number) or await _next_number(session)
    write = search_document.as_text if _is_sqlite(session) else search_document.as_tsvector
    words = write(search_document.document_of(case), search_document.volume_of(at))
    if kept:
        statement: sa.Update | sa.Insert = sa.update(SearchRow).where(col(SearchRow.number) == at).values(basis=basis, words=words)
    else:
        statement = sa.insert(SearchRow).values(number=at, request_id=case.request_id, basis=basis, words=words)
    await (await session.connection()).execute(statement)


async def forget(session: Session, request_id: UUID) -> None:
    """Takes a case out of the index, for good."""
    await session.exec(delete(SearchRow).where(col(SearchRow.request_id) == request_id))


async def _next_number(session: Session) -> int:
    if _is_sqlite(session):  # which has one writer, and this is it
        statement = sa.select(sa.func.coalesce(sa.func.max(col(SearchRow.number)), _number_of_cases()) + 1)
    else:
        statement = sa.select(sa.func.nextval(sa.func.pg_get_serial_sequence("review_search", "number")))
    return await _number(session, statement)


async def number_before_all(session: Session) -> int:
    """The number for a case that came before all that are indexed."""
    statement = sa.select(sa.func.coalesce(sa.func.min(col(SearchRow.number)) - 1, _number_of_cases()))
    return await _number(session, statement)


async def _number(session: Session, statement: sa.Select[Any]) -> int:
    return int((await lines(session, statement))[0][0] or 0)


def _number_of_cases() -> sa.ScalarSelect[int]:
    return sa.select(sa.func.count()).select_from(CaseRow).scalar_subquery()


async def hits(session: Session, text: str, facets: Facets, most: int = MOST_HITS) -> Hits:
    """Cases that hold all that somebody looks for, the newest first. Where nothing can be looked for nothing is found."""
    sought = search_words.sought(text)
    if not sought:
        return Hits(())
    volumes = search_document.volumes_until(await _number(session, sa.select(sa.func.max(col(SearchRow.number)))))
    request_ids: list[UUID] = []
    while volumes and len(request_ids) <= most:
        some, volumes = volumes[:VOLUMES_AT_ONCE], volumes[VOLUMES_AT_ONCE:]
        rows = await lines(session, _matching(session, sought, facets, some, most + 1 - len(request_ids)))
        request_ids += [row.request_id for row in rows]
    return Hits(tuple(request_ids[:most]), more=len(request_ids) > most)


async def among(session: Session, text: str, request_ids: Sequence[UUID]) -> list[UUID]:
    """Those of the given cases that hold all that somebody looks for."""
    sought = search_words.sought(text)
    number, request_id = col(SearchRow.number), col(SearchRow.request_id)
    rows = await lines(session, sa.select(number, request_id).where(request_id.in_(request_ids)))
    if not sought or not rows:
        return []
    numbers, volumes = [row.number for row in rows], sorted({search_document.volume_of(row.number) for row in rows})
    if _is_sqlite(session):
        words = sa.table(INDEX, sa.column("rowid"), sa.column(INDEX))
        match = words.c[INDEX].op("match")(as_match(sought, [], volumes))
        matching = sa.select(words.c.rowid).where(match, words.c.rowid.in_(numbers)).subquery()
        query = sa.select(request_id).join(matching, matching.c.rowid == number)
    else:
        match = col(SearchRow.words).op("@@")(sa.cast(as_tsquery(sought, [], volumes), TSQUERY))
        query = sa.select(request_id).where(request_id.in_(request_ids), match)
    return [row.request_id for row in await lines(session, query)]


def _matching(session: Session, sought: search_words.Sought, facets: Facets, volumes: Sequence[str], limit: int) -> sa.Select[UUID]:
    """What matches in the first of the volumes that hold as much, each asked by itself.

    Asked for all in one query, a database would look at each case that holds any word of any volume as often as there are volumes.
    """
    guide = search_document.guide_of(sought)
    if _is_sqlite(session):
        pairs = [(as_match(sought, facets, [volume]), as_match(guide, [], [volume], apart=True)) for volume in volumes]
        parts = [sa.select(_matching_on_sqlite(*pair, limit).subquery().c.number) for pair in pairs]
        numbers = (sa.union_all(*parts) if len(parts) > 1 else parts[0]).limit(limit).subquery()
        return sa.select(col(SearchRow.request_id)).join(numbers, numbers.c.number == col(SearchRow.number))
    asked = {
        "guide": [as_tsquery(guide, [], [volume], apart=True) for volume in volumes],
        "apart": [as_tsquery(sought, facets, [volume], apart=True) for volume in volumes],
        "query": [as_tsquery(sought, facets, [volume]) for volume in volumes],
    }
    arrays = [sa.literal(queries, ARRAY(sa.String())) for queries in asked.values()]
    table = sa.func.unnest(*arrays).table_valued(*asked, name="volumes").render_derived()

    def holds(words: Any, query: str) -> Any:  # noqa: ANN401 - columns
        return words.op("@@")(sa.cast(table.c[query], TSQUERY))

    # By itself the planner might walk all numbers or rows until it has enough: by the index of words it reads what matches alone.
    # So what is asked for is materialized, and the order is none that another index has.
    row, columns = sa.alias(TABLE, "guiding").c, ("number", "request_id", "words")
    guides = sa.select(*(row[name] for name in columns)).where(holds(row.words, "guide")).correlate(table).cte("guides")
    guides = guides.prefix_with("MATERIALIZED")
    first = sa.select(guides.c.number).limit(FEW + 1).subquery()
    are_few = sa.select(sa.func.count() <= FEW).select_from(first).scalar_subquery()
    of_few = sa.select(*(guides.c[name] for name in columns)).where(are_few, holds(guides.c.words, "query")).correlate(table)
    of_index = sa.select(*(col(getattr(SearchRow, name)) for name in columns)).where(sa.not_(are_few)).correlate(table)
    either = sa.union_all(of_few, of_index.where(holds(col(SearchRow.words), "apart"))).subquery("either")
    within = sa.select(either.c.request_id, either.c.words).order_by((either.c.number + 0).desc()).add_cte(guides, nest_here=True)
    if not any(len(pattern.words) > 1 for term in sought for pattern in term):
        part = within.limit(limit).lateral("part")
        return sa.select(part.c.request_id).select_from(table.join(part, sa.true())).limit(limit)
    # Whether words stand together only the case itself says, and opening it costs the most: the newest are asked, until these are enough.
    part = within.offset(0).lateral("part")  # which keeps the planner from asking all before they are sorted
    return sa.select(part.c.request_id).select_from(table.join(part, sa.true())).where(holds(part.c.words, "query")).limit(limit)


def _matching_on_sqlite(match: str, guide: str, limit: int) -> sa.Select[int]:
    words, guiding = (sa.table(INDEX, sa.column("rowid"), sa.column(INDEX)).alias(name) for name in ("asked", "guiding"))
    there = sa.exists(sa.select(sa.literal(1)).where(guiding.c[INDEX].op("match")(guide)))
    number = words.c.rowid.label("number")
    return sa.select(number).where(words.c[INDEX].op("match")(match), there).order_by(words.c.rowid.desc()).limit(limit)


def _is_sqlite(session: Session) -> bool:
    return session.get_bind().dialect.name == "sqlite"
