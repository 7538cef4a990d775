"""Supervisors see what citizens ask and nothing published answers, and say what is to be done about it."""

from typing import Any
from uuid import UUID

import pytest

from services.review.app import published_of
from services.review.audit import store as audit
from services.review.cases.deciding.actions import Approve, Close, Reject
from services.review.people.rules import Person, Role
from services.review.quality import store
from services.runtime.settings import Settings
from tests.pages.city import ANNA, OLE, REPLY, SUE, Browser, City, hidden_fields
from tests.pages.conftest import SignIn

NO_SOURCE: dict[str, Any] = {"citations": [], "drafted_by": "template", "model": None}
STREETS_ONLY = Person("sam@city.example", "Sam", Role.SUPERVISOR, ("streets",))


async def asks(city: City, text: str, *, subject: str | None = None, draft: dict[str, Any] | None = None, **triage: Any) -> UUID:
    """A message whose draft quotes nothing, unless told otherwise."""
    request = {"subject": subject, "body": text}
    request_id = await city.receives(request=request, redacted={"subject": subject, "body": text}, **{"letter": "question", **triage})
    await city.drafts(request_id, **(NO_SOURCE if draft is None else draft))
    return request_id


async def gaps_page(browser: Browser) -> str:
    return " ".join((await browser.opens("/quality/gaps")).text.split())


@pytest.fixture
async def sue(sign_in: SignIn) -> Browser:
    return await sign_in(SUE)


async def test_questions_that_nothing_answered_stand_together_with_the_word_that_they_share(sue: Browser, city: City) -> None:
    for text in ("Where do I register a beehive?", "Do my <i>beehives</i> need a permit?"):
        await asks(city, text, category="other")
    await asks(city, "May I fly a drone over the lake?", category="other")

    page = await gaps_page(sue)

    assert "3 wait for a word from you" in page
    assert '<h2 id="gap-0"><span dir="auto">beehive' in page
    assert "2 messages" in page
    assert "Do my &lt;i&gt;beehives&lt;/i&gt; need a permit?" in page
    assert "Each about something else" in page


async def test_praise_reports_emergencies_and_closed_cases_are_no_gaps(sue: Browser, city: City) -> None:
    await asks(city, "Thank you for the lamp", letter="praise")
    await asks(city, "The lamp is out", letter="report")
    await asks(city, "Fire in the house", urgency="emergency")
    await asks(city, "How do I register a beehive?", draft={})
    closed = await asks(city, "Buy our lamps")
    await city.hires(ANNA)
    await city.does(ANNA, closed, Close(reason="an advertisement"))
    assert "Nothing waits" in await gaps_page(sue)


async def test_a_draft_that_was_rejected_or_written_anew_is_a_gap_and_one_that_was_sent_after_all_is_none(sue: Browser, city: City) -> None:
    await city.hires(ANNA)
    rejected = await asks(city, "Who owns the canal bridge?", draft={})
    await city.does(ANNA, rejected, Reject(reason="the bridge is the canton's"))
    await city.drafts(rejected)
    rewritten = await asks(city, "Whose is the harbour wall?", draft={"body": f"{REPLY}"})
    draft = (await city.case(rewritten)).draft
    assert draft
    own = "Good day, the harbour wall belongs to the canton, whose office for water you reach at its counter on any working day."
    await city.does(ANNA, rewritten, Approve(draft.draft_id, "The harbour wall", own))
    tone = await asks(city, "When is the lamp mended?", draft={})
    await city.does(ANNA, tone, Reject(reason="friendlier please"))
    await city.drafts(tone)
    await city.approves(ANNA, tone)
    while await store.note_edits(city.commands.database):
        continue

    page = await gaps_page(sue)

    assert "Who owns the canal bridge?" in page
    assert 'draft rejected: <q dir="auto">the bridge is the canton&#39;s</q>' in page
    assert "When is the lamp mended?" not in page


async def test_a_verdict_takes_the_whole_group_away_and_is_in_the_log_and_a_new_message_is_a_gap_again(sue: Browser, city: City) -> None:
    marked = [await asks(city, text) for text in ("Where do I register a beehive?", "Do my beehives need a permit?")]
    page = (await sue.opens("/quality/gaps")).text

    sent = await sue.client.post("/quality/gaps", data=hidden_fields(page) | {"verdict": "article_written"})

    assert sent.status_code == 303
    assert "Nothing waits" in await gaps_page(sue)
    async with city.commands.database.reading() as session:
        history = [entry for request_id in marked for entry in await audit.of_request(session, request_id)]
    assert [(e.actor, e.detail) for e in history if e.action == "mark gap"] == [(SUE.email, {"verdict": "article_written"})] * 2
    await asks(city, "Another beehive question?")
    assert "1 waits for a word" in await gaps_page(sue)


async def test_nobody_marks_what_is_not_theirs_to_see_and_then_nothing_is_marked(sign_in: SignIn, city: City) -> None:
    own = await asks(city, "Where do I register a beehive?", department="streets")
    foreign = await asks(city, "Where do I pay the beehive tax?", department="finance")
    sam = await sign_in(STREETS_ONLY)
    page = (await sam.opens("/quality/gaps")).text
    assert "beehive tax" not in page

    form = hidden_fields(page) | {"messages": f"{own} {foreign}", "verdict": "not_ours"}
    assert (await sam.client.post("/quality/gaps", data=form)).status_code == 404

    assert "1 waits for a word" in await gaps_page(sam)


@pytest.mark.parametrize("messages", ["", "no-request", "00000000-0000-4000-8000-000000000001 " * 600])
async def test_a_form_that_names_no_messages_or_too_many_is_refused(sue: Browser, city: City, messages: str) -> None:
    await asks(city, "Where do I register a beehive?")
    page = (await sue.opens("/quality/gaps")).text
    form = hidden_fields(page) | {"messages": messages, "verdict": "not_ours"}
    assert (await sue.client.post("/quality/gaps", data=form)).status_code in (404, 422)


async def test_only_supervisors_see_it(sign_in: SignIn) -> None:
    for person in (ANNA, OLE):
        assert (await (await sign_in(person)).opens("/quality/gaps")).status_code == 403


async def test_articles_that_nobody_cites_and_those_that_are_put_right_most_stand_beside_it(sue: Browser, city: City) -> None:
    city.app.state.published = published_of(Settings())
    await city.app.state.published.look()
    await city.hires(ANNA)
    source = {"title": "Lamps", "url": "https://city.example/lamps", "quote": "within five working days"}
    for _ in range(3):
        request_id = await asks(city, "The lamp?", draft={"citations": [source | {"passage_id": "en-street-lamp-fault#2"}]})
        draft = (await city.case(request_id)).draft
        assert draft
        body = REPLY.replace("within five working days", "within nine working days")
        await city.does(ANNA, request_id, Approve(draft.draft_id, draft.subject, body))
    await asks(city, "And when?", draft={"citations": [source | {"passage_id": "en-bank-complaint-who-to-ask#1"}]})
    while await store.note_edits(city.commands.database):
        continue

    page = await gaps_page(sue)

    most, never = page.split("Articles that no draft cited")
    assert "<code>en-street-lamp-fault</code></th> <td" in most or "<code>en-street-lamp-fault</code></th><td" in most
    assert "en-street-lamp-fault" not in never
    assert "en-bank-complaint-who-to-ask" not in never
    assert "in these 30 days" in never
