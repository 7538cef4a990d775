"""Goes through the cases that were there before a feature, the newest first, a little at a time while the service runs."""

import json
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from uuid import UUID

from services.review.cases import store, upkeep_store
from services.review.cases.case_state import Case
from services.runtime.database import Session

AT_ONCE = 100


async def go_on(
    session: Session,
    name: str,
    keep: Callable[[Session, Sequence[Case]], Awaitable[None]],
    at_once: int = AT_ONCE,
    since: datetime | None = None,
) -> bool:
    """Has `keep` do its work for the next cases, which are held for this transaction; none before `since`. Says whether more may be."""
    work = await upkeep_store.held(session, name)
    if work is None or work.done:
        return False
    position = json.loads(work.position) if work.position else None
    before = (datetime.fromisoformat(position["at"]), UUID(position["id"])) if position else None
    cases = await store.cases_before(session, before, at_once)
    await keep(session, [case for _, case in cases])
    if cases:
        received_at, last = cases[-1]
        work.position = json.dumps({"at": received_at.isoformat(), "id": str(last.request_id)})
    work.done = len(cases) < at_once or bool(since and cases[-1][0] < since)
    session.add(work)
    return not work.done
