"""The form for citizens in a real browser: axe finds nothing in both languages, themes and widths, and it needs no script."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Locator, Page, expect, sync_playwright

from tests.harness.intake_server import AGENCY, IntakeServer, intake_server
from tests.pages.test_accessible import FOCUSED, LOOKS, ZOOMED, _findings
from tests.pages.test_in_chromium import ARGUMENTS, CHROMIUM

pytestmark = pytest.mark.browser

FORM = f"/forms/{AGENCY}"
LOGO = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10"><circle cx="5" cy="5" r="4" fill="#14505f"/></svg>'
BRANDING = {
    "colour": "#7a1f5c",
    "logo": "logo.svg",
    "privacy": {"en": "https://www.springfield.example/privacy", "fr": "https://www.springfield.example/fr/donnees"},
    "contact": "Springfield City Hall\n1 Main Square, 555-0100",
}
WIDTHS = (390, 1440)
SMALLEST = 16  # pixels of any text
SIZES = """() => [...document.querySelectorAll('body *')]
  .filter((e) => e.offsetParent && [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim()))
  .map((e) => [parseFloat(getComputedStyle(e).fontSize), e.outerHTML.slice(0, 80)])"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[IntakeServer]:
    data = tmp_path_factory.mktemp("intake")
    (data / "logo.svg").write_text(LOGO)
    branding = data / "branding.yaml"
    branding.write_text(yaml.safe_dump({"agencies": {AGENCY: BRANDING}}))
    with intake_server(data, forms=(AGENCY,), forms_branding=branding, forms_hourly_per_address=0) as running:
        yield running


@pytest.fixture(scope="module")
def chromium() -> Iterator[Chromium]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM if Path(CHROMIUM).exists() else None, args=ARGUMENTS)
        yield browser
        browser.close()


@contextmanager
def a_page(chromium: Chromium, server: IntakeServer, language: str = "en", **options: Any) -> Iterator[Page]:
    """A citizen's browser; whatever it complains of, as of the page's policy, is a fault of the test."""
    locale = {"en": "en-GB", "fr": "fr-FR"}[language]
    context = chromium.new_context(**{"base_url": server.url, "viewport": {"width": 390, "height": 844}, "locale": locale} | options)
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    context.close()
    assert not [text for text in complaints if "Failed to load resource" not in text]


def follow(link: Locator) -> None:
    """Clicks what leads to another page, and waits until that is loaded: a click ends before."""
    with link.page.expect_navigation():
        link.click()


def _send(page: Page, language: str) -> None:
    follow(page.get_by_role("button", name={"en": "Send", "fr": "Envoyer"}[language], exact=True))


def faults_of_look(page: Page, picture: Path, language: str) -> dict[str, list[str]]:
    """What axe and a measure find at the page, in each width and theme; a picture of each is kept, named after `picture`."""
    assert page.evaluate("document.documentElement.lang") == language
    faults: dict[str, list[str]] = {}
    for width in WIDTHS:
        for theme in ("light", "dark"):
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=theme)
            page.screenshot(path=f"{picture}-{language}-{width}-{theme}.png", full_page=True)
            if there := _findings(page):
                faults[f"{picture.name} {width} {theme}"] = there
    if small := [what for size, what in page.evaluate(SIZES) if size < SMALLEST]:
        faults[f"{picture.name} type"] = small
    page.set_viewport_size({"width": ZOOMED, "height": 256})
    if (wide := page.evaluate("document.documentElement.scrollWidth")) > ZOOMED:
        faults[f"{picture.name} {ZOOMED}"] = [f"scrolls sideways to {wide}"]
    return faults


@pytest.mark.parametrize("language", LOOKS)
def test_axe_finds_nothing_on_any_page_of_the_form(chromium: Chromium, server: IntakeServer, screenshots: Path, language: str) -> None:
    findings: dict[str, list[str]] = {}

    def look(page: Page, name: str) -> None:
        findings.update(faults_of_look(page, screenshots / f"form-{name}", language))

    with a_page(chromium, server, language) as page:
        page.goto(FORM)
        look(page, "empty")
        page.locator("#email").fill("ana@example..org")
        page.locator("#phone").fill("none")
        _send(page, language)
        look(page, "faults")
        page.locator("#message").fill("The lamp on Elm Street is out.")
        page.locator("#email").fill("")
        page.locator("#phone").fill("")
        _send(page, language)
        look(page, "receipt")
        follow(page.locator("main a").first)
        look(page, "status")
        page.goto(f"{FORM}/status?reference=nonsense")
        look(page, "unknown")
        page.goto("/forms/nowhere")
        look(page, "no-form")
    assert not findings


def test_without_scripts_a_citizen_is_led_to_the_fault_and_writes(chromium: Chromium, server: IntakeServer) -> None:
    with a_page(chromium, server, java_script_enabled=False) as page:
        page.goto(FORM)
        page.get_by_label("E-mail").fill("ana@example.org")
        _send(page, "en")

        expect(page.get_by_role("alert")).to_be_focused()
        page.get_by_role("link", name="Message: write what it is about").click()
        expect(page.get_by_label("Message (required)")).to_be_focused()
        expect(page.get_by_label("Message (required)")).to_have_accessible_description(re.compile("write what it is about"))
        page.keyboard.type("The lamp is out.")
        page.get_by_label("Files").set_input_files({"name": "lamp.txt", "mimeType": "text/plain", "buffer": b"dark"})
        _send(page, "en")

        expect(page.get_by_role("heading", name="Your message has arrived")).to_be_visible()
        page.get_by_role("link", name="See how your matter stands").click()
        expect(page.get_by_text("It has been received.")).to_be_visible()


def test_a_double_click_and_going_back_are_one_message(chromium: Chromium, server: IntakeServer) -> None:
    with a_page(chromium, server) as page:
        page.goto(FORM)
        page.get_by_label("Message (required)").fill("The lamp is out.")
        page.get_by_role("button", name="Send", exact=True).dblclick()
        expect(page.get_by_role("heading", name="Your message has arrived")).to_be_visible()
        first = page.locator(".reference").inner_text()

        page.reload()
        expect(page.locator(".reference")).to_have_text(first)
        page.go_back()
        page.get_by_label("Message (required)").fill("The lamp is out.")
        _send(page, "en")

        expect(page.locator(".reference")).to_have_text(first)


def test_the_keyboard_goes_through_the_form_in_the_order_in_which_it_is_read(chromium: Chromium, server: IntakeServer) -> None:
    with a_page(chromium, server) as page:
        page.goto(FORM)
        order = []
        for _ in range(20):
            page.keyboard.press("Tab")
            state = page.evaluate(FOCUSED)
            if state["end"]:
                break
            assert state["marked"], state["what"]
            assert state["seen"], state["what"]
            order.append(page.evaluate("document.activeElement.id || document.activeElement.textContent.trim()"))

    fields = ["subject", "message", "place", "name", "email", "phone", "address", "automation", "files", "Send"]
    assert order[:3] == ["Skip to the content", "Français", "Have you written before? See how your matter stands."]
    assert order[3 : 3 + len(fields)] == fields, "and no field that nobody sees is among them"
