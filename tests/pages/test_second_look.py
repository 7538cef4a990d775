"""A second look at a drawn share of replies: another person, who knows neither the decision nor the changes, and then both compared."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest

from services.review.audit import store as audit
from services.review.audit.store import Entry
from services.review.cases.deciding import actions
from services.review.cases.second_look import comparison, look_store
from services.review.cases.second_look.comparison import Look
from services.review.cases.statistics_store import HandledDraft
from services.review.people.rules import Person
from services.review.quality import care
from services.review.quality.care import Counted
from services.review.safeguards import drawing
from services.review.safeguards import store as safeguards
from services.review.safeguards.rules import Change
from services.runtime import clock
from tests.pages.city import ADA, ANNA, BEN, SUE, Browser, City, hidden_fields, written
from tests.pages.conftest import SignIn

TEXT = "Dear Ines Marlow,\r\n\r\nThe lamp will be repaired within five working days, we promise.\r\n\r\nKind regards"


async def drawn_case(city: City, monkeypatch: pytest.MonkeyPatch) -> UUID:
    """A case whose approval is drawn, decided on by Anna with words of her own, and left."""
    async with city.commands.database.transaction() as session:
        change = Change("second_look", share="50", why="two see more than one")
        await safeguards.change(session, change, ADA.email, clock.now(), city.commands.taxonomy.names)
    monkeypatch.setattr(drawing, "is_drawn", lambda _, purpose, __, share: purpose == "second look" and share == 50)
    return await city.waiting_case()


def later(monkeypatch: pytest.MonkeyPatch) -> None:
    real = clock.now
    monkeypatch.setattr(clock, "now", lambda: real() + timedelta(minutes=5))


async def open_for(city: City, person: Person, now: datetime) -> list[UUID]:
    async with city.commands.database.reading() as session:
        return [look.request_id for look in await look_store.open_for(session, person, now)]


async def is_told_of_one(browser: Browser) -> bool:
    """Whether the queue itself leads there; the top of each page always does."""
    return 'href="/second-look"' in (await browser.opens("/")).text.partition("<main")[2]


async def test_another_person_decides_as_if_first_and_then_sees_both(sign_in: SignIn, city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    request_id = await drawn_case(city, monkeypatch)
    anna, sue = await sign_in(ANNA), await sign_in(SUE)
    seen = (await anna.opens(f"/cases/{request_id}")).text
    assert (await anna.sends(request_id, "approve", seen=seen, **(written(seen) | {"body": TEXT}))).status_code == 303
    assert not await is_told_of_one(sue), "not before it has left"
    later(monkeypatch)
    assert await is_told_of_one(sue)
    assert not await is_told_of_one(anna), "never the same person"
    assert (await anna.opens(f"/second-look/{request_id}")).status_code == 409

    assert f"/second-look/{request_id}" in (await sue.opens("/second-look")).text
    page = (await sue.opens(f"/second-look/{request_id}")).text
    assert "fifteen working days" in page, "the draft as it was"
    for hidden in ("we promise", "Anna", ANNA.email, "Approved"):
        assert hidden not in page

    refused = await sue.client.post(f"/second-look/{request_id}", data=hidden_fields(page) | {"verdict": "not", "reason": " "})
    assert refused.status_code == 422
    answer = await sue.client.post(f"/second-look/{request_id}", data=hidden_fields(page) | {"verdict": "send"} | written(page))
    assert answer.status_code == 303
    both = (await sue.opens(f"/second-look/{request_id}")).text
    assert "You differ in a sum, a date, a deadline or a right" in both
    assert "promise" in both
    assert 'name="verdict"' not in both
    history = (await sue.opens(f"/cases/{request_id}")).text
    assert "Looked at once more" in history
    assert (await city.case(request_id)).decision is not None
    assert await open_for(city, BEN, clock.now()) == []


async def test_whoever_has_read_the_case_since_or_may_not_see_it_is_not_offered_it(
    sign_in: SignIn, city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    request_id = await drawn_case(city, monkeypatch)
    await city.approves(ANNA, request_id)
    sue, ben = await sign_in(SUE), await sign_in(BEN)
    wet = await sign_in(Person("wim@city.example", "Wim", BEN.role, ("water",)))
    other = await sign_in(Person("ivy@fund.example", "Ivy", BEN.role, (), ("fund",)))
    later(monkeypatch)
    page = (await sue.opens(f"/second-look/{request_id}")).text
    await sue.opens(f"/cases/{request_id}")
    assert f"/second-look/{request_id}" not in (await sue.opens("/second-look")).text
    answer = await sue.client.post(f"/second-look/{request_id}", data=hidden_fields(page) | {"verdict": "send"} | written(page))
    assert answer.status_code == 409, "a look that knows the decision counts for nothing"
    assert f"/second-look/{request_id}" in (await ben.opens("/second-look")).text
    assert f"/second-look/{request_id}" not in (await wet.opens("/second-look")).text
    assert (await wet.opens(f"/second-look/{request_id}")).status_code == 403
    assert (await other.opens(f"/second-look/{request_id}")).status_code == 404


async def test_a_hundred_that_somebody_has_read_do_not_hide_the_next(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    request_ids = [await drawn_case(city, monkeypatch)] + [await city.waiting_case() for _ in range(look_store.MOST)]
    for request_id in request_ids:
        await city.approves(ANNA, request_id)
    later(monkeypatch)
    async with city.commands.database.transaction() as session:
        for request_id in request_ids[:-1]:
            await audit.add(session, Entry(clock.now(), SUE.email, audit.READ, request_id))
    assert await open_for(city, SUE, clock.now()) == request_ids[-1:]


async def test_an_approval_that_is_taken_back_is_not_looked_at(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    request_id = await drawn_case(city, monkeypatch)
    await city.approves(ANNA, request_id)
    await city.does(ANNA, request_id, actions.Recall())
    assert await open_for(city, SUE, clock.now() + timedelta(hours=1)) == []
    await city.approves(ANNA, request_id)
    assert await open_for(city, SUE, clock.now() + timedelta(hours=1)) == [request_id]


@pytest.mark.parametrize(
    ("first", "second", "outcome"),
    [
        ("We come within five days to see it.", Look(sends=True, body="We come within five days to look at it."), "other_text"),
        ("We come within five days.", Look(sends=True, body="We come within six days."), "other_figures"),
        ("We come within five days.", Look(sends=True, body="We come within five days."), "agreed"),
        ("We come within five days.", Look(sends=False, reason="not ours"), "not_sent"),
    ],
)
def test_figures_weigh_more_than_words(first: str, second: Look, outcome: str) -> None:
    assert comparison.outcome_of(first, second) == outcome


def test_shares_are_drawn_by_a_secret_the_same_each_time_and_about_as_many_as_asked_for() -> None:
    ids = [UUID(int=number) for number in range(4_000)]
    drawn = {each for each in ids if drawing.is_drawn("a secret", "second look", each, 10)}
    assert 300 < len(drawn) < 500
    assert drawn == {each for each in ids if drawing.is_drawn("a secret", "second look", each, 10)}
    assert drawn != {each for each in ids if drawing.is_drawn("another", "second look", each, 10)}
    assert not any(drawing.is_drawn("", "second look", each, 50) for each in ids)


def handled(people: int, decisions: int) -> list[HandledDraft]:
    return [HandledDraft("fines", "approved" if n % 2 else "edited", f"p{n % people}@city.example", 30.0 + n) for n in range(decisions)]


def test_supervisors_see_a_category_only_where_enough_people_stand_behind_it() -> None:
    (line,) = care.by_category(handled(5, 20), {"fines": Counted(5, 7, 10)}, {"fines": Counted(4, 9, 10)})
    assert (line.unedited, line.seconds) == (care.Part(10, 20), 39.5)
    assert line.noticed == care.Part(7, 10)
    assert line.agreed is None
    (few,) = care.by_category(handled(4, 60), {"fines": Counted(5, 7, 9)}, {})
    assert (few.seconds, few.unedited, few.noticed) == (None, None, None)


async def test_the_page_of_how_drafts_are_read_has_categories_and_no_names(sign_in: SignIn, city: City) -> None:
    people = [Person(f"worker{n}@city.example", f"Worker {n}", BEN.role) for n in range(5)]
    await city.hires(*people)
    sue = await sign_in(SUE)
    for n in range(20):
        await city.approves(people[n % 5], await city.waiting_case())
    page = (await sue.opens("/quality/care")).text
    assert "Street lighting" in page
    assert "100&#8239;%" in page
    assert "too few" in page
    assert "orker" not in page.replace("caseworker", "")
    limited = await sign_in(Person("lea@city.example", "Lea", SUE.role, ("water",)))
    assert "Street lighting" not in (await limited.opens("/quality/care")).text
