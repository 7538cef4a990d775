"""The page of corrections that wait for a supervisor's verdict."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel

from schemas.values import Channel
from services.review.cases.request_dependencies import CommandsDep
from services.review.learning import commands as learning
from services.review.learning import store
from services.review.learning.rules import Verdict
from services.review.people.authentication import PersonFirst
from services.review.people.pages import FiguresDep, TeacherDep
from services.review.web.templating import Page, render
from services.review.web.translation import reader
from services.runtime import clock

router = APIRouter(include_in_schema=False, route_class=PersonFirst)

SHOWN = 20


class LessonLine(BaseModel):
    """One correction, with the version of the case that the decision is about."""

    request_id: UUID
    version: int
    language: str
    channel: Channel
    text: str
    said: str
    category: str
    received_at: datetime


class LearningPage(Page):
    """The oldest that wait."""

    lessons: list[LessonLine]
    accepted: int


class VerdictForm(BaseModel):
    """What the two buttons send."""

    version: int
    verdict: Verdict


@router.get("/quality/learning")
async def show_lessons(visitor: FiguresDep, commands: CommandsDep) -> Response:
    """What colleagues sorted otherwise, to be learnt from or not."""
    async with commands.database.reading() as session:
        waiting = await store.waiting(session, scope=visitor.person.scope, limit=SHOWN)
        accepted = sum((await store.accepted_by_category(session, visitor.person.scope)).values())
    label, language = commands.taxonomy.label, reader().language
    lessons = [
        LessonLine(
            request_id=correction.lesson.request_id,
            version=correction.version,
            language=correction.lesson.language,
            channel=correction.lesson.channel,
            text=correction.lesson.text,
            said=label(correction.lesson.said, language),
            category=label(correction.lesson.category, language),
            received_at=correction.received_at,
        )
        for correction in waiting
    ]
    return render("learning.html", LearningPage(now=clock.now(), viewer=visitor.viewer, lessons=lessons, accepted=accepted))


@router.post("/quality/learning/{request_id}")
async def decide(request_id: UUID, form: Annotated[VerdictForm, Form()], visitor: TeacherDep, commands: CommandsDep) -> Response:
    """Accepts or declines one, and shows what still waits."""
    await learning.decide(commands, request_id, form.version, form.verdict, visitor.person)
    return RedirectResponse("/quality/learning", 303)
