"""A caseworker at the pages, in a real browser: from the sign-in to a mail in the citizen's mailbox."""

import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from tests.builders import a_citizen, a_request
from tests.harness.mail_server import MailServer, text_of
from tests.harness.running_stack import Agency, Caseworker, Installation

pytestmark = [pytest.mark.journey, pytest.mark.browser]

CHROMIUM = os.environ.get("PARVIS_TEST_CHROMIUM", "/usr/bin/chromium")
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
)
PATIENCE = 600_000  # ms
expect.set_options(timeout=PATIENCE)


@pytest.fixture
def page() -> Iterator[Page]:
    """Debian's Chromium where it is, else Playwright's own. A script that fails fails the test."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM if Path(CHROMIUM).exists() else None, args=list(QUIET))
        opened = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB").new_page()
        opened.set_default_timeout(PATIENCE)
        faults: list[str] = []
        opened.on("pageerror", lambda error: faults.append(str(error)))
        yield opened
        browser.close()
        assert faults == []


@pytest.fixture(scope="module")
def password(parvis: Installation) -> str:
    return parvis.prints("people", "add", "lena@belrive.example", "--role", "supervisor", "--name", "Lena Ort")


def signs_in(page: Page, parvis: Installation, password: str) -> None:
    page.goto(parvis.review_url)
    page.get_by_label("E-mail address").fill("lena@belrive.example")
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("link", name=re.compile("^Queue"))).to_be_visible()


def test_requests_by_http_and_by_kafka_are_approved_in_a_browser_and_end_as_mail(
    parvis: Installation, city: Agency, anna: Caseworker, mail_server: MailServer, page: Page, password: str
) -> None:
    an_hour_ago = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    by_http = a_request(
        received_at=an_hour_ago,
        subject="Dark pavement on Elm Street",
        body="Good morning,\n\nthe street lamp outside 12 Elm Street has been out for a week, and the pavement is icy. My mother fell "
        "there last night. When will it be repaired? You can reach me at greta.holm@example.org.\n\nKind regards\nGreta Holm",
        citizen=a_citizen("Greta Holm"),
    )
    by_kafka = a_request(
        received_at=an_hour_ago,
        subject="Un lampadaire éteint",
        body="Bonjour, le lampadaire devant le 12 rue des Ormes est éteint depuis une semaine. Quand sera-t-il réparé ?",
        language="fr",
        citizen=a_citizen("Luc Farge"),
    )
    city.sends(by_http)
    parvis.publish(by_kafka)
    for request in (by_http, by_kafka):
        anna.brings_to_approval(request["request_id"])
    signs_in(page, parvis, password)

    for request in (by_http, by_kafka):
        page.goto(parvis.review_url)
        page.get_by_label("Words, name, e-mail, phone or case number").fill(request["subject"])
        page.get_by_role("button", name="Show", exact=True).click()
        page.get_by_role("link", name=request["subject"]).click()
        expect(page.get_by_text(request["body"][:60].splitlines()[-1])).to_be_visible()
        expect(page.get_by_label("Text")).to_have_value(re.compile(request["citizen"]["name"].split()[1]))
        _picture(page, request is by_http)
        page.get_by_role("button", name="Approve and send").click()
        expect(page.get_by_role("button", name=re.compile("^Undo"))).to_be_visible()

    for request in (by_http, by_kafka):
        case = anna.sees(request["request_id"], "sent")
        assert [decision["decided_by"] for decision in case["decisions"]] == ["lena@belrive.example"]
        [mail] = mail_server.to(request["citizen"]["email"])
        assert text_of(mail).split() == case["decisions"][0]["body"].split()


def test_an_edit_goes_out_as_it_was_written(
    parvis: Installation, city: Agency, anna: Caseworker, mail_server: MailServer, page: Page, password: str
) -> None:
    request = a_request(citizen=a_citizen("Nora Quist"))
    city.sends(request)
    anna.brings_to_approval(request["request_id"])
    signs_in(page, parvis, password)

    page.goto(f"{parvis.review_url}/cases/{request['request_id']}")
    page.get_by_label("Text").fill("Dear Nora Quist,\n\nIt is <b>repaired</b> & bright again.")
    page.get_by_role("button", name="Approve and send").click()

    expect(page.get_by_role("button", name=re.compile("^Undo"))).to_be_visible()
    anna.sees(request["request_id"], "sent")
    [mail] = mail_server.to("nora.quist@example.org")
    assert text_of(mail).strip() == "Dear Nora Quist,\n\nIt is <b>repaired</b> & bright again."


def test_what_a_citizen_writes_is_never_run(parvis: Installation, city: Agency, anna: Caseworker, page: Page, password: str) -> None:
    attack = "<script>document.title='taken'</script><img src=x onerror=\"document.title='taken'\">"
    request = a_request(subject=f"Lamp {attack}", body=f"The street lamp is out. {attack}", citizen=a_citizen() | {"name": attack})
    city.sends(request)
    anna.brings_to_approval(request["request_id"])
    signs_in(page, parvis, password)

    for path in ("/", f"/cases/{request['request_id']}"):
        page.goto(f"{parvis.review_url}{path}")
        expect(page.get_by_text("<script>").first).to_be_visible()
        assert page.title() != "taken"


def _picture(page: Page, wanted: bool) -> None:  # noqa: FBT001 - of one case only
    folder = os.environ.get("PARVIS_SCREENSHOTS")
    if folder and wanted:
        page.screenshot(path=Path(folder) / "case.png", full_page=True)
