"""All database queries of attention checks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from services.domain.known_bad_drafts import KnownBadDraft, by_id
from services.review.cases.attention_checks.check_tables import AttentionCheckRow
from services.review.cases.attention_checks.outcome import Outcome
from services.review.cases.case_state import Case
from services.review.people.rules import Scope
from services.runtime.database import Session, lines

WAITING = "attention checks that wait"


@dataclass(frozen=True)
class Answered:
    """A check that somebody has decided on."""

    request_id: UUID
    check: KnownBadDraft | None
    category: str
    outcome: Outcome
    answered_at: datetime


@dataclass(frozen=True)
class CategoryTally:
    """How checks of a category fared, whoever had them."""

    category: str
    people: int
    caught: int
    missed: int


async def case_of(session: Session, request_id: UUID, *, for_update: bool = False) -> Case | None:
    """The check as a case, where the id is one's."""
    row = await session.get(AttentionCheckRow, request_id, with_for_update=for_update, populate_existing=for_update)
    return Case.model_validate(row.case) if row else None


async def waiting(session: Session, email: str) -> list[Case]:
    """The checks that wait for that person; looked up once in a session, since many lists of a page ask."""
    kept: dict[str, list[Case]] = session.info.setdefault(WAITING, {})
    if email not in kept:
        rows = await session.exec(
            select(AttentionCheckRow).where(AttentionCheckRow.email == email, sa.text("review_attention_checks.answered_at is null"))
        )
        kept[email] = [Case.model_validate(row.case) for row in rows]
    return kept[email]


async def last_seen(session: Session, email: str) -> dict[str, datetime]:
    """When the person had each check last."""
    seen = sa.func.max(col(AttentionCheckRow.placed_at)).label("seen")
    query = sa.select(col(AttentionCheckRow.known_bad_draft), seen).where(col(AttentionCheckRow.email) == email)
    return {row.known_bad_draft: row.seen for row in await lines(session, query.group_by(col(AttentionCheckRow.known_bad_draft)))}


async def add(session: Session, case: Case, check: KnownBadDraft, now: datetime) -> None:
    """Puts the check into its person's queue."""
    session.info.pop(WAITING, None)
    session.add(
        AttentionCheckRow(
            request_id=case.request_id,
            record_key=str(case.request_id),
            email=case.invented_for or "",
            agency=case.agency or "",
            department=case.department or "",
            category=case.category or "",
            known_bad_draft=check.id,
            mistake=check.mistake,
            placed_at=now,
            case=case.model_dump(mode="json"),
        )
    )


async def save(session: Session, case: Case, outcome: Outcome | None, now: datetime) -> None:
    """Writes the check as it is after an action, and what came of it where it has ended."""
    session.info.pop(WAITING, None)
    row = await session.get(AttentionCheckRow, case.request_id)
    if not row:
        return
    row.case = case.model_dump(mode="json")
    if outcome:
        row.outcome, row.answered_at = outcome, now


async def claim_if_free(session: Session, request_id: UUID, email: str) -> bool:
    """Assigns a check that waits, as a case is assigned when somebody writes on it."""
    row = await session.get(AttentionCheckRow, request_id)
    if not row or row.answered_at or row.case.get("assignee"):
        return False
    row.case = {**row.case, "assignee": email}
    session.info.pop(WAITING, None)
    return True


async def check_of(session: Session, request_id: UUID) -> KnownBadDraft | None:
    """Which of the known drafts it shows."""
    row = await session.get(AttentionCheckRow, request_id)
    return by_id().get(row.known_bad_draft) if row else None


async def answered(session: Session, request_id: UUID) -> Answered | None:
    """What came of it; None while it waits, and of what is no check."""
    row = await session.get(AttentionCheckRow, request_id)
    return _answered(row) if row and row.answered_at else None


async def answered_by(session: Session, email: str, since: datetime) -> list[Answered]:
    """What a person has decided on since then, the newest first."""
    query = select(AttentionCheckRow).where(AttentionCheckRow.email == email, col(AttentionCheckRow.answered_at) >= since)
    return [_answered(row) for row in await session.exec(query.order_by(col(AttentionCheckRow.answered_at).desc()))]


def _answered(row: AttentionCheckRow) -> Answered:
    at = row.answered_at or row.placed_at
    return Answered(row.request_id, by_id().get(row.known_bad_draft), row.category, cast("Outcome", row.outcome), at)


async def tally(session: Session, since: datetime, scope: Scope) -> list[CategoryTally]:
    """How checks since then fared by category, in that scope. Nobody's name is read."""
    outcome = col(AttentionCheckRow.outcome)
    sums = [sa.func.sum(sa.case((outcome == name, 1), else_=0)).label(name) for name in ("caught", "missed")]
    people = sa.func.count(sa.distinct(col(AttentionCheckRow.email))).label("people")
    query = sa.select(col(AttentionCheckRow.category), people, *sums).where(
        col(AttentionCheckRow.answered_at) >= since, outcome != "passed_on", *_in_scope(scope)
    )
    rows = await lines(session, query.group_by(col(AttentionCheckRow.category)).order_by(col(AttentionCheckRow.category)))
    return [CategoryTally(row.category, row.people, row.caught, row.missed) for row in rows]


def _in_scope(scope: Scope) -> Sequence[sa.ColumnElement[bool]]:
    conditions = []
    if scope.agencies:
        conditions.append(col(AttentionCheckRow.agency).in_(scope.agencies))
    if scope.departments:
        conditions.append(col(AttentionCheckRow.department).in_(scope.departments))
    return conditions
