"""A reply says how it came about, and asks once whether it solved the matter: "no" opens it again."""

import re
from collections.abc import Iterator

import httpx
import pytest

from tests.builders import a_citizen, a_request
from tests.harness.mail_server import MailServer, text_of
from tests.harness.running_stack import Agency, Caseworker, Installation, add_agency, add_caseworker
from tests.harness.waiting import until

pytestmark = pytest.mark.journey

RATED = "parvis.replies.rated.v1"


@pytest.fixture(scope="module")
def mail_server() -> Iterator[MailServer]:
    """Of its own: people of other journeys, by whatever name, get no mail here."""
    with MailServer() as server:
        yield server


@pytest.fixture(scope="module")
def asking(tmp_path_factory: pytest.TempPathFactory, settings: dict[str, str], mail_server: MailServer) -> Iterator[Installation]:
    """An installation that says where people reach it."""
    installation = Installation(tmp_path_factory.mktemp("asking") / "data", {**settings, "PARVIS_SMTP_URL": mail_server.url})
    installation.environment |= {"PARVIS_PUBLIC_URL": installation.review_url, "PARVIS_INTAKE_PUBLIC_URL": installation.intake_url}
    installation.environment |= {"PARVIS_UNDO_SECONDS": "0", "PARVIS_REPLY_QUESTION": "belrive"}
    try:
        installation.start()
        yield installation
    finally:
        installation.end()


@pytest.fixture(scope="module")
def city(asking: Installation) -> Agency:
    return add_agency(asking)


@pytest.fixture(scope="module")
def anna(asking: Installation) -> Caseworker:
    return add_caseworker(asking)


def replied(city: Agency, anna: Caseworker, mail_server: MailServer, name: str) -> tuple[str, str, str]:
    """A citizen writes and is answered: the case, the mail's text, and the link in it."""
    request = a_request(citizen=a_citizen(name))
    assert city.sends(request).status_code == 202
    case = anna.brings_to_approval(request["request_id"])
    assert anna.approves(case).status_code == 200
    anna.sees(request["request_id"], "sent")
    [mail] = mail_server.to(request["citizen"]["email"])
    text = text_of(mail)
    [link] = re.findall(r"http://127\.0\.0\.1:\d+/answers/belrive/\S+", text)
    assert case["note"] in text.replace("\r\n", "\n")
    # Not by opening the link until it leads somewhere: each time that it does not is a guess, and guesses end for everybody.
    until(lambda: city.asks(request["request_id"])["reply"], "intake has read of the reply, and keeps its link")
    return request["request_id"], text, link


def opened(at: Installation, link: str) -> httpx.Response:
    page = at.http.get(link)
    assert page.status_code == 200
    return page


def rating(anna: Caseworker, request_id: str) -> bool | None:
    """Whether it solved the matter, as the case says."""
    told = (anna.case(request_id) or {}).get("rating") or {}
    return told.get("solved")


def ratings_in_history(anna: Caseworker, request_id: str) -> list[dict[str, object]]:
    return [entry["detail"] for entry in (anna.case(request_id) or {})["history"] if entry["action"] == "rated"]


def ratings(at: Installation) -> int:
    return sum(1 for _ in at.records(RATED))


def test_no_opens_the_matter_again_once_and_its_reply_reaches_the_citizen(
    asking: Installation, city: Agency, anna: Caseworker, mail_server: MailServer
) -> None:
    request_id, text, link = replied(city, anna, mail_server, "Hugo Terrel")
    assert f"{asking.review_url}/about/belrive?lang=en" in text
    assert "A program put the text of this reply together; a person at the office decided to send it as it was." in text

    pages = [opened(asking, link) for _ in range(10)]
    assert "Hugo" not in pages[0].text
    assert ratings(asking) == 0, "programs that look at links in mail answer for nobody"
    assert len(anna.queue()) == 1

    for _ in range(2):
        answered = asking.http.post(link, data={"solved": "no", "missing": "The lamp is still dark. I live at number 12."})
        assert answered.status_code == 303
    receipt = asking.http.get(link)
    assert "Somebody will read it" in receipt.text

    [again] = until(lambda: [case for case in anna.queue() if case["request_id"] != request_id], "the matter is open again")
    case = anna.sees(again["request_id"], "awaiting_approval")
    assert case["request"]["citizen"]["email"] == "hugo.terrel@example.org"
    assert case["request"]["in_reply_to"] == request_id
    earlier = anna.case(request_id)
    assert earlier
    assert (case["category"], case["department"]) == (earlier["category"], earlier["department"])
    assert until(lambda: ratings(asking), "the answer is published") == 1
    assert until(lambda: ratings_in_history(anna, request_id), "review has read it") == [{"solved": False}]

    assert anna.approves(case, confirm_follow_up=True).status_code == 200
    anna.sees(case["request_id"], "sent")
    assert len(mail_server.to("hugo.terrel@example.org")) == 2


def test_yes_is_recorded_and_may_turn_into_no(asking: Installation, city: Agency, anna: Caseworker, mail_server: MailServer) -> None:
    request_id, _, link = replied(city, anna, mail_server, "Tova Wendt")
    opened(asking, link)
    cases = len(anna.queue())

    for _ in range(2):
        assert asking.http.post(link, data={"solved": "yes"}).status_code == 303

    assert "You told us that the matter is solved." in asking.http.get(link).text
    until(lambda: rating(anna, request_id) is True, "review has read it")
    assert len(anna.queue()) == cases
    assert asking.http.post(link, data={"solved": "no"}).status_code == 303
    until(lambda: rating(anna, request_id) is False, "review has read it")
    [follow_up] = until(lambda: [c for c in anna.queue() if "did not solve" in c["subject"]], "the matter is open again")
    assert anna.sees(follow_up["request_id"], "awaiting_approval")["request"]["body"] == "The reply did not solve the matter."


def test_nobody_else_can_claim_that_a_reply_did_not_solve_the_matter(
    asking: Installation, city: Agency, anna: Caseworker, mail_server: MailServer
) -> None:
    request_id, _, _ = replied(city, anna, mail_server, "Karin Folk")
    decided = (anna.case(request_id) or {})["decisions"][0]["decision_id"]
    by_http, by_kafka = (a_request(citizen=None, in_reply_to=request_id, unsolved_by=decided, channel="web") for _ in range(2))

    assert city.sends(by_http).status_code == 202
    asking.publish(by_kafka)

    for forged in (by_http, by_kafka):
        case = anna.sees(forged["request_id"], "needs_triage", "awaiting_approval")
        assert case["request"]["unsolved_by"] is None
        assert case["request"]["citizen"] is None, "a message is nobody's for what it says of itself"


def test_a_link_that_nobody_got_leads_nowhere_and_guessing_ends(
    asking: Installation, city: Agency, anna: Caseworker, mail_server: MailServer
) -> None:
    _, _, link = replied(city, anna, mail_server, "Olga Prim")
    opened(asking, link)
    add_agency(asking, "nyon")

    assert asking.http.get(link.replace("/belrive/", "/nyon/")).status_code == 404
    answers = [asking.http.get(f"{link[:-1]}{letter}").status_code for letter in "234567abcdefghijklmnopqrst" if link[-1] != letter]
    assert answers[0] == 404
    assert answers[-1] == 429
    assert asking.http.get(link).status_code == 429, "who guesses is told nothing of a right one either"
