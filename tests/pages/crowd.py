"""An agency with weeks of letters behind it, and a crowd that writes about one matter: for the tests of what emerges."""

import json
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid5

from sqlmodel import select

from schemas.matters_emerging import TOPIC, MatterEmerged
from services.review.cases.emerging import matter_store, message_terms
from services.review.cases.emerging.matters import MATTERS, Message
from services.review.cases.groups import grouper
from services.runtime import clock
from services.runtime.outbox import OutboxRow
from tests.pages.city import City
from tests.pages.outage import writes

EVERYDAY = (
    "please",
    "could",
    "the",
    "and",
    "you",
    "about",
    "when",
    "have",
    "will",
    "our",
    "water",
    "street",
    "lamp",
    "road",
    "form",
    "bin",
)
LETTERS = (
    "No water on Mill Lane since breakfast. Is there a burst main?",
    "Our taps are dry. Nothing comes out, hot or cold. We are on Mill Lane.",
    "When will the water be back on Mill Lane? I have a newborn and cannot make up bottles.",
    "Brown water came out of the kitchen tap and then it stopped completely. Mill Lane.",
    "As a cafe we had to close because the water is off on Mill Lane. Who do we claim from?",
    "Please post an update on the water outage, everybody on Mill Lane is asking.",
    "Cannot wash, cannot cook. No notice was given about shutting off the water. Mill Lane.",
    "The school on Mill Lane has sent the children home because there is no water.",
    "My mother on Mill Lane has no running water. Are you handing out bottles?",
    "Water is gushing out of the road at the top of Mill Lane and the houses have none.",
    "Is the water in Mill Lane safe to drink once it is back? The taps ran brown before it went.",
    "Still no water on Mill Lane and the hotline only plays music.",
)
NAMES = (
    "Ann Lee",
    "Bob Hay",
    "Cem Kaya",
    "Dee Orr",
    "Eva Sol",
    "Fay Tan",
    "Gus Urd",
    "Hal Vik",
    "Ida Wax",
    "Jon Yew",
    "Kim Zed",
    "Lou Abt",
)


async def with_weeks_before(city: City, agency: str = "city", letters: int = 600) -> None:
    """Weeks of letters about this and that, of which one in sixteen is about water, as numbers that only their terms are kept of."""
    now = clock.now()
    async with city.commands.database.transaction() as session:
        for number in range(letters):
            words = {EVERYDAY[number % 16], EVERYDAY[(number * 7) % 10], f"word{number % 97}x", f"other{number % 89}x", f"rare{number}x"}
            plain = sorted({message_terms.term_of(word.replace("0", "o").replace("1", "i")) for word in words})
            at = now - timedelta(hours=3 + (number * 24 * 27) / letters)
            message = Message(uuid5(MATTERS, f"{agency} {number}"), at, f"past {number}", message_terms.as_terms(plain))
            await matter_store.keep_message(session, message, agency, b"")


async def crowd(city: City, number: int, *, first: int = 0, **changes: Any) -> list[UUID]:
    """So many people write about the water in Mill Lane, each in words of their own, and it is looked at."""
    cases = []
    for at in range(first, first + number):
        wished: dict[str, Any] = {"minutes_ago": max(40 - 3 * at, 1), "body": LETTERS[at % len(LETTERS)]} | changes
        cases.append(await writes(city, wished.pop("name", NAMES[at % len(NAMES)]), **wished))
        await looked_at(city)
    return cases


async def looked_at(city: City) -> None:
    await grouper.group_all(city.commands.database)


async def told(city: City) -> list[MatterEmerged]:
    """What waits to leave for Kafka about matters, in its order."""
    async with city.commands.database.reading() as session:
        rows = (await session.exec(select(OutboxRow).where(OutboxRow.topic == TOPIC).order_by(OutboxRow.id))).all()  # type: ignore[arg-type]
    return [MatterEmerged.model_validate(json.loads(row.value)) for row in rows]
