"""The case page: what each button does, and what comes back when it can't be done."""

from tests.pages.city import QUOTE, Browser, City, written


async def test_the_whole_decision_is_on_the_page(anna: Browser, city: City) -> None:
    request_id = await city.waiting_case()

    page = await anna.opens(f"/cases/{request_id}")

    assert page.status_code == 200
    told = (
        "Heron Street",
        "Ines Marlow",
        "ines.marlow@example.org",
        "Very sure",
        QUOTE,
        "Street lamp faults",
        "Dear Ines Marlow",
        "no source says",
    )
    for words in told:
        assert words in page.text


async def test_a_draft_is_approved_as_it_is_and_recalled(anna: Browser, city: City) -> None:
    request_id = await city.waiting_case()
    page = (await anna.opens(f"/cases/{request_id}")).text

    answer = await anna.sends(request_id, "approve", **written(page))

    assert (answer.status_code, answer.headers["location"]) == (303, f"/cases/{request_id}?flash=approved")
    decision = (await city.case(request_id)).decision
    assert decision
    assert decision.decision == "approved"
    assert "Recall" in (await anna.opens(answer.headers["location"])).text

    await anna.sends(request_id, "recall")
    assert (await city.case(request_id)).state == "awaiting_approval"
    assert "text of the recalled approval" in (await anna.opens(f"/cases/{request_id}")).text
