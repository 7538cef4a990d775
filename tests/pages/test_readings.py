"""Who read a citizen's letter is in the log, on the page and by program, and is no change of the case to anybody."""

from services.review.audit import store as audit
from services.review.people import store as people
from services.runtime import clock
from tests.pages.city import ANNA, BEN, OLE, SUE, Browser, City
from tests.pages.conftest import SignIn


async def readers(city: City) -> list[tuple[str, str]]:
    async with city.commands.database.reading() as session:
        entries = await audit.page(session, actor=None, before=None, limit=100)
    return sorted((entry.actor, str(entry.request_id)) for _, entry in entries if entry.action == audit.READ)


async def test_each_person_who_reads_a_case_is_noted_once_an_hour(sign_in: SignIn, city: City) -> None:
    first, second = await city.waiting_case(), await city.waiting_case()
    anna, sue = await sign_in(ANNA), await sign_in(SUE)
    async with city.commands.database.transaction() as session:
        token = await people.issue_token(session, SUE.email, clock.now())

    for _ in range(3):
        await anna.opens(f"/cases/{first}")
    await anna.opens("/?tab=all")
    async with Browser(city).client as program:
        await program.get(f"/api/v1/cases/{first}", headers={"authorization": f"Bearer {token}"})
    await sue.opens(f"/cases/{second}")

    assert await readers(city) == sorted([(ANNA.email, str(first)), (SUE.email, str(first)), (SUE.email, str(second))])
    assert (await city.case(first)).version == (await city.case(second)).version


async def test_who_was_refused_has_read_nothing(sign_in: SignIn, city: City) -> None:
    request_id = await city.waiting_case(category="housing", department="social")
    ben, ole = await sign_in(BEN), await sign_in(OLE)

    for browser in (ben, ole):
        await browser.opens(f"/cases/{request_id}")
        await browser.opens(f"/api/v1/cases/{request_id}")

    assert await readers(city) == []


async def test_the_history_of_a_case_shows_what_was_done_and_not_who_looked(sign_in: SignIn, city: City) -> None:
    request_id = await city.waiting_case()
    anna = await sign_in(ANNA)

    await anna.opens(f"/cases/{request_id}")
    history = (await anna.client.get(f"/api/v1/cases/{request_id}")).json()["history"]

    assert audit.READ not in {entry["action"] for entry in history}
