"""The kind of letter on the case page: shown, said to be unsure, and corrected."""

from services.review.cases.case_state import State
from tests.pages.city import Browser, City


async def test_a_kind_that_is_not_sure_is_said_to_be_none(anna: Browser, city: City) -> None:
    request_id = await city.receives(letter="praise", letter_confidence=0.5, letter_sure=False)

    page = (await anna.opens(f"/cases/{request_id}")).text

    assert "Not sure" in page
    assert "perhaps: praise" in page


async def test_a_colleague_corrects_the_kind_of_letter_and_another_draft_is_asked_for(anna: Browser, city: City) -> None:
    request_id = await city.waiting_case()
    before = await city.case(request_id)

    await anna.sends(request_id, "correct", letter="follow_up")

    case = await city.case(request_id)
    assert (case.state, case.revision) == (State.DRAFTING, before.revision + 1)
    page = (await anna.opens(f"/cases/{request_id}")).text
    assert "<dt>Kind of letter</dt><dd>Follows up an earlier letter</dd>" in page
    assert "kind of letter: Not sure → Follows up an earlier letter" in page


async def test_a_kind_that_there_is_not_is_named_with_those_that_there_are(anna: Browser, city: City) -> None:
    request_id = await city.waiting_case()

    answer = await anna.sends(request_id, "correct", letter="<b>rant</b>")

    assert answer.status_code == 422
    assert "no_answer" in answer.text
    assert "<b>rant</b>" not in answer.text
    assert (await city.case(request_id)).state is State.AWAITING_APPROVAL
