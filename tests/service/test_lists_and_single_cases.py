"""What somebody may open is what their lists hold: the rule of a single case and the queries are compared over all states."""

import itertools
from uuid import UUID, uuid4

from services.review.cases import store
from services.review.cases.case_state import Case, State
from services.review.cases.deciding import rules
from services.review.cases.queue import case_lists
from services.review.people.rules import Person, Role
from services.runtime.database import Database
from tests.case_builders import NOW, received, triaged

READERS = [
    Person("r@city.example", "Reader", Role.CASEWORKER, departments, agencies)
    for departments in ((), ("streets",), ("streets", "social"), ("nowhere",))
    for agencies in ((), ("belrive",), ("harbour", "belrive"))
]


def cases_of_every_kind() -> list[Case]:
    """Each state with each way of having been sorted or not, as the classifier, a person and an urgent draft can lead to."""
    cases = []
    outcomes, departments, agencies = (None, "routed", "needs_triage"), ("streets", "social", None), ("belrive", "harbour")
    for state, outcome, by_person, department, agency in itertools.product(State, outcomes, (False, True), departments, agencies):
        request_id = uuid4()
        triage = triaged(request_id=request_id, agency=agency, outcome=outcome) if outcome else None
        cases.append(
            Case(
                request_id=request_id,
                state=state,
                created_at=NOW,
                updated_at=NOW,
                request=received(request_id=str(request_id), agency=agency),
                triage=triage,
                department=department,
                sorted_by_person=by_person,
            )
        )
    return cases


async def listed(database: Database, person: Person) -> set[UUID]:
    """All pages of the queue."""
    ids: set[UUID] = set()
    cursor = None
    async with database.reading() as session:
        while True:
            lines, cursor = await case_lists.page(session, case_lists.Query(scope=person.scope, cursor=cursor, limit=200))
            ids |= {line.request_id for line in lines}
            if not cursor:
                return ids


async def test_lists_hold_exactly_what_may_be_opened_in_every_state(database: Database) -> None:
    cases = cases_of_every_kind()
    async with database.transaction() as session:
        for case in cases:
            await store.save(session, case, None)

    for person in READERS:
        theirs = {case.request_id for case in cases if rules.in_scope(case, person)}
        assert await listed(database, person) == theirs, person
        async with database.reading() as session:
            assert set(await case_lists.lines_of(session, [case.request_id for case in cases], person.scope)) == theirs
            counts = await case_lists.counts(session, person.scope)
        assert counts == {state: sum(1 for case in cases if case.state is state and case.request_id in theirs) for state in State}
