"""`kill -9` of everything, one by one and at once, while a hundred citizens wait: nothing is lost and nothing happens twice."""

from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from tests.builders import a_citizen, a_request
from tests.harness.mail_server import MailServer
from tests.harness.running_stack import SERVICES, Agency, Caseworker, Installation, add_agency, add_caseworker
from tests.harness.waiting import until
from tests.journeys.conftest import Begin

pytestmark = [pytest.mark.journey, pytest.mark.timeout(1800)]

CITIZENS = 100
"""Each service dies with work in hand. `make faults` goes on for as long as one likes."""

MESSAGES = (
    "The street lamp outside my house has been out for a week.",
    "My bin was not emptied on Monday. When will you come back?",
    "There is a deep pothole in front of the school.",
    "How do I renew my passport, and what does it cost?",
    "Où puis-je inscrire ma fille à la crèche ?",
    "Des rats courent dans la cour de notre immeuble.",
)


def citizens(count: int) -> list[dict[str, Any]]:
    """A request of each, and each has an address of their own."""
    return [
        a_request(body=MESSAGES[n % len(MESSAGES)], language=None, subject=None, citizen=a_citizen(f"Citizen {n:03}")) for n in range(count)
    ]


def keeps_sending(town: Agency, request: dict[str, Any]) -> None:
    """As a publisher does who got no answer: again, under the same id."""

    def accepted() -> bool:
        try:
            return town.sends(request).status_code == 202
        except httpx.TransportError:
            return False

    until(accepted, "intake takes the request")


def queue_of(mona: Caseworker) -> list[dict[str, Any]] | None:
    """The whole queue, where review answers just now."""
    try:
        return mona.queue()
    except httpx.TransportError:
        return None


def messages_in(mona: Caseworker) -> set[str]:
    """The requests whose message stands in their case."""
    return {case["request_id"] for case in queue_of(mona) or [] if case["subject"] in MESSAGES}


def states_of(mona: Caseworker) -> Counter[str]:
    """How many cases stand where, as far as review answers just now."""
    try:
        return mona.counts()
    except httpx.TransportError:
        return Counter()


def all_are(mona: Caseworker, count: int, states: Iterable[str]) -> Counter[str] | None:
    """How many cases stand where, once there are so many and all of them in these states."""
    states = set(states)
    states_now = states_of(mona)
    return states_now if states_now.total() == count and set(states_now) <= states else None


def acts(mona: Caseworker, line: dict[str, Any]) -> None:
    """One step of a person's work; whatever stands in the way (a crash, a change) is met by looking again later."""
    try:
        case = mona.case(line["request_id"])
        if case and case["state"] == "needs_triage":
            mona.does("correct", case, category=case["category"])
        elif case and case["state"] == "awaiting_approval":
            mona.approves(case)
    except httpx.TransportError:
        return


def approve_all(mona: Caseworker, lines: Iterable[dict[str, Any]]) -> None:
    """Four at a time."""
    with ThreadPoolExecutor(4) as people:
        list(people.map(lambda line: acts(mona, line), lines))


def resolve_doubts(mona: Caseworker, mail_server: MailServer) -> None:
    """As a person does: by looking whether the mail server has it."""
    for line in mona.queue(state="delivery_uncertain"):
        case = mona.case(line["request_id"])
        assert case
        [decision] = [d for d in case["decisions"] if d["decision_id"] == case["deliveries"][-1]["decision_id"]]
        arrived = any(decision["decision_id"] in message_id for message_id in mail_server.counts)
        assert mona.does("confirm-delivery" if arrived else "send-again", case).status_code == 200


def test_a_hundred_requests_survive_kill_9_of_every_service_and_of_everything_twice(begin: Begin) -> None:
    with MailServer() as mail_server:
        running = begin(PARVIS_SMTP_URL=mail_server.url, PARVIS_UNDO_SECONDS="0")
        town, mona = add_agency(running), add_caseworker(running)
        requests = citizens(CITIZENS)

        _send_while_services_die(running, town, requests)
        ids, emails = {request["request_id"] for request in requests}, {request["citizen"]["email"] for request in requests}
        # Not only what triage says of it: the embedded broker forgets a message that no case holds yet.
        until(lambda: ids <= messages_in(mona), "each message is in its case", moves=lambda: len(messages_in(mona)))
        running.kill()
        running.start()
        _approve_while_services_die(running, mona)

        states = until(lambda: _settled(mona, mail_server), "every reply is sent", moves=lambda: states_of(mona))

        assert states == {"sent": CITIZENS}
        cases = mona.queue()
        assert Counter(case["request_id"] for case in cases) == dict.fromkeys(ids, 1)
        assert Counter(mail["To"].addresses[0].addr_spec for mail in mail_server.mails) == dict.fromkeys(emails, 1)
        assert set(mail_server.counts.values()) == {1}
        assert running.prints("dead-letters", "list").endswith("0 dead letters")


def _send_while_services_die(running: Installation, town: Agency, requests: list[dict[str, Any]]) -> None:
    """Half by HTTP and half by Kafka, and before each fifth of them another service is killed."""
    share = len(requests) // len(SERVICES)
    for n, service in enumerate(SERVICES):
        part = requests[n * share : (n + 1) * share]
        running.kill_service(service)
        running.publish(*part[: share // 2])
        with ThreadPoolExecutor(4) as lines:
            list(lines.map(lambda request: keeps_sending(town, request), part[share // 2 :]))


def _approve_while_services_die(running: Installation, mona: Caseworker) -> None:
    """Until nothing waits for a person; those who have the work now die first, then everything once more."""
    killing = iter(["review", "dispatch", None])

    def nothing_waits() -> bool:
        waiting = [case for case in queue_of(mona) or [] if case["state"] in ("awaiting_approval", "needs_triage")]
        approve_all(mona, waiting[:20])
        if waiting:
            match next(killing, ""):
                case None:
                    running.kill()
                    running.start()
                case "":
                    pass
                case service:
                    running.kill_service(service)
        return all_are(mona, CITIZENS, ("approved", "sent", "delivery_uncertain")) is not None

    until(nothing_waits, "every case is decided", moves=lambda: states_of(mona))


def _settled(mona: Caseworker, mail_server: MailServer) -> Counter[str] | None:
    resolve_doubts(mona, mail_server)
    return all_are(mona, CITIZENS, ("sent",))
