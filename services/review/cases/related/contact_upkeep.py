"""Keeps the contacts of cases that were there before, a little at a time while the service runs."""

from collections.abc import Sequence

from services.review.cases import upkeep
from services.review.cases.case_state import Case
from services.review.cases.related import contact_store
from services.runtime.database import Database, Session


async def keep_all(database: Database) -> None:
    """Looks through all cases of before, the newest first, each hundred in a transaction of its own."""
    await database.in_turns(_keep_some)


async def _keep_some(session: Session) -> bool:
    return await upkeep.go_on(session, contact_store.NAME, _keep)


async def _keep(session: Session, cases: Sequence[Case]) -> None:
    for case in cases:
        await contact_store.keep(session, case)
