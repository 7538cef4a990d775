"""The four places where whoever runs Parvis looks, each asked again and again: what of it names a cause, and after how many seconds."""

import html
import json
import re
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import httpx

from tests.harness.prometheus_server import PrometheusServer
from tests.harness.running_stack import Installation

View = Literal["/ops", "status", "doctor", "alert"]
VIEWS: Sequence[View] = ("/ops", "status", "doctor", "alert")
PAUSE = 0.5  # seconds between two looks: commands take some themselves, and the services share the machine with them


def signed_in(at: Installation, email: str = "ops@faultland.example") -> httpx.Client:
    """A supervisor's browser."""
    password = at.prints("people", "add", email, "--role", "supervisor")
    browser = httpx.Client(base_url=at.review_url, timeout=30, headers={"Accept": "text/html"})
    [word] = re.findall('name="csrf" value="([^"]+)"', browser.get("/login").text)
    answer = browser.post("/login", data={"email": email, "password": password, "csrf": word})
    assert answer.status_code == httpx.codes.SEE_OTHER, answer.text
    return browser


class Views:
    """One installation as its operator sees it. Each view answers with lines of text; those that say nothing of a fault are left out."""

    def __init__(self, at: Installation, prometheus: PrometheusServer) -> None:
        self._at = at
        self._browser = signed_in(at)
        self._prometheus = prometheus
        self.alert_waits = prometheus.waits()
        self.lines: Mapping[View, Callable[[], list[str]]] = {
            "/ops": self._page, "status": self._status, "doctor": self._doctor, "alert": self._alerts,
        }  # fmt: skip

    def close(self) -> None:
        """Ends the browser's connection."""
        self._browser.close()

    def _page(self) -> list[str]:
        """What the page says needs somebody; while it can't be shown, the sentence that stands in its place."""
        try:
            answer = self._browser.get("/ops/overview")
        except httpx.TransportError:
            return []
        if answer.status_code != httpx.codes.OK:
            return [_text(answer.text.partition("<main")[2] or answer.text)]
        return [
            _text(item) for items in re.findall(r'<ul class="findings">(.*?)</ul>', answer.text, re.DOTALL) for item in items.split("</li>")
        ]

    def _status(self) -> list[str]:
        shown = self._at.run("status", "--json").stdout
        return [f"{finding['what']} {finding['affected']}" for finding in json.loads(shown)["findings"]] if shown else []

    def _doctor(self) -> list[str]:
        shown = self._at.run("doctor", "--json").stdout
        return [f"{line['check']}: {line['detail']}" for line in json.loads(shown) if line["state"] == "fault"] if shown else []

    def _alerts(self) -> list[str]:
        try:
            return [f"{alert.name} {alert.state}: {alert.summary}" for alert in self._prometheus.alerts()]
        except httpx.TransportError:
            return []


def _text(page: str) -> str:
    return " ".join(html.unescape(re.sub("<[^>]+>", " ", page)).split())


@dataclass
class Sighting:
    """What one view has said of the cause: after how many seconds, in which words; `fired_after` of an alert alone."""

    words: str
    named_after: float | None = None
    line: str = ""
    fired_after: float | None = None
    fires_by_rule: float = 0.0
    """For how long the rule wants its condition to hold; longer than is waited for here, and `fired_after` is not known."""


@dataclass
class Watch:
    """Looks at all four views at once until each names the cause, or the time is up."""

    views: Views
    words: Mapping[View, str]
    sightings: dict[View, Sighting] = field(default_factory=dict)

    def until_named(self, began: float, seconds: float, firing_seconds: float) -> None:
        """Returns once all have named it and the alert fires. `began`: when it broke."""
        self.sightings = {view: Sighting(words) for view, words in self.words.items()}
        limits = {view: seconds + (firing_seconds if view == "alert" else 0) for view in self.words}
        self._side_by_side(lambda view: self._look(view, began, limits[view]))

    def until_clear(self, seconds: float) -> dict[View, float | None]:
        """After how many seconds no view says it any more; None: it still does."""
        began = time.monotonic()
        cleared: dict[View, float | None] = {}

        def look(view: View) -> None:
            cleared[view] = None
            while time.monotonic() - began < seconds:
                if not self.naming(view):
                    cleared[view] = time.monotonic() - began
                    return
                threading.Event().wait(PAUSE)

        self._side_by_side(look)
        return cleared

    def _side_by_side(self, look: Callable[[View], None]) -> None:
        threads = [threading.Thread(target=look, args=(view,), daemon=True) for view in self.words]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def naming(self, view: View) -> list[str]:
        """The lines of that view that name the cause now."""
        return [line for line in self.views.lines[view]() if re.search(self.words[view], line)]

    def _look(self, view: View, began: float, seconds: float) -> None:
        sighting = self.sightings[view]
        while time.monotonic() - began < seconds:
            lines = self.naming(view)
            after = time.monotonic() - began  # the command's own seconds are waited for as well
            if lines and sighting.named_after is None:
                sighting.named_after, sighting.line = after, lines[0]
                sighting.fires_by_rule = self.views.alert_waits.get(lines[0].split()[0], 0.0) if view == "alert" else 0.0
            if sighting.named_after is not None and (view != "alert" or sighting.fires_by_rule > seconds):
                return
            if any(" firing: " in line for line in lines):
                sighting.fired_after = after
                return
            threading.Event().wait(PAUSE)
