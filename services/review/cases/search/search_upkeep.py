"""Indexes the cases that were there before the index, a little at a time while the service runs."""

from collections.abc import Sequence

from services.review.cases import upkeep, upkeep_store
from services.review.cases.case_state import Case
from services.review.cases.search import search_store
from services.runtime.database import Database, Session

AT_ONCE = 100
NAME = "search"


async def index_some(session: Session) -> bool:
    """Indexes the next hundred cases, the newest first. Says whether there may be more."""
    return await upkeep.go_on(session, NAME, _index, AT_ONCE)


async def _index(session: Session, cases: Sequence[Case]) -> None:
    first = await search_store.number_before_all(session)
    for place, case in enumerate(cases):
        await search_store.index(session, case, first - place)


async def index_all(database: Database) -> None:
    """Indexes what was there before the index, each hundred in a transaction of its own."""
    await database.in_turns(index_some)


async def begin_again(session: Session) -> None:
    """Makes the next rounds look at every case once more: what is indexed already costs no more than a look."""
    await upkeep_store.begin_again(session, NAME)
