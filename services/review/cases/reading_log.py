"""Notes in the log who read a case: once an hour for each person and case, before anything of it is shown."""

from datetime import timedelta
from uuid import UUID

from services.review.audit import store as audit
from services.review.people.rules import Person
from services.runtime import clock
from services.runtime.database import Database

NOTED_AGAIN_AFTER = timedelta(hours=1)


async def note(database: Database, request_id: UUID, person: Person) -> None:
    """Adds the entry, unless there is one of this person and case already that is not an hour old."""
    now = clock.now()
    async with database.reading() as session:
        if await audit.was_read(session, request_id, person.email, since=now - NOTED_AGAIN_AFTER):
            return
    async with database.transaction() as session:
        if not await audit.was_read(session, request_id, person.email, since=now - NOTED_AGAIN_AFTER):
            await audit.add(session, audit.Entry(now, person.email, audit.READ, request_id))
