"""Every page for everybody: axe finds nothing in both languages, themes and widths, and nothing has to be scrolled sideways at 400 %."""

import re
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page

from services.review.people.rules import Person
from tests.pages.city import ADA, ANNA, OLE, SUE
from tests.pages.powers_of_routes import ASKED_FOR
from tests.pages.test_in_chromium import Desks, a_page, chromium, desks

__all__ = ["chromium", "desks"]

pytestmark = pytest.mark.browser

LEVELS = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}, "resultTypes": ["violations"]}
LOOKS: dict[str, tuple[tuple[int, Any], ...]] = {"en": ((1440, "light"), (390, "dark")), "fr": ((390, "light"), (1440, "dark"))}
"""Each language in both themes and widths; both languages together have all four pairs."""
ZOOMED = 320  # CSS pixels: 1280 at 400 %
NO_PAGE = {
    "/live",
    "/cases/{request_id}/next",
    "/cases/{request_id}/previous",
    "/cases/{request_id}/presence",
    "/groups/rising",
    "/quality/pictures/{name}.csv",
    "/audit/export",
}
"""What answers with another form than a page."""
READERS: dict[str, Person] = {"/ops": OLE, "/quality": SUE, "/admin": ADA, "/audit": ADA, "/safeguards": SUE, "/account": ANNA}
"""Who opens pages that begin so; all others are a caseworker's."""
FURTHER = ("/?tab=closed", "/?q=lamp", "/?tab=all&mine=true", "/cases/{sort}", "/cases/{sent}", "/cases/{uncertain}", "/nowhere")

MOVING = "document.getAnimations().filter((a) => a.playState === 'running' && a.effect.getComputedTiming().duration > 10).length"
FOCUSED = """() => {
  const at = document.activeElement, box = at.getBoundingClientRect(), style = getComputedStyle(at);
  if (at === document.body) return { end: true };
  const spots = [[box.x + box.width / 2, box.y + box.height / 2], [box.x + 3, box.y + 3], [box.right - 3, box.bottom - 3]];
  const shown = ([x, y]) => { const top = document.elementFromPoint(x, y); return top && (at.contains(top) || top.contains(at)); };
  const ringed = [style.outlineStyle, style.boxShadow, getComputedStyle(at, "::after").outlineStyle];
  return { end: false, seen: spots.some(shown), marked: ringed.some((ring) => ring !== "none"), what: at.outerHTML.slice(0, 120) };
}"""


def _paths(desks: Desks) -> dict[str, Person]:
    """Every route that is a page, and what else a page of it may show."""
    examples = {"request_id": desks.cases["lamp"], "trace_id": desks.trace_id, "email": ANNA.email, **desks.cases}
    routes = [path for method, path in ASKED_FOR if method == "GET" and not path.startswith("/api/") and path not in NO_PAGE]
    routes = [path for path in routes if "{place}" not in path]  # a file of a letter
    paths = {}
    for path in (*routes, *FURTHER):
        for name, value in examples.items():
            path = path.replace(f"{{{name}}}", str(value))  # noqa: PLW2901
        path = re.sub(r"\{\w+\}", "00000000-0000-0000-0000-000000000000", path)  # noqa: PLW2901 - none of it is there: the error page
        paths[path] = next((reader for start, reader in READERS.items() if path.startswith(start)), ANNA)
    return paths


def _findings(page: Page) -> list[str]:
    violations = Axe().run(page, options=LEVELS).response["violations"]
    return [f"{rule['id']}: {node['target']} {node['html'][:150]}" for rule in violations for node in rule["nodes"][:3]]


@pytest.mark.parametrize("language", LOOKS)
@pytest.mark.parametrize("reader", [None, ANNA, SUE, OLE, ADA], ids=lambda reader: reader.role if reader else "nobody")
def test_axe_finds_nothing(chromium: Chromium, desks: Desks, screenshots: Path, reader: Person | None, language: str) -> None:
    paths = [path for path, person in _paths(desks).items() if person is reader] if reader else ["/login"]
    findings: dict[str, list[str]] = {}
    with a_page(chromium, desks, reader, expected="Failed to load resource", locale="en-GB") as page:
        page.context.add_cookies([{"name": "parvis_language", "value": language, "url": desks.url}])
        for path in paths:
            page.goto(path)
            assert page.evaluate("document.documentElement.lang") == language, path
            for width, theme in LOOKS[language]:
                page.set_viewport_size({"width": width, "height": 900})
                page.emulate_media(color_scheme=theme, reduced_motion="reduce")
                name = f"{path.strip('/').replace('/', '-').replace('?', '-')[:40] or 'queue'}-{language}-{width}-{theme}"
                page.screenshot(path=screenshots / f"axe-{name}.png")
                if there := _findings(page):
                    findings[f"{path} {width} {theme}"] = there
            page.set_viewport_size({"width": ZOOMED, "height": 256})
            if (wide := page.evaluate("document.documentElement.scrollWidth")) > ZOOMED:
                findings[f"{path} {ZOOMED}"] = [f"scrolls sideways to {wide}"]
            assert not page.evaluate(MOVING), f"{path} moves although the reader wants less motion"
    assert not findings


@pytest.mark.parametrize("path", ["/", "/cases/{lamp}", "/account"])
def test_what_has_the_focus_is_marked_and_covered_by_nothing(chromium: Chromium, desks: Desks, path: str) -> None:
    with a_page(chromium, desks, ANNA) as page:
        page.goto(path.format(**desks.cases))
        for _ in range(60):
            page.keyboard.press("Tab")
            state = page.evaluate(FOCUSED)
            if state["end"]:
                break
            assert state["marked"], state["what"]
            assert state["seen"], state["what"]
