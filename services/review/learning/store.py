"""Every query about what the classifier learns from."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from schemas.values import Channel
from services.review.cases.rules import CLOSABLE
from services.review.cases.store import in_scope
from services.review.cases.tables import CaseRow
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
    said, outcome = col(CaseRow.triage)["category"].as_string(), col(CaseRow.triage)["outcome"].as_string()
    undecided = col(TrainingRow.request_id).is_(None) | (col(TrainingRow.category) != col(CaseRow.category))
    query = (
        sa.select(col(CaseRow.request_id), col(CaseRow.category), col(CaseRow.version), col(CaseRow.received_at), col(CaseRow.triage))
        .outerjoin(TrainingRow, col(TrainingRow.request_id) == col(CaseRow.request_id))
        # Written as the partial index has it, which is used for nothing else.
        .where(
            sa.text("review_cases.sorted_by_person"),
            undecided,
            (said != col(CaseRow.category)) | (outcome == "needs_triage"),
            *in_scope(scope),
        )
        .order_by(col(CaseRow.received_at), col(CaseRow.request_id))
        .limit(limit)
    )
    if agency:
        query = query.where(col(CaseRow.agency) == agency)
    return [Waiting(_lesson(row), row.version, row.received_at) for row in await lines(session, query)]


async def decided(
    session: Session, verdict: Verdict, *, scope: Scope = EVERYTHING, agency: str | None = None, limit: int | None = None
) -> list[Decided]:
    """What supervisors have accepted, or declined, the newest decision first."""
    query = select(TrainingRow).where(TrainingRow.verdict == verdict)
    query = query.order_by(col(TrainingRow.decided_at).desc(), col(TrainingRow.request_id))
    if scope.limited:
        query = query.where(col(TrainingRow.request_id).in_(_cases_in(scope)))
    if agency:
        query = query.where(TrainingRow.agency == agency)
    return [_decided(row) for row in (await session.exec(query.limit(limit) if limit else query)).all()]


async def keep(session: Session, one: Decided) -> None:
    """Keeps the decision; a later one takes its place, and the log has both."""
    lesson = one.lesson
    await session.merge(
        TrainingRow(
            request_id=lesson.request_id,
            verdict=one.verdict,
            agency=lesson.agency,
            language=lesson.language,
            channel=lesson.channel,
            text=lesson.text,
            said=lesson.said,
            category=lesson.category,
            decided_by=one.decided_by,
            decided_at=one.decided_at,
            note=one.note,
        )
    )


async def open_by_category(session: Session) -> dict[str, int]:
    """How many cases of each category somebody still works on."""
    query = (
        sa.select(col(CaseRow.category), sa.func.count())
        .where(col(CaseRow.state).in_([state.value for state in CLOSABLE]), col(CaseRow.category).is_not(None))
        .group_by(col(CaseRow.category))
    )
    return _counts(await lines(session, query))


async def accepted_by_category(session: Session, scope: Scope = EVERYTHING) -> dict[str, int]:
    """How many accepted examples each category has."""
    query = sa.select(col(TrainingRow.category), sa.func.count()).where(col(TrainingRow.verdict) == "accepted")
    if scope.limited:
        query = query.where(col(TrainingRow.request_id).in_(_cases_in(scope)))
    return _counts(await lines(session, query.group_by(col(TrainingRow.category))))


def _cases_in(scope: Scope) -> Any:  # noqa: ANN401 - a select of ids
    return sa.select(col(CaseRow.request_id)).where(*in_scope(scope))


def _counts(rows: Sequence[sa.Row[Any]]) -> dict[str, int]:
    return {str(category): int(count) for category, count in (tuple(row) for row in rows)}


def _lesson(row: Any) -> Lesson:  # noqa: ANN401 - a row of named columns
    triage = row.triage
    hidden = triage["redacted"]
    return Lesson(
        request_id=UUID(str(row.request_id)),
        agency=triage["agency"],
        language=triage["language"]["code"],
        channel=triage["channel"],
        text=f"{hidden.get('subject') or ''}\n{hidden['body']}".strip(),
        said=triage["category"],
        category=row.category,
    )


def _decided(row: TrainingRow) -> Decided:
    lesson = Lesson(row.request_id, row.agency, row.language, cast("Channel", row.channel), row.text, row.said, row.category)
    return Decided(lesson, cast("Verdict", row.verdict), row.decided_by, row.decided_at, row.note)
