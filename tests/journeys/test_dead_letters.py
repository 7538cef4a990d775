"""Records that can't be worked on: kept once, put right by a person, and in nobody's way."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.builders import a_request
from tests.harness.running_stack import Caseworker, Installation
from tests.harness.waiting import until

pytestmark = pytest.mark.journey


def letters(parvis: Installation) -> list[dict[str, Any]]:
    """Those that wait for a person."""
    return [json.loads(line) for line in parvis.prints("dead-letters", "list", "--json").splitlines()]


@pytest.fixture(autouse=True)
def what_others_left(parvis: Installation) -> None:
    """Letters of other journeys of this installation are set aside: each here looks at its own."""
    if others := letters(parvis):
        parvis.prints("dead-letters", "discard", *(letter["letter_id"] for letter in others))


def one_letter(parvis: Installation, *words: str) -> dict[str, Any]:
    """The only one that waits, once each service that reads the topic has spoken of it."""

    def of_both_services() -> list[dict[str, Any]] | None:
        waiting = letters(parvis)
        return waiting if waiting and sorted(waiting[0]["services"]) == ["review", "triage"] else None

    [letter] = until(of_both_services, "one dead letter of two services waits")
    assert all(word in letter["error_message"] for word in words), letter
    return letter


def test_an_unreadable_record_is_kept_once_and_replayed_once_after_a_fix(parvis: Installation, anna: Caseworker, tmp_path: Path) -> None:
    wanted = a_request(subject="Put right by hand")
    broken = json.dumps(wanted).encode()[:-2]
    behind = [a_request() for _ in range(8)]  # as many as reach every partition

    parvis.publish(broken, *behind)

    for request in behind:
        anna.brings_to_approval(request["request_id"])
    letter = one_letter(parvis, "not JSON")
    shown = json.loads(parvis.prints("dead-letters", "show", letter["letter_id"]))
    assert shown["value"].encode() == broken

    fixed = tmp_path / "fixed.json"
    fixed.write_text(json.dumps(wanted))
    parvis.prints("dead-letters", "replay", letter["letter_id"], "--value", fixed)

    anna.brings_to_approval(wanted["request_id"])
    assert letters(parvis) == []
    again = parvis.run("dead-letters", "replay", letter["letter_id"], "--value", fixed)
    assert again.returncode == 1
    assert "replayed" in again.stderr
    assert len(anna.queue(q="Put right by hand")) == 1


def test_a_discarded_record_is_never_replayed(parvis: Installation, anna: Caseworker) -> None:
    request = a_request(received_at="last Tuesday", body="")
    parvis.publish(request)
    letter = one_letter(parvis, "received_at", "body")

    parvis.prints("dead-letters", "discard", letter["letter_id"])

    assert letters(parvis) == []
    again = parvis.run("dead-letters", "replay", letter["letter_id"])
    assert again.returncode == 1
    assert "discarded" in again.stderr
    assert anna.case(request["request_id"]) is None


def test_a_letter_tells_no_word_of_what_the_citizen_wrote(parvis: Installation) -> None:
    parvis.publish(a_request(channel="by pigeon from Brackwater", citizen={"name": "Ottoline Brackwater"}))
    letter = one_letter(parvis, "channel")

    assert "Brackwater" not in json.dumps(letter)
    assert "Brackwater" not in parvis.all_logs()
    parvis.prints("dead-letters", "discard", letter["letter_id"])
