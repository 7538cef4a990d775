"""Sends a steady stream of requests by HTTP and by Kafka; each is counted once the other side said that it has it."""

import contextlib
import json
import random
import threading
import time
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import httpx
from kafka import KafkaProducer

from services.local.demo import demo_requests
from services.runtime import clock

TOPIC = "parvis.requests.received.v1"


class Load:
    """Sends until it is stopped; `accepted` is what must not be lost, with the moment it was accepted."""

    def __init__(self, intakes: Sequence[str], key: str, agency: str, bootstrap: str, *, per_second: float, seed: int) -> None:
        self.accepted: dict[UUID, float] = {}
        self.sent_again = 0
        self._intakes = intakes
        self._key = key
        self._agency = agency
        self._bootstrap = bootstrap
        self._pause = 1 / per_second
        self._dice = random.Random(seed)
        self._ending = threading.Event()
        self._texts = list(demo_requests(clock.now()))
        self._threads = [threading.Thread(target=self._by_http, daemon=True), threading.Thread(target=self._by_kafka, daemon=True)]
        self._burst = threading.Event()

    def start(self) -> None:
        """Both ways at once."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """What is under way is brought to its end."""
        self._ending.set()
        for thread in self._threads:
            thread.join()

    def repeat(self) -> None:
        """Sends much of the last requests again, in another order."""
        self._burst.set()

    def _request(self) -> dict[str, Any]:
        with_id = UUID(int=self._dice.getrandbits(128), version=4)
        text = self._dice.choice(self._texts)
        citizen = {"name": "Ines Marlow", "email": f"{with_id}@example.org"}
        return text | {"request_id": str(with_id), "citizen": citizen, "received_at": clock.now().isoformat(), "agency": self._agency}

    def _by_http(self) -> None:
        recent: list[dict[str, Any]] = []
        with httpx.Client(timeout=10, headers={"Authorization": f"Bearer {self._key}"}) as client:
            while not self._ending.wait(self._pause * 2):
                request = self._request()
                self._post(client, request)
                recent = [*recent[-30:], request]
                if self._burst.is_set():
                    self._burst.clear()
                    for request in self._dice.sample(recent, len(recent)):
                        self._post(client, request)
                        self.sent_again += 1

    def _post(self, client: httpx.Client, request: dict[str, Any]) -> None:
        """Posts a request until there is an answer, as a publisher should."""
        while not self._ending.is_set():
            with contextlib.suppress(httpx.HTTPError):
                answer = client.post(self._dice.choice(self._intakes) + "/v1/requests", json=request)
                if answer.status_code == httpx.codes.ACCEPTED:
                    self.accepted.setdefault(UUID(request["request_id"]), time.time())
                    return
                if answer.status_code < httpx.codes.INTERNAL_SERVER_ERROR:
                    raise AssertionError(f"the intake refused a good request: {answer.status_code} {answer.text}")
            self._ending.wait(0.3)

    def _by_kafka(self) -> None:
        producer = KafkaProducer(bootstrap_servers=self._bootstrap.split(","), acks="all", retries=20, delivery_timeout_ms=60_000)
        recent: list[tuple[bytes, bytes]] = []
        try:
            while not self._ending.wait(self._pause * 2):
                request = self._request()
                record = (request["request_id"].encode(), json.dumps(request).encode())
                with contextlib.suppress(Exception):  # not acknowledged: not accepted, and so not counted
                    producer.send(TOPIC, key=record[0], value=record[1]).get(timeout=60)
                    self.accepted.setdefault(UUID(request["request_id"]), time.time())
                recent = [*recent[-30:], record]
                if self._dice.random() < 0.03:
                    for key, value in self._dice.sample(recent, min(len(recent), 10)):
                        with contextlib.suppress(Exception):
                            producer.send(TOPIC, key=key, value=value).get(timeout=30)
                            self.sent_again += 1
        finally:
            producer.close(timeout=5)
