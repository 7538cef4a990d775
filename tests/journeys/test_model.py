"""A language model that answers, fails in every way, and never learns who wrote."""

from collections.abc import Iterator

import pytest

from tests.builders import a_request
from tests.harness.mail_server import MailServer, text_of
from tests.harness.model_endpoint import ModelEndpoint, Mood
from tests.harness.running_stack import Agency, Caseworker, Installation, add_agency, add_caseworker, newest_draft
from tests.journeys.conftest import Begin

pytestmark = pytest.mark.journey

NAME, EMAIL, PHONE = "Ottoline Brackwater", "o.brackwater@post.example", "+1 202 555 0143"
STREET, CARD = "48 Larkspur Crescent", "4111 1111 1111 1111"
DETAILS = ("Ottoline", "Brackwater", EMAIL, PHONE, "555 0143", "Larkspur", "4111 1111", "GB33BUKB20201555555555")
WITHOUT_IDENTITY = ("requests.triaged", "drafts.requested", "drafts.proposed", "triage.corrected")


@pytest.fixture(scope="module")
def model() -> Iterator[ModelEndpoint]:
    with ModelEndpoint() as endpoint:
        yield endpoint


@pytest.fixture(scope="module")
def with_model(begin_for_all: Begin, model: ModelEndpoint, mail_server: MailServer) -> Installation:
    return begin_for_all(
        PARVIS_LLM_BASE_URL=model.url, PARVIS_LLM_TIMEOUT_SECONDS="20", PARVIS_SMTP_URL=mail_server.url, PARVIS_UNDO_SECONDS="0"
    )


@pytest.fixture(scope="module")
def town(with_model: Installation) -> Agency:
    return add_agency(with_model)


@pytest.fixture(scope="module")
def mona(with_model: Installation) -> Caseworker:
    return add_caseworker(with_model, "mona@belrive.example")


def test_a_model_that_answers_writes_the_draft_and_says_what_it_rests_on(model: ModelEndpoint, town: Agency, mona: Caseworker) -> None:
    model.mood = "answers"
    request = a_request()
    town.sends(request)

    draft = newest_draft(mona.brings_to_approval(request["request_id"]))

    assert draft["drafted_by"] == "model"
    assert draft["usage"] == {"input_tokens": 321, "output_tokens": 45}
    [citation] = draft["citations"]
    assert citation["quote"]
    assert citation["quote"] in draft["body"]
    assert citation["url"]
    assert draft["checks"]


# The third without an answer in a row is the last that is asked for a while: so few, until the last.
@pytest.mark.parametrize(("mood", "count"), [("talks nonsense", 5), ("refuses", 1), ("breaks off", 1), ("hangs", 5)])
def test_a_model_that_fails_holds_up_nobody(model: ModelEndpoint, town: Agency, mona: Caseworker, mood: Mood, count: int) -> None:
    model.mood = mood
    requests_before = len(model.requests)
    requests = [a_request() for _ in range(count)]
    for request in requests:
        town.sends(request)

    drafts = [newest_draft(mona.brings_to_approval(request["request_id"])) for request in requests]

    assert [draft["drafted_by"] for draft in drafts] == ["template"] * count
    assert all(draft["body"] for draft in drafts)
    assert len(model.requests) > requests_before
    assert [case for case in mona.queue() if case["state"] in ("received", "drafting")] == []


def test_only_the_people_who_decide_and_the_citizen_ever_see_who_wrote(
    with_model: Installation, model: ModelEndpoint, town: Agency, mona: Caseworker, mail_server: MailServer
) -> None:
    model.mood = "answers"
    request = a_request(
        subject=f"Lamp out, {NAME}",
        body=f"My name is {NAME}. The street lamp outside my house, {STREET}, is out. Call {PHONE} or write to {EMAIL}. "
        f"The fee was taken from IBAN GB33BUKB20201555555555 and from card {CARD}. Thank you, {NAME}",
        citizen={"name": NAME, "email": EMAIL, "phone": PHONE, "address": f"{STREET}, Belrive"},
    )
    town.sends(request)
    case = mona.brings_to_approval(request["request_id"])
    mona.does("correct", case, category="public_safety")
    case = mona.brings_to_approval(request["request_id"])
    mona.does("reject", case, reason="shorter")
    case = mona.brings_to_approval(request["request_id"])
    draft = newest_draft(case)

    approved = mona.approves(case, body=f"{draft['body']}\nWe will call you at [PHONE_1].")

    assert approved.status_code == 200
    mona.sees(request["request_id"], "sent")
    [mail] = mail_server.to(EMAIL)
    assert PHONE in text_of(mail)
    written_down = {
        **{topic: b"\n".join(with_model.records(f"parvis.{topic}.v1")).decode() for topic in WITHOUT_IDENTITY},
        "prompts": "\n".join(model.requests),
        "logs": with_model.all_logs(),
        "spans": with_model.all_spans(),
    }
    for where in (*WITHOUT_IDENTITY, "spans"):
        assert request["request_id"] in written_down[where], where
    assert "street lamp" in written_down["prompts"]
    leaks = [(where, detail) for where, text in written_down.items() for detail in DETAILS if detail.lower() in text.lower()]
    assert leaks == []
