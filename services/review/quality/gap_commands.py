"""Records what a supervisor says about messages that no published answer fitted, in one transaction with the audit entries."""

from collections.abc import Sequence
from uuid import UUID

from services.review.audit import store as audit
from services.review.cases import statistics_store
from services.review.cases.commands import CaseCommands
from services.review.people.powers import Power
from services.review.people.rules import Person, must
from services.review.quality import store
from services.review.quality.gaps import Verdict
from services.runtime import clock
from services.runtime.errors import InvalidInput, NotFound

MOST_AT_ONCE = 500


async def decide(commands: CaseCommands, request_ids: Sequence[UUID], verdict: Verdict, person: Person) -> int:
    """Marks those messages; returns how many. Raises NotAllowed, or NotFound where one is not theirs to see, and then marks none."""
    must(person, Power.TEACH)
    wanted = sorted(set(request_ids))
    if not 0 < len(wanted) <= MOST_AT_ONCE:
        raise InvalidInput(f"messages: name between 1 and {MOST_AT_ONCE}, these are {len(wanted)}", field="messages")
    now = clock.now()
    async with commands.database.transaction() as session:
        theirs = await statistics_store.those_in(session, wanted, person.scope)
        if missing := set(wanted) - theirs:
            raise NotFound(f"there is no request {min(missing)}")
        for request_id in wanted:
            await store.keep_verdict(session, request_id, verdict, person.email, now)
            await audit.add(session, audit.Entry(now, person.email, "mark gap", request_id, {"verdict": verdict}))
    return len(wanted)
