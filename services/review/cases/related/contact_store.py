"""Keeps under which contacts a citizen wrote, and looks up cases by them."""

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from services.review.cases.case_state import Case
from services.review.cases.related.contact_keys import contact_keys
from services.review.cases.related.contact_tables import ContactRow
from services.runtime.database import Session, insert_all_new, lines

NAME = "citizen contacts"


async def keep(session: Session, case: Case) -> None:
    """Keeps the contacts of a case's citizen. Twice is the same as once."""
    if case.request and (keys := contact_keys(case)):
        rows = [ContactRow(contact=key, received_at=case.request.received_at, request_id=case.request_id) for key in keys]
        await insert_all_new(session, rows)


async def newest_with(session: Session, keys: Sequence[bytes], but: UUID, most: int) -> list[UUID]:
    """The newest cases under any of these keys, without that one: one range of the index for each key."""
    of_keys = [
        sa.select(col(ContactRow.request_id), col(ContactRow.received_at))
        .where(col(ContactRow.contact) == key, col(ContactRow.request_id) != but)
        .order_by(col(ContactRow.received_at).desc(), col(ContactRow.request_id).desc())
        .limit(most)
        .subquery()
        for key in keys
    ]
    if not of_keys:
        return []
    together = sa.union(*(sa.select(of_key) for of_key in of_keys)).subquery()
    newest = sa.select(together.c.request_id).order_by(together.c.received_at.desc(), together.c.request_id.desc()).limit(most)
    return [row.request_id for row in await lines(session, newest)]
