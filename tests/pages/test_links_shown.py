"""No link on the case page is shown by its name alone."""

import html
import re

import pytest

from tests.pages.city import ANNA, Browser, City

BEFORE = "https://belrive.example@evil.example/"


def shown(page: str) -> str:
    """The words of the page."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


async def test_the_host_of_each_attachment_and_source_stands_beside_its_name(anna: Browser, city: City) -> None:
    attachments = [
        {"name": "https://belrive.example/form", "media_type": "application/pdf", "url": "https://evil.example/form"},
        {"name": "photo.jpg", "media_type": "image/jpeg", "url": BEFORE},
    ]
    request_id = await city.receives(request={"attachments": attachments})
    await city.drafts(
        request_id,
        citations=[{"passage_id": "p1", "title": "Street lamps", "url": "https://b\u0435lrive.example/lamps", "quote": "A lamp."}],
    )

    page = shown((await anna.opens(f"/cases/{request_id}")).text)

    assert "leads to evil.example \u26a0 it is called belrive.example and leads elsewhere" in page
    assert "leads to evil.example \u26a0 \u201cbelrive.example\u201d before the @ is not where it leads" in page
    assert "leads to xn--blrive-3of.example (b\u0435lrive.example) \u26a0 its name mixes Cyrillic and Latin letters" in page


@pytest.mark.parametrize("link", [BEFORE, "[https://belrive.example](https://evil.example/)"])
async def test_links_in_the_message_and_in_the_reply_are_listed_with_their_hosts(anna: Browser, city: City, link: str) -> None:
    request_id = await city.receives(request={"body": f"I paid at {link} yesterday. <b>Was that right?</b>"})
    await city.drafts(request_id, body=f"Please pay at {link} today.")

    waiting = shown((await anna.opens(f"/cases/{request_id}")).text)
    await city.approves(ANNA, request_id)
    approved = shown((await anna.opens(f"/cases/{request_id}")).text)

    for page, heading in ((waiting, "Links in the message"), (waiting, "Links in the text"), (approved, "Links in the reply")):
        assert "leads to evil.example \u26a0" in page.partition(heading)[2][:400], heading
