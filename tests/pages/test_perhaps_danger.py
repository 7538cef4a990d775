"""What may tell of danger: behind the emergencies, looked at within the hour, done once a person has said what it is."""

import re
from datetime import timedelta
from typing import Any
from uuid import UUID

from schemas.values import Urgency
from services.review.cases.deciding import actions
from tests.pages.city import ANNA, Browser, City
from tests.pages.test_queue_page import subjects

WORDS = "I have not seen my neighbour for days."
NOTICE = "Perhaps danger: look at it within the hour"


async def a_doubt(city: City, subject: str = "quiet next door", **changes: Any) -> UUID:
    return await city.waiting_case(
        request={"subject": subject, "body": WORDS},
        urgency="high",
        urgency_reasons=[f"perhaps danger to life or health: “{WORDS}”", *changes.pop("also", [])],
        signals=[{"kind": "risk_of_harm", "words": WORDS, "certainty": 0.3}],
        **{"danger": 0.3} | changes,
    )


async def test_a_doubt_stands_just_behind_the_emergencies_of_all_agencies_however_the_list_is_sorted(anna: Browser, city: City) -> None:
    await city.waiting_case(request={"subject": "deadline today"}, urgency="high", hours_ago=9)
    await a_doubt(city, "surer", danger=0.4)
    await a_doubt(city, "less sure", danger=0.2, hours_ago=3)
    for number in range(2):
        await city.waiting_case(request={"subject": f"fire {number}"}, urgency="emergency", danger=0.51)

    for sort in ("urgency", "due", "received", "-received"):
        shown = subjects((await anna.opens(f"/?sort={sort}")).text)
        assert sorted(shown[:2]) == ["fire 0", "fire 1"], sort
        assert shown[2:] == ["surer", "less sure", "deadline today"], sort


async def test_it_is_due_within_the_hour_and_says_so_in_the_queue_and_on_its_page(anna: Browser, city: City) -> None:
    request_id = await a_doubt(city)
    case = await city.case(request_id)

    assert case.request
    assert case.due_at == case.request.received_at + timedelta(hours=1)
    assert NOTICE in (await anna.opens("/")).text
    page = (await anna.opens(f"/cases/{request_id}")).text
    assert NOTICE in page
    assert "perhaps danger to life or health: “I have not seen my neighbour for days.”" in page


async def test_in_french_as_well(anna: Browser, city: City) -> None:
    request_id = await a_doubt(city)
    anna.client.cookies.set("parvis_language", "fr")
    french = {"accept-language": "fr"}

    page = (await anna.client.get(f"/cases/{request_id}", headers=french)).text

    assert "Peut-être un danger : à regarder dans l’heure" in page
    assert "peut-être un danger pour la vie ou la santé" in page


async def test_whoever_says_that_nobody_is_in_danger_takes_it_out_of_its_place(anna: Browser, city: City) -> None:
    await city.waiting_case(request={"subject": "overdue"}, hours_ago=24 * 40)
    request_id = await a_doubt(city)
    page = (await anna.opens(f"/cases/{request_id}")).text
    calmer = re.search(r'name="urgency" value="(\w+)">Nobody is in danger', page)
    assert calmer

    await anna.sends(request_id, "correct", urgency=calmer[1])

    case = await city.case(request_id)
    assert (case.urgency, case.danger) == (Urgency.NORMAL, None)
    assert case.request
    assert case.due_at
    assert case.due_at > case.request.received_at + timedelta(hours=4), "an answer is due as for any other"
    assert subjects((await anna.opens("/?tab=open")).text) == ["overdue", "quiet next door"]
    assert NOTICE not in (await anna.opens("/")).text


async def test_it_stays_urgent_for_its_other_reasons(anna: Browser, city: City) -> None:
    request_id = await a_doubt(city, also=["losing the home"])
    page = (await anna.opens(f"/cases/{request_id}")).text
    assert re.search(r'name="urgency" value="high">Nobody is in danger', page)

    await anna.sends(request_id, "correct", urgency="high")

    case = await city.case(request_id)
    assert (case.urgency, case.danger) == (Urgency.HIGH, None)
    assert case.due_at
    assert case.request
    assert case.due_at > case.request.received_at + timedelta(hours=1)


async def test_whoever_says_that_it_is_an_emergency_puts_it_first(anna: Browser, city: City) -> None:
    await city.waiting_case(request={"subject": "gas leak"}, urgency="emergency", danger=0.97)
    request_id = await a_doubt(city)

    await anna.sends(request_id, "correct", urgency="emergency")

    case = await city.case(request_id)
    assert (case.urgency, case.danger) == (Urgency.EMERGENCY, 1.0)
    assert subjects((await anna.opens("/?tab=all")).text)[0] == "quiet next door"


async def test_an_answered_one_gives_up_its_place(city: City) -> None:
    request_id = await a_doubt(city)
    await city.does(ANNA, request_id, actions.Close(reason="answered by telephone"))
    assert (await city.case(request_id)).danger is None
