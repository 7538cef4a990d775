"""Which changed cases belong to a list: the open page asks, and is told of no case that is not theirs to see."""

from uuid import uuid4

from services.review.people.rules import Person, Role
from tests.pages.city import ANNA, BEN, OLE, City
from tests.pages.conftest import SignIn

OF_BELRIVE = Person("bea@belrive.example", "Bea", Role.CASEWORKER, (), ("belrive",))


async def test_of_changed_cases_those_are_told_that_the_search_holds_and_that_are_theirs_to_see(city: City, sign_in: SignIn) -> None:
    lamp = await city.receives()
    noise = await city.receives(
        request={"subject": "Noise", "body": "It is loud beside the lamp."}, category="noise_nuisance", department="safety"
    )
    elsewhere = await city.receives(request={"agency": "belrive"}, agency="belrive")
    ids = [str(request_id) for request_id in (lamp, noise, elsewhere, uuid4())]

    browsers = {person.email: await sign_in(person) for person in (ANNA, BEN, OF_BELRIVE)}

    async def told(person: Person, **list_of: str) -> set[str]:
        answer = await browsers[person.email].client.get("/live/hits", params={"id": ids, "tab": "all", **list_of})
        return set(answer.json()["ids"])

    assert await told(ANNA, q="lamp") == {str(lamp), str(noise), str(elsewhere)}
    assert await told(BEN, q="lamp") == {str(lamp), str(elsewhere)}
    assert await told(OF_BELRIVE, q="lamp") == {str(elsewhere)}
    assert await told(ANNA, q="loud") == {str(noise)}
    assert await told(ANNA, q="lamp", category="noise_nuisance") == {str(noise)}
    assert await told(ANNA, agency="belrive") == {str(elsewhere)}
    assert await told(ANNA, q="lamp", tab="sent") == set()
    assert await told(ANNA, q="??") == set()


async def test_whoever_reads_no_letters_and_whoever_asks_for_too_much_is_refused(sign_in: SignIn) -> None:
    ole, anna = await sign_in(OLE), await sign_in(ANNA)

    assert (await ole.client.get("/live/hits", params={"id": str(uuid4())})).status_code == 403
    assert (await anna.client.get("/live/hits")).status_code == 422
    assert (await anna.client.get("/live/hits", params={"id": [str(uuid4()) for _ in range(101)]})).status_code == 422
