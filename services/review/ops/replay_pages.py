"""Replays dead letters from their page: one, or all that failed alike, some a second; every press is logged."""

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Response
from fastapi.responses import RedirectResponse

from services.review.audit import store as audit
from services.review.cases.commands import CaseCommands
from services.review.cases.request_dependencies import CommandsDep
from services.review.ops import store
from services.review.ops.dead_letter_groups import cause_of
from services.review.ops.dead_letter_replay import as_it_came
from services.review.people.authentication import PersonFirst
from services.review.people.pages import OperatorDep
from services.review.people.rules import Person
from services.review.web.templating import Flash
from services.runtime import clock
from services.runtime.errors import Conflict, NotFound

if TYPE_CHECKING:  # the client of Kafka takes 10 MB, and few processes ever replay
    from services.runtime.kafka_admin import Sender

router = APIRouter(include_in_schema=False, prefix="/ops/dead-letters", route_class=PersonFirst)

AT_ONCE = 200
"""Letters a press; whoever has more presses again, and sees in between what became of the first."""
PER_SECOND = 50.0
SEND_SECONDS = 10.0
MOST_LETTERS = 2_000


@router.post("/replay")
async def replay(
    visitor: OperatorDep, commands: CommandsDep, letter: Annotated[UUID, Form()], *, alike: Annotated[bool, Form()] = False
) -> Response:
    """Sends a letter once more, or with `alike` all that failed as it did, but for those that keep failing. Each at most once."""
    async with commands.database.reading() as session:
        waiting = await store.causes(session, MOST_LETTERS, visitor.person.scope)
    chosen = [cause for cause in waiting if cause.letter_id == letter]
    if not chosen:
        raise NotFound(f"there is no dead letter {letter} that waits, or it is not yours to see")
    if alike:
        chosen = failed_alike(chosen[0], waiting)
    replayed = await _replayed(commands, visitor.person, [cause.letter_id for cause in chosen])
    if not replayed:
        raise Conflict("nothing was sent: they have ended meanwhile, or have failed again three times and are replayed alone")
    return RedirectResponse(f"/ops/dead-letters?flash={Flash.REPLAYED}", 303)


def failed_alike(letter: store.Cause, waiting: Sequence[store.Cause]) -> list[store.Cause]:
    """Those that failed as the letter did, what failed first first, but for those that keep failing."""
    cause = cause_of(letter)
    alike = [other for other in waiting if other.replays < store.QUARANTINED_AFTER and cause_of(other) == cause]
    return sorted(alike, key=lambda other: other.first_failed_at)[:AT_ONCE]


async def _replayed(commands: CaseCommands, person: Person, letter_ids: Sequence[UUID]) -> int:
    """Sends each that still waits and notes it; how many. Raises Conflict where Kafka takes none."""
    from kafka.errors import KafkaError

    from services.runtime.kafka_admin import Sender

    count = 0
    try:
        sender = await asyncio.to_thread(Sender, commands.settings.kafka, SEND_SECONDS)
        try:
            for letter_id in letter_ids:
                count += await _replay(commands, person, letter_id, sender)
                await asyncio.sleep(1 / PER_SECOND)
        finally:
            await asyncio.to_thread(sender.close)
    except KafkaError as error:
        raise Conflict(
            f"Kafka did not take it ({type(error).__name__}); where it knows its users, an administrator replays: "
            f"parvis dead-letters replay {letter_ids[0]}"
        ) from None
    return count


async def _replay(commands: CaseCommands, person: Person, letter_id: UUID, sender: "Sender") -> bool:
    async with commands.database.reading() as session:
        letter = await store.letter(session, letter_id)
    if letter.state != "waiting":
        return False
    # Sent before it is noted, and outside of the transaction, which would hold up everybody while Kafka is asked: should the note fail,
    # it is sent twice, and twice is the same as once.
    again = as_it_came(letter.letter, None)
    await asyncio.to_thread(sender.send_raw, again.topic, again.key, again.value, again.headers)
    now = clock.now()
    async with commands.database.transaction() as session:
        try:
            await store.settle(session, letter_id, "replayed", person.email, now)
        except Conflict:
            return False
        await audit.add(session, audit.Entry(now, person.email, "dead letter replayed", None, {"letter_id": str(letter_id)}))
    return True
