"""Records a supervisor's verdict on a correction, in one transaction with its audit entry."""

from uuid import UUID

from services.review.audit import store as audit
from services.review.cases import store as cases
from services.review.cases.commands import CaseCommands, must_be_current
from services.review.cases.deciding.rules import visible
from services.review.learning import rules, store
from services.review.learning.rules import Decided, Verdict
from services.review.people.rules import Person
from services.runtime import clock

AUDITED: dict[Verdict, str] = {"accepted": "teach", "declined": "do not teach"}


async def decide(commands: CaseCommands, request_id: UUID, version: int, verdict: Verdict, person: Person, note: str = "") -> Decided:
    """The case itself stays as it is. Raises StaleVersion where it is not as the supervisor saw it."""
    rules.must_teach(person)
    now = clock.now()
    async with commands.database.transaction() as session:
        case = visible(await cases.case_for(session, request_id), person)
        must_be_current(case, version)
        decision = rules.decide(case, verdict, person, now, note)
        await store.keep(session, decision)
        detail: dict[str, object] = {"category": [decision.lesson.said, decision.lesson.category]}
        if decision.note:
            detail["note"] = decision.note
        await audit.add(session, audit.Entry(now, person.email, AUDITED[verdict], request_id, detail))
    return decision
