"""People at real browsers, before a review service that can be stopped and started again, and networks that can be cut."""

import asyncio
import multiprocessing
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import TypeVar
from uuid import UUID

import uvicorn
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Locator, Page, expect, sync_playwright

from services.review.people.rules import Person
from tests.harness.waiting import PATIENCE, until
from tests.pages.city import City, without_kafka
from tests.pages.test_in_chromium import ARGUMENTS, CHROMIUM

T = TypeVar("T")
PATIENCE_MS = PATIENCE * 1000
STEP_MS = 30_000  # a step that can not be taken is given up; what has to come is waited for with PATIENCE_MS

BOXES = {
    "subject": "#subject",
    "body": "#body",
    "reject_reason": "#reject-reason",
    "close_reason": "#close-reason",
    "instructions": "#instructions",
}


class ReviewServer:
    """The pages of one database, in a process of their own and always at the same address. What happens around them goes through `run`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with socket.create_server(("127.0.0.1", 0)) as listening:
            self.port: int = listening.getsockname()[1]
        # Forked from a process that has everything imported: a service that starts again is soon there.
        self._forks = multiprocessing.get_context("forkserver")
        self._forks.set_forkserver_preload(["tests.pages.city"])
        self._process: BaseProcess | None = None
        without_kafka(folder)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        process = self._process = self._forks.Process(target=serve, args=(self.folder, self.port), daemon=True)
        process.start()

        def listens() -> bool:
            assert process.is_alive(), "review has ended at its start"
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
                return True
            return False

        until(listens, "review listens")

    def stop(self) -> None:
        """Kills it, whatever it is in the middle of."""
        assert self._process
        self._process.kill()
        self._process.join(PATIENCE)

    def run(self, work: Callable[[City], Awaitable[T]]) -> T:
        """Something that happens past the pages."""

        async def done() -> T:
            city = City(without_kafka(self.folder))
            try:
                return await work(city)
            finally:
                await city.app.state.database.close()

        outcome: list[T] = []
        # A thread of its own: Playwright keeps an event loop of this one running.
        thread = threading.Thread(target=lambda: outcome.append(asyncio.run(done())))
        thread.start()
        thread.join(PATIENCE)
        assert outcome, "what should happen past the pages has failed"
        return outcome[0]


@contextmanager
def review(folder: Path) -> Iterator[ReviewServer]:
    server = ReviewServer(folder)
    server.start()
    try:
        yield server
    finally:
        server.stop()


@contextmanager
def chromium() -> Iterator[Chromium]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM if Path(CHROMIUM).exists() else None, args=ARGUMENTS)
        yield browser
        browser.close()


def serve(folder: Path, port: int) -> None:
    """The pages alone: nothing is consumed and nothing leaves, so what was decided stays in the outbox to be looked at."""
    uvicorn.run(without_kafka(folder), port=port, log_level="error", lifespan="off")


class Desk:
    """A person at a browser of their own."""

    def __init__(self, browser: Chromium, server: ReviewServer, person: Person, password: str) -> None:
        self.person, self.password, self.server = person, password, server
        self.context = browser.new_context(base_url=server.url, viewport={"width": 1440, "height": 900})
        self.context.set_default_timeout(STEP_MS)
        self.page: Page = self.context.new_page()
        self.page.on("dialog", lambda dialog: dialog.accept())

    def signs_in(self) -> None:
        """Fills in the sign-in form that is shown, or opens one."""
        if "/login" not in self.page.url:
            self.page.goto("/login")
        self.page.get_by_label("E-mail address").fill(self.person.email)
        self.page.get_by_label("Password").fill(self.password)
        self.page.get_by_role("button", name="Sign in").click()
        self.page.wait_for_url(lambda url: "/login" not in url)

    def opens(self, request_id: UUID) -> None:
        self.page.goto(f"/cases/{request_id}")

    def box(self, field: str) -> Locator:
        """The field to write in, with what it is folded into unfolded."""
        box = self.page.locator(BOXES[field])
        box.evaluate("box => { const folded = box.closest('details'); if (folded) folded.open = true; }")
        return box

    def writes(self, field: str, text: str) -> None:
        self.box(field).fill(text)

    def holds(self, field: str, text: str) -> None:
        expect(self.page.locator(BOXES[field])).to_have_value(text, timeout=PATIENCE_MS)

    def is_told(self, words: str) -> None:
        expect(self.page.get_by_text(words).first).to_be_visible(timeout=PATIENCE_MS)

    def ends_every_session(self) -> None:
        """Signs the person out elsewhere, as `parvis people sign-out` does."""
        self.context.clear_cookies()

    def kept_in_the_browser(self) -> int:
        """How many fields this browser holds that the service has not confirmed."""
        return int(self.page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('parvis.text ')).length"))
