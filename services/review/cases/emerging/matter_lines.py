"""Tells a person what emerges, by the messages that are theirs to see and no others."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from pydantic import BaseModel

from services.review.cases.emerging import matter_store, matters
from services.review.cases.emerging.matter_store import Matter, MemberSeen
from services.review.cases.groups import rising_groups
from services.review.cases.groups.rising_groups import RisingGroup
from services.review.people.rules import Person
from services.runtime.database import Session

MOST_TOLD = 3
WITH_WORD = 2
"""Messages that a person sees with a word of the name, from which on it is shown to them."""


class MatterLine(BaseModel):
    """A line of the queue: so many people, in so many minutes, about this."""

    matter_id: UUID
    group_id: UUID
    people: int
    minutes: int
    about: list[str]
    usual: float


@dataclass(frozen=True)
class Announced:
    """What stands above the queue: what emerges, and groups that rise and are none of these."""

    matters: list[MatterLine]
    groups: list[RisingGroup]


async def announced(session: Session, person: Person, now: datetime) -> Announced:
    """Each once: a group whose matter is told, or that a person said is none, is not told again as a group that rises."""
    lines = await matter_lines(session, person, now)
    spoken_of = {line.group_id for line in lines} | await matter_store.dismissed_groups(session, person.scope)
    groups = await rising_groups.rising_groups(session, person, now)
    return Announced(lines, [group for group in groups if group.group_id not in spoken_of])


async def matter_lines(session: Session, person: Person, now: datetime) -> list[MatterLine]:
    """The matters that people write about now, also by what this person sees of them, those of most people first."""
    lines = [await line_of(session, matter, person, now) for matter in await matter_store.announced(session, person.scope)]
    shown = sorted((line for line in lines if line), key=lambda line: -line.people)
    return shown[:MOST_TOLD]


async def sees(session: Session, matter: Matter, person: Person) -> bool:
    """Whether any of its messages is this person's to see."""
    return bool(await matter_store.members_seen(session, matter.matter_id, person.scope, matter.since - timedelta(minutes=1)))


async def line_of(session: Session, matter: Matter, person: Person, now: datetime) -> MatterLine | None:
    """The line of one matter; none where too few people of the last hour are theirs to see, or all of them have an answer."""
    seen = await matter_store.members_seen(session, matter.matter_id, person.scope, now - matters.WINDOW)
    people = matters.people_of([member.message for member in seen])
    if people < matters.FEWEST or not any(member.waits for member in seen):
        return None
    minutes = math.ceil((now - min(member.message.received_at for member in seen)) / timedelta(minutes=1))
    limited = bool(person.scope.departments)
    return MatterLine(
        matter_id=matter.matter_id,
        group_id=matter.group_id,
        people=people,
        minutes=max(minutes, 1),
        about=_about(matter, seen) if limited else [*matter.name.words, *matter.name.streets],
        usual=matter.usual,
    )


def _about(matter: Matter, seen: Sequence[MemberSeen]) -> list[str]:
    """The words that stand in messages of their own: what others were told is not theirs to know."""
    having = {term: sum(term in member.message.terms for member in seen) for term in matter.name.terms}
    return [word for word, term in zip(matter.name.words, matter.name.terms, strict=True) if having[term] >= WITH_WORD]
