"""A case shows what else the same citizen wrote, and how much of it is open, to those who may see these cases."""

import re
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from services.review.cases.deciding import actions
from services.review.cases.related import citizen_cases, contact_store, contact_upkeep
from services.review.cases.related.contact_keys import contact_keys
from services.review.cases.related.contact_tables import ContactRow
from services.review.cases.upkeep_tables import UpkeepRow
from services.review.people.rules import Person, Role
from tests.pages.city import ANNA, BEN, Browser, City
from tests.pages.conftest import SignIn

CLARA = Person("clara@city.example", "Clara Ito", Role.CASEWORKER, agencies=("harbour",))


def from_citizen(email: str | None = None, phone: str | None = None, **more: Any) -> dict[str, Any]:
    return {"citizen": {"name": "Ines Marlow", "email": email, "phone": phone}} | more


def card(page: str) -> str:
    """The card of the citizen's other cases, or nothing."""
    shown = re.search(r'<section class="card similar" id="citizen-cases".*?</section>', page, re.DOTALL)
    return shown.group() if shown else ""


async def shown_on(browser: Browser, request_id: UUID) -> str:
    return card((await browser.opens(f"/cases/{request_id}")).text)


async def test_other_cases_of_the_same_address_are_shown_with_state_and_how_many_are_open(city: City, anna: Browser) -> None:
    bins = await city.waiting_case(request={"subject": "Bins not emptied"}, hours_ago=30)
    trees = await city.waiting_case(request={"subject": "A tree came down"}, hours_ago=20)
    await city.does(ANNA, trees, actions.Close("thanks only"))
    lamp = await city.waiting_case()
    await city.waiting_case(request=from_citizen("somebody.else@example.org", subject="Not theirs"))

    page = (await anna.opens(f"/cases/{lamp}")).text

    assert f'href="/cases/{bins}"' in card(page)
    assert f'href="/cases/{trees}"' in card(page)
    assert card(page).index("Bins not emptied") < card(page).index("A tree came down")  # what is open comes first
    assert "2 other messages" in card(page)
    assert "1 is still open" in card(page)
    assert 'href="#citizen-cases">1 more open from the same citizen' in page
    assert "Not theirs" not in page
    assert str(lamp) not in card(page)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (from_citizen("Ines.Marlow@Example.org"), from_citizen("ines.marlow+city@example.org")),
        (from_citizen(phone="+33 (0)6 12 34 56 78"), from_citizen(phone="06.12.34.56.78")),
        (from_citizen("ines@example.org", "0612345678"), from_citizen("at.work@example.com", "0033 612345678")),
    ],
)
async def test_an_address_or_a_telephone_is_the_same_however_it_is_written(
    city: City, anna: Browser, first: dict[str, Any], second: dict[str, Any]
) -> None:
    earlier, later = await city.waiting_case(request=first), await city.waiting_case(request=second)
    assert str(earlier) in await shown_on(anna, later)
    assert str(later) in await shown_on(anna, earlier)


@pytest.mark.parametrize(
    "request_changes",
    [
        {"citizen": None},
        from_citizen(),
        from_citizen("no-reply@forms.example"),
        from_citizen("no-reply@parvis.example"),
        from_citizen(phone="4711"),
    ],
)
async def test_nothing_is_shown_where_nobody_can_be_told_by_the_address(city: City, anna: Browser, request_changes: dict[str, Any]) -> None:
    await city.waiting_case(request=request_changes)
    assert not await shown_on(anna, await city.waiting_case(request=request_changes))


async def test_an_address_that_a_person_put_right_counts(city: City, anna: Browser) -> None:
    earlier = await city.waiting_case()
    later = await city.waiting_case(request=from_citizen("ines.marlow@exampel.org"))
    assert not await shown_on(anna, later)
    await city.does(ANNA, later, actions.CorrectRecipient("ines.marlow@example.org"))
    assert str(earlier) in await shown_on(anna, later)


async def test_cases_of_other_departments_and_agencies_are_not_shown(city: City, sign_in: SignIn) -> None:
    ben, clara = await sign_in(BEN), await sign_in(CLARA)
    lamp = await city.waiting_case()
    await city.waiting_case(category="housing", department="social", request={"subject": "Rent that is owed"})
    harbour = await city.waiting_case(agency="harbour", request={"agency": "harbour", "subject": "A mooring"})

    of_ben = (await ben.opens(f"/cases/{lamp}")).text
    assert "Rent that is owed" not in of_ben
    assert "from the same citizen" not in of_ben.lower()
    of_clara = (await clara.opens(f"/cases/{harbour}")).text
    assert "from the same citizen" not in of_clara.lower()


async def test_another_agency_s_cases_are_not_met_even_by_who_sees_both(city: City, anna: Browser) -> None:
    await city.waiting_case(agency="harbour", request={"agency": "harbour", "subject": "A mooring"})
    assert not await shown_on(anna, await city.waiting_case())


async def test_five_are_listed_and_a_search_shows_all(city: City, anna: Browser) -> None:
    for number in range(6):
        await city.waiting_case(request={"subject": f"Letter {number}"}, hours_ago=10 + number)
    page = await shown_on(anna, await city.waiting_case())
    assert page.count("<li>") == 5
    assert "6 other messages" in page
    address = re.search(r'<a href="(/\?tab=all[^"]*)"', page)
    assert address
    listed = (await anna.opens(address.group(1).replace("&amp;", "&"))).text
    assert all(f"Letter {number}" in listed for number in range(6))


async def test_a_subject_of_another_case_is_only_text(city: City, anna: Browser) -> None:
    await city.waiting_case(request={"subject": "<script>alert(1)</script>"})
    page = await shown_on(anna, await city.waiting_case())
    assert "&lt;script&gt;" in page
    assert "<script>" not in page


async def test_cases_of_before_are_found_once_they_are_looked_through(city: City, anna: Browser) -> None:
    earlier = [await city.waiting_case(hours_ago=hours) for hours in (40, 30, 20)]
    database = city.commands.database
    async with database.transaction() as session:
        await session.exec(sa.delete(ContactRow))
        await session.merge(UpkeepRow(name=contact_store.NAME))
    lamp = await city.waiting_case()
    assert not await shown_on(anna, lamp)
    await contact_upkeep.keep_all(database)
    page = await shown_on(anna, lamp)
    assert all(str(request_id) in page for request_id in earlier)


async def test_a_lookup_reads_an_index_and_no_table(city: City) -> None:
    case = await city.case(await city.waiting_case())
    async with city.commands.database.reading() as session:
        statements: list[str] = []
        bind = city.commands.database.engine.sync_engine

        def note(_: object, __: object, statement: str, *___: object) -> None:
            statements.append(statement)

        sa.event.listen(bind, "before_cursor_execute", note)
        await citizen_cases.citizen_cases(session, case, ANNA, ())
        sa.event.remove(bind, "before_cursor_execute", note)
        keys = contact_keys(case)
        lookup = next(statement for statement in statements if "review_citizen_contacts" in statement)
        values = tuple([keys[0], case.request_id.hex, 201, 0, 201, 0][: lookup.count("?")])
        plan = (await (await session.connection()).exec_driver_sql(f"explain query plan {lookup}", values)).all()
    assert any("USING PRIMARY KEY (contact=?)" in str(step[-1]) for step in plan), plan
