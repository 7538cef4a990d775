"""Reads decisions, mail, edits and gaps of a period for the pages of quality; keeps what people changed of drafts and said about gaps."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import cast
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from services.review.cases import statistics_store
from services.review.cases import store as cases
from services.review.cases.daily_figures import daily_store
from services.review.cases.daily_figures.daily_store import Chosen
from services.review.people.rules import EVERYTHING, Scope
from services.review.quality import rules
from services.review.quality.edit_report import AlikeDrafts, EditedDraft, Report, Tally
from services.review.quality.gaps import Gap, Verdict
from services.review.quality.rules import Decided, Kind, Mail
from services.review.quality.tables import DraftEditRow, GapVerdictRow
from services.runtime.database import Database, Session, insert_all_new, lines

AT_ONCE = 50
"""Decisions compared with their drafts in one go: their texts are in memory together."""
MOST_GAPS = 1_000
BACKGROUND = 400
"""Messages of any matter that the words of gaps are compared with."""
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


async def note_all_edits(database: Database) -> None:
    """Compares every decision that was not looked at yet, some at a time."""
    while await note_edits(database):
        continue


def _row(edited: EditedDraft) -> DraftEditRow:
    return DraftEditRow(**{**vars(edited), "kinds": list(edited.kinds), "passages": list(edited.passages)})


async def decided_on(session: Session, chosen: Chosen) -> list[Decided]:
    """The decisions of those days that were not recalled, as the days were added up."""
    sums = await daily_store.sums(session, "decided", chosen, ("category", "aspect", "bucket"))
    return [Decided(cast("Kind", row.aspect), row.category, row.bucket, int(row.cases), row.total) for row in sums]


async def mail_of(session: Session, chosen: Chosen) -> Mail:
    """What came in on those days and was sorted, as the days were added up."""
    sums = [row for row in await daily_store.sums(session, "received", chosen, ("category",)) if row.category]
    return _mail([(row.category, int(row.cases), row.total) for row in sums])


async def mail_between(session: Session, since: datetime, until: datetime, scope: Scope) -> Mail:
    """What came in then in that scope, by its category as it is now."""
    return _mail(await statistics_store.received_between(session, since, until, scope))


def _mail(counts: Sequence[tuple[str, int, float]]) -> Mail:
    total = sum(number for _, number, _ in counts)
    return Mail({name: number for name, number, _ in counts}, sum(confidence for _, _, confidence in counts) / total if total else None)


async def tally_since(
    session: Session, since: datetime, scope: Scope = EVERYTHING, agency: str | None = None, until: datetime | None = None
) -> Report:
    """What became of drafts since then, and before `until`, by their case's category as it is now; recalled decisions are left out.

    The database adds up what is alike in everything, so that what is read grows with the articles and prompts, not with the drafts.
    """
    standing = statistics_store.standing_cases(since, scope, agency).subquery()
    kinds, passages = sa.cast(col(DraftEditRow.kinds), sa.String), sa.cast(col(DraftEditRow.passages), sa.String)
    names = [col(getattr(DraftEditRow, name)) for name in ("letter", "drafted_by", "model", "prompt_version")]
    alike = (standing.c.category, kinds.label("kinds"), passages.label("passages"), *names)
    distance = col(DraftEditRow.distance)
    sums = (sa.func.count().label("drafts"), sa.func.count(distance).label("sent"), sa.func.sum(distance).label("distance"))
    query = (
        sa.select(*alike, *sums)
        .join(standing, standing.c.decision_id == col(DraftEditRow.decision_id))
        .where(col(DraftEditRow.decided_at) >= since)
        .group_by(*alike)
    )
    if until:
        query = query.where(col(DraftEditRow.decided_at) < until)
    tally = Tally()
    for row in await lines(session, query):
        tally.add(
            AlikeDrafts(
                category=row.category or "",
                kinds=tuple(json.loads(row.kinds)),
                passages=tuple(json.loads(row.passages)),
                letter=row.letter,
                drafted_by=row.drafted_by,
                model=row.model,
                prompt_version=row.prompt_version,
                drafts=row.drafts,
                sent=row.sent,
                distance=row.distance or 0.0,
            )
        )
    return tally.report()


async def gaps_since(session: Session, since: datetime, scope: Scope = EVERYTHING, agency: str | None = None) -> list[Gap]:
    """Messages since then that nothing published fitted and that nobody has said anything about, the newest first."""
    kinds, request_id = sa.cast(col(DraftEditRow.kinds), sa.String), col(DraftEditRow.request_id)
    decided = col(DraftEditRow.decided_at) >= since
    useless = kinds.contains('"rejected"') | (kinds.contains('"rewritten"') & kinds.contains('"passage_dropped"'))
    useful = sa.select(request_id).where(decided, kinds.contains('"unchanged"') | kinds.contains('"greeting_or_closing"'))
    of_no_use = sa.select(request_id).where(decided, useless, request_id.not_in(useful))
    settled = sa.select(col(GapVerdictRow.request_id))
    messages = await statistics_store.unanswered(
        session, since, also=of_no_use, settled=settled, scope=scope, agency=agency, limit=MOST_GAPS
    )
    quoted = [message.request_id for message in messages if message.quoted]
    reasons = await statistics_store.reasons_of_rejections(session, quoted)
    return [
        Gap(
            request_id=message.request_id,
            category=message.category,
            language=message.language,
            title=message.title,
            text=message.text,
            received_at=message.received_at,
            why="nothing_quoted" if not message.quoted else "rejected" if message.request_id in reasons else "rewritten",
            reason=reasons.get(message.request_id, ""),
        )
        for message in messages
    ]


async def some_mail(session: Session, scope: Scope = EVERYTHING) -> list[str]:
    """The words of the newest messages of any matter, plain."""
    return await statistics_store.newest_words(session, scope, BACKGROUND)


async def cited_now(session: Session, scope: Scope = EVERYTHING) -> set[str]:
    """The passages that waiting drafts cite."""
    return await statistics_store.cited_by_waiting(session, scope)


async def keep_verdict(session: Session, request_id: UUID, verdict: Verdict, by: str, now: datetime) -> None:
    """Keeps what was said; a later word takes its place, and the log has both."""
    await session.merge(GapVerdictRow(request_id=request_id, verdict=verdict, decided_by=by, decided_at=now))
