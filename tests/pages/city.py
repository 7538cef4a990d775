"""A city hall with cases in every state: builders for the page tests, and a browser without scripts."""

import base64
import html
import json
import re
import tempfile
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4, uuid5

import httpx
from fastapi import FastAPI
from httpx import Response
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.trace import SpanContext, format_trace_id

from schemas.dead_letters import DeadLetter
from schemas.drafts_proposed import DraftProposed
from schemas.replies_dispatched import ReplyDispatched
from schemas.requests_received import RequestReceived
from schemas.requests_triaged import RequestTriaged
from services.domain.placeholders import CITIZEN_NAME
from services.migrations.upgrade import upgrade
from services.review import handlers
from services.review.app import create
from services.review.cases import store
from services.review.cases.case_state import Case
from services.review.cases.commands import CaseCommands
from services.review.cases.daily_figures import daily_store
from services.review.cases.deciding import actions
from services.review.cases.deciding.actions import Action
from services.review.people import store as people
from services.review.people.rules import Person, Role
from services.runtime import clock
from services.runtime.settings import KafkaSettings, Settings
from services.runtime.span_store import LocalTraces

ANNA = Person("anna@city.example", "Anna Miller", Role.CASEWORKER)
BEN = Person("ben@city.example", "Ben Okafor", Role.CASEWORKER, ("streets",))
SUE = Person("sue@city.example", "Sue Lindqvist", Role.SUPERVISOR)
OLE = Person("ole@city.example", "Ole Brandt", Role.OPS)
ADA = Person("ada@city.example", "Ada Moreau", Role.ADMIN)
EVERYBODY = (ANNA, BEN, SUE, OLE, ADA)

LETTER = (
    "Good morning,\n\nThe lamp outside 27 Heron Street has been out since Tuesday of last week. It is the only light between the bus stop "
    "and the corner. My daughter walks home from training there in the dark.\n\nCould you tell me when somebody will come?\n\n"
    "Kind regards,\nInes Marlow"
)
REPLY = (
    f"Dear {CITIZEN_NAME},\n\nThank you for telling us about the lamp. Street lamps that are out are repaired within five working days "
    "of the report. If several lamps in a row are out, the cable is at fault, and the repair can take up to fifteen working days.\n\n"
    "You can follow the repair with the number on the post at https://city.example/lamps.\n\nKind regards,\nStreets and mobility"
)
QUOTE = "A single street lamp that is out is repaired within five working days of the report."


@dataclass
class City:
    """The application and what happens around it."""

    app: FastAPI

    @property
    def commands(self) -> CaseCommands:
        commands: CaseCommands = self.app.state.commands
        return commands

    async def hires(self, *hired: Person) -> dict[str, str]:
        """Adds them; returns their passwords."""
        async with self.commands.database.transaction() as session:
            return {
                one.email: await people.add_person(session, one.email, one.role, clock.now(), name=one.name, scope=one.scope, also=one.also)
                for one in hired
            }

    async def receives(self, *, request: dict[str, Any] | None = None, hours_ago: float = 3, **triage: Any) -> UUID:
        """A message, sorted. `request` and `triage` change what they name."""
        request_id = uuid4()
        at = (clock.now() - timedelta(hours=hours_ago)).isoformat()
        sent: dict[str, Any] = {
            "request_id": str(request_id),
            "agency": "city",
            "channel": "email",
            "received_at": at,
            "subject": "Street lamp out on Heron Street",
            "body": LETTER,
            "citizen": {"name": "Ines Marlow", "email": "ines.marlow@example.org"},
        }
        received = RequestReceived.model_validate(sent | (request or {}))
        found: dict[str, Any] = {
            "request_id": str(request_id),
            "agency": "city",
            "channel": received.channel,
            "received_at": at,
            "language": {"code": "en", "confidence": 0.99},
            "redacted": {"subject": received.subject, "body": received.body},
            "category": "street_lighting",
            "confidence": 0.94,
            "alternatives": [{"category": "roads_pavements", "probability": 0.03}],
            "department": "streets",
            "urgency": "normal",
            "outcome": "routed",
            "explanation": [{"term": "lamp", "weight": 2.4}, {"term": "light", "weight": 1.1}, {"term": "street", "weight": -0.3}],
            "model_version": "test",
        }
        triaged = RequestTriaged.model_validate(found | triage)
        await self.commands.take_in(handlers.received(received))
        await self.commands.take_in(handlers.triaged(triaged, self.commands.taxonomy))
        return request_id

    def traces(self, *steps: tuple[str, str, float, float], request_id: UUID | None = None) -> str:
        """Keeps a trace of steps, each a name, a service, and the seconds after its beginning when it started and ended."""
        kept: LocalTraces = self.app.state.traces
        trace_id, began = RandomIdGenerator().generate_trace_id(), int(clock.now().timestamp() * 1e9)
        spans, parent = [], None
        for name, service, start, end in steps:
            context = SpanContext(trace_id, RandomIdGenerator().generate_span_id(), is_remote=False)
            spans.append(
                ReadableSpan(
                    name,
                    context=context,
                    parent=parent,
                    resource=Resource({"service.name": service}),
                    attributes={"parvis.request_id": str(request_id)} if request_id else {},
                    start_time=began + round(start * 1e9),
                    end_time=began + round(end * 1e9),
                )
            )
            parent = parent or context
        kept.export(spans)
        return format_trace_id(trace_id)

    async def drafts(self, request_id: UUID, **changes: Any) -> UUID:
        """A draft of the revision that the case waits for."""
        revision = (await self.case(request_id)).revision
        draft_id = uuid5(request_id, str(revision))
        proposed: dict[str, Any] = {
            "draft_id": str(draft_id),
            "request_id": str(request_id),
            "revision": revision,
            "language": "en",
            "subject": "Your street lamp on Heron Street",
            "body": REPLY,
            "citations": [
                {"passage_id": "p1", "title": "Street lamp faults", "url": "https://city.example/answers/street-lamp-fault", "quote": QUOTE}
            ],
            "drafted_by": "model",
            "model": "a-model",
            "checks": [
                {"name": "language_matches", "passed": True},
                {"name": "no_unsupported_numbers", "passed": False, "detail": "no source says “fifteen working days”"},
                {"name": "quotes_verbatim", "passed": True},
            ],
        }
        await self.commands.take_in(handlers.drafted(DraftProposed.model_validate(proposed | changes)))
        return draft_id

    async def waiting_case(self, **changes: Any) -> UUID:
        """A case that waits for a decision."""
        request_id = await self.receives(**changes)
        await self.drafts(request_id)
        return request_id

    async def case(self, request_id: UUID) -> Case:
        """The case as it is kept."""
        async with self.commands.database.reading() as session:
            return await store.look(session, request_id)

    async def does(self, person: Person, request_id: UUID, action: Action) -> Case:
        """A colleague acts, past the pages."""
        case = await self.case(request_id)
        return await self.commands.act(request_id, case.version, action, person)

    async def approves(self, person: Person, request_id: UUID) -> Case:
        """A colleague approves the draft as it is."""
        draft = (await self.case(request_id)).draft
        assert draft
        return await self.does(person, request_id, actions.Approve(draft.draft_id))

    async def adds_up(self) -> None:
        """Has the figures of days counted anew, as review does between rounds."""
        await daily_store.add_up_all(self.commands.database, self.commands.taxonomy, clock.now())

    async def sets_aside(self, record: dict[str, Any], error: str) -> None:
        """A service could not work on that record, and set it aside."""
        letter = DeadLetter(
            letter_id=uuid4(),
            service="triage",
            topic="parvis.requests.received.v1",
            partition=0,
            offset=1,
            key=None,
            headers=[],
            value=base64.b64encode(json.dumps(record).encode()).decode(),
            error_type="InvalidRecord",
            error_message=error,
            attempts=1,
            first_failed_at=clock.now(),
            last_failed_at=clock.now(),
        )
        async with self.commands.database.transaction() as session:
            await handlers.keep_letter(session, letter)

    async def dispatches(self, request_id: UUID, outcome: str = "delivered", detail: str = "", *, returned: bool = False) -> None:
        """Dispatch tells what became of the reply, or the mailbox that it came back."""
        decision = (await self.case(request_id)).decision
        assert decision
        await self.tells(request_id, decision.decision_id, outcome, detail, returned=returned)

    async def returns(self, request_id: UUID, decision_id: UUID, detail: str = "") -> None:
        """The mail of that decision came back."""
        await self.tells(request_id, decision_id, "failed", detail, returned=True)

    async def tells(self, request_id: UUID, decision_id: UUID, outcome: str, detail: str, *, returned: bool) -> None:
        """What became of the reply of one decision."""
        told = {
            "request_id": str(request_id),
            "decision_id": str(decision_id),
            "outcome": outcome,
            "channel": "none" if outcome == "manual" else "smtp",
            "attempts": 1,
            "detail": detail,
            "returned": returned,
            "dispatched_at": clock.now().isoformat(),
        }
        await self.commands.take_in(handlers.dispatched(ReplyDispatched.model_validate(told)))


class Browser:
    """A person at a browser without scripts: follows no redirect by itself, sends what the page's forms hold."""

    def __init__(self, city: City, address: str = "127.0.0.1") -> None:
        transport = httpx.ASGITransport(city.app, raise_app_exceptions=False, client=(address, 50_000))
        self.client = httpx.AsyncClient(transport=transport, base_url="http://city.test", headers={"accept": "text/html"})

    async def signs_in(self, email: str, password: str, where: str = "/login") -> Response:
        """Fills in the sign-in form."""
        page = await self.client.get(where)
        return await self.client.post("/login", data=hidden_fields(page.text) | {"email": email, "password": password})

    async def opens(self, path: str) -> Response:
        """Loads a page."""
        return await self.client.get(path)

    async def sends(self, request_id: UUID, name: str, *, seen: str | None = None, **fields: str | list[str]) -> Response:
        """Sends one form of the case page; `seen` is the page as it was opened, by default as it is now."""
        page = seen if seen is not None else (await self.client.get(f"/cases/{request_id}")).text
        return await self.client.post(f"/cases/{request_id}/{name}", data=hidden_fields(page) | fields)


def hidden_fields(page: str) -> dict[str, str]:
    """The hidden fields of a page's forms."""
    return {name: html.unescape(value) for name, value in re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page)}


@cache
def _empty_database() -> bytes:
    # Migrated once: to copy it takes no time.
    with tempfile.TemporaryDirectory() as folder:
        upgrade(Settings(data_dir=Path(folder)).database)
        return (Path(folder) / "parvis.db").read_bytes()


def without_kafka(folder: Path, **more: Any) -> FastAPI:
    """The review application on an empty database of this version; nothing listens where its Kafka should be."""
    settings = Settings(data_dir=folder, kafka=KafkaSettings(bootstrap="127.0.0.1:9"), undo_seconds=60, **more)
    if not (folder / "parvis.db").exists():
        (folder / "parvis.db").write_bytes(_empty_database())
    return create(settings)


def written(page: str) -> dict[str, str]:
    """Subject and text of the reply as a browser would send them: with CR LF, and without the line break after the tag."""
    subject = re.search(r'<input id="subject"[^>]* value="([^"]*)"', page)
    body = re.search(r'<textarea id="body"[^>]*>\n(.*?)</textarea>', page, re.DOTALL)
    assert subject
    assert body
    return {"subject": html.unescape(subject.group(1)), "body": html.unescape(body.group(1)).replace("\n", "\r\n")}
