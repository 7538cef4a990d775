"""What people decide on a case, from the message's arrival to the citizen's mailbox or not."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.builders import a_citizen, a_request
from tests.harness.mail_server import MailServer, text_of
from tests.harness.running_stack import Agency, Caseworker, Installation, newest_draft

pytestmark = pytest.mark.journey


def test_a_request_by_http_and_one_by_a_bare_kafka_producer_both_end_as_mail(
    parvis: Installation, city: Agency, anna: Caseworker, mail_server: MailServer
) -> None:
    by_http = a_request(citizen=a_citizen("Hugo Terrel"))
    by_kafka = a_request(citizen=a_citizen("Karin Folk"))
    assert city.sends(by_http).status_code == 202
    parvis.publish(by_kafka)

    for request in (by_http, by_kafka):
        assert anna.approves(anna.brings_to_approval(request["request_id"])).status_code == 200

    for request in (by_http, by_kafka):
        case = anna.sees(request["request_id"], "sent")
        assert [delivery["outcome"] for delivery in case["deliveries"]] == ["delivered"]
        [mail] = mail_server.to(request["citizen"]["email"])
        assert request["citizen"]["name"].split()[1] in text_of(mail)
        assert city.sees(request["request_id"], "sent")["reply"]["body"].split() == text_of(mail).split()


def test_the_same_request_three_times_is_one_case(parvis: Installation, city: Agency, anna: Caseworker) -> None:
    request = a_request(subject="Once only, please")
    last = a_request(subject="The one behind it")

    assert [city.sends(request).status_code for _ in range(2)] == [202, 202]
    parvis.publish(request, last)

    anna.brings_to_approval(last["request_id"])
    case = anna.brings_to_approval(request["request_id"])
    assert [line["request_id"] for line in anna.queue(q="Once only, please")] == [request["request_id"]]
    assert len({(draft["draft_id"], draft["revision"]) for draft in case["drafts"]}) == len(case["drafts"])
    assert len({draft["revision"] for draft in case["drafts"]}) == len(case["drafts"])


def test_of_two_people_who_decide_at_once_one_wins_and_one_is_told(
    city: Agency, anna: Caseworker, ben: Caseworker, mail_server: MailServer
) -> None:
    request = a_request(citizen=a_citizen("Tova Wendt"))
    city.sends(request)
    case = anna.brings_to_approval(request["request_id"])

    with ThreadPoolExecutor(2) as both:
        answers = list(both.map(lambda person: person.approves(case), (anna, ben)))

    assert sorted(answer.status_code for answer in answers) == [200, 409]
    [conflict] = [answer.json() for answer in answers if answer.status_code == 409]
    assert conflict["title"]
    assert "version" in conflict["detail"]
    decided = anna.sees(request["request_id"], "sent")
    assert len(decided["decisions"]) == 1
    assert len(mail_server.to("tova.wendt@example.org")) == 1


def test_a_stale_version_changes_nothing(city: Agency, anna: Caseworker) -> None:
    request = a_request()
    city.sends(request)
    before = anna.brings_to_approval(request["request_id"])
    stale = before | {"version": before["version"] - 1}

    answers = [
        anna.approves(stale),
        anna.does("reject", stale, reason="too short"),
        anna.does("close", stale, reason="a duplicate"),
        anna.does("correct", stale, urgency="high"),
        anna.does("redraft", stale),
        anna.does("claim", stale),
    ]

    assert [answer.status_code for answer in answers] == [409] * 6
    assert anna.case(request["request_id"]) == before


def test_a_recalled_approval_is_a_case_again_and_is_never_sent(city: Agency, anna: Caseworker, mail_server: MailServer) -> None:
    request = a_request(citizen=a_citizen("Remy Callow"))
    city.sends(request)
    case = anna.brings_to_approval(request["request_id"])

    approved = anna.approves(case, body="Dear Remy Callow, it will be repaired on Monday.").json()
    recalled = anna.does("recall", approved)

    assert (recalled.status_code, recalled.json()["state"]) == (200, "awaiting_approval")
    _something_later_is_sent(city, anna)
    again = anna.sees(request["request_id"], "awaiting_approval")
    assert newest_draft(again)["draft_id"] == newest_draft(case)["draft_id"]
    assert [bool(decision["recalled_at"]) for decision in again["decisions"]] == [True]
    assert mail_server.to("remy.callow@example.org") == []

    assert anna.approves(again).status_code == 200
    anna.sees(request["request_id"], "sent")
    assert len(mail_server.to("remy.callow@example.org")) == 1


def test_a_rejected_draft_is_followed_by_another(city: Agency, anna: Caseworker) -> None:
    request = a_request()
    city.sends(request)
    case = anna.brings_to_approval(request["request_id"])

    assert anna.does("reject", case, reason="say when it will be repaired").status_code == 200

    again = anna.sees(request["request_id"], "awaiting_approval")
    assert newest_draft(again)["revision"] == newest_draft(case)["revision"] + 1
    assert anna.approves(case | {"version": again["version"]}).status_code == 409  # the draft that nobody shows any more
    assert anna.approves(again).status_code == 200


def test_nothing_is_sent_for_a_closed_case(city: Agency, anna: Caseworker, mail_server: MailServer) -> None:
    request = a_request(citizen=a_citizen("Clara Voss"))
    city.sends(request)
    case = anna.brings_to_approval(request["request_id"])

    closed = anna.does("close", case, reason="answered by telephone")

    assert (closed.status_code, closed.json()["state"]) == (200, "closed")
    _something_later_is_sent(city, anna)
    assert (anna.case(request["request_id"]) or {})["state"] == "closed"
    assert anna.approves(case | {"version": closed.json()["version"]}).status_code == 409
    assert mail_server.to("clara.voss@example.org") == []


def test_a_case_nobody_could_sort_is_sorted_by_a_person(city: Agency, anna: Caseworker) -> None:
    request = a_request(subject=None, body="zxq vvrt, blorp?")
    city.sends(request)
    case = anna.sees(request["request_id"], "needs_triage")

    corrected = anna.does("correct", case, category="street_lighting", urgency="high")

    assert corrected.status_code == 200
    sorted_case = anna.sees(request["request_id"], "awaiting_approval")
    assert (sorted_case["category"], sorted_case["department"], sorted_case["urgency"]) == ("street_lighting", "streets", "high")


def _something_later_is_sent(city: Agency, anna: Caseworker) -> None:
    """What was decided before it would be out by now, if it were to go at all."""
    later = a_request(citizen=a_citizen("Later Still"))
    city.sends(later)
    anna.approves(anna.brings_to_approval(later["request_id"]))
    anna.sees(later["request_id"], "sent")


def test_a_letter_with_two_matters_is_split_and_both_are_answered_within_one_trace(
    city: Agency, anna: Caseworker, mail_server: MailServer
) -> None:
    noise = "Also, my neighbour plays loud music every night until three."
    body = f"The street lamp outside 12 Elm Street has been out for a week. {noise}"
    request = a_request(subject="Two matters", body=body, citizen=a_citizen("Vera Quist"))
    trace_id = city.sends(request).json()["trace_id"]
    first = anna.brings_to_approval(request["request_id"])

    second_id = anna.does("split", first, category="noise_nuisance", part=noise).json()["request_id"]
    second = anna.brings_to_approval(second_id)
    for case in (anna.brings_to_approval(request["request_id"]), second):
        assert anna.approves(case).status_code == 200

    for request_id in (request["request_id"], second_id):
        case = anna.sees(request_id, "sent")
        assert case["trace_id"] == trace_id
        assert case["request"]["body"] == body
    assert len(mail_server.to("vera.quist@example.org")) == 2
