"""Decides on cases automatically as a person would, and looks into what is in doubt before anything is sent again."""

import contextlib
import itertools
import threading
from collections.abc import Iterator, Sequence
from typing import Any

import httpx

from tests.harness.mail_server import MailServer

LISTED = ("awaiting_approval", "needs_triage", "delivery_failed", "delivery_uncertain")


class Decider:
    """Works through the queue until it is stopped, on whichever review process answers."""

    def __init__(self, reviews: Sequence[str], token: str, mail: MailServer) -> None:
        self.approved = 0
        self.confirmed = 0
        self.sent_again: set[str] = set()
        self._urls = itertools.cycle(reviews)
        self._headers = {"Authorization": f"Bearer {token}"}
        self._mail = mail
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        """In a thread of its own."""
        self._thread.start()

    def stop(self) -> None:
        """After the case in hand."""
        self._ending.set()
        self._thread.join()

    def cases(self, client: httpx.Client, states: Sequence[str]) -> Iterator[dict[str, Any]]:
        """Every case in one of these states."""
        cursor: str | None = None
        while True:
            query: dict[str, Any] = {"state": list(states), "limit": 200} | ({"cursor": cursor} if cursor else {})
            answer = client.get(next(self._urls) + "/api/v1/cases", params=query)
            answer.raise_for_status()
            page = answer.json()
            yield from page["items"]
            cursor = page["next_cursor"]
            if not cursor:
                return

    def client(self) -> httpx.Client:
        """With the token."""
        return httpx.Client(timeout=15, headers=self._headers)

    def _run(self) -> None:
        with self.client() as client:
            while not self._ending.wait(0.5):
                with contextlib.suppress(httpx.HTTPError):
                    for case in list(self.cases(client, LISTED)):
                        if self._ending.is_set():
                            return
                        self._decide(client, case)

    def _decide(self, client: httpx.Client, case: dict[str, Any]) -> None:
        url = f"{next(self._urls)}/api/v1/cases/{case['request_id']}"
        with contextlib.suppress(httpx.HTTPError):
            match case["state"]:
                case "needs_triage":
                    client.post(f"{url}/correct", json={"version": case["version"], "category": case["category"]})
                case "awaiting_approval":
                    full = client.get(url).raise_for_status().json()
                    decision = {"version": full["version"], "draft_id": full["drafts"][-1]["draft_id"]}
                    self.approved += client.post(f"{url}/approve", json=decision).status_code == httpx.codes.OK
                case "delivery_failed":
                    self._send_again(client, url, case)
                case "delivery_uncertain":
                    self._look_into(client, url, case)

    def _look_into(self, client: httpx.Client, url: str, case: dict[str, Any]) -> None:
        decision = client.get(url).raise_for_status().json()["decisions"][-1]["decision_id"]
        if any(decision in message_id for message_id in self._mail.counts):
            answer = client.post(f"{url}/confirm-delivery", json={"version": case["version"]})
            self.confirmed += answer.status_code == httpx.codes.OK
        else:
            self._send_again(client, url, case)

    def _send_again(self, client: httpx.Client, url: str, case: dict[str, Any]) -> None:
        if client.post(f"{url}/send-again", json={"version": case["version"]}).status_code == httpx.codes.OK:
            self.sent_again.add(case["request_id"])
