"""Signing in at a provider and with a second factor, and the account and admin pages, in a real browser by keyboard alone."""

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, expect
from pydantic import SecretStr

from services.review.people.second_factor import one_time_codes
from services.runtime import clock
from services.runtime.settings import OidcSettings
from tests.harness.identity_provider import SECRET, IdentityProvider
from tests.pages.city import ADA, ANNA, City, without_kafka
from tests.pages.keyboard import filled, served, started

pytestmark = pytest.mark.browser

LOOKS = [((390, 844), "light"), ((390, 844), "dark"), ((1440, 900), "light"), ((1440, 900), "dark")]
looks = pytest.mark.parametrize(("size", "scheme"), LOOKS, ids=[f"{width}-{scheme}" for (width, _), scheme in LOOKS])
PICTURE = 200  # pixels: a telephone reads it from a screen at arm's length
SMALL = """[...document.querySelectorAll('main button, main a.button')]
    .filter(e => e.checkVisibility() && e.getBoundingClientRect().height < 24).map(e => e.textContent)"""
NAME = "(e => (e.getAttribute('aria-label') || (e.labels && e.labels[0]?.textContent) || e.textContent).trim())(document.activeElement)"


@dataclass(frozen=True)
class Hall:
    """The pages, the provider, and who may sign in with which password."""

    url: str
    provider: IdentityProvider
    passwords: dict[str, str]


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[Hall]:
    async def hired(city: City) -> dict[str, str]:
        return await city.hires(ANNA, ADA)

    passwords = filled(tmp_path, hired)
    with IdentityProvider() as provider:
        provider.knows("anna-1", email=ANNA.email, email_verified=True)
        oidc = OidcSettings(issuer=provider.issuer, client_id="parvis", client_secret=SecretStr(SECRET), name="the city account")
        with served(without_kafka(tmp_path, oidc=oidc)) as url:
            yield Hall(url, provider, passwords)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Chromium]:
    with started() as chromium:
        yield chromium


@contextmanager
def a_page(chromium: Chromium, url: str, size: tuple[int, int], scheme: Any) -> Iterator[Page]:
    """What the browser complains of, as a policy that stops a form, is a fault of the test."""
    width, height = size
    context = chromium.new_context(base_url=url, viewport={"width": width, "height": height}, color_scheme=scheme)
    page = context.new_page()
    faults: list[str] = []
    page.on("console", lambda message: faults.append(message.text) if "Content Security Policy" in message.text else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    try:
        yield page
    finally:
        context.close()
    assert not faults


def fits(page: Page, screenshots: Path, name: str, size: tuple[int, int], scheme: str) -> None:
    """Nothing stands out at the side, and no button is too small for a finger. The picture is kept for people's eyes."""
    page.screenshot(path=screenshots / f"{name}-{size[0]}-{scheme}.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    assert page.evaluate(SMALL) == []


def tab_to(page: Page, name: str) -> None:
    """Presses Tab until what is called so has the focus, and that can be seen."""
    for _ in range(60):
        page.keyboard.press("Tab")
        focused = page.evaluate(NAME)
        if str(focused).startswith(name):
            assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
            return
    raise AssertionError(f"Tab never comes to {name}")


def types_password(page: Page, hall: Hall, email: str) -> None:
    page.goto("/login")
    tab_to(page, "E-mail address")
    page.keyboard.type(email)
    tab_to(page, "Password")
    page.keyboard.type(hall.passwords[email])
    page.keyboard.press("Enter")
    page.wait_for_url(lambda address: urlsplit(address).path != "/login")


@looks
def test_by_keyboard_to_the_provider_and_back_and_out_of_both(
    chromium: Chromium, hall: Hall, screenshots: Path, size: tuple[int, int], scheme: str
) -> None:
    with a_page(chromium, hall.url, size, scheme) as page:
        page.goto("/login?next=/account")
        fits(page, screenshots, "login-with-provider", size, scheme)
        tab_to(page, "Sign in with the city account")
        page.keyboard.press("Enter")
        page.wait_for_url(f"{hall.provider.issuer}/**")
        page.locator("input[name=sub]").fill("anna-1")
        page.keyboard.press("Enter")
        page.wait_for_url(f"{hall.url}/account")
        fits(page, screenshots, "account", size, scheme)

        tab_to(page, "Sign out")
        page.keyboard.press("Enter")
        page.wait_for_url(f"{hall.provider.issuer}/oauth2/end_session**")
        page.goto(f"{hall.url}/account")
        expect(page).to_have_url(f"{hall.url}/login?next=%2Faccount")


@looks
def test_by_keyboard_a_second_factor_is_set_up_and_asked_for(
    chromium: Chromium, hall: Hall, screenshots: Path, size: tuple[int, int], scheme: str
) -> None:
    with a_page(chromium, hall.url, size, scheme) as page:
        types_password(page, hall, ANNA.email)
        page.goto("/account/second-factor")
        tab_to(page, "Your password")
        page.keyboard.type(hall.passwords[ANNA.email])
        page.keyboard.press("Enter")
        expect(page.get_by_role("img", name="A QR code")).to_be_visible()
        box = page.locator(".qr svg").bounding_box()
        assert box
        assert min(box["width"], box["height"]) >= PICTURE
        assert page.evaluate("getComputedStyle(document.querySelector('.qr')).backgroundColor") == "rgb(255, 255, 255)"
        fits(page, screenshots, "second-factor-setup", size, scheme)
        secret = base64.b32decode(page.locator("main pre code").inner_text().replace(" ", ""))
        step = one_time_codes.step_of(clock.now())
        tab_to(page, "Code of now")
        page.keyboard.type(one_time_codes.code_at(secret, step - 1))
        page.keyboard.press("Enter")
        expect(page.locator(".recovery-codes li")).to_have_count(10)
        paper = page.locator(".recovery-codes code").first.inner_text()
        fits(page, screenshots, "recovery-codes", size, scheme)
        page.goto("/account/second-factor")
        fits(page, screenshots, "second-factor", size, scheme)

        page.context.clear_cookies()
        types_password(page, hall, ANNA.email)
        expect(page.get_by_label("Code")).to_be_focused()
        fits(page, screenshots, "code", size, scheme)
        page.keyboard.type("nonsense")
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert")).to_contain_text("did not fit")
        fits(page, screenshots, "code-wrong", size, scheme)
        page.keyboard.type(paper)
        page.keyboard.press("Enter")
        page.wait_for_url(f"{hall.url}/")


@looks
def test_an_administrator_keeps_people_by_keyboard(
    chromium: Chromium, hall: Hall, screenshots: Path, size: tuple[int, int], scheme: str
) -> None:
    with a_page(chromium, hall.url, size, scheme) as page:
        types_password(page, hall, ADA.email)
        page.goto("/admin")
        fits(page, screenshots, "people", size, scheme)
        tab_to(page, ANNA.name)
        page.keyboard.press("Enter")
        page.wait_for_url(f"**/admin/people/{ANNA.email.replace('@', '%40')}")
        fits(page, screenshots, "person", size, scheme)
        tab_to(page, "Give a new password")
        page.keyboard.press("Enter")
        expect(page.get_by_role("status")).to_contain_text("The new password")
        fits(page, screenshots, "person-new-password", size, scheme)
