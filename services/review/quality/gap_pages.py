"""The page of what is not published: messages that no answer fitted, and articles that nobody needs or everybody corrects."""

import asyncio
from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Query, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel

from services.review.cases.request_dependencies import CommandsDep, PublishedDep
from services.review.people.authentication import PersonFirst
from services.review.people.pages import FiguresDep, TeacherDep
from services.review.quality import article_report, gap_commands, store
from services.review.quality.article_report import ArticleUse
from services.review.quality.gaps import VERDICTS, Verdict, Why, grouped
from services.review.web.templating import Page, render
from services.review.web.translation import reader
from services.runtime import clock
from services.runtime.errors import InvalidInput

router = APIRouter(include_in_schema=False, route_class=PersonFirst)

SHOWN_GROUPS = 40
SHOWN_MESSAGES = 12


class GapLine(BaseModel):
    """One message."""

    request_id: UUID
    title: str
    language: str
    why: Why
    reason: str
    received_at: datetime


class GapCard(BaseModel):
    """Messages that one article might answer; a verdict is about all of them, shown or not."""

    number: int
    category: str
    words: list[str]
    lines: list[GapLine]
    more: int
    request_ids: list[UUID]


class GapsPage(Page):
    """What to write about, and what became of what is written."""

    days: int
    messages: int
    most: bool
    groups: list[GapCard]
    more: int
    articles: ArticleUse
    verdicts: list[Verdict]


class VerdictForm(BaseModel):
    """What the buttons of a group send."""

    messages: str
    verdict: Verdict
    days: Annotated[int, Query(ge=1, le=366)] = 30


@router.get("/quality/gaps")
async def show_gaps(
    visitor: FiguresDep, commands: CommandsDep, published: PublishedDep, days: Annotated[int, Query(ge=1, le=366)] = 30
) -> Response:
    """Messages that nothing published answered, by what they are about, with what there is to say of each."""
    now, scope = clock.now(), visitor.person.scope
    since = now - timedelta(days=days)
    async with commands.database.reading() as session:
        gaps = await store.gaps_since(session, since, scope)
        mail = await store.some_mail(session, scope)
        groups = await asyncio.to_thread(grouped, gaps, mail)
        use = article_report.use_of(published, await store.tally_since(session, since, scope), await store.cited_now(session, scope))
    cards = [
        GapCard(
            number=number,
            category=commands.taxonomy.label(group.category, reader().language) if group.category else "",
            words=list(group.words),
            lines=[GapLine.model_validate(gap, from_attributes=True) for gap in group.gaps[:SHOWN_MESSAGES]],
            more=max(len(group.gaps) - SHOWN_MESSAGES, 0),
            request_ids=[gap.request_id for gap in group.gaps[: gap_commands.MOST_AT_ONCE]],
        )
        for number, group in enumerate(groups[:SHOWN_GROUPS])
    ]
    page = GapsPage(
        now=now,
        viewer=visitor.viewer,
        days=days,
        messages=len(gaps),
        most=len(gaps) >= store.MOST_GAPS,
        groups=cards,
        more=max(len(groups) - SHOWN_GROUPS, 0),
        articles=use,
        verdicts=list(VERDICTS),
    )
    return render("gaps.html", page)


@router.post("/quality/gaps")
async def mark(form: Annotated[VerdictForm, Form()], visitor: TeacherDep, commands: CommandsDep) -> Response:
    """Says what became of the messages of a group, and shows what is left."""
    try:
        request_ids = [UUID(text) for text in form.messages.split()[: gap_commands.MOST_AT_ONCE + 1]]
    except ValueError:
        raise InvalidInput("messages: the form names something that is no request; load the page again", field="messages") from None
    await gap_commands.decide(commands, request_ids, form.verdict, visitor.person)
    return RedirectResponse(f"/quality/gaps?days={form.days}", 303)
