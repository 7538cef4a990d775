"""Answers that may fit and are not quoted: shown beside the draft."""

from tests.pages.city import Browser, City, hidden_fields


async def test_what_may_answer_is_offered_beside_the_draft_and_quoted_by_one_press(anna: Browser, city: City) -> None:
    request_id = await city.receives()
    found = {
        "passage_id": "en-street-lamp-fault#2",
        "title": "Lamp <b>faults</b>",
        "url": "https://city.example/lamp",
        "quote": "In 10 days.",
    }
    await city.drafts(request_id, citations=[], suggested=[found])

    page = (await anna.opens(f"/cases/{request_id}")).text

    assert "No published answer fits surely enough to be quoted." in page
    assert "Lamp &lt;b&gt;faults&lt;/b&gt;" in page
    await anna.sends(request_id, "redraft", instructions=hidden_fields(page.split("May answer, not quoted")[1])["instructions"])
    assert (await city.case(request_id)).instructions == "Quote passage en-street-lamp-fault#2"
