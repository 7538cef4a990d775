"""Indexes the cases that were there before the index, a little at a time while the service runs."""

import json
from datetime import datetime
from uuid import UUID

from sqlmodel import select

from services.review.cases import store
from services.review.cases.search import search_store
from services.review.cases.search.search_tables import UpkeepRow
from services.runtime.database import Database, Session

AT_ONCE = 100
NAME = "search"


async def index_some(session: Session) -> bool:
    """Indexes the next hundred cases, the newest first. Says whether there may be more."""
    held = select(UpkeepRow).where(UpkeepRow.name == NAME).with_for_update(skip_locked=True)
    upkeep = (await session.exec(held)).first()
    if upkeep is None or upkeep.done:
        return False
    position = json.loads(upkeep.position) if upkeep.position else None
    before = (datetime.fromisoformat(position["at"]), UUID(position["id"])) if position else None
    number = position["number"] if position else await search_store.number_before_all(session)
    cases = await store.cases_before(session, before, AT_ONCE)
    for received_at, case in cases:
        await search_store.index(session, case, number)
        number -= 1
        upkeep.position = json.dumps({"at": received_at.isoformat(), "id": str(case.request_id), "number": number})
    upkeep.done = len(cases) < AT_ONCE
    session.add(upkeep)
    return not upkeep.done


async def index_all(database: Database) -> None:
    """Indexes what was there before the index, each hundred in a transaction of its own."""
    more = True
    while more:
        async with database.transaction() as session:
            more = await index_some(session)


async def begin_again(session: Session) -> None:
    """Makes the next rounds look at every case once more: what is indexed already costs no more than a look."""
    await session.merge(UpkeepRow(name=NAME))
