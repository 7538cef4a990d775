"""The pages in a real browser: they fit a telephone and a wide screen, and their scripts do what they promise."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import uvicorn
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, expect, sync_playwright

from services.review.cases.deciding import actions
from services.review.people.rules import Person
from services.review.quality import store as quality
from tests.harness.waiting import PATIENCE
from tests.pages.city import ADA, ANNA, BEN, EVERYBODY, OLE, SUE, City, without_kafka

pytestmark = pytest.mark.browser

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
]
SIZES = {"phone": (360, 800), "desk": (1440, 900)}


@dataclass(frozen=True)
class Desks:
    """The running pages, and what is on them."""

    url: str
    passwords: dict[str, str]
    cases: dict[str, UUID]
    trace_id: str


async def _fill(city: City) -> tuple[dict[str, str], dict[str, UUID], str]:
    passwords = await city.hires(*EVERYBODY)
    cases = {
        "lamp": await city.waiting_case(),
        "approve": await city.waiting_case(hours_ago=30),
        "type": await city.waiting_case(hours_ago=50),
    }
    await city.waiting_case(
        hours_ago=1,
        urgency="emergency",
        urgency_reasons=["somebody may be hurt"],
        signals=[{"kind": "risk_of_harm", "words": "the cable hangs down to where the children play"}],
        request={"subject": "Lamp post has fallen over, cable hanging down beside the playground", "channel": "phone"},
    )
    late = {"category": "noise_nuisance", "department": "safety", "confidence": 0.81}
    await city.waiting_case(hours_ago=400, request={"subject": "Building site at night"}, **late)
    await city.waiting_case(hours_ago=60, urgency="high", confidence=0.62, request={"subject": None, "citizen": {"phone": "+1 555 0127"}})
    await city.does(BEN, await city.waiting_case(hours_ago=5, request={"subject": "Flickering light by the school"}), actions.Claim())
    cases["sort"] = await city.receives(
        outcome="needs_triage", confidence=0.31, request={"subject": "Two things, sorry for putting them in one e-mail"}
    )
    cases["sent"] = await city.waiting_case(hours_ago=70)
    await city.approves(ANNA, cases["sent"])
    await city.dispatches(cases["sent"])
    cases["uncertain"] = await city.waiting_case(hours_ago=90)
    await city.approves(SUE, cases["uncertain"])
    await city.dispatches(cases["uncertain"], "uncertain", "the connection broke after the text was sent")
    trace_id = city.traces(
        ("POST /v1/requests", "intake", 0.0, 0.012),
        ("requests.received process", "triage", 0.05, 0.09),
        ("requests.triaged process", "drafting", 0.12, 3.4),
        ("decide approve", "review", 190_000.0, 190_000.02),
        ("replies.decided process", "dispatch", 190_005.1, 190_005.6),
        request_id=cases["sent"],
    )
    for text in ("Where do I register a beehive?", "Do beehives need a permit?", "May I fly a drone over the lake?"):
        asked = await city.receives(request={"subject": text, "body": text}, redacted={"subject": text, "body": text}, letter="question")
        await city.drafts(asked, citations=[], drafted_by="template", model=None)
    while await quality.note_edits(city.commands.database):
        continue
    await city.app.state.database.close()
    return passwords, cases, trace_id


@pytest.fixture(scope="module")
def desks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desks]:
    folder = tmp_path_factory.mktemp("city")
    passwords, cases, trace_id = asyncio.run(_fill(City(without_kafka(folder))))
    with socket.create_server(("127.0.0.1", 0)) as listening:
        # No lifespan: nothing is consumed and nothing leaves, so a page stays as the test has put it.
        server = uvicorn.Server(uvicorn.Config(without_kafka(folder), log_level="warning", lifespan="off", timeout_graceful_shutdown=5))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        yield Desks(f"http://127.0.0.1:{listening.getsockname()[1]}", passwords, cases, trace_id)
        server.should_exit = True
        thread.join(PATIENCE)


@pytest.fixture(scope="module")
def chromium(desks: Desks) -> Iterator[Chromium]:  # noqa: ARG001 - filled first: Playwright keeps an event loop of its own running
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM if Path(CHROMIUM).exists() else None, args=ARGUMENTS)
        yield browser
        browser.close()


@contextmanager
def a_page(
    chromium: Chromium, desks: Desks, person: Person | None, size: str = "desk", expected: str | None = None, **options: Any
) -> Iterator[Page]:
    """A page of that size, signed in; a fault that the browser tells of is a fault of the test unless it is expected."""
    width, height = SIZES[size]
    context = chromium.new_context(base_url=desks.url, viewport={"width": width, "height": height}, **options)
    page = context.new_page()
    faults: list[str] = []
    page.on("console", lambda message: faults.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    if person:
        page.goto("/login")
        page.get_by_label("E-mail address").fill(person.email)
        page.get_by_label("Password").fill(desks.passwords[person.email])
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(lambda url: "/login" not in url)
    yield page
    context.close()
    assert not [fault for fault in faults if not expected or expected not in fault]


PAGES: tuple[tuple[str, Person | None, str], ...] = (
    ("login", None, "/login"),
    ("queue", ANNA, "/"),
    ("queue-empty", ANNA, "/?tab=closed"),
    ("case", ANNA, "/cases/{lamp}"),
    ("case-to-sort", ANNA, "/cases/{sort}"),
    ("case-sent", ANNA, "/cases/{sent}"),
    ("case-in-doubt", SUE, "/cases/{uncertain}"),
    ("ops", OLE, "/ops"),
    ("dead-letters", OLE, "/ops/dead-letters"),
    ("trace", ANNA, "/ops/traces/{trace}"),
    ("quality", SUE, "/quality"),
    ("gaps", SUE, "/quality/gaps"),
    ("safeguards", SUE, "/safeguards"),
    ("people", ADA, "/admin"),
)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("name", "person", "path"), PAGES)
def test_a_page_fits_its_screen(
    chromium: Chromium, desks: Desks, screenshots: Path, size: str, name: str, person: Person | None, path: str
) -> None:
    with a_page(chromium, desks, person, size) as page:
        page.goto(path.format(trace=desks.trace_id, **desks.cases))
        page.screenshot(path=screenshots / f"{name}-{size}.png", full_page=size == "phone")

        assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size][0]


def test_a_dark_screen_gets_dark_pages(chromium: Chromium, desks: Desks, screenshots: Path) -> None:
    with a_page(chromium, desks, ANNA, color_scheme="dark") as page:
        page.goto(f"/cases/{desks.cases['lamp']}")
        page.screenshot(path=screenshots / "case-dark.png")

        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(20, 24, 26)"


def test_text_is_kept_while_it_is_written(chromium: Chromium, desks: Desks) -> None:
    with a_page(chromium, desks, ANNA) as page:
        page.goto(f"/cases/{desks.cases['type']}")
        page.get_by_label("Text", exact=True).fill("Dear Ines Marlow, I looked it up myself.")
        expect(page.get_by_text("Your text is kept.")).to_be_visible()

        page.reload()

        expect(page.get_by_label("Text", exact=True)).to_have_value("Dear Ines Marlow, I looked it up myself.")


def test_a_draft_is_edited_approved_and_recalled(chromium: Chromium, desks: Desks, screenshots: Path) -> None:
    with a_page(chromium, desks, ANNA) as page:
        page.goto("/")
        page.locator(f'a[href^="/cases/{desks.cases["approve"]}?"]').click()
        page.get_by_label("Subject").fill("The lamp on Heron Street")
        page.get_by_role("button", name="Approve and send").click()
        expect(page.get_by_text("Approved:")).to_be_visible()
        page.screenshot(path=screenshots / "case-approved-desk.png")

        page.get_by_role("button", name="Undo").click()

        expect(page.get_by_label("Subject")).to_have_value("The lamp on Heron Street")


def test_a_decision_needs_no_script(chromium: Chromium, desks: Desks) -> None:
    with a_page(chromium, desks, SUE, java_script_enabled=False) as page:
        page.goto(f"/cases/{desks.cases['sort']}")
        page.get_by_label("Category", exact=True).select_option(label="Street lighting")
        page.get_by_role("button", name="Sort and draft").click()

        expect(page.get_by_text("A draft is being written.")).to_be_visible()
