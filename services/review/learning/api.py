"""The JSON API of training examples: corrections that wait for a supervisor, and their verdicts."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, StringConstraints

from schemas.values import Channel
from services.review.cases.request_dependencies import CommandsDep
from services.review.learning import commands as learning
from services.review.learning import rules, store
from services.review.learning.rules import Decided, Lesson, Verdict
from services.review.people.authentication import FiguresDep, PersonFirst, TeacherDep

router = APIRouter(prefix="/api/v1", route_class=PersonFirst)


class LessonOut(BaseModel):
    """A correction. `version` is the case's, to decide with; `verdict` and what follows are empty while it waits."""

    request_id: UUID
    agency: str
    language: str
    channel: Channel
    text: str
    said: str
    category: str
    held_out: bool
    version: int | None = None
    verdict: Verdict | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None
    note: str = ""


class LessonList(BaseModel):
    """Corrections in one state."""

    items: list[LessonOut]


class VerdictBody(BaseModel):
    """Which version of the case the supervisor saw, and why they decide so if that needs saying."""

    model_config = ConfigDict(extra="forbid")

    version: int
    note: Annotated[str, StringConstraints(max_length=rules.MAX_NOTE)] = ""


@router.get("/learning")
async def list_lessons(
    person: FiguresDep,
    commands: CommandsDep,
    state: Literal["waiting", "accepted", "declined"] = "waiting",
    agency: str | None = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> LessonList:
    """Corrections that wait (the oldest first), or that were accepted or declined (the newest decision first)."""
    async with commands.database.reading() as session:
        if state == "waiting":
            waiting = await store.waiting(session, scope=person.scope, agency=agency, limit=limit)
            return LessonList(items=[_out(decision.lesson, version=decision.version) for decision in waiting])
        decisions = await store.decided(session, state, scope=person.scope, agency=agency, limit=limit)
    return LessonList(items=[_decided(decision) for decision in decisions])


@router.post("/learning/{request_id}/accept")
async def accept(request_id: UUID, sent: VerdictBody, person: TeacherDep, commands: CommandsDep) -> LessonOut:
    """The correction is an example: the next model that is trained from cases learns from it."""
    return _decided(await learning.decide(commands, request_id, sent.version, "accepted", person, sent.note))


@router.post("/learning/{request_id}/decline")
async def decline(request_id: UUID, sent: VerdictBody, person: TeacherDep, commands: CommandsDep) -> LessonOut:
    """The correction is no example, or no longer one: models that are trained from now on do not see it."""
    return _decided(await learning.decide(commands, request_id, sent.version, "declined", person, sent.note))


def _out(lesson: Lesson, **more: object) -> LessonOut:
    return LessonOut.model_validate({**vars(lesson), "held_out": rules.is_held_out(lesson.request_id), **more})


def _decided(decision: Decided) -> LessonOut:
    return _out(
        decision.lesson,
        verdict=decision.verdict,
        decided_by=decision.decided_by,
        decided_at=decision.decided_at,
        note=decision.note,
    )
