"""The message on the case page: the words that weighed most are marked in it, and messages like it are named."""

import re
from html import unescape
from typing import Any
from uuid import UUID

from schemas.values import Person
from services.review.cases.deciding import actions
from services.triage import redaction
from services.triage.fingerprint import fingerprint
from tests.builders import the_terms
from tests.pages.city import ANNA, BEN, LETTER, Browser, City
from tests.pages.conftest import SignIn


async def received(city: City, body: str, *words: str, subject: str | None = None, **triage: Any) -> UUID:
    """A message that triage read as it does, and in which these words weighed."""
    hidden = redaction.redact(subject, body, Person(name="Ines Marlow"), "en")
    return await city.receives(
        request={"subject": subject, "body": body},
        redacted=hidden.model_dump(),
        explanation=[term.model_dump() for term in the_terms(hidden, *words)],
        fingerprint=fingerprint(hidden.subject, hidden.body),
        **triage,
    )


async def page_of(browser: Browser, request_id: UUID) -> str:
    return (await browser.opens(f"/cases/{request_id}")).text


def letter(page: str) -> str:
    """What stands in the message's body, tags and all."""
    found = re.search(r'<div class="words">(.*?)</div>', page, re.DOTALL)
    assert found
    return found[1]


def similar_in(page: str) -> list[str]:
    found = re.search(r'<section class="card similar".*?</section>', page, re.DOTALL)
    return re.findall(r'href="/cases/([0-9a-f-]+)"', found[0]) if found else []


async def test_the_words_that_weighed_most_are_marked_where_they_stand(anna: Browser, city: City) -> None:
    page = await page_of(anna, await received(city, "I am Ines Marlow. The lamp, my LAMP & <b>lamps</b>", "lamp", subject="A lamp"))

    assert letter(page) == "I am Ines Marlow. The <mark>lamp</mark>, my <mark>LAMP</mark> &amp; &lt;b&gt;lamps&lt;/b&gt;"
    assert '<p class="subject">A <mark>lamp</mark></p>' in page
    assert "They are marked in the message." in page


async def test_the_message_stays_as_it_was_sent_whatever_stands_in_it(anna: Browser, city: City) -> None:
    body = "</mark><script>alert(1)</script> {{ page }} \"lamp\" 'lamp' &lt;lamp&gt; <mark>lamp</mark>\n\n  lamp [NAME_1]"

    shown = letter(await page_of(anna, await received(city, body, "lamp", "script", "mark")))

    assert unescape(re.sub(r"</?mark>", "", shown)) == body
    assert set(re.findall(r"<[^>]*>", shown)) == {"<mark>", "</mark>"}


async def test_what_turns_the_direction_of_writing_is_not_shown(anna: Browser, city: City) -> None:
    shown = letter(await page_of(anna, await received(city, "The lamp\u202e is out", "lamp")))

    assert unescape(re.sub(r"</?mark>", "", shown)) == "The lamp is out"


async def test_nothing_is_marked_for_a_category_that_a_person_has_changed(anna: Browser, city: City) -> None:
    request_id = await received(city, "The lamp is out", "lamp")
    await city.does(ANNA, request_id, actions.Correct(category="roads_pavements"))

    page = await page_of(anna, request_id)

    assert letter(page) == "The lamp is out"
    assert "They are marked" not in page


async def test_terms_without_places_mark_nothing(anna: Browser, city: City) -> None:
    page = await page_of(anna, await city.receives())

    assert "<mark>" not in page
    assert "Why this category" in page


async def test_messages_like_it_are_named_with_how_far_they_have_come(anna: Browser, city: City) -> None:
    first, asked = await received(city, LETTER), await received(city, LETTER + " Thank you.")

    page = await page_of(anna, asked)

    assert similar_in(page) == [str(first)]
    assert "Similar messages" in page
    assert "Being drafted" in page[page.index("Similar messages") :]


async def test_a_message_like_no_other_says_nothing_of_it(anna: Browser, city: City) -> None:
    assert "Similar messages" not in await page_of(anna, await received(city, LETTER))


async def test_a_similar_message_of_another_department_is_not_named(sign_in: SignIn, city: City) -> None:
    await received(city, LETTER, department="taxes")
    asked = await received(city, LETTER)

    assert similar_in(await page_of(await sign_in(BEN), asked)) == []


async def test_of_many_alike_a_few_are_named(anna: Browser, city: City) -> None:
    asked = [await received(city, LETTER) for _ in range(8)]

    assert similar_in(await page_of(anna, asked[0])) == [str(one) for one in reversed(asked[3:])]


async def test_the_case_shows_what_was_sent_and_could_not_be_used(anna: Browser, city: City) -> None:
    citizen = {"name": "Ines Marlow", "email": "ines(at)example.org <script>"}
    page = await page_of(anna, await city.receives(request={"citizen": citizen, "location": {"latitude": "north"}}))

    assert "Could not be used" in page
    assert "citizen.email" in page
    assert "ines(at)example.org &lt;script&gt;" in page
    assert "location.latitude" in page
    assert "Could not be used" not in await page_of(anna, await city.receives())


async def test_what_is_quoted_and_signed_is_folded_and_the_text_stays_as_it_was_sent(anna: Browser, city: City) -> None:
    body = "The lamp is out.\nA. B., tax adviser\n> Thank you <b>for</b> writing\n"
    first, second = body.index("\n") + 1, body.index("> ")
    parts = [
        {"kind": "new", "start": 0, "end": first},
        {"kind": "signature", "start": first, "end": second},
        {"kind": "ours", "start": second, "end": len(body)},
    ]
    request_id = await city.receives(request={"body": body}, redacted={"body": body}, parts=parts, explanation=[])

    shown = letter(await page_of(anna, request_id))

    assert shown == (
        'The lamp is out.\n<details class="folded"><summary>Signature</summary>A. B., tax adviser\n</details>'
        '<details class="folded"><summary>Earlier messages</summary>&gt; Thank you &lt;b&gt;for&lt;/b&gt; writing\n</details>'
    )
