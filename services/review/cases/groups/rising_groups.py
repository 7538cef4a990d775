"""Tells a person which groups rise, by the messages that are theirs to see and no others."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel

from services.review.cases.case_state import UNDECIDED
from services.review.cases.groups import group_store, rising
from services.review.cases.groups.rising import Rise
from services.review.cases.queue import case_lists
from services.review.people.rules import Person
from services.runtime.database import Session

MOST_LOOKED_AT = 20
MOST_TOLD = 3


class RisingGroup(BaseModel):
    """A group that rises, with the subject of its newest message."""

    group_id: UUID
    title: str
    shown: str
    hours: int
    usual: float


async def rising_groups(session: Session, person: Person, now: datetime) -> list[RisingGroup]:
    """The groups that rise also by what this person sees of them, the most messages first; none of which all are answered."""
    looked_at = [
        (group.group_id, await rise_for(session, group.group_id, person, now))
        for group in await group_store.rising_groups(session, person.scope, MOST_LOOKED_AT)
    ]
    waiting = [
        (group_id, rise)
        for group_id, rise in looked_at
        if rise and await group_store.members(session, group_id, person.scope, 1, states=UNDECIDED)
    ]
    rises = sorted(waiting, key=lambda group: -group[1].count)[:MOST_TOLD]
    return [
        RisingGroup(
            group_id=group_id, title=await title_of(session, group_id, person), shown=rise.shown, hours=rise.hours, usual=rise.usual
        )
        for group_id, rise in rises
    ]


async def rise_for(session: Session, group_id: UUID, person: Person, now: datetime) -> Rise | None:
    """How the group rises by the messages that this person may see."""
    return rising.rise_of(await group_store.moments_in_scope(session, group_id, person.scope, now), now)


async def title_of(session: Session, group_id: UUID, person: Person) -> str:
    """The subject of the newest message of the group that this person may see; empty where there is none."""
    newest = await group_store.members(session, group_id, person.scope, 1, newest_first=True)
    if not newest:
        return ""
    shown = await case_lists.lines_of(session, [newest[0].request_id], person.scope)
    return next((line.subject for line in shown.values()), "")
