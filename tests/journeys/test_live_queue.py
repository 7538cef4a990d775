"""A fire that somebody writes of, through all services, onto the screen of whoever has the queue open."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import expect, sync_playwright

from tests.builders import a_request
from tests.harness.running_stack import Agency, Installation
from tests.harness.waiting import PATIENCE

pytestmark = [pytest.mark.journey, pytest.mark.browser]

CHROMIUM = os.environ.get("PARVIS_TEST_CHROMIUM", "/usr/bin/chromium")
FIRE = "There is a fire in the stairwell of 12 Elm Street, smoke comes out of the windows and people are trapped. Send help now."
expect.set_options(timeout=PATIENCE * 1000)


def test_a_fire_published_by_an_agency_shows_on_the_open_queue_of_a_caseworker(parvis: Installation, city: Agency) -> None:
    password = parvis.prints("people", "add", "fay@belrive.example", "--role", "caseworker", "--name", "Fay Noor")
    for number in range(3):
        city.sends(a_request(subject=f"Lamp {number} is dark", body=f"The street lamp number {number} in Heron Street is out."))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM if Path(CHROMIUM).exists() else None, args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
        page.set_default_timeout(PATIENCE * 1000)
        page.goto(parvis.review_url)
        page.get_by_label("E-mail address").fill("fay@belrive.example")
        page.get_by_label("Password").fill(password)
        page.get_by_role("button", name="Sign in").click()
        page.get_by_label("Words, name").focus()

        city.sends(a_request(subject="Fire in Elm Street", body=FIRE))

        expect(page.get_by_role("status").filter(has_text="new emergency")).to_be_visible()
        expect(page.get_by_role("complementary").get_by_role("link", name="Fire in Elm Street")).to_be_visible()
        assert "‼" in page.title()
        assert page.evaluate("document.activeElement.id") == "q"
        browser.close()
