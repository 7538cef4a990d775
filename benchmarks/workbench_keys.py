"""Counts the keys of common decisions in a real Chromium over 30 cases: `python -m benchmarks.workbench_keys`.

The cases are the sample requests of `parvis up --demo`, each with a draft. A press counts, whatever it does; waiting does not.
"""

import itertools
import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

from playwright.sync_api import Page, expect

from services.local.demo import demo_requests
from services.runtime import clock
from tests.pages.city import ANNA, City, without_kafka
from tests.pages.keyboard import filled, served, settled, signed_in, started

CASES = 30
AIMS = {
    "approve, unedited, and stand in the next case": 2,
    "correct the category": 2,
    "reject with a common reason": 2,
    "close with a common reason": 2,
}
ALTERNATIVES = [{"category": name, "probability": 0.1} for name in ("roads_pavements", "noise_nuisance", "housing")]


class Keyboard:
    """A keyboard that counts."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.presses = 0

    def press(self, *keys: str) -> None:
        """Presses one after the other."""
        for key in keys:
            settled(self.page)
            self.page.keyboard.press(key)
            self.presses += 1


async def fill(city: City, letters: Sequence[str]) -> tuple[str, list[UUID]]:
    """A queue of letters that wait for a decision."""
    password = (await city.hires(ANNA))[ANNA.email]
    cases = [
        await city.waiting_case(hours_ago=200 - place, alternatives=ALTERNATIVES, request={"subject": f"Letter {place}", "body": letter})
        for place, letter in enumerate(letters)
    ]
    return password, cases


def counted(page: Page, keys: Sequence[str], *, goes_on: bool) -> list[int]:
    """The presses that each case of the queue took."""
    page.goto("/?tab=decide")
    page.locator(".queue .s a").first.click()
    presses = []
    for _ in range(CASES):
        heading = page.get_by_role("heading", level=1)
        before = heading.inner_text()
        keyboard = Keyboard(page)
        keyboard.press(*keys)
        if goes_on:
            expect(heading).not_to_have_text(before)
        else:
            expect(page.get_by_text("The correction is kept")).to_be_visible()
        presses.append(keyboard.presses)
        if not goes_on and len(presses) < CASES:
            settled(page)
            page.keyboard.press("n")
            expect(heading).not_to_have_text(before)
    return presses


def measured(letters: Sequence[str], keys: Sequence[str], *, goes_on: bool = True) -> list[int]:
    """The presses over a queue of its own."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        password, _ = filled(folder, lambda city: fill(city, letters))
        with served(without_kafka(folder)) as url, started() as chromium, signed_in(chromium, url, ANNA, password) as page:
            return counted(page, keys, goes_on=goes_on)


def main() -> int:
    """Prints the medians beside the aims; fails where one is missed."""
    letters = [str(request["body"]) for request in itertools.islice(demo_requests(clock.now()), CASES)]
    ways = ((("a",), True), (("1",), False), (("x", "3"), True), (("d", "1"), True))
    missed = 0
    for (what, aim), (keys, goes_on) in zip(AIMS.items(), ways, strict=True):
        presses = measured(letters, keys, goes_on=goes_on)
        median = statistics.median(presses)
        missed += median > aim
        print(f"{what:50} {' '.join(keys):5} median {median:g} keys over {len(presses)} cases (aim: {aim} at most)")
    return int(missed > 0)


if __name__ == "__main__":
    sys.exit(main())
