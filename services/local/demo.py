"""Fills `parvis up --demo` with an agency, three people and some forty requests, so that there is something to look at."""

import asyncio
import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import httpx

from services.local import agency_provisioning
from services.local.run_file import Run
from services.review.people import store as people
from services.review.people.rules import Role
from services.runtime import clock
from services.runtime.database import Database, Session
from services.runtime.errors import Conflict, Unavailable
from services.runtime.settings import Settings

AGENCY = "belrive"
REQUESTS = Path(__file__).with_name("demo_requests.jsonl")
IDS = UUID("c6a0b0de-4b70-5a0f-9d5c-0b7a1f5d2e10")
PEOPLE = (
    ("caseworker@belrive.example", "Alex Caseworker", Role.CASEWORKER),
    ("supervisor@belrive.example", "Sam Supervisor", Role.SUPERVISOR),
    ("admin@belrive.example", "Ada Admin", Role.ADMIN),
)


def prepare(settings: Settings, run: Run) -> list[str]:
    """Makes the people and sends the requests, once a data directory; returns what to print."""
    return asyncio.run(_prepare(settings, run))


async def _prepare(settings: Settings, run: Run) -> list[str]:
    database = Database(settings.database)
    try:
        async with database.transaction() as session:
            credentials = await _set_up(session, clock.now())
    except Conflict:
        return ["The demo is set up already: sign in with the passwords that were printed then."]
    finally:
        await database.close()
    key, passwords = credentials
    sent = await _send(run.intake_url, key, list(demo_requests(clock.now())))
    width = max(len(email) for email, _, _ in PEOPLE)
    lines = ["Sign in with (shown only now):"]
    lines += [f"  {role.value:<10}  {email:<{width}}  {password}" for (email, _, role), password in zip(PEOPLE, passwords, strict=True)]
    return [*lines, f"{sent} sample requests are on their way."]


async def _set_up(session: Session, now: datetime) -> tuple[str, list[str]]:
    passwords = [await people.add_person(session, email, role, now, name=name) for email, name, role in PEOPLE]
    return await agency_provisioning.add(session, AGENCY, "City of Belrive", now), passwords


def demo_requests(now: datetime) -> Iterator[dict[str, Any]]:
    """The sample requests, written over the last two days."""
    lines = REQUESTS.read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines):
        received = now - timedelta(minutes=67 * (len(lines) - number))
        yield json.loads(line) | {"request_id": str(uuid5(IDS, f"{now.isoformat()}/{number}")), "received_at": received.isoformat()}


async def _send(intake_url: str, key: str, requests: list[dict[str, Any]]) -> int:
    async with httpx.AsyncClient(base_url=intake_url, headers={"Authorization": f"Bearer {key}"}, timeout=30) as client:
        for request in requests:
            answer = await client.post("/v1/requests", json=request)
            if answer.status_code != httpx.codes.ACCEPTED:
                raise Unavailable(f"the intake refused a sample request: {answer.status_code} {answer.text[:200]}")
    return len(requests)
