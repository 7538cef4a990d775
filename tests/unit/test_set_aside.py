"""What is said of a message that was set aside: not a word of it, and enough for review and its agency."""

from schemas.requests_received import RequestReceived
from schemas.values import Urgency
from services.domain import placeholders, taxonomy
from services.review.cases import case_state
from services.review.cases.case_state import State
from services.triage.set_aside import set_aside
from tests.builders import a_request
from tests.case_builders import CITY, NOW, a_new_case, received


def test_not_a_word_of_what_was_not_read_leaves_and_review_knows_the_message() -> None:
    request = received(body="Ines Marlow, 12 Elm Street, ines@example.org", subject="About Ines Marlow")
    event = set_aside(request, CITY)
    written = event.model_dump_json()
    assert not any(word in written for word in ("Ines", "Elm", "example.org"))
    assert (event.outcome, event.urgency, event.fingerprint, event.language.code) == ("needs_triage", Urgency.HIGH, "", "und")
    assert placeholders.fits(request.subject, request.body, event.redacted)

    case = case_state.with_triage(case_state.with_request(a_new_case(), request, NOW), event, CITY, NOW)
    assert (case.state, case.urgency) == (State.NEEDS_TRIAGE, Urgency.HIGH)


def test_its_agency_is_told_what_of_it_could_not_be_used_as_of_any_other() -> None:
    request = RequestReceived.model_validate(a_request(language="Klingon, please"))
    assert [note.field for note in request.dropped] == ["language"]
    assert [note.field for note in set_aside(request, CITY).left_out] == ["language"]


def test_it_begins_under_a_category_that_the_agency_has() -> None:
    assert set_aside(received(), CITY).category in CITY.categories
    categories = {"lamps": CITY.categories["street_lighting"], "other": CITY.categories["housing"]}
    own = taxonomy.Taxonomy(version=1, departments=CITY.departments, categories=categories)
    event = set_aside(received(), own)
    assert (event.category, event.department) == ("other", own.department_of("other"))
