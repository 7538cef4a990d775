"""Keeps the contacts of cases that were there before, a little at a time while the service runs."""

import json

from services.review.cases import store
from services.review.cases.related import contact_store
from services.runtime.database import Database

AT_ONCE = 100


async def keep_all(database: Database) -> None:
    """Looks through all cases of before, the newest first, each hundred in a transaction of its own."""
    more = True
    while more:
        async with database.transaction() as session:
            held = await contact_store.next_of_before(session)
            if held is None:
                return
            upkeep, before = held
            cases = await store.cases_before(session, before, AT_ONCE)
            for received_at, case in cases:
                await contact_store.keep(session, case)
                upkeep.position = json.dumps({"at": received_at.isoformat(), "id": str(case.request_id)})
            upkeep.done = len(cases) < AT_ONCE
            session.add(upkeep)
            more = not upkeep.done
