"""Whatever citizens, models and publishers write is text, never markup and never a link that runs something."""

import pytest

from services.review.cases.deciding import actions
from tests.pages.city import ANNA, Browser, City, written

SCRIPT = "<script>alert(1)</script>"
QUOTED = "\" autofocus onfocus=alert(1) x='"
CLOSING = "</textarea></title><img src=x onerror=alert(1)>"


async def hostile_case(city: City) -> str:
    request_id = await city.receives(
        request={
            "subject": f"{SCRIPT}{QUOTED}",
            "body": f"{CLOSING} {SCRIPT} {{{{ 7 * 7 }}}}",
            "citizen": {"name": f"{SCRIPT}{QUOTED}", "email": "a@example.org", "address": CLOSING, "phone": SCRIPT},
            "location": {"address": CLOSING},
            "attachments": [{"name": SCRIPT, "media_type": QUOTED, "url": 'https://example.org/"><script>alert(1)</script>'}],
        },
        explanation=[{"term": SCRIPT, "weight": 1.0}],
        signals=[{"kind": "wants_a_person", "words": CLOSING}],
        urgency_reasons=[SCRIPT],
        language={"code": QUOTED, "confidence": 0.5},
    )
    await city.drafts(
        request_id,
        subject=QUOTED,
        body=f"{CLOSING}\n{SCRIPT}",
        language=QUOTED,
        model=SCRIPT,
        citations=[
            {"passage_id": "p", "title": f"runs {SCRIPT}", "url": "javascript:alert(1)", "quote": CLOSING},
            {"passage_id": "q", "title": "data", "url": "data:text/html,<script>alert(1)</script>", "quote": SCRIPT},
            {"passage_id": "r", "title": "quoted", "url": f"https://city.example/{QUOTED}", "quote": SCRIPT},
        ],
        checks=[{"name": SCRIPT, "passed": False, "detail": CLOSING, "quote": CLOSING}, {"name": SCRIPT, "passed": True}],
    )
    await city.does(ANNA, request_id, actions.Reject(f"{SCRIPT} {CLOSING}"))
    await city.drafts(
        request_id,
        subject=QUOTED,
        body=f"{CLOSING}\n{SCRIPT}",
        citations=[{"passage_id": "p", "title": f"runs {SCRIPT}", "url": " JavaScript:alert(1)", "quote": CLOSING}],
    )
    return str(request_id)


def assert_harmless(page: str) -> None:
    assert page.count("<script") == page.count('<script src="/static/')  # ours, from files
    assert "<img src=x" not in page
    assert 'href="javascript' not in page.lower()
    assert 'href=" javascript' not in page.lower()
    assert 'href="data:' not in page
    assert '" autofocus onfocus' not in page
    assert page.count("</title>") == 1


async def test_hostile_text_is_shown_as_text(anna: Browser, city: City) -> None:
    request_id = await hostile_case(city)

    page = (await anna.opens(f"/cases/{request_id}")).text

    assert_harmless(page)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "{{ 7 * 7 }}" in page
    assert_harmless((await anna.opens("/?tab=all")).text)


async def test_what_is_typed_comes_back_as_text(anna: Browser, city: City) -> None:
    request_id = await hostile_case(city)

    page = await anna.client.post(
        f"/cases/{request_id}/approve",
        data={"csrf": csrf_in((await anna.opens("/")).text), "version": "1", "subject": QUOTED, "body": CLOSING, "draft_id": request_id},
    )

    assert page.status_code == 409
    assert_harmless(page.text)
    assert written(page.text)["body"] == CLOSING


@pytest.mark.parametrize("name", ["q", "tab", "department", "sort", "cursor", "flash"])
async def test_the_address_is_shown_as_text(anna: Browser, name: str) -> None:
    assert_harmless((await anna.client.get("/", params={name: f"{SCRIPT}{QUOTED}{CLOSING}"})).text)


def csrf_in(page: str) -> str:
    return page.split('name="csrf" value="')[1].split('"', maxsplit=1)[0]
