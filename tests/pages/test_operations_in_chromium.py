"""The operations pages in a real browser, with something to show: readable for everybody, on every screen, and as the server has it."""

import asyncio
import base64
import json
import re
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
import uvicorn
from fastapi import FastAPI
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import expect, sync_playwright

from schemas.dead_letters import DeadLetter
from services.dispatch.tables import DeliveryRow
from services.local import delivery_access
from services.review.ops import overview, store
from services.review.ops.overview import OverviewReader
from services.runtime import clock, kafka_state
from services.runtime.kafka_state import KafkaState, Lag
from services.runtime.service_probe import ServiceProbe, ServiceState
from tests.harness.waiting import PATIENCE
from tests.pages.city import OLE, City, without_kafka
from tests.pages.test_accessible import LOOKS, ZOOMED, _findings
from tests.pages.test_in_chromium import ARGUMENTS, CHROMIUM, Desks, a_page

pytestmark = pytest.mark.browser


REQUEST = {
    "request_id": str(uuid4()),
    "agency": "city",
    "body": "The lamp is out",
    "received_at": "yesterday",
    "language": "?",
    "channels": 1,
}
RECORDS = ((json.dumps(REQUEST).encode(), "InvalidRecord"), (b"\xff\xfe", "InvalidRecord"), (b"{}", "AgencyUnknown"))

WHY = {b"{": "received_at: give RFC 3339 with an offset", b"\xff": "the value is not JSON in UTF-8"}


def dead(value: bytes, error_type: str) -> DeadLetter:
    now = clock.now()
    return DeadLetter(
        letter_id=uuid4(), service="triage", topic="parvis.requests.received.v1", partition=0, offset=41, key=None, headers=[],
        value=base64.b64encode(value).decode(), error_type=error_type, error_message=WHY[value[:1]], attempts=1,
        first_failed_at=now, last_failed_at=now,
    )  # fmt: skip


@dataclass
class Broker:
    """What the broker says: `behind` records, or nothing."""

    behind: list[int | None] = field(default_factory=lambda: [3])

    def says(self, *_: object) -> KafkaState:
        behind = self.behind.pop(0) if len(self.behind) > 1 else self.behind[0]
        if behind is None:
            return KafkaState(error="kafka:9092 does not answer (NoBrokersAvailable)")
        waiting = Lag(group="parvis.drafting", topic="parvis.requests.triaged.v1", records=behind, partitions=2)
        read = [Lag(group="parvis.review", topic=topic, records=0, partitions=0) for topic in READ]
        return KafkaState(brokers=1, lags=[*read, waiting])


async def _fill(app: FastAPI, broker: Broker) -> dict[str, str]:
    city = City(app)
    passwords = await city.hires(OLE)
    for minutes_ago in (55, 50, 49, 40, 31, 30, 30, 22, 21, 20, 20, 19, 12, 11, 11, 11, 10, 10, 9, 9, 9, 4, 3, 2):
        with pytest.MonkeyPatch.context() as patch:
            at = clock.now() - timedelta(minutes=minutes_ago)
            patch.setattr(clock, "now", lambda at=at: at)
            await city.drafts(await city.receives(hours_ago=0), drafted_by="template" if minutes_ago in (20, 10, 9) else "model")
    now = clock.now()
    row = DeliveryRow(
        decision_id=uuid4(), request_id=uuid4(), agency="city", event="{}", trace={}, state="pending", channel="smtp", attempts=3,
        next_attempt_at=now + timedelta(minutes=40), reason="unreachable", detail="", message_id="",
        created_at=now - timedelta(hours=2), updated_at=now,
    )  # fmt: skip
    async with city.commands.database.transaction() as session:
        session.add(row)
        for record, error in RECORDS:
            await store.keep(session, dead(record, error))
    await _passes_minutes(app.state.overview, broker)
    await app.state.database.close()
    return passwords


async def _passes_minutes(reader: OverviewReader, broker: Broker) -> None:
    """Forty minutes as the process would have seen them, six of them without a broker."""
    broker.behind = [*range(0, 30, 3), *(None,) * 6, *range(80, 0, -4), 3, 3, 3]
    now, real = clock.now(), clock.now
    with pytest.MonkeyPatch.context() as patch:
        for minutes_ago in range(len(broker.behind), 0, -1):
            patch.setattr(clock, "now", lambda at=now - timedelta(minutes=minutes_ago): at)
            await reader.now()
    assert clock.now is real


READ = ("parvis.requests.received.v1", "parvis.drafts.proposed.v1")


@dataclass(frozen=True)
class Stage:
    """The running pages and the broker behind them."""

    desks: Desks
    broker: Broker


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    broker = Broker()
    ready = [ServiceState(service=name, url="", state="ready") for name in ("intake", "triage", "drafting", "review", "dispatch")]

    async def probed(_: ServiceProbe) -> list[ServiceState]:
        return ready

    app = without_kafka(tmp_path_factory.mktemp("city"))
    app.state.deliveries = delivery_access.for_pages()
    app.state.overview = OverviewReader(app.state.settings, app.state.database, app.state.deliveries)
    with pytest.MonkeyPatch.context() as patch, socket.create_server(("127.0.0.1", 0)) as listening:
        patch.setattr(kafka_state, "state_of", broker.says)
        patch.setattr(ServiceProbe, "now", probed)
        patch.setattr(overview, "KAFKA_FRESH_SECONDS", 0.0)
        passwords = asyncio.run(_fill(app, broker))
        app.state.overview._kafka_lock = asyncio.Lock()  # of the server's loop
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off", timeout_graceful_shutdown=5))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        yield Stage(Desks(f"http://127.0.0.1:{listening.getsockname()[1]}", passwords, {}, ""), broker)
        server.should_exit = True
        thread.join(PATIENCE)


@pytest.fixture(scope="module")
def chromium(stage: Stage) -> Iterator[Chromium]:  # noqa: ARG001 - filled first: Playwright keeps an event loop of its own running
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM if Path(CHROMIUM).exists() else None, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.mark.parametrize("path", ["/ops", "/ops/dead-letters"])
@pytest.mark.parametrize("language", LOOKS)
def test_axe_finds_nothing_and_nothing_scrolls_sideways(
    chromium: Chromium, stage: Stage, screenshots: Path, path: str, language: str
) -> None:
    with a_page(chromium, stage.desks, OLE, locale="en-GB") as page:
        page.context.add_cookies([{"name": "parvis_language", "value": language, "url": stage.desks.url}])
        page.goto(path)
        for width, theme in LOOKS[language]:
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=theme, reduced_motion="reduce")
            page.screenshot(
                path=screenshots / f"operations-{path.strip('/').replace('/', '-')}-{language}-{width}-{theme}.png", full_page=True
            )
            assert not _findings(page)
        page.set_viewport_size({"width": ZOOMED, "height": 256})
        assert page.evaluate("document.documentElement.scrollWidth") <= ZOOMED


def test_a_chart_is_one_picture_with_its_words_and_follows_what_happens(chromium: Chromium, stage: Stage) -> None:
    with a_page(chromium, stage.desks, OLE) as page:
        page.goto("/ops")
        chart = page.get_by_role("img", name="Records that wait for a service")
        before = chart.inner_html()
        expect(page.locator("#spark-behind-words")).to_contain_text(
            re.compile(r"[67] minutes not known")
        )  # a minute may have gone by since

        stage.broker.behind = [160]

        expect(page.locator("#spark-behind-words")).to_contain_text("Now: 160, at most 160 at", timeout=PATIENCE * 1000)
        assert chart.inner_html() != before
        stage.broker.behind = [3]
