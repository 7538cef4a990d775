"""Whom a case says that it was sorted by, and which reasons it still gives."""

from tests.pages.city import SUE, Browser, City
from tests.pages.conftest import SignIn


async def test_after_a_correction_the_page_says_who_sorted_it_and_gives_no_reason_of_the_former_category(
    anna: Browser, city: City, sign_in: SignIn
) -> None:
    request_id = await city.waiting_case(urgency="high", urgency_reasons=["somebody could be hurt"])
    before = (await anna.opens(f"/cases/{request_id}")).text
    await anna.sends(request_id, "correct", category="roads_pavements")

    hers = (await anna.opens(f"/cases/{request_id}")).text
    his = (await (await sign_in(SUE)).opens(f"/cases/{request_id}")).text

    assert "Why this category" in before
    assert "sorted by you" in hers
    assert "sorted by Anna Miller" in his
    assert "Why this category" not in hers
    assert "somebody could be hurt" in hers
    assert 'name="category" value="street_lighting"' in hers, "what the classifier had said is one key away"
    await anna.sends(request_id, "correct", category="roads_pavements", urgency="low")
    assert "somebody could be hurt" not in (await anna.opens(f"/cases/{request_id}")).text
