"""Where a supervisor says what the classifier learns, and sees what citizens write about."""

from services.review.cases.deciding.actions import Correct
from services.review.learning import store
from tests.pages.city import ANNA, SUE, Browser, City, hidden_fields
from tests.pages.conftest import SignIn


async def test_a_supervisor_reads_the_hidden_text_and_accepts_it(sign_in: SignIn, city: City) -> None:
    spans = [{"field": "body", "start": 24, "end": 35, "placeholder": "[NAME_1]"}]
    request_id = await city.receives(
        request={"subject": None, "body": "The <b>lamp</b> is out. Ines Marlow"},
        redacted={"subject": None, "body": "The <b>lamp</b> is out. [NAME_1]", "spans": spans},
    )
    await city.does(ANNA, request_id, Correct(category="roads_pavements"))
    sue = await sign_in(SUE)
    page = (await sue.opens("/quality/learning")).text
    assert "The &lt;b&gt;lamp&lt;/b&gt; is out. [NAME_1]" in page
    assert "Roads and pavements" in page

    sent = await sue.client.post(f"/quality/learning/{request_id}", data=hidden_fields(page) | {"verdict": "accepted"})

    assert sent.status_code == 303
    assert "Nothing waits." in (await sue.opens("/quality/learning")).text
    async with city.commands.database.reading() as session:
        [one] = await store.decided(session, "accepted")
    assert (one.decided_by, one.lesson.category) == (SUE.email, "roads_pavements")


async def test_a_form_that_is_not_ours_teaches_nothing(sign_in: SignIn, city: City) -> None:
    request_id = await city.receives()
    await city.does(ANNA, request_id, Correct(category="roads_pavements"))
    sue = await sign_in(SUE)
    sent = await sue.client.post(f"/quality/learning/{request_id}", data={"version": "4", "verdict": "accepted", "csrf": "guessed"})
    assert sent.status_code == 403


async def test_a_caseworker_does_not_decide_what_is_learnt(anna: Browser) -> None:
    assert (await anna.opens("/quality/learning")).status_code == 403


async def test_quality_shows_that_the_mail_is_another_than_before(sign_in: SignIn, city: City) -> None:
    for n in range(60):
        await city.receives(hours_ago=10 * 24, category="street_lighting" if n % 2 else "fines")
        await city.receives(hours_ago=24, category="water_drains", confidence=0.5)
    await city.adds_up()
    page = " ".join((await (await sign_in(SUE)).opens("/quality?days=7")).text.split())
    assert "The mix of categories is not what it was" in page
    assert "50&#8239;% sure on average, and 94&#8239;% before" in page


async def test_quality_says_nothing_of_few_messages(sign_in: SignIn, city: City) -> None:
    await city.receives()
    assert "Too few messages to say" in (await (await sign_in(SUE)).opens("/quality")).text
