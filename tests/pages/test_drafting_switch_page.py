"""What drafts are made with, on the pages and by the API: seen, changed, logged, published."""

import httpx
import pytest
import sqlalchemy as sa

from schemas.drafting_switched import DraftingSwitched
from services.review.audit import store as audit
from services.review.automation import store
from services.review.automation.rules import Change
from services.review.cases.case_state import State
from services.review.cases.deciding import actions
from services.review.people import store as people
from services.review.people.rules import Person
from services.runtime import clock, outbox
from services.runtime.database import lines
from tests.pages.city import ADA, ANNA, OLE, SUE, Browser, City, hidden_fields
from tests.pages.conftest import SignIn

WITHHELD = "Drafting is switched off for category street_lighting: no draft was made. Write the reply yourself."


async def switch(city: City, mode: str, **place: str) -> None:
    async with city.commands.database.transaction() as session:
        await store.change(session, Change(mode, **place, why="a trial"), "ada@city.example", clock.now(), city.commands.taxonomy.names)


async def published(city: City) -> list[DraftingSwitched]:
    query = sa.select(outbox.OutboxRow.value).where(outbox.OutboxRow.topic == DraftingSwitched.topic).order_by(outbox.OutboxRow.id)  # type: ignore[call-overload]
    async with city.commands.database.reading() as session:
        return [DraftingSwitched.model_validate_json(row.value) for row in await lines(session, query)]


async def sends(browser: Browser, **fields: str) -> httpx.Response:
    page = (await browser.opens("/ops/drafting")).text
    return await browser.client.post("/ops/drafting", data=hidden_fields(page) | fields)


async def program(city: City, person: Person) -> httpx.AsyncClient:
    await city.hires(person)
    async with city.commands.database.transaction() as session:
        token = await people.issue_token(session, person.email, clock.now())
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(city.app), base_url="http://city.test/api/v1", headers={"Authorization": f"Bearer {token}"}
    )


async def test_an_admin_switches_on_the_page_and_everybody_who_runs_it_sees_which_rule_applies_to_what(sign_in: SignIn) -> None:
    ada, ole = await sign_in(ADA), await sign_in(OLE)

    answer = await sends(
        ada, agency="belrive", category="street_lighting", letter="complaint", mode="off", why="it promised <b>repairs</b>"
    )
    await sends(ada, category="street_lighting", mode="template", why="as agreed")

    assert (answer.status_code, answer.headers["location"]) == (303, "/ops/drafting")
    page = (await ole.opens("/ops/drafting")).text
    assert "it promised &lt;b&gt;repairs&lt;/b&gt;" in page
    assert "ada@city.example" in page
    row = page.split('<th scope="row">Street lighting</th>')[1].split("</tr>")[0]
    assert 'data-label="belrive">Template<br><span class="soft">Complaint:</span> Off</td>' in row
    assert 'data-label="Every other agency">Template</td>' in row
    assert "<button>Change</button>" not in page
    assert "1 switches drafting off" in (await ole.opens("/ops")).text


async def test_each_change_is_logged_with_who_what_and_why_and_leaves_with_all_rules_in_force(sign_in: SignIn, city: City) -> None:
    ada = await sign_in(ADA)
    await sends(ada, agency="belrive", mode="off", why="strike")
    await sends(ada, letter="praise", mode="template", why="kind words")
    await sends(ada, agency="belrive", mode="none", why="it is over")

    events = await published(city)

    assert [event.revision for event in events] == [1, 2, 3]
    assert [[(rule.agency, rule.letter, rule.mode) for rule in event.rules] for event in events] == [
        [("belrive", None, "off")],
        [("belrive", None, "off"), (None, "praise", "template")],
        [(None, "praise", "template")],
    ]
    async with city.commands.database.reading() as session:
        entries = [entry for _, entry in await audit.page(session, actor="ada@city.example", before=None, limit=9)]
    last = next(entry for entry in entries if entry.action == "switch drafting")
    assert (last.detail["agency"], last.detail["mode"], last.detail["why"]) == ("belrive", ["off", None], "it is over")


async def test_what_cannot_be_used_comes_back_with_the_field_and_changes_nothing(sign_in: SignIn, city: City) -> None:
    ada = await sign_in(ADA)

    answer = await sends(ada, agency="belrive", mode="off", why=" ")

    assert answer.status_code == 422
    assert "say why" in answer.text
    assert 'value="belrive"' in answer.text
    assert await published(city) == []


@pytest.mark.parametrize("person", [OLE, ANNA])
async def test_who_may_not_switch_is_refused(sign_in: SignIn, city: City, person: Person) -> None:
    browser = await sign_in(person)
    page = (await browser.opens("/ops" if person is OLE else "/")).text

    answer = await browser.client.post("/ops/drafting", data=hidden_fields(page) | {"mode": "off", "why": "because"})

    assert answer.status_code == 403
    assert await published(city) == []


async def test_a_program_reads_and_changes_the_rules(city: City) -> None:
    async with await program(city, SUE) as api:
        changed = await api.put("/automation", json={"agency": "belrive", "kind": "complaint", "mode": "off", "reason": "tone"})
        shown = (await api.get("/automation", params={"agency": "belrive", "category": "street_lighting", "letter": "complaint"})).json()
        other = (await api.get("/automation", params={"agency": "elsewhere", "letter": "complaint"})).json()
        wrong = await api.put("/automation", json={"category": "lamps", "mode": "off", "why": "tone"})
        gone = await api.put("/automation", json={"agency": "belrive", "letter": "complaint", "mode": None, "why": "better"})

    assert changed.status_code == 200
    assert shown["applies"]["mode"] == "off"
    assert shown["applies"]["rule"]["changed_by"] == "sue@city.example"
    assert other["applies"] == {"mode": "model", "rule": None}
    assert (wrong.status_code, wrong.json()["field"]) == (422, "category")
    assert gone.json()["rules"] == []


async def test_where_drafting_is_off_the_case_waits_with_an_empty_reply_that_a_person_writes_and_approves(
    anna: Browser, city: City
) -> None:
    request_id = await city.receives()
    await city.drafts(request_id, subject="Re: Street lamp", body="", citations=[], checks=[], drafted_by="template", withheld=WITHHELD)

    page = (await anna.opens(f"/cases/{request_id}")).text
    empty = await anna.sends(request_id, "approve", subject="Re: Street lamp", body="")
    written = await anna.sends(request_id, "approve", subject="Re: Street lamp", body="Dear Ines,\n\nwe will look at it.\n\nThe city")

    assert WITHHELD in page
    assert "No draft was made" in page
    assert empty.status_code == 422
    assert written.status_code == 303
    case = await city.case(request_id)
    assert case.state is State.APPROVED
    assert case.decision
    assert case.decision.decision == "edited"


async def test_what_nobody_tried_to_draft_is_no_gap_of_the_knowledge(sign_in: SignIn, city: City) -> None:
    sue = await sign_in(SUE)
    for subject, withheld in (("Where is the zebra crossing", ""), ("Where is the moon crossing", WITHHELD)):
        request_id = await city.receives(request={"subject": subject}, letter="question", letter_sure=True)
        await city.drafts(request_id, citations=[], withheld=withheld)

    page = (await sue.opens("/quality/gaps")).text

    assert "zebra" in page
    assert "moon" not in page


async def test_a_wish_for_another_draft_is_told_that_drafting_is_off_and_by_whom_and_the_case_stays_as_it_is(
    anna: Browser, city: City
) -> None:
    request_id = await city.waiting_case()
    await switch(city, "off", category="street_lighting")
    before = await city.case(request_id)

    answer = await anna.sends(request_id, "redraft", instructions="shorter")

    assert answer.status_code == 409
    assert "drafting is switched off for category street_lighting by ada@city.example: a trial" in answer.text
    assert "shorter" in answer.text
    assert await city.case(request_id) == before


async def test_a_correction_to_another_category_asks_for_a_draft_again_as_that_category_may_have_one(city: City) -> None:
    await switch(city, "off", category="street_lighting")
    request_id = await city.waiting_case()

    case = await city.does(SUE, request_id, actions.Correct(category="roads_pavements"))

    assert (case.state, case.revision) == (State.DRAFTING, 2)
    await city.drafts(request_id)
    assert (await city.does(SUE, request_id, actions.Redraft())).state is State.DRAFTING
