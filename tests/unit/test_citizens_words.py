"""What a citizen types never blocks, empties or turns round the reply to them."""

from typing import Any
from uuid import UUID

import pytest

from schemas import invisible_characters
from schemas.requests_received import RequestReceived
from services.domain import placeholders
from services.review.cases.case_state import Case
from services.review.cases.deciding import reply_text
from services.review.cases.page.case_page import _recipient_doubts
from services.runtime.errors import InvalidInput
from services.triage import fingerprint
from tests.builders import a_citizen, a_request


def a_case(**change: Any) -> Case:
    request = RequestReceived.model_validate(a_request(**change))
    at = request.received_at
    return Case(request_id=UUID(int=1), request=request, created_at=at, updated_at=at)


@pytest.mark.parametrize("body", ["\u200b", "\u2800", "\u3164\n\u115f", "\u00a0\ufe0f", "\u0301", "\u202e \t"])
def test_a_reply_in_which_nothing_can_be_seen_is_not_approved(body: str) -> None:
    with pytest.raises(InvalidInput, match="body"):
        reply_text.check("Re: lamp", body)
    with pytest.raises(InvalidInput, match="subject"):
        reply_text.check(body, "Dear Ida")


@pytest.mark.parametrize("title", ["x" * 300, "word " * 60, "👍" * 300, "漢" * 300])
def test_the_draft_of_the_longest_subject_can_be_approved_unchanged(title: str) -> None:
    subject = reply_text.shortened(f"Re: {title}")
    reply_text.check(subject, "Dear Ida")
    assert reply_text.shortened(subject) == subject
    assert subject.startswith("Re: ")


@pytest.mark.parametrize("typed", ["[NAME_1]", "[CITIZEN_NAME]", "[EMAIL_12]"])
def test_a_placeholder_that_the_citizen_typed_stays_their_own_word(typed: str) -> None:
    case = a_case(subject=f"Form {typed} is broken", citizen=a_citizen())
    written = case.as_sent(f"Re: Form {typed}, now", "draft", "shown")
    assert written == f"Re: Form {typed}, now"
    reply_text.check(written, "Dear Ines", case.typed_placeholders)
    with pytest.raises(InvalidInput, match="NAME_2"):
        reply_text.check(written, "Dear [NAME_2]", case.typed_placeholders)
    assert placeholders.left_over(written) == [typed]


def test_a_name_that_turns_text_round_is_straight_in_the_greeting() -> None:
    assert invisible_characters.one_line("Ida\u202e\u2067 lertseK\r\n") == "Ida lertseK"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Müllabfuhr in der Grünstraße fällt aus", "Mu\u0308llabfuhr in der Gru\u0308nstraße fa\u0308llt aus"),
        ("the oﬃce is closed", "the office is closed"),
        ("ｔｈｅ lamp is out", "the lamp is out"),
    ],
)
def test_copies_that_look_the_same_have_the_same_fingerprint(first: str, second: str) -> None:
    assert fingerprint.fingerprint(None, first) == fingerprint.fingerprint(None, second)


@pytest.mark.parametrize(
    ("email", "doubt"), [("no-reply@shop.example", "nobody reads"), ("aiko@example.org.", "aiko@example.org was meant")]
)
def test_an_address_that_nobody_reads_or_that_cannot_be_used_is_named_before_approval(email: str, doubt: str) -> None:
    assert doubt in " ".join(_recipient_doubts(a_case(citizen=a_citizen(email=email))))
    assert _recipient_doubts(a_case()) == []
