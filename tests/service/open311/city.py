"""A city whose app reports by Open311, and what it does."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import httpx
from fastapi import FastAPI
from sqlmodel import col, select, update

from schemas.replies_decided import ReplyDecided
from schemas.requests_received import RequestReceived
from services.intake import api_keys, handlers, store
from services.intake.tables import StatusRow
from services.runtime import clock
from services.runtime.database import Database
from services.runtime.outbox import OutboxRow

SINKHOLE = {
    "service_code": "roads_pavements",
    "lat": "37.76524078",
    "long": "-122.4212043",
    "address_string": "1234 5th street",
    "email": "smit333@sfgov.example",
    "device_id": "tt222111",
    "account_id": "123456",
    "first_name": "john",
    "last_name": "smith",
    "phone": "111111111",
    "description": "A large sinkhole is destroying the street",
    "media_url": "http://farm3.static.example/2002/2212426634_5ed477a060.jpg",
    "attribute[WHISPAWN]": "123456",
    "attribute[WHISDORN]": "COISL001",
}
"""The request of the specification's example, with a code of the sample city's taxonomy."""


async def a_key(database: Database, slug: str) -> str:
    async with database.transaction() as session:
        await store.add_agency(session, slug, slug.title(), clock.now())
        return await api_keys.issue(session, slug, clock.now())


def a_client(intake: FastAPI, key: str = "") -> httpx.AsyncClient:
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    return httpx.AsyncClient(transport=httpx.ASGITransport(intake), base_url="http://localhost/open311/v2", headers=headers)


async def outgoing(database: Database) -> list[RequestReceived]:
    async with database.reading() as session:
        rows = (await session.exec(select(OutboxRow).order_by(col(OutboxRow.id)))).all()
    return [RequestReceived.model_validate_json(row.value) for row in rows]


async def posted(city: httpx.AsyncClient, **changes: str | None) -> str:
    """The id of the example's request with these changes."""
    answer = await city.post("/requests.json", data={name: value for name, value in {**SINKHOLE, **changes}.items() if value is not None})
    assert answer.status_code == 200, answer.text
    [receipt] = answer.json()
    return str(receipt["service_request_id"])


async def listed(city: httpx.AsyncClient, **parameters: str) -> list[str]:
    answer = await city.get("/requests.json", params=parameters)
    assert answer.status_code == 200, answer.text
    return [entry["service_request_id"] for entry in answer.json()]


async def refused(answer: httpx.Response, status: int, word: str) -> None:
    [fault, *_] = answer.json()
    assert (answer.status_code, fault["code"]) == (status, status), answer.text
    assert word in fault["description"]


async def decided(database: Database, request_id: str, **changes: Any) -> None:
    event = {
        "decision_id": uuid4(),
        "draft_id": None,
        "agency": "springfield",
        "decision": "closed",
        "decided_by": "ana",
        "decided_at": clock.now(),
    }
    event |= {
        "request_id": request_id,
        "send_after": clock.now(),
        "subject": None,
        "body": None,
        "recipient": None,
        "reason": "x",
        **changes,
    }
    await handlers.on_reply_decided(ReplyDecided.model_validate(event), database)


async def moved(database: Database, request_id: str, **times: datetime) -> None:
    """As if it had come, or changed, then."""
    async with database.transaction() as session:
        await session.exec(update(StatusRow).where(col(StatusRow.request_id) == UUID(request_id)).values(**times))
