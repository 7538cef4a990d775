"""The API is shown and tried at /docs: nothing comes from another server, and a key works."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, Route, expect, sync_playwright

from services.intake import app
from tests.harness.intake_server import IntakeServer, intake_server
from tests.pages.test_in_chromium import ARGUMENTS, CHROMIUM
from tests.service.form_desk import settings


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[IntakeServer]:
    with intake_server(tmp_path_factory.mktemp("intake")) as running:
        yield running


@pytest.fixture(scope="module")
def chromium() -> Iterator[Chromium]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM if Path(CHROMIUM).exists() else None, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.mark.browser
@pytest.mark.parametrize("width", [1440, 390])
def test_a_request_is_tried_with_a_key_and_nothing_is_asked_elsewhere(chromium: Chromium, server: IntakeServer, width: int) -> None:
    page = chromium.new_context(base_url=server.url, viewport={"width": width, "height": 900}).new_page()
    elsewhere: list[str] = []
    complaints: list[str] = []

    def only_here(route: Route) -> None:
        if route.request.url.startswith((server.url, "data:")):
            return route.continue_()
        elsewhere.append(route.request.url)
        return route.abort()

    page.route("**/*", only_here)
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto("/docs")
    page.get_by_role("button", name="Authorize").first.click()
    page.locator("#auth-bearer-value").fill(server.key)
    page.get_by_role("button", name="Apply credentials").click()
    page.locator(".btn-done").click()
    _try(page, {"channel": "web", "body": "The lamp on Elm Street is out"})
    expect(page.locator(".responses-table.live-responses-table .response .response-col_status").first).to_have_text("202", timeout=15_000)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "it is as wide as the screen"
    assert (elsewhere, complaints) == ([], [])
    page.context.close()


def _try(page: Page, body: dict[str, str]) -> None:
    operation = page.locator("#operations-default-post_request_v1_requests_post")
    operation.get_by_role("button").first.click()
    operation.get_by_role("button", name="Try it out").click()
    operation.locator("textarea").first.fill(json.dumps(body))
    operation.get_by_role("button", name="Execute").click()


def test_it_can_be_switched_off(tmp_path: Path) -> None:
    off = TestClient(app.create(settings(tmp_path, api_docs=False)), base_url="http://127.0.0.1")
    assert off.get("/docs").status_code == off.get("/docs/page.js").status_code == 404
    on = TestClient(app.create(settings(tmp_path)), base_url="http://127.0.0.1")
    assert on.get("/docs/../openapi.json").status_code == 200
    assert on.get("/docs/main.py").status_code == 404, "nothing else of the package"
    assert "script-src 'self';" in on.get("/docs").headers["content-security-policy"]
