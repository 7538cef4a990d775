"""The question behind a reply's link and the note beneath a reply, in a real browser, on a telephone and a wide screen."""

import asyncio
import hashlib
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

import pytest
import uvicorn
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import expect

from schemas.replies_decided import ReplyDecided
from services.intake.answers import store as answers
from services.runtime import clock
from services.runtime.database import Database
from tests.harness.intake_server import AGENCY, IntakeServer, intake_server
from tests.harness.waiting import until
from tests.pages.city import ANNA, City, without_kafka
from tests.pages.test_accessible import LOOKS
from tests.pages.test_web_form_in_chromium import WIDTHS, a_page, chromium, faults_of_look, follow

__all__ = ["chromium"]

pytestmark = pytest.mark.browser

TOKENS = {language: letter * 32 for language, letter in (("en", "e"), ("fr", "f"), ("plain", "p"))}


async def _asks(data: Path) -> None:
    database = Database(f"sqlite+aiosqlite:///{data / 'parvis.db'}")
    async with database.transaction() as session:
        for token in TOKENS.values():
            decided = ReplyDecided(
                request_id=uuid4(),
                decision_id=uuid4(),
                agency=AGENCY,
                decision="approved",
                decided_by="anna@city.example",
                decided_at=clock.now(),
                rating_hash=hashlib.sha256(token.encode()).hexdigest(),
            )
            await answers.keep(session, decided, clock.now())
    await database.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[IntakeServer]:
    data = tmp_path_factory.mktemp("intake")
    with intake_server(data, intake_public_url="http://127.0.0.1", reply_question="all", forms_hourly_per_address=0) as running:
        asking = threading.Thread(target=asyncio.run, args=(_asks(data),))  # Playwright keeps an event loop running
        asking.start()
        asking.join()
        yield running


@pytest.mark.parametrize("language", LOOKS)
def test_axe_finds_nothing_on_any_page_of_the_question(chromium: Chromium, server: IntakeServer, screenshots: Path, language: str) -> None:
    findings: dict[str, list[str]] = {}
    send = {"en": "Send the answer", "fr": "Envoyer"}[language]
    again = {"en": "It is not solved: look at it again", "fr": "Elle n’est pas réglée : réexaminez-la"}[language]

    with a_page(chromium, server, language) as page:

        def look(name: str) -> None:
            findings.update(faults_of_look(page, screenshots / f"answer-{name}", language))

        page.goto(f"/answers/{AGENCY}/{TOKENS[language]}")
        look("question")
        follow(page.get_by_role("button", name=send, exact=True))
        look("fault")
        page.locator("#yes").check()
        follow(page.get_by_role("button", name=send, exact=True))
        look("solved")
        page.locator("#missing").fill("The lamp is dark again.")
        follow(page.get_by_role("button", name=again, exact=True))
        look("not-solved")
        page.goto(f"/answers/{AGENCY}/{'b' * 32}")
        look("nowhere")
    assert not findings


def test_without_scripts_a_citizen_is_led_to_the_fault_and_answers(chromium: Chromium, server: IntakeServer) -> None:
    with a_page(chromium, server, java_script_enabled=False) as page:
        page.goto(f"/answers/{AGENCY}/{TOKENS['plain']}")
        page.get_by_role("button", name="Send the answer").click()
        expect(page.get_by_role("alert")).to_be_focused()
        page.get_by_role("link", name="Choose one of the two answers.").click()
        expect(page.get_by_label("Yes, it is solved")).to_be_focused()
        page.get_by_label("No, it is not solved: look at it again").check()
        page.get_by_label("What is missing?").fill("It is dark.")
        page.get_by_role("button", name="Send the answer").click()

        expect(page.get_by_text("Somebody will read it")).to_be_visible()


@dataclass(frozen=True)
class Workbench:
    """Review with a public address, a case to decide for each width, since what is typed is kept, and who decides on them."""

    url: str
    cases: dict[int, UUID]
    password: str


@pytest.fixture(scope="module")
def workbench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    app = without_kafka(tmp_path_factory.mktemp("city"), public_url=url, intake_public_url="http://127.0.0.1:1", reply_question="all")
    city = City(app)
    made: list[tuple[dict[int, UUID], str]] = []
    server = uvicorn.Server(uvicorn.Config(app, port=port, lifespan="off", log_level="error", timeout_graceful_shutdown=5))

    async def serve() -> None:
        passwords = await city.hires(ANNA)
        made.append(({width: await city.waiting_case() for width in WIDTHS}, passwords[ANNA.email]))
        await server.serve()
        await app.state.database.close()

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    try:
        until(lambda: server.started, "review listens")
        yield Workbench(url, *made[0])
    finally:
        server.should_exit = True
        thread.join()


@pytest.mark.parametrize("width", WIDTHS)
def test_the_note_follows_what_is_written(chromium: Chromium, workbench: Workbench, screenshots: Path, width: int) -> None:
    with chromium.new_context(base_url=workbench.url, viewport={"width": width, "height": 900}) as context:
        page = context.new_page()
        page.goto("/login")
        page.locator("[name=email]").fill(ANNA.email)
        page.locator("[name=password]").fill(workbench.password)
        page.get_by_role("button", name="Sign in").click()
        page.goto(f"/cases/{workbench.cases[width]}")
        as_drafted = page.get_by_text("decided to send it as it was")
        changed = page.get_by_text("changed the draft and decided to send it")

        expect(as_drafted).to_be_visible()
        expect(changed).to_be_hidden()
        page.screenshot(path=screenshots / f"note-{width}.png", full_page=True)
        body = page.locator("#body")
        drafted = body.input_value()
        body.fill(f"{drafted}\nWe are sorry.")
        expect(changed).to_be_visible()
        expect(as_drafted).to_be_hidden()
        body.fill(drafted)
        expect(as_drafted).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
