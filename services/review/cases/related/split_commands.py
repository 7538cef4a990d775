"""Makes the case of a letter's second matter, in one transaction with its link, its log entries and the draft that is asked for."""

from uuid import UUID

from services.review.audit import store as audit
from services.review.audit.store import Entry
from services.review.cases import store
from services.review.cases.attachments import attachment_store
from services.review.cases.commands import SERVICE, CaseCommands
from services.review.cases.deciding import rules
from services.review.cases.deciding.draft_requests import draft_request
from services.review.cases.related import link_store
from services.review.cases.related.case_links import MOST_LINKS, CaseLink, LinkKind
from services.review.cases.related.splitting import SecondMatter, second_case, second_case_id
from services.review.people.rules import Person
from services.runtime import clock, outbox, telemetry
from services.runtime.errors import Conflict


async def split(commands: CaseCommands, request_id: UUID, matter: SecondMatter, person: Person) -> UUID:
    """Makes the second case and returns its number. A repeated call finds it made, and changes nothing."""
    now = clock.now()
    async with commands.database.transaction() as session:
        # Held, so that of two calls at once the second one sees what the first has made.
        case = rules.visible(await store.case_for(session, request_id), person)
        if case.invented_for:  # a second case would be a real one, and nobody has written it
            raise Conflict("this letter has no second matter: decide on it as it is")
        if case.machine:
            raise Conflict("a machine wrote this mail, so nobody is answered: if a person wrote it after all, say so first")
        if case.joined_into:
            raise Conflict("the case is closed as a duplicate: split the case that answers for it, or separate the two again")
        number = second_case_id(request_id, matter.category)
        if await store.request_in(session, number):
            return number
        second = second_case(case, matter, now, commands.taxonomy)
        if len(await link_store.of_case(session, request_id)) >= MOST_LINKS:
            raise Conflict(f"a case has at most {MOST_LINKS} links")
        with telemetry.request_span("split letter", number, parent=case.trace, attributes={"parvis.decided_by": person.email}):
            await store.save(session, second, store.pause_for(second, now, commands.first_nudge))
            await attachment_store.copy(session, request_id, number)
            await outbox.add(session, SERVICE, draft_request(second), lane=second.agency or "")
            await link_store.add(session, [CaseLink(number, request_id, LinkKind.SPLIT)], person.email, now)
            sorted_as = {"category": matter.category, "department": second.department}
            await audit.add(session, Entry(now, person.email, "split letter", request_id, {"second_case": str(number), "as": sorted_as}))
            await audit.add(session, Entry(now, person.email, "split off", number, {"of": str(request_id), "as": sorted_as}))
    commands.wake()
    return number
