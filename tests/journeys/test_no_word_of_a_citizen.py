"""Whatever goes wrong with a letter, no span, figure or line of a log holds a word of it: neither of its fields nor of the reply."""

import base64
import contextlib
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.harness.canaries import Canaries, in_text, personal_fields
from tests.harness.mail_server import MailServer
from tests.harness.model_endpoint import ModelEndpoint
from tests.harness.running_stack import RECEIVED, SERVICES, Agency, Caseworker, Installation, add_agency, add_caseworker
from tests.harness.waiting import until
from tests.journeys.conftest import Begin

pytestmark = pytest.mark.journey

OPENMETRICS = "application/openmetrics-text; version=1.0.0"


@dataclass
class World:
    """An installation whose model and mail server say out loud what they were given."""

    at: Installation
    town: Agency
    mona: Caseworker
    model: ModelEndpoint
    mail: MailServer
    sent: list[Canaries] = field(default_factory=list)

    def canaries(self, name: str) -> Canaries:
        """Of one more letter."""
        self.sent.append(Canaries(name))
        return self.sent[-1]

    @property
    def words(self) -> dict[str, str]:
        """Of all letters, by letter and field."""
        return {f"{each.name}: {path}": word for each in self.sent for path, word in each.words().items()}


@pytest.fixture
def world(begin: Begin) -> Iterator[World]:
    with MailServer() as mail, ModelEndpoint() as model:
        model.mood = "echoes"
        running = begin(
            PARVIS_SMTP_URL=mail.url, PARVIS_LLM_BASE_URL=model.url, PARVIS_UNDO_SECONDS="0", PARVIS_FORMS="belrive",
            PARVIS_DELIVERY_ATTEMPTS="1", PARVIS_LOG_LEVEL="DEBUG",
        )  # fmt: skip
        yield World(running, add_agency(running), add_caseworker(running), model, mail)


def by_http(world: World) -> str:
    """With all fields; and once more as another request of that id, which is a conflict."""
    request = world.canaries("http").request()
    assert world.town.sends(request).status_code == 202
    assert world.town.sends(request | {"body": world.canaries("conflict").request()["body"]}).status_code == 409
    return str(request["request_id"])


def by_kafka(world: World) -> str:
    request = world.canaries("kafka").request()
    world.at.publish(request)
    return str(request["request_id"])


def by_form(world: World) -> str:
    """As a browser does, with a file."""
    letter = world.canaries("form").request()
    address = f"{world.at.intake_url}/forms/belrive"
    page = world.at.http.get(address)
    token = re.search(r'name="id" value="([0-9a-f]{32})"', page.text)
    assert token
    typed = {
        "id": token[1], "subject": letter["subject"], "message": letter["body"], "place": letter["location"]["address"],
        **{name: letter["citizen"][name] for name in ("name", "email", "phone", "address")},
    }  # fmt: skip
    [file] = letter["files"]
    files = {"files": (file["name"], base64.b64decode(file["content"]), "text/plain")}
    answer = world.at.http.post(address, data=typed, files=files)
    assert answer.status_code == 303, answer.text
    return the_new_case(world, letter["subject"])


def by_open311(world: World) -> str:
    """With what developers of such clients send."""
    letter = world.canaries("open311").request()
    citizen, place = letter["citizen"], letter["location"]
    [(key, value)] = letter["metadata"].items()
    report = {
        "service_code": "street_lighting", "description": letter["body"], "address_string": place["address"],
        "first_name": citizen["name"], "last_name": citizen["address"], "email": citizen["email"], "phone": citizen["phone"],
        "account_id": letter["subject"], "device_id": letter["message_id"], "address_id": letter["references"][0],
        "media_url": letter["attachments"][0]["url"], f"attribute[{key}]": value,
    }  # fmt: skip
    url = f"{world.at.intake_url}/open311/v2/requests.json"
    answer = world.at.http.post(url, data=report, headers={"Authorization": f"Bearer {world.town.key}"})
    assert answer.status_code in (200, 201), answer.text
    return the_new_case(world, citizen["email"])


def the_new_case(world: World, words: str) -> str:
    """The case that is found by what was written in it."""
    [line] = until(lambda: world.mona.queue(q=words), f"a case of {words!r}")
    return str(line["request_id"])


def send_what_nobody_can_read(world: World) -> int:
    """By Kafka to dead letters, by HTTP refused: words in names, in values, and cut off. How many letters those are."""
    odd = world.canaries("odd").request()
    wrong = odd | {"channel": odd["subject"], odd["citizen"]["name"]: odd["body"], "location": {odd["location"]["address"]: odd["body"]}}
    world.at.publish(wrong)
    world.at.publish(json.dumps(world.canaries("cut").request()).encode()[:-40])
    world.at.publish(world.canaries("nothing").request(body=""))
    headers = {"Authorization": f"Bearer {world.town.key}"}
    url = f"{world.at.intake_url}/v1/requests"
    refused = world.canaries("refused").request(channel=odd["citizen"]["name"])
    for body in (json.dumps(refused).encode()[:-30], json.dumps(refused).encode(), json.dumps([refused]).encode()):
        assert world.at.http.post(url, content=body, headers=headers).status_code in (400, 422)
    assert world.at.http.post(f"{url}/batch", content=json.dumps(refused).encode()[:-30] + b"\n", headers=headers).status_code == 200
    return 3


def ask_for_it(world: World) -> None:
    """In addresses, questions, methods, headers and fields of sign-in: what others choose is no name of ours."""
    asked = world.canaries("asked")
    word, headers = asked.word("subject"), {"X-Request-Id": asked.word("body"), "User-Agent": asked.word("citizen.name")}
    headers |= {
        "traceparent": asked.word("message_id"),
        "tracestate": f"a={asked.word('references')}",
        "baggage": f"a={asked.word('metadata')}",
    }
    for base in (world.at.intake_url, world.at.review_url):
        for path in (
            f"/{word}",
            f"/v1/requests/{word}",
            f"/forms/{word}?q={word}",
            f"/cases?q={word}",
            f"/ops/traces?q={word}",
            f"/about/{word}",
        ):
            world.at.http.get(base + path, headers=headers)
        world.at.http.request(word.upper(), f"{base}/{word}", headers=headers)
        world.at.http.get(f"{base}/api/v1/cases", params={"q": word, "sort": word}, headers=headers | {"Authorization": f"Bearer {word}"})
    world.at.http.post(f"{world.at.review_url}/login", data={"email": f"{word}@canary.example", "password": word})
    assert word.lower() not in json.dumps(world.mona.queue(q=asked.value("citizen.email"))).lower()


def decide(world: World, requests: list[str]) -> None:
    """Everything that takes words, with those of the letter; the first reply is refused by a mail server that repeats them."""
    decided = world.canaries("decided")
    words = f"{decided.value('body')} {decided.value('citizen.email')} {decided.value('subject')}"
    mona = world.mona
    for action, said in (("redraft", {"instructions": words}), ("reject", {"reason": words})):
        assert mona.does(action, mona.brings_to_approval(requests[0]), **said).status_code == 200
    for number, request_id in enumerate(requests):
        case = until(lambda request_id=request_id: ready(mona, request_id), f"{request_id} can be decided")  # type: ignore[misc]
        if number == 0:
            world.mail.says("RCPT", f"550 5.1.1 <{decided.value('citizen.email')}> unknown: {decided.word('citizen.name')}")
        if number == 1:
            world.mail.says("DATA", f"451 greylisted {decided.word('subject')}")
        approved = mona.approves(case, subject=decided.word("subject"), body=words, although_claimed=True)
        assert approved.status_code == 200, approved.text
        mona.sees(request_id, "sent" if number > 1 else "delivery_failed")


def ready(mona: Caseworker, request_id: str) -> dict[str, Any] | None:
    """The case with the draft that followed last."""
    case = mona.brings_to_approval(request_id)
    return case if case["state"] == "awaiting_approval" else None


def figures(at: Installation, service: str, accept: str) -> str:
    """Of a service that is ready, as whoever scrapes them has them."""
    answer = at.http.get(f"{at.run_file()['services'][service]}/metrics", headers={"Accept": accept})
    assert answer.status_code == 200
    return answer.text


def places(world: World) -> dict[str, Callable[[], str]]:
    """All that people who run Parvis look at."""
    looked_at: dict[str, Callable[[], str]] = {}
    for service in SERVICES:
        looked_at[f"/metrics of {service}"] = partial(figures, world.at, service, "")
        looked_at[f"/metrics of {service} as OpenMetrics"] = partial(figures, world.at, service, OPENMETRICS)
    return looked_at | {"spans": world.at.all_spans, "logs": world.at.all_logs}


def test_no_span_figure_or_line_of_a_log_holds_a_word_of_a_letter_or_of_its_reply(world: World) -> None:
    requests = [by_http(world), by_kafka(world), by_form(world), by_open311(world)]
    unreadable = send_what_nobody_can_read(world)
    ask_for_it(world)
    decide(world, requests)
    letters = until(lambda: len(world.at.prints("dead-letters", "list", "--json").splitlines()) >= unreadable, "the letters are set aside")
    assert letters
    until(lambda: world.at.all_spans().count("send parvis.replies.dispatched.v1") >= len(requests), "the last steps are stored")

    leaks = {place: leaked for place, text in places(world).items() if (leaked := in_text(world.words, text()))}

    assert leaks == {}
    # The words went where they should: a canary that never left would be found nowhere, and prove nothing.
    by_their_own_names = {f"{way}: {path}" for way in ("http", "kafka") for path in personal_fields()}
    by_their_own_names |= {f"{way}: {path}" for way, paths in TAKEN.items() for path in paths}
    assert by_their_own_names - arrived(world) <= NOT_TAKEN
    assert any("echo" in world.model.mood and Canaries("http").word("body").lower() in asked.lower() for asked in world.model.requests)


TAKEN = {
    "form": (
        *("subject", "body", "location.address", "files.name", "files.content"),
        *("citizen.name", "citizen.email", "citizen.phone", "citizen.address"),
    ),
    "open311": (
        *("subject", "body", "location.address", "message_id", "references", "attachments.url", "metadata"),
        *("citizen.name", "citizen.email", "citizen.phone", "citizen.address"),
    ),
}
"""Of a letter, what the other two ways send, under whatever name of theirs."""
NOT_TAKEN = {f"http: {path}" for path in ("dropped.field", "dropped.message", "dropped.value", "files.threat")} | {
    f"{way}: files.content" for way in ("http", "kafka")
}
"""What intake believes of nobody, and files, which are base64 wherever they are but in the store of files."""


def arrived(world: World) -> set[str]:
    """The fields that came by themselves, by letter: people write their name and telephone in the letter as well, which proves nothing."""
    letters, others = [], list(kept_in_files(world.at.data_dir))
    for record in world.at.raw_records(RECEIVED):
        with contextlib.suppress(ValueError):  # one is cut off
            value = json.loads(record.value)
            letters.append(str(value.pop("body", "")))
            others.append(json.dumps(value, ensure_ascii=False))
    in_letters = {path for path in in_text(world.words, "\n".join(letters)) if path.endswith(": body")}
    return in_letters | set(in_text(world.words, "\n".join(others)))


def kept_in_files(data_dir: Path) -> Iterator[str]:
    for path in (data_dir / "files").rglob("*"):
        if path.is_file():
            yield path.read_bytes().decode(errors="replace")
