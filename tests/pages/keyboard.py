"""The pages on a port of their own, and Chromium on them: for tests of what keys do."""

import asyncio
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import uvicorn
from fastapi import FastAPI
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, expect, sync_playwright

from services.review.people.rules import Person
from tests.harness.waiting import PATIENCE
from tests.pages.city import City, without_kafka
from tests.pages.test_in_chromium import ARGUMENTS, CHROMIUM

Made = TypeVar("Made")


@contextmanager
def served(app: FastAPI) -> Iterator[str]:
    """The address of the pages. Nothing is consumed and nothing leaves, so a page stays as the test has put it."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off", timeout_graceful_shutdown=5))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(PATIENCE)


def filled(folder: Path, fill: Callable[[City], Awaitable[Made]]) -> Made:
    """What a city is filled with. In a thread of its own: Playwright keeps an event loop running in this one."""

    async def work() -> Made:
        city = City(without_kafka(folder))
        try:
            return await fill(city)
        finally:
            await city.app.state.database.close()

    with ThreadPoolExecutor(1) as beside:
        return beside.submit(lambda: asyncio.run(work())).result()


@contextmanager
def started() -> Iterator[Chromium]:
    """A Chromium without windows."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM if Path(CHROMIUM).exists() else None, args=ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def signed_in(
    chromium: Chromium, url: str, person: Person, password: str, size: tuple[int, int] = (1440, 900), **options: Any
) -> Iterator[Page]:
    """A page of that size, signed in; a fault that the browser tells of is a fault of the test."""
    width, height = size
    context = chromium.new_context(base_url=url, viewport={"width": width, "height": height}, **options)
    page = context.new_page()
    faults: list[str] = []
    page.on("console", lambda message: faults.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto("/login")
    page.get_by_label("E-mail address").fill(person.email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda address: "/login" not in address)
    try:
        yield page
    finally:  # a page that stays open would keep the server from ending
        context.close()
    assert not faults


def settled(page: Page) -> None:
    """Waits until the page has been there long enough that a key may decide."""
    expect(page.locator("body[data-settled]")).to_be_attached()


def stands_in(page: Page, title: str) -> None:
    """Waits until that case is open, and can be decided."""
    expect(page.get_by_role("heading", level=1, name=title, exact=True)).to_be_visible()
    settled(page)
