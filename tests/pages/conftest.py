"""A city hall for each test, and people who are signed in."""

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from services.review.people import passwords
from services.review.people.rules import Person
from tests.pages.city import ANNA, Browser, City, without_kafka

SignIn = Callable[[Person], Awaitable[Browser]]


@pytest.fixture(autouse=True)
def _quick_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    # Argon2 is slow on purpose; here nobody guesses.
    monkeypatch.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))


@pytest.fixture
async def city(tmp_path: Path) -> AsyncIterator[City]:
    app = without_kafka(tmp_path)
    yield City(app)
    await app.state.database.close()


@pytest.fixture
async def sign_in(city: City) -> AsyncIterator[SignIn]:
    async with AsyncExitStack() as open_browsers:

        async def arrives(person: Person) -> Browser:
            password = (await city.hires(person))[person.email]
            browser = Browser(city)
            await open_browsers.enter_async_context(browser.client)
            assert (await browser.signs_in(person.email, password)).status_code == 303
            return browser

        yield arrives


@pytest.fixture
async def anna(sign_in: SignIn) -> Browser:
    return await sign_in(ANNA)


@pytest.fixture
def screenshots(tmp_path: Path) -> Path:
    folder = Path(os.environ.get("PARVIS_SCREENSHOTS") or tmp_path)
    folder.mkdir(parents=True, exist_ok=True)
    return folder
