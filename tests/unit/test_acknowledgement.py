"""Who gets a receipt, and what stands in it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from schemas.requests_triaged import DetectedLanguage, Signal
from schemas.values import Urgency
from services.domain import form_references
from services.review.agencies import acknowledgement_switch
from services.review.cases import case_state
from services.review.cases.acknowledgements import acknowledgement, acknowledgement_text
from services.review.cases.acknowledgements.acknowledgement import MOST_A_DAY, Acknowledging, Places, Writing
from services.review.cases.acknowledgements.acknowledgement_text import Texts
from services.review.cases.case_state import Case
from services.runtime.errors import InvalidInput
from tests.case_builders import CITY, NOW, REQUEST_ID, a_new_case, received, triaged

SENDERS = ("no-reply@city.example",)
PLACES = Places("https://parvis.city.example", "https://city.example")
OWN = "Reçu\n\nVotre message porte la référence [REFERENCE].\n\nRéponse d’ici au [DUE]."


def a_case(triage: Mapping[str, Any] | None = None, **request: Any) -> Case:
    values = {"received_at": NOW, "language": None, **request}
    case = case_state.with_request(a_new_case(), received(**values), NOW)
    return case_state.with_triage(case, triaged(**(triage or {})), CITY, NOW)


def has_receipt(case: Case, *, follows: bool = False, lately: int = 0) -> bool:
    return acknowledgement.is_acknowledged(case, NOW, SENDERS, follows=follows, lately=lately)


def an_agency(texts: Texts | None = None) -> Acknowledging:
    return Acknowledging("belrive", "Belrive", active=True, texts=texts or {}, decided_by="ada@city.example", decided_at=NOW)


def words(case: Case, texts: Texts | None = None, places: Places = PLACES) -> tuple[str, str, str]:
    decided = acknowledgement.decide(case, an_agency(texts), Writing(CITY, places), NOW)
    return decided.language or "", decided.subject, decided.body


def test_a_person_who_writes_gets_a_receipt_by_any_channel() -> None:
    for channel in ("email", "web", "phone", "letter", "open311", "chat", "social"):
        assert has_receipt(a_case(channel=channel))


@pytest.mark.parametrize(
    "case",
    [
        a_case(citizen={"name": "Ines Marlow", "phone": "555 0100"}),
        a_case(citizen=None),
        a_case(citizen={"email": "NO-reply+abc@city.example"}),
        a_case(citizen={"email": "ne-pas-repondre@shop.example"}),
        a_case(citizen={"email": "mailer-daemon@mail.example"}),
        a_case(citizen={"email": "ines@localhost"}),
        a_case(automatic="reply"),
        a_case({"automatic": "reply"}),
        a_case({"automatic": "bounce", "urgency": Urgency.LOW}),
        a_case({"signals": [Signal(kind="automatic_reply", words="out of the office")]}),
        a_case(received_at=NOW - timedelta(days=1, seconds=1)),
        a_case().model_copy(update={"invented_for": "anna@city.example"}),
        a_new_case(),
    ],
    ids=[
        "by telephone", "nobody's", "our own sender", "nobody reads it", "a daemon", "nowhere", "machine by headers", "machine, as triaged",
        "bounce", "machine by words", "older than a day", "a test draft", "not sorted yet",
    ],
)  # fmt: skip
def test_no_receipt_for(case: Case) -> None:
    assert not has_receipt(case)


def test_whoever_writes_again_has_had_theirs() -> None:
    assert not has_receipt(a_case(), follows=True)


def test_a_mailbox_gets_few_a_day_however_its_address_is_written() -> None:
    assert has_receipt(a_case(), lately=MOST_A_DAY - 1)
    assert not has_receipt(a_case(), lately=MOST_A_DAY)
    ways = {acknowledgement.mailbox(email) for email in ("ines@example.org", "INES@Example.org", "ines+1@example.org")}
    assert len(ways) == 1


def test_no_word_of_the_citizen_is_in_it() -> None:
    case = a_case(
        subject="Buy pills at http://spam.example",
        citizen={"name": "http://spam.example", "email": "victim@example.org"},
        metadata={"form_reference": "http://spam.example"},
    )
    decided = acknowledgement.decide(case, an_agency(), Writing(CITY, PLACES), NOW)
    assert "spam" not in decided.model_dump_json()
    assert decided.recipient.model_dump(exclude_none=True) == {"email": "victim@example.org"}


def test_it_says_the_reference_the_date_the_person_and_where_to_read_on() -> None:
    language, subject, body = words(a_case())
    assert (language, subject) == ("en", "We have your message")
    for part in (str(REQUEST_ID), "an answer by Monday", "Somebody at Belrive", "https://parvis.city.example/about/belrive"):
        assert part in body
    assert "/forms/" not in body
    assert "[" not in body


def test_what_is_not_known_is_left_out() -> None:
    *_, body = words(a_case({"outcome": "needs_triage"}), places=Places())
    assert "an answer by" not in body  # nobody has promised a date for what is not sorted
    assert "about" not in body
    assert "\n\n\n" not in body


@pytest.mark.parametrize("places", [Places(), Places("https://parvis.belrive.example"), PLACES])
def test_what_is_previewed_is_what_is_sent(places: Places) -> None:
    kept = form_references.of("0" * 32, "belrive")
    number = form_references.request_id(kept, "belrive")
    case = a_case(request_id=number, metadata={"form_reference": kept}).model_copy(update={"request_id": number})
    sent = words(case, places=places)[2]
    previews = acknowledgement_switch.previews(an_agency(), an_agency().words(), Writing(CITY, places), NOW)
    [shown] = [each.wording.body for each in previews if each.wording.language == "en"]
    assert openings(shown) == openings(sent)


def openings(body: str) -> list[list[str]]:
    return [paragraph.split()[:4] for paragraph in body.split("\n\n")]


def test_words_that_were_seen_are_sent_whatever_a_later_release_says() -> None:
    seen = {"en": {"text": "Seen\n\nIt is [REFERENCE].", "emergency": "Call [EMERGENCY_NUMBER]!"}}
    agency = replace(an_agency(), seen=seen)
    decided = acknowledgement.decide(a_case({"urgency": Urgency.EMERGENCY}), agency, Writing(CITY, PLACES), NOW)
    assert (decided.subject, decided.body) == ("Seen", f"Call 112!\n\nIt is {REQUEST_ID}.")


def test_who_wrote_by_the_form_gets_the_reference_of_the_form() -> None:
    kept = form_references.of("0" * 32, "belrive")
    number = form_references.request_id(kept, "belrive")
    case = a_case({"request_id": number}, request_id=number, metadata={"form_reference": kept}).model_copy(update={"request_id": number})
    *_, body = words(case)
    assert kept in body
    assert str(number) not in body
    assert "https://city.example/forms/belrive/status" in body


def test_it_is_written_in_the_language_of_the_message() -> None:
    french = a_case({"language": DetectedLanguage(code="fr", confidence=0.99)})
    assert words(french)[:2] == ("fr", "Nous avons reçu votre message")
    assert "d’ici au lundi 16 mars 2026" in words(french)[2]
    german = a_case({"language": DetectedLanguage(code="de", confidence=0.99)})
    assert words(german)[0] == "en"
    assert words(german, {"de": "Eingegangen\n\nIhre Nummer ist [REFERENCE], Antwort bis [DUE]."})[2].endswith("16. März 2026.")


def test_that_somebody_looks_within_the_hour_is_no_promise_of_an_answer() -> None:
    high = {"urgency": Urgency.HIGH}
    assert words(a_case(high | {"danger": 0.3})) == words(a_case(high))


def test_an_emergency_is_told_first_whom_to_call_also_where_the_agency_has_words_of_its_own() -> None:
    danger = {"urgency": Urgency.EMERGENCY, "language": DetectedLanguage(code="fr", confidence=0.99)}
    for texts in ({}, {"fr": OWN}):
        assert words(a_case(danger), texts)[2].startswith("Si quelqu’un est en danger, appelez le 112 maintenant.")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("Only a subject", "first line"),
        ("Subject\n\nNo number.", "[REFERENCE]"),
        ("Subject [REFERENCE]\n\n[REFERENCE]", "a subject has no fields"),
        ("Subject\n\n[REFERENCE] [NAME]", "no field [NAME]"),
        ("S" * 121 + "\n\n[REFERENCE]", "at most 120"),
        ("Subject\n\n[REFERENCE]" + "x" * 3_000, "at most 3000"),
    ],
)
def test_words_of_an_agency_are_checked_and_the_fault_names_them(text: str, says: str) -> None:
    with pytest.raises(InvalidInput, match="text-fr") as refused:
        acknowledgement_text.checked({"fr": text})
    assert says in str(refused.value)


def test_words_of_an_agency_are_kept_as_they_were_written() -> None:
    assert acknowledgement_text.checked({"fr": f"  {OWN}\r\n", "en": " "}) == {"fr": OWN}
    assert words(a_case({"language": DetectedLanguage(code="fr", confidence=0.99)}), {"fr": OWN})[1] == "Reçu"
    with pytest.raises(InvalidInput):
        acknowledgement_text.checked({"french": OWN})


def test_twice_is_once() -> None:
    first, again = (acknowledgement.decide(a_case(), an_agency(), Writing(CITY), NOW) for _ in range(2))
    assert first == again
    assert first.decided_by == "ada@city.example"
