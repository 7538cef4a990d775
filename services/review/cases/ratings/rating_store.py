"""Every database query about what citizens said of replies."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from pydantic import BaseModel
from sqlmodel import col, select

from schemas.replies_rated import ReplyRated
from services.review.cases.queue.case_lists import in_scope
from services.review.cases.ratings.rating_tables import RatingRow
from services.review.cases.tables import WHOLE, CaseRow
from services.review.people.rules import Scope
from services.runtime.database import Session, insert_new, lines


class Rating(BaseModel):
    """Whether the reply of a case solved the matter, as its citizen said last."""

    solved: bool
    rated_at: datetime


async def keep(session: Session, rated: ReplyRated) -> bool:
    """Keeps the rating, unless a later one of the case is there; says whether it was new."""
    values = rated.model_dump(include=set(RatingRow.model_fields))
    if await insert_new(session, RatingRow(**values)):
        return True
    row = sa.update(RatingRow).where(col(RatingRow.request_id) == rated.request_id, col(RatingRow.rated_at) < rated.rated_at)
    return bool((await session.exec(row.values(**values))).rowcount)


async def of_case(session: Session, request_id: UUID) -> Rating | None:
    """What the citizen said of the case's reply."""
    row = (await session.exec(select(RatingRow).where(RatingRow.request_id == request_id))).first()
    return Rating(solved=row.solved, rated_at=row.rated_at) if row else None


async def by_category(
    session: Session, since: datetime, until: datetime, scope: Scope, agency: str | None = None
) -> list[tuple[str, int, int]]:
    """Of each category of these cases how many citizens answered in that time, and how many of them that it is solved."""
    conditions = [*in_scope(scope), *([col(RatingRow.agency) == agency] if agency else [])]
    category, solved = col(CaseRow.category), col(RatingRow.solved)
    query: Any = (
        sa.select(category.label("category"), sa.func.count().label("answers"), sa.func.sum(sa.case((solved, 1), else_=0)).label("solved"))
        .select_from(RatingRow)
        .join(CaseRow, col(CaseRow.request_id) == col(RatingRow.request_id))
        .where(WHOLE, col(RatingRow.rated_at) >= since, col(RatingRow.rated_at) < until, *conditions)
    )
    return [(row.category or "", row.answers, row.solved) for row in await lines(session, query.group_by(category))]
