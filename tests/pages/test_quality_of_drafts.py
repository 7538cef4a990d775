"""Supervisors see what people change of drafts."""

from services.review.quality import store
from tests.pages.city import ANNA, SUE, Browser, City
from tests.pages.conftest import SignIn


async def test_the_quality_page_shows_what_people_change_of_drafts(sign_in: SignIn, city: City) -> None:
    request_id = await city.receives(letter="question", letter_sure=True)
    await city.drafts(request_id, prompt_version="<b>v7</b>")
    await city.hires(ANNA)
    await city.approves(ANNA, request_id)
    await store.note_edits(city.commands.database)

    page = " ".join((await (await sign_in(SUE)).opens("/quality")).text.split())

    assert "1 draft was decided on; of those sent, 0&#8239;% of the words were changed" in page
    assert "By passage that it quotes" in page
    assert "&lt;b&gt;v7&lt;/b&gt;" in page
    assert '<td class="n" data-label="As drafted">1</td>' in page


async def test_a_caseworker_does_not_see_them(anna: Browser) -> None:
    assert (await anna.opens("/quality")).status_code == 403
