"""Replays dead letters from their page: one, or all that failed alike, some a second; every press is logged."""

import asyncio
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Response
from fastapi.responses import RedirectResponse
from kafka.errors import KafkaError

from services.review.audit import store as audit
from services.review.cases.commands import CaseCommands
from services.review.cases.request_dependencies import CommandsDep
from services.review.ops import store
from services.review.ops.dead_letter_groups import grouped
from services.review.ops.dead_letter_replay import as_it_came
from services.review.people.authentication import PersonFirst
from services.review.people.pages import OperatorDep
from services.review.people.rules import Person
from services.review.web.templating import Flash
from services.runtime import clock
from services.runtime.errors import Conflict, NotFound
from services.runtime.kafka_admin import Sender

router = APIRouter(include_in_schema=False, prefix="/ops/dead-letters", route_class=PersonFirst)

AT_ONCE = 200
"""Letters a press; whoever has more presses again, and sees in between what became of the first."""
PER_SECOND = 50.0
MOST_LETTERS = 2_000


@router.post("/replay")
async def replay(
    visitor: OperatorDep, commands: CommandsDep, letter: Annotated[UUID, Form()], *, alike: Annotated[bool, Form()] = False
) -> Response:
    """Sends a letter once more, or with `alike` all that failed as it did, but for those that keep failing. Each at most once."""
    async with commands.database.reading() as session:
        heads = await store.heads(session, limit=MOST_LETTERS, scope=visitor.person.scope)
    chosen = [head for head in heads if head.letter_id == letter]
    if not chosen:
        raise NotFound(f"there is no dead letter {letter} that waits, or it is not yours to see")
    if alike:
        [cause] = grouped(chosen)
        others = [head for head in heads if head.replays < store.QUARANTINED_AFTER]
        chosen = [head for head in others if grouped([head])[0].cause == cause.cause][:AT_ONCE]
    sender = await asyncio.to_thread(Sender, commands.settings.kafka)
    try:
        for number, head in enumerate(chosen):
            if number:
                await asyncio.sleep(1 / PER_SECOND)
            await _replayed(commands, visitor.person, head.letter_id, sender)
    finally:
        await asyncio.to_thread(sender.close)
    return RedirectResponse(f"/ops/dead-letters?flash={Flash.REPLAYED}", 303)


async def _replayed(commands: CaseCommands, person: Person, letter_id: UUID, sender: Sender) -> None:
    async with commands.database.transaction() as session:
        now = clock.now()
        again = as_it_came((await store.settle(session, letter_id, "replayed", person.email, now)).letter, None)
        try:
            # Sent before the commit: should that fail, it is sent twice, and twice is the same as once.
            await asyncio.to_thread(sender.send_raw, again.topic, again.key, again.value, again.headers)
        except KafkaError as error:
            raise Conflict(
                f"Kafka did not take it ({type(error).__name__}); where it knows its users, an administrator replays: "
                f"parvis dead-letters replay {letter_id}"
            ) from None
        await audit.add(session, audit.Entry(now, person.email, "dead letter replayed", None, {"letter_id": str(letter_id)}))
