"""Reads decisions, mail and edits of a period for the quality page, and keeps what people changed of drafts."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from typing import cast

import sqlalchemy as sa
from sqlmodel import col

from schemas.replies_decided import Decision
from services.review.cases import statistics_store
from services.review.cases import store as cases
from services.review.people.rules import EVERYTHING, Scope
from services.review.quality import rules
from services.review.quality.edit_report import EditedDraft
from services.review.quality.rules import Decided, Mail
from services.review.quality.tables import DraftEditRow
from services.runtime.database import Database, Moment, Session, insert_all_new, lines

AT_ONCE = 50
"""Decisions compared with their drafts in one go: their texts are in memory together."""
ROWS = 2_000
CLOCKS_DIFFER = timedelta(minutes=10)
"""A decision may be written later than one that was made after it, by as much as the clocks of two processes differ."""


async def note_edits(database: Database) -> int:
    """Compares some decisions that were not looked at yet with their drafts, the oldest first; returns how many."""
    async with database.reading() as session:
        newest = await lines(session, sa.select(col(DraftEditRow.decided_at)).order_by(col(DraftEditRow.decided_at).desc()).limit(1))
        after = newest[0].decided_at - CLOCKS_DIFFER if newest else None
        noted = sa.select(col(DraftEditRow.decision_id))
        if after:
            noted = noted.where(col(DraftEditRow.decided_at) >= after)
        ids = await statistics_store.decisions_on_drafts(session, done=noted, after=after, limit=AT_ONCE)
        edited = [rules.edited_draft(*each) for each in await cases.drafts_decided_on(session, ids)] if ids else []
    if edited:
        rows = [_row(draft) for draft in sorted(edited, key=lambda draft: draft.decision_id)]
        async with database.transaction() as session:
            await insert_all_new(session, rows)
    return len(edited)


def _row(edited: EditedDraft) -> DraftEditRow:
    return DraftEditRow(**{**vars(edited), "kinds": list(edited.kinds), "passages": list(edited.passages)})


async def decided_since(session: Session, since: datetime, scope: Scope) -> list[Decided]:
    """Every decision since then in that scope that was not recalled, with its case's category as it is now."""
    cases = await statistics_store.decided_since(session, since, scope)
    return [Decided(cast("Decision", case.kind), case.category, case.received_at, case.decided_at) for case in cases]


async def mail_between(session: Session, since: datetime, until: datetime, scope: Scope) -> Mail:
    """What came in then in that scope, by its category as it is now."""
    counts = await statistics_store.received_between(session, since, until, scope)
    total = sum(number for _, number, _ in counts)
    return Mail({name: number for name, number, _ in counts}, sum(confidence for _, _, confidence in counts) / total if total else None)


async def edits_since(
    session: Session, since: datetime, scope: Scope = EVERYTHING, agency: str | None = None
) -> AsyncIterator[Sequence[tuple[str, EditedDraft]]]:
    """Pages of what became of drafts since then, each with its case's category as it is now; recalled decisions are left out."""
    standing = statistics_store.standing_cases(scope, agency).subquery()
    order = (col(DraftEditRow.decided_at), col(DraftEditRow.decision_id))
    columns = [col(getattr(DraftEditRow, name)) for name in DraftEditRow.model_fields]
    query = (
        sa.select(*columns, standing.c.category)
        .join(standing, standing.c.decision_id == col(DraftEditRow.decision_id))
        .where(order[0] >= since)
        .order_by(*order)
        .limit(ROWS)
    )
    rows = await lines(session, query)
    while rows:
        yield [(row.category or "", _edited(row)) for row in rows]
        last = rows[-1]
        place = sa.tuple_(sa.literal(last.decided_at, Moment()), sa.literal(last.decision_id, sa.Uuid()))
        rows = await lines(session, query.where(sa.tuple_(*order) > place)) if len(rows) == ROWS else []


def _edited(row: sa.Row[tuple[object, ...]]) -> EditedDraft:
    values = row._asdict()
    del values["category"]
    return EditedDraft(**{**values, "kinds": tuple(values["kinds"]), "passages": tuple(values["passages"])})
