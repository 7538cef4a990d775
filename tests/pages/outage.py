"""An outage that many people write about, and a person who answers them together: for the tests of groups."""

import re
from typing import Any
from uuid import UUID

import httpx

from services.domain.placeholders import CITIZEN_NAME
from services.review.cases.groups import group_store, grouper
from services.review.people.rules import Person, Role
from services.triage.fingerprint import fingerprint
from tests.pages.city import Browser, City, hidden_fields

OUTAGE = "Since six this morning there is no water at {place}. Nobody answers the telephone. When will it run again? {name}"
COMMON = f"Dear {CITIZEN_NAME},\n\nA pipe has burst under Mill Lane. The water runs again by six this evening.\n\nKind regards,\nWater"
NEIGHBOUR = Person("nils@town.example", "Nils Berg", Role.CASEWORKER, (), ("town",))


async def writes(city: City, name: str, place: str = "Mill Lane", *, minutes_ago: float = 20, agency: str = "city", **changes: Any) -> UUID:
    """Somebody reports the outage; a draft waits for a decision."""
    body = changes.pop("body", OUTAGE.format(place=place, name=name))
    email = changes.pop("email", f"{name.split(maxsplit=1)[0].lower()}@example.org")
    request = {"agency": agency, "subject": f"No water, {name}", "body": body, "citizen": {"name": name, "email": email}}
    sent = changes.pop("request", {})
    language = changes.pop("draft_language", "en")
    triage = {"agency": agency, "category": "water_drains", "department": "water", "fingerprint": fingerprint(None, body)}
    request_id = await city.receives(request=request | sent, hours_ago=minutes_ago / 60, **(triage | changes))
    await city.drafts(request_id, body=COMMON, subject="No water in Mill Lane", language=language, checks=[])
    return request_id


async def grouped(city: City) -> None:
    await grouper.group_all(city.commands.database)


async def group_of(city: City, request_id: UUID) -> UUID | None:
    async with city.commands.database.reading() as session:
        member = await group_store.member(session, request_id)
    return member.group_id if member else None


async def outage(city: City, *names: str, **changes: Any) -> tuple[UUID, list[UUID]]:
    """So many people report it, and it is grouped."""
    cases = [await writes(city, name, **changes) for name in names]
    await grouped(city)
    group_id = await group_of(city, cases[0])
    assert group_id
    return group_id, cases


async def writes_common(browser: Browser, group_id: UUID, begun_from: UUID, body: str = COMMON) -> str:
    """The person writes one text for all, and sees each reply."""
    csrf = hidden_fields((await browser.opens(f"/groups/{group_id}")).text)["csrf"]
    sent = {"csrf": csrf, "begun_from": str(begun_from), "subject": "Your water", "body": body}
    answer = await browser.client.post(f"/groups/{group_id}/text", data=sent)
    assert answer.status_code == 303, answer.text
    return (await browser.opens(f"/groups/{group_id}")).text


def ticks(page: str) -> dict[UUID, str]:
    return {UUID(value.partition(":")[0]): value for value in re.findall(r'name="reply" value="([^"]+)"', page)}


async def approves(browser: Browser, group_id: UUID, page: str, replies: list[str]) -> httpx.Response:
    return await browser.client.post(f"/groups/{group_id}/approve", data={"csrf": hidden_fields(page)["csrf"], "reply": replies})
