"""`python -m faults.fuzz --count 100000 --seed 1`: malformed bodies, records and mails at a whole installation.

Exit code 1 where anything is answered with a fault of ours, a service ends, a partition stands still, a record is neither a case nor a
dead letter, what was journalled or answered with 202 is no case, or what was accepted can't be shown. Of mails the journal is asked: two
that have one Message-ID are one.
"""

import argparse
import base64
import json
import math
import random
import re
import smtplib
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import httpx
from kafka import KafkaProducer
from rich.progress import track

from faults.malformed_input import Malformed
from services.local.demo import demo_requests
from services.runtime import clock, kafka_records, kafka_state
from services.runtime.errors import InvalidRecord
from services.runtime.settings import KafkaSettings
from tests.harness.ports import free_port
from tests.harness.running_stack import RECEIVED, SERVICES, Installation, add_agency, add_caseworker
from tests.harness.waiting import until

AGENCY = "fuzzland"
CORPUS = Path(__file__).parents[1] / "tests" / "mail" / "corpus"
AT_ONCE = 4
STANDSTILL_SECONDS = 180.0
MOST_TOLD = 20
ROUND = 5_000
"""Bodies, records and mails that are sent before it is asked whether there is time for more."""
MULTIPART = 0.2
"""Of the bodies of single requests, those that come with files."""

Content = tuple[bytes, bytes]
"""Key and value of a record."""


class Run:
    """One installation, what was thrown at it, and what was wrong."""

    def __init__(self, at: Installation, receiver: int, seed: int) -> None:
        self.at = at
        self.agency, self.person = add_agency(at, AGENCY), add_caseworker(at)
        self._browser = _signed_in(at)
        self.counts: Counter[str] = Counter()
        self.faults: list[str] = []
        self._accepted: set[str] = set()
        self._records: dict[tuple[int, int], Content] = {}
        self._receiver = receiver
        self._dice = random.Random(seed)
        good = [dict(request) for request in demo_requests(clock.now())]
        self._malformed = Malformed(seed, AGENCY, good, [path.read_bytes() for path in sorted(CORPUS.glob("*.eml"))])
        self._pids = {service: at.pid_of(service) for service in SERVICES}

    def post_bodies(self, count: int) -> None:
        """By HTTP, at every route that takes something."""
        for answer in self._each("bodies", count, self._body, self._post):
            self.counts[f"http {answer.status_code}"] += 1
            if answer.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
                self.faults.append(f"{answer.status_code} of {answer.request.url.path}: {answer.request.content[:300]!r}")
            elif answer.status_code == httpx.codes.ACCEPTED:
                self._accepted.add(answer.json()["request_id"])

    def _body(self) -> tuple[str, bytes, dict[str, str]]:
        body = self._malformed.body()
        path = self._dice.choice(["/v1/requests"] * 6 + ["/v1/requests/batch", "/open311/v2/requests.json", f"/forms/{AGENCY}"])
        kind = self._dice.choice(["application/json"] * 8 + ["text/plain", "multipart/form-data", "application/xml", "x"])
        if path == "/v1/requests" and self._dice.random() < MULTIPART:
            kind, body = self._malformed.multipart()
        if path.startswith(("/open311", "/forms")):
            kind = "application/x-www-form-urlencoded"
            body = urlencode(
                {"service_code": "street_lighting", "description": body[:5000], "message": body[:5000], "lat": body[:9]}
            ).encode()
        headers = {"Content-Type": kind, "Idempotency-Key": self._dice.choice(["a", "é", "x" * 300]), "traceparent": "00-zz-1-0"}
        return path, body, {name: value for name, value in headers.items() if name == "Content-Type" or self._dice.random() < 0.1}

    def _post(self, sent: tuple[str, bytes, dict[str, str]]) -> httpx.Response:
        path, body, headers = sent
        given = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
        given.append((b"Authorization", f"Bearer {self.agency.key}".encode()))
        return self.at.http.post(self.at.intake_url + path, content=body, headers=given)

    def publish_records(self, count: int) -> None:
        """By Kafka, as any client could."""
        producer = KafkaProducer(bootstrap_servers=self.at.bootstrap)
        places = []
        for _ in track(range(count), "records"):
            key, headers, value = self._malformed.record()
            if key is None and value is None:  # which this client will not send
                key = b""
            places.append((producer.send(RECEIVED, key=key, value=value, headers=headers), (key or b"", value or b"")))
        producer.flush()
        self._records |= {(place.get().partition, place.get().offset): content for place, content in places}
        producer.close()

    def hand_over_mails(self, count: int) -> None:
        """By LMTP, as the agency's mail server does."""
        for code in self._each("mails", count, self._malformed.mail, self._deliver):
            self.counts[f"lmtp {code}"] += 1

    def _deliver(self, mail: bytes) -> int:
        with smtplib.LMTP("127.0.0.1", self._receiver, timeout=120) as server:
            server.ehlo()
            server.mail("somebody@example.org")
            server.rcpt(f"info@{AGENCY}.example")
            code, answer = server.data(mail)
        if code not in (250, 552, 554):
            self.faults.append(f"LMTP {code} {answer!r}: {mail[:200]!r}")
        return code

    def _each(self, what: str, count: int, draw: Callable[[], Any], send: Callable[[Any], Any]) -> Iterable[Any]:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            for begin in track(range(0, count, 100), what):
                yield from pool.map(send, [draw() for _ in range(min(100, count - begin))])

    def come_to_rest(self) -> None:
        """Waits until every group has read everything, and triage has answered every journalled request."""

        def waits() -> int:
            [(unsettled,)] = self._rows("select count(*) from intake_journal where settled_at is null")
            return int(unsettled) + sum(lag.records for lag in kafka_state.state_of(KafkaSettings(bootstrap=self.at.bootstrap), ()).lags)

        def numbers() -> list[Any]:
            return [self._rows("select count(*) from review_cases"), self._rows("select count(*) from review_dead_letters")]

        until(lambda: not waits(), "everything is read", seconds=STANDSTILL_SECONDS, moves=lambda: (waits(), numbers()))

    def count_up(self) -> None:
        """Every record is a case or a dead letter, every accepted message a case; no service was replaced."""
        letters = self._dead_letters()
        # The same bytes again are the same letter; one that is too large has no bytes, and its place alone.
        dead: set[tuple[int, int] | Content] = {(letter["partition"], letter["offset"]) for letter in letters}
        dead |= {(base64.b64decode(letter["key"] or ""), base64.b64decode(letter["value"] or "")) for letter in letters}
        cases = {str(UUID(number)) for (number,) in self._rows("select request_id from review_cases where agency is not null")}
        for place, content in self._records.items():
            if dead.isdisjoint((place, content)):
                self._expect(_request_id(content[1]), cases, f"record {place}: {content[1][:300]!r}")
        for (number,) in self._rows("select request_id from intake_journal"):
            self._expect(str(UUID(number)), cases, "of the journal")
        for number in self._accepted:
            self._expect(number, cases, "answered with 202")
        for service, pid in self._pids.items():
            if self.at.pid_of(service) != pid:
                self.faults.append(f"{service} ended and was started again")
        self.counts |= Counter({"dead letters": len(letters), "cases": len(cases)})

    def _expect(self, number: str | None, cases: set[str], what: str) -> None:
        if number not in cases:
            self.faults.append(f"neither a case nor a dead letter: {number} {what}")

    def _dead_letters(self) -> list[dict[str, Any]]:
        letters = [json.loads(event) for (event,) in self._rows("select event from review_dead_letters")]
        return [letter for letter in letters if letter["topic"] == RECEIVED]

    def show_all(self) -> None:
        """Every case of the agency as JSON to its caseworker and to the agency, and some as a page.

        A letter of the agency's name may be what was malformed in a record: its case is another's, and unknown to this one.
        """
        accepted = self._rows("select request_id from review_cases where agency = ? order by request_id", AGENCY)
        cases = [str(UUID(number)) for (number,) in accepted]
        for statuses in self._each("shown", len(cases), iter(cases).__next__, self._shown):
            self.faults += [f"{status} of {url}" for url, status in statuses if status != httpx.codes.OK]

    def _shown(self, number: str) -> list[tuple[str, int]]:
        person, agency = {"Authorization": f"Bearer {self.person.token}"}, {"Authorization": f"Bearer {self.agency.key}"}
        asked = [(f"{self.at.review_url}/api/v1/cases/{number}", person), (f"{self.at.intake_url}/v1/requests/{number}", agency)]
        answers = [self.at.http.get(url, headers=headers) for url, headers in asked]
        if number.endswith("0"):
            answers.append(self._browser.get(f"/cases/{number}"))
        return [(str(answer.url), answer.status_code) for answer in answers]

    def _rows(self, query: str, *values: str) -> list[Any]:
        with closing(sqlite3.connect(self.at.data_dir / "parvis.db", timeout=60)) as database:
            return database.execute(query, values).fetchall()


def _signed_in(at: Installation) -> httpx.Client:
    """A browser's connection, for pages."""
    email = "page@fuzzland.example"
    password = at.prints("people", "add", email, "--role", "supervisor")
    browser = httpx.Client(base_url=at.review_url, timeout=120)
    [word] = re.findall('name="csrf" value="([^"]+)"', browser.get("/login").text)
    answer = browser.post("/login", data={"email": email, "password": password, "csrf": word})
    assert answer.status_code == httpx.codes.SEE_OTHER, answer.text
    return browser


def _request_id(value: bytes) -> str | None:
    try:
        return str(kafka_records.request_id_in(kafka_records.read_json(value)))
    except InvalidRecord:
        return None


def run(count: int, seed: int, folder: Path, minutes: float) -> tuple[Run, int]:
    """The whole run on an installation of its own, and how many were sent in that time."""
    receiver = free_port()
    mailboxes = folder / "mailboxes.yaml"
    mailboxes.write_text(
        f"received: [{{agency: {AGENCY}, addresses: ['*@{AGENCY}.example']}}]\nreceiver: {{listen: 'lmtp://127.0.0.1:{receiver}'}}\n"
    )
    limits = {"PARVIS_QUOTA_PER_MINUTE": "0", "PARVIS_FORMS_HOURLY_PER_ADDRESS": "0", "PARVIS_FORMS_HOURLY_PER_AGENCY": "0"}
    at = Installation(folder / "data", limits | {"PARVIS_MAILBOXES": str(mailboxes), "PARVIS_FORMS": AGENCY})
    try:
        at.start()
        fuzz, sent, ends = Run(at, receiver, seed), 0, time.monotonic() + 60 * minutes
        while sent < count and time.monotonic() < ends:
            in_round = min(ROUND, count - sent)
            for send, share in ((fuzz.post_bodies, 0.4), (fuzz.publish_records, 0.4), (fuzz.hand_over_mails, 0.2)):
                send(round(in_round * share))
            sent += in_round
        fuzz.come_to_rest()
        fuzz.count_up()
        fuzz.show_all()
    finally:
        at.end()
    return fuzz, sent


def main() -> int:
    """Prints what came of them, and the first things that were wrong."""
    parser = argparse.ArgumentParser(prog="faults.fuzz", description=__doc__)
    parser.add_argument("--count", type=int, default=100_000, help="bodies, records and mails together")
    parser.add_argument("--seed", type=int, default=1, help="the same seed draws the same")
    parser.add_argument("--minutes", type=float, default=math.inf, help="after which nothing more is sent, and what was sent is looked for")
    arguments = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="parvis-fuzz-") as folder:
        fuzz, sent = run(arguments.count, arguments.seed, Path(folder), arguments.minutes)
    print(f"seed {arguments.seed}, {sent} in {time.monotonic() - began:.0f} s: {dict(sorted(fuzz.counts.items()))}")
    print("\n".join(fuzz.faults[:MOST_TOLD]) or "nothing was lost, nothing stood still, everything can be shown")
    if fuzz.faults:
        print(f"{len(fuzz.faults)} faults")
    return 1 if fuzz.faults else 0


if __name__ == "__main__":
    sys.exit(main())
