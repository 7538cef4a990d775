"""Groups what came in, some at a time, while the service runs: never in the transaction that brings a message."""

import asyncio
import logging
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from services.review.cases import store, upkeep, upkeep_store
from services.review.cases.case_state import Case
from services.review.cases.emerging.watching import Watch
from services.review.cases.groups import group_store, grouping, places, rising
from services.review.cases.groups.group_store import Member
from services.review.cases.groups.grouping import Tie
from services.review.cases.near_duplicates import store as near_duplicates
from services.review.cases.related.contact_keys import contact_keys
from services.runtime import clock
from services.runtime.database import Database, Session

log = logging.getLogger(__name__)

AT_ONCE = 50
NAME = "groups"
PAUSE = 3.0  # seconds: what rises is to be told within a minute


async def run(database: Database, watch: Watch) -> None:
    """Groups without an end, and looks for what emerges. What fails is tried again."""
    while True:
        try:
            await watch.catch_up(database, clock.now())
            await group_all(database, watch)
            await watch.tidy(database, clock.now())
        except Exception as error:
            log.warning("grouping: %s", type(error).__name__, exc_info=error)
        await asyncio.sleep(PAUSE)


async def group_all(database: Database, watch: Watch | None = None) -> None:
    """Groups all that waits, and takes the mark from what rises no more. Writes only where there is something to do.

    Where nothing new waits, the next messages of before the groups do.
    """
    watch = watch or Watch()
    async with database.reading() as session:
        waits, quiet = await group_store.is_waiting(session), await group_store.quiet_since(session, clock.now() - rising.LONGEST_WINDOW)
        of_before = not await upkeep_store.is_done(session, NAME)
    while waits or of_before:
        await _prepare(database, watch)
        async with database.transaction() as session:
            if not waits:
                of_before = await upkeep.go_on(session, NAME, _wait, AT_ONCE)
            waits = await group_some(session, clock.now(), watch) == AT_ONCE
    await watch.conclude(database, clock.now())
    if quiet:
        async with database.transaction() as session:
            await group_store.note_rising(session, quiet, clock.now())


async def _wait(session: Session, cases: Sequence[Case]) -> None:
    await group_store.wait_all(session, [case.request_id for case in cases], clock.now())


async def _prepare(database: Database, watch: Watch) -> None:
    async with database.reading() as session:
        cases = await store.cases_of(session, await group_store.longest_waiting(session, AT_ONCE))
    await watch.prepare(list(cases.values()))


async def group_some(session: Session, now: datetime, watch: Watch) -> int:
    """Groups the messages that have waited longest, and looks at what emerges; returns how many there were."""
    waiting = await group_store.next_waiting(session, AT_ONCE)
    if not waiting:
        return 0
    cases = [await store.look(session, request_id) for request_id in waiting]
    joined = {group for case in cases if (group := await _place(session, case))}
    await watch.look_at(session, cases, now)
    await group_store.done_with(session, waiting)
    await group_store.note_rising(session, joined, now)
    if await upkeep_store.is_done(session, NAME):  # else messages of before may still belong to them
        await group_store.forget_old_places(session, now)
    return len(waiting)


async def _place(session: Session, case: Case) -> UUID | None:
    """Puts one message, and those like it that are in no group, into a group. Returns it; None where nothing is like it."""
    if not (case.request and case.triage and case.agency):
        return None
    received_at = case.request.received_at
    named = places.places_of(case.request, case.triage.parts)
    ties = [Tie("words", near.request_id, near.resemblance) for near in await near_duplicates.near(session, case.request_id)]
    ties += await group_store.ties_of_place(session, case, named, received_at)
    await group_store.keep_places(session, case, named, received_at)
    arrived = await group_store.arrivals(session, {tie.like for tie in ties if tie.like}, case.agency)
    ties = [tie for tie in ties if tie.like in arrived and grouping.is_close_in_time(tie, received_at, arrived[tie.like])]
    if not ties:
        return None
    group_of = await group_store.groups_of(session, [case.request_id, *(tie.like for tie in ties if tie.like)])
    if case.request_id in group_of:
        return group_of[case.request_id]
    left = await group_store.left_by(session, case.request_id)
    group_id = grouping.group_to_join(group_of, ties, left) or grouping.new_group(case.request_id)
    await group_store.open_group(session, group_id, case.agency, received_at)
    members = [Member(case.request_id, group_id, received_at, grouping.firmest(ties), _sender(group_id, case))]
    for like in {tie.like for tie in ties if tie.like and tie.like not in group_of}:
        if group_id not in await group_store.left_by(session, like):
            back = grouping.firmest([tie for tie in ties if tie.like == like])
            tie = Tie(back.kind, case.request_id, back.degree, back.key)
            members.append(Member(like, group_id, arrived[like], tie, _sender(group_id, await store.look(session, like))))
    await group_store.put_in(session, members)
    return group_id


def _sender(group_id: UUID, case: Case) -> str:
    return grouping.sender_mark(group_id, contact_keys(case))
