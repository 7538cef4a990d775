"""Links two cases and parts them again, in one transaction each with an entry in the log of both."""

from uuid import UUID

from services.review.audit import store as audit
from services.review.audit.store import Entry
from services.review.cases import store
from services.review.cases.case_state import Case
from services.review.cases.deciding import rules
from services.review.cases.related import link_store
from services.review.cases.related.case_links import MOST_LINKS, follow_up_of, number_of
from services.review.people.rules import Person
from services.runtime import clock
from services.runtime.database import Database, Session
from services.runtime.errors import InvalidInput, NotFound


async def link(database: Database, request_id: UUID, text: str, person: Person) -> None:
    """Links the case with the one whose number the text holds. Raises InvalidInput. Twice is the same as once."""
    now = clock.now()
    async with database.transaction() as session:
        case = rules.visible(await store.look(session, request_id), person)
        number = number_of(text)
        pair = follow_up_of(case, await _other(session, case, number, person))
        for side in (pair.request_id, pair.other):
            if len(await link_store.of_case(session, side)) >= MOST_LINKS:
                raise InvalidInput(f"case: a case has at most {MOST_LINKS} links", field="case")
        if await link_store.add(session, [pair], person.email, now):
            await audit.add(session, Entry(now, person.email, "link case", pair.request_id, {"follows": str(pair.other)}))
            await audit.add(session, Entry(now, person.email, "link case", pair.other, {"followed_by": str(pair.request_id)}))


async def unlink(database: Database, request_id: UUID, text: str, person: Person) -> None:
    """Parts two cases. Raises InvalidInput where the other one is not this person's to see, as if there were none."""
    now = clock.now()
    async with database.transaction() as session:
        case = rules.visible(await store.look(session, request_id), person)
        other = await _other(session, case, number_of(text), person)
        if await link_store.remove(session, case.request_id, other.request_id):
            for side, far in ((case, other), (other, case)):
                await audit.add(session, Entry(now, person.email, "unlink case", side.request_id, {"case": str(far.request_id)}))


async def _other(session: Session, case: Case, number: UUID, person: Person) -> Case:
    """A case of the same agency that is the person's to see. Of any other nothing is told, not even that it is there."""
    try:
        other = await store.look(session, number)
        theirs = other.agency == case.agency and rules.in_scope(other, person)
        if theirs and other.request and not (other.invented_for or case.invented_for):
            return other
    except NotFound:
        pass
    raise InvalidInput(f"case: there is no case {number} that this one could be linked with", field="case")
