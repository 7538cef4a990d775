"""Which of the cases that have just changed belong to a list that a browser can't judge: one by words, by agency, by mentions."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from services.review.cases.live.live_updates import MOST_TOLD
from services.review.cases.queue import case_lists
from services.review.cases.queue.queue_page import QueueFilters
from services.review.cases.request_dependencies import CommandsDep
from services.review.people.authentication import PersonFirst
from services.review.people.pages import LookerDep

router = APIRouter(include_in_schema=False, route_class=PersonFirst)


class Asked(QueueFilters):
    """The list, as the queue's address has it, and the cases that changed."""

    id: Annotated[list[UUID], Field(min_length=1, max_length=MOST_TOLD)]


class Belonging(BaseModel):
    """Those of them that the list holds."""

    ids: list[UUID]


@router.get("/live/hits")
async def belonging(asked: Annotated[Asked, Query()], visitor: LookerDep, commands: CommandsDep) -> Belonging:
    """Asked by the open page, a moment after it was told of changes."""
    async with commands.database.reading() as session:
        return Belonging(ids=await case_lists.among(session, asked.query(visitor.person), asked.id))
