"""Whom a case says that it was sorted by, and which reasons it still gives."""

from services.review.cases.citizen_explanation import explanation, in_words
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


async def test_where_meaning_decided_the_page_and_the_citizens_explanation_say_what_the_words_alone_would_have_made_of_it(
    anna: Browser, city: City
) -> None:
    decided = await city.waiting_case(category_by_words="roads_pavements")
    plain = await city.waiting_case()
    sentence = "By these words alone it would be “Roads and pavements”"

    page, other = [(await anna.opens(f"/cases/{request_id}")).text for request_id in (decided, plain)]
    case = await city.case(decided)
    explained = explanation(case, [], [], [], {}, city.commands.taxonomy)
    await anna.sends(decided, "correct", category="noise_nuisance")

    assert sentence in page
    assert "By these words alone" not in other
    assert sentence in in_words(explained)
    assert "By these words alone" not in (await anna.opens(f"/cases/{decided}")).text
