"""A model behind an OpenAI-compatible endpoint that answers as a test tells it to, and a request to draft for."""

import json
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import UUID

import pytest
from pydantic import SecretStr

from schemas.drafts_proposed import DraftProposed
from schemas.drafts_requested import DraftRequested
from schemas.requests_triaged import DetectedLanguage, RequestTriaged
from schemas.values import Redacted, Urgency
from services.domain.articles import Passage
from services.drafting import rules
from services.drafting.draft import ReplyContext
from services.drafting.model_client import ModelDrafter
from services.drafting.passage_index import SearchHit
from services.runtime.settings import LlmSettings
from tests.harness.waiting import PATIENCE

LAMPS = Passage(
    passage_id="en-street-lamp-fault#1",
    article_id="en-street-lamp-fault",
    title="Report a street lamp",
    url="https://www.belrive.example/en/streets/lamp",
    language="en",
    category="street_lighting",
    heading="When a lamp is repaired",
    text="A single lamp is normally repaired within 10 days of the report. For a dark street, call 0800 555 0110.",
)
DESK = ReplyContext(category="Street lighting", department="Streets and mobility", reply_within=timedelta(days=10))
GOOD = {
    "subject": "Re: Lamp out",
    "body": (
        "Dear [CITIZEN_NAME],\n\nThank you for your message about the street lamp.\n\n"
        "A single lamp is normally repaired within 10 days of the report. For a dark street, call 0800 555 0110.\n\n"
        "Kind regards,\nStreets and mobility"
    ),
    "citations": [{"passage_id": LAMPS.passage_id, "quote": "normally repaired within 10 days"}],
}


def a_request(body: str = "The lamp at [ADDRESS_1] has been out for a week. When will it be repaired?", **changes: Any) -> DraftRequested:
    request_id = UUID("5f0c3a52-6d4e-4f6e-9f52-0f3c9d8f1a11")
    triaged = RequestTriaged(
        request_id=request_id,
        agency="belrive",
        channel="email",
        received_at=datetime(2026, 11, 24, 9, tzinfo=UTC),
        language=DetectedLanguage(code="en", confidence=0.99),
        redacted=Redacted(subject="Lamp out", body=body),
        category="street_lighting",
        confidence=0.97,
        department="streets",
        urgency=Urgency.NORMAL,
        outcome="routed",
        model_version="test",
    )
    return DraftRequested(**({"request_id": request_id, "revision": 1, "triaged": triaged} | changes))


Answer = Callable[["Endpoint", dict[str, Any]], tuple[int, bytes] | tuple[int, bytes, dict[str, str]]]


@dataclass
class Endpoint:
    """A server that answers as it is told, and remembers what it was asked."""

    url: str = ""
    answers: Answer = lambda _, __: (500, b"")
    asked: list[dict[str, Any]] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    @property
    def said(self) -> str:
        """All text of the last request."""
        return "\n".join(message["content"] for message in self.asked[-1]["messages"])


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    told = Endpoint()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
            told.asked.append(asked)
            status, body, *more = told.answers(told, asked)
            try:
                self.send_response(status)
                self.send_header("content-type", "application/json")
                for name, value in (more[0] if more else {}).items():
                    self.send_header(name, value)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            except OSError:
                self.close_connection = True  # the drafter has left

        def log_message(self, *_: Any) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    told.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
    yield told
    told.over.set()
    server.shutdown()
    server.server_close()
    thread.join()


@dataclass
class Clock:
    """Time that passes only when somebody waits."""

    now: float = 100.0

    async def sleep(self, seconds: float) -> None:
        self.now += seconds

    def __call__(self) -> float:
        return self.now


@asynccontextmanager
async def a_drafter(endpoint: Endpoint, clock: Clock | None = None, **changes: Any) -> AsyncIterator[ModelDrafter]:
    clock = clock or Clock()
    options: dict[str, Any] = {"base_url": endpoint.url, "model": "small", "api_key": SecretStr("key"), "timeout_seconds": PATIENCE}
    drafter = ModelDrafter(LlmSettings(**(options | changes)), sleep=clock.sleep, monotonic=clock)
    try:
        yield drafter
    finally:
        await drafter.close()


async def proposed(endpoint: Endpoint, request: DraftRequested | None = None, **changes: Any) -> DraftProposed:
    request = request or a_request()
    async with a_drafter(endpoint, **changes) as drafter:
        draft = await drafter.draft(request, [SearchHit(LAMPS, 9.0)], DESK)
    return rules.proposed(request, draft, [LAMPS], DESK)


def content(text: str, finish_reason: str = "stop", **message: Any) -> bytes:
    choice = {"index": 0, "finish_reason": finish_reason, "message": {"role": "assistant", "content": text, **message}}
    usage = {"prompt_tokens": 300, "completion_tokens": 80, "total_tokens": 380}
    return json.dumps({"id": "1", "object": "chat.completion", "model": "small", "choices": [choice], "usage": usage}).encode()


def always(body: bytes, status: int = 200) -> Answer:
    return lambda _, __: (status, body)


def answer(**changes: Any) -> Answer:
    return always(content(json.dumps(GOOD | changes)))


def failed(draft: DraftProposed) -> set[str]:
    return {check.name for check in draft.checks if not check.passed}
