"""The workbench's own commands on a practice store: what drafting would do is done at once, from the exercise."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.review.audit import store as audit
from services.review.audit.store import Entry
from services.review.cases import case_state, store
from services.review.cases.case_state import Case, State
from services.review.cases.commands import CaseCommands
from services.review.cases.deciding.actions import Action
from services.review.cases.writing.written_text import PROGRAM
from services.review.people import session_store
from services.review.people import store as people
from services.review.people.powers import Role
from services.review.people.rules import Person, Scope
from services.review.people.session_store import Lasting
from services.review.practice import exercises
from services.review.practice.exercises import Exercise, Feedback
from services.runtime import clock
from services.runtime.database import Session
from services.runtime.errors import Conflict, NotFound

MOST_LEARNERS = 500
HOST = "practice.example"


@dataclass(frozen=True)
class PracticeCommands(CaseCommands):
    """Every change of a practice case. Each person practises on letters of their own, which no colleague sees."""

    async def act(self, request_id: UUID, version: int, action: Action, person: Person, page: str = PROGRAM) -> Case:
        """Applies a person's action; where that asks for another draft, it is there at once."""
        case = await super().act(request_id, version, action, person, page)
        exercise = exercises.exercise_of(request_id, case.agency or "")
        if case.state is not State.DRAFTING or not exercise:
            return case
        async with self.database.transaction() as session:
            return await self._draft(session, exercise, await store.case_for(session, request_id), clock.now())

    async def enter(self, name: str, slug: str, lasting: Lasting, address: str, browser: str) -> str:
        """A session's token for somebody of that name; who comes for the first time gets their letters. Raises Conflict."""
        now = clock.now()
        async with self.database.transaction() as session:
            email = f"{slug}@{HOST}"
            try:
                await people.person(session, email)
            except NotFound:
                if len(await people.people(session)) >= MOST_LEARNERS:
                    raise Conflict(
                        f"{MOST_LEARNERS} people practise here already: empty the practice folder of the data directory"
                    ) from None
                agency = _round(slug, 1)
                await people.add_person(session, email, Role.CASEWORKER, now, name=name, scope=Scope(agencies=(agency,)))
                await self._hand_out(session, agency, now)
            return await session_store.begin(session, email, now, lasting, address, browser)

    async def begin_again(self, person: Person) -> None:
        """Gives somebody all letters anew; the former ones are not shown to anybody any more."""
        slug, number = person.agencies[0].rsplit("-", 1)
        agency = _round(slug, int(number) + 1)
        async with self.database.transaction() as session:
            await people.change_rights(session, person.email, person.role, person.also, Scope(agencies=(agency,)))
            await self._hand_out(session, agency, clock.now())

    async def progress(self, person: Person) -> list[tuple[Exercise, Case, Feedback]]:
        """Each letter of somebody's round, and what they made of it."""
        agency = person.agencies[0]
        async with self.database.reading() as session:
            cases = [await store.look(session, exercises.id_of(exercise, agency)) for exercise in exercises.exercises()]
        return [(exercise, case, exercises.judged(exercise, case)) for exercise, case in zip(exercises.exercises(), cases, strict=True)]

    async def _hand_out(self, session: Session, agency: str, now: datetime) -> None:
        for exercise in exercises.exercises():
            request_id = exercises.id_of(exercise, agency)
            case = await store.case_or_new(session, request_id, now, {})
            case = case_state.with_request(case, exercises.request_of(exercise, agency, case), now)
            triage = exercises.triage_of(exercise, agency, case, self.taxonomy.department_of(exercise.category))
            case = case_state.with_triage(case, triage, self.taxonomy, now)
            await audit.add(session, Entry(now, audit.PARVIS, "received", request_id, {"channel": exercise.channel}))
            await self._draft(session, exercise, case, now)

    async def _draft(self, session: Session, exercise: Exercise, case: Case, now: datetime) -> Case:
        draft = exercises.draft_of(exercise, case)
        await store.add_draft(session, draft, now)
        case = case_state.with_draft(case, draft, now)
        await store.save(session, case, None)
        await audit.add(session, Entry(now, audit.PARVIS, "drafted", case.request_id, {"revision": draft.revision}))
        return case


def _round(slug: str, number: int) -> str:
    return f"{slug}-{number}"
