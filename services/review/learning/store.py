"""All database queries of training examples."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import sqlalchemy as sa
from sqlmodel import col, select

from schemas.values import Channel
from services.review.cases import statistics_store
from services.review.cases.statistics_store import CorrectedCase
from services.review.learning.rules import Decided, Lesson, Verdict
from services.review.learning.tables import TrainingRow
from services.review.people.rules import EVERYTHING, Scope
from services.runtime.database import Session, lines


@dataclass(frozen=True)
class Waiting:
    """A correction that nobody has decided on, or that was changed since, with the version of the case to decide on."""

    lesson: Lesson
    version: int
    received_at: datetime


async def waiting(session: Session, *, scope: Scope = EVERYTHING, agency: str | None = None, limit: int = 50) -> list[Waiting]:
    """The corrections that wait for a supervisor, the oldest message first."""
    settled = sa.select(col(TrainingRow.request_id), col(TrainingRow.category))
    corrected = await statistics_store.corrected(session, settled=settled, scope=scope, agency=agency, limit=limit)
    return [Waiting(_lesson(case), case.version, case.received_at) for case in corrected]


async def decided(
    session: Session, verdict: Verdict, *, scope: Scope = EVERYTHING, agency: str | None = None, limit: int | None = None
) -> list[Decided]:
    """What supervisors have accepted, or declined, the newest decision first."""
    query = select(TrainingRow).where(TrainingRow.verdict == verdict)
    query = query.order_by(col(TrainingRow.decided_at).desc(), col(TrainingRow.request_id))
    if scope.limited:
        query = query.where(col(TrainingRow.request_id).in_(statistics_store.ids_in(scope)))
    if agency:
        query = query.where(TrainingRow.agency == agency)
    return [_decided(row) for row in (await session.exec(query.limit(limit) if limit else query)).all()]


async def keep(session: Session, decision: Decided) -> None:
    """Keeps the decision; a later one takes its place, and the log has both."""
    lesson = decision.lesson
    await session.merge(
        TrainingRow(
            request_id=lesson.request_id,
            verdict=decision.verdict,
            agency=lesson.agency,
            language=lesson.language,
            channel=lesson.channel,
            text=lesson.text,
            said=lesson.said,
            category=lesson.category,
            decided_by=decision.decided_by,
            decided_at=decision.decided_at,
            note=decision.note,
        )
    )


async def accepted_by_category(session: Session, scope: Scope = EVERYTHING) -> dict[str, int]:
    """How many accepted examples each category has."""
    query = sa.select(col(TrainingRow.category), sa.func.count()).where(col(TrainingRow.verdict) == "accepted")
    if scope.limited:
        query = query.where(col(TrainingRow.request_id).in_(statistics_store.ids_in(scope)))
    return _counts(await lines(session, query.group_by(col(TrainingRow.category))))


def _counts(rows: Sequence[sa.Row[Any]]) -> dict[str, int]:
    return {str(category): int(count) for category, count in (tuple(row) for row in rows)}


def _lesson(case: CorrectedCase) -> Lesson:
    triage = case.triage
    hidden = triage["redacted"]
    return Lesson(
        request_id=case.request_id,
        agency=triage["agency"],
        language=triage["language"]["code"],
        channel=triage["channel"],
        text=f"{hidden.get('subject') or ''}\n{hidden['body']}".strip(),
        said=triage["category"],
        category=case.category,
    )


def _decided(row: TrainingRow) -> Decided:
    lesson = Lesson(row.request_id, row.agency, row.language, cast("Channel", row.channel), row.text, row.said, row.category)
    return Decided(lesson, cast("Verdict", row.verdict), row.decided_by, row.decided_at, row.note)
