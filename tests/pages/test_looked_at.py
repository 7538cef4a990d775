"""Figures that no passage says are ticked one by one before an approval, where a rule asks for it, on the page and by the API."""

import re

from schemas.replies_decided import ReplyDecided
from services.review.cases.case_state import State
from services.review.safeguards import store as safeguards
from services.review.safeguards.rules import Change
from services.runtime import clock
from tests.pages.city import ADA, ANNA, SUE, City, hidden_fields, written
from tests.pages.conftest import SignIn
from tests.service.test_review_api import leaving, program_of

FIFTEEN = "deadline:15 working day"


async def rule(city: City, kind: str = "look_at_figures") -> None:
    async with city.commands.database.transaction() as session:
        change = Change(kind, why="dates are read over")
        await safeguards.change(session, change, ADA.email, clock.now(), city.commands.taxonomy.names)


async def test_without_a_rule_nobody_is_asked(sign_in: SignIn, city: City) -> None:
    request_id = await city.waiting_case()
    anna = await sign_in(ANNA)
    assert "looked_at" not in (await anna.opens(f"/cases/{request_id}")).text
    assert (await city.approves(ANNA, request_id)).state is State.APPROVED


async def test_what_no_passage_says_is_ticked_before_the_reply_leaves_without_scripts(sign_in: SignIn, city: City) -> None:
    await rule(city)
    request_id = await city.waiting_case()
    anna = await sign_in(ANNA)
    page = (await anna.opens(f"/cases/{request_id}")).text
    assert f'name="looked_at" value="{FIFTEEN}"' in page
    assert 'value="deadline:5 working day"' not in page
    assert "With a source: <span data-number>1</span>" in page

    refused = await anna.sends(request_id, "approve", seen=page, **written(page))
    assert refused.status_code == 422
    assert "Please look at each figure" in refused.text
    text = written(page)["body"] + "\r\nIt costs 99 euros."
    again = await anna.sends(request_id, "approve", seen=page, subject="Lamp", body=text, looked_at=FIFTEEN)
    assert again.status_code == 422
    assert f'value="{FIFTEEN}" checked' in again.text
    assert 'name="looked_at" value="sum:99 eur"' in again.text
    assert "It costs 99 euros." in written(again.text)["body"]

    done = await anna.sends(request_id, "approve", seen=page, subject="Lamp", body=text, looked_at=[FIFTEEN, "sum:99 eur"])
    assert done.status_code == 303
    (row,) = await leaving(city, ReplyDecided.topic)
    assert "99 euros" in (ReplyDecided.model_validate_json(row.value).body or "")


async def test_a_program_names_what_was_looked_at_and_the_case_says_what_there_is(city: City) -> None:
    await rule(city)
    request_id = await city.waiting_case()
    anna = await program_of(city, ANNA)
    figures = (await anna.looks_at(request_id))["figures"]
    assert {figure["id"]: figure["passage_id"] for figure in figures} == {"deadline:5 working day": "p1", FIFTEEN: None}
    refused = await anna.approves(request_id)
    assert refused.status_code == 422
    assert FIFTEEN in refused.text
    assert (await anna.approves(request_id, looked_at=[FIFTEEN])).json()["state"] == "approved"
    entry = (await anna.looks_at(request_id))["history"][-1]
    assert entry["detail"]["looked_at"] == 1


async def test_the_second_person_looks_for_themselves(sign_in: SignIn, city: City) -> None:
    await rule(city)
    await rule(city, "second_person")
    request_id = await city.waiting_case()
    anna, sue = await sign_in(ANNA), await sign_in(SUE)
    seen = (await anna.opens(f"/cases/{request_id}")).text
    await anna.sends(request_id, "approve", seen=seen, **written(seen), looked_at=FIFTEEN)
    page = (await sue.opens(f"/cases/{request_id}")).text
    form = page.split('class="second-approval"')[1].split(f'action="/cases/{request_id}/approve"')[1].split("</form>")[0]
    assert f'name="looked_at" value="{FIFTEEN}"' in form
    where = f"/cases/{request_id}/approve"
    assert (await sue.client.post(where, data=hidden_fields(form))).status_code == 422
    assert (await sue.client.post(where, data=hidden_fields(form) | {"looked_at": FIFTEEN})).status_code == 303
    assert (await city.case(request_id)).state is State.APPROVED


OWN = "Roads will look at what you describe and answer you within 15 working days of receiving your message."


async def test_the_agencys_own_letter_is_named_as_the_source_and_what_an_editor_makes_of_it_is_asked(sign_in: SignIn, city: City) -> None:
    await rule(city)
    request_id = await city.receives()
    await city.drafts(request_id, body=f"Dear [CITIZEN_NAME],\n\n{OWN}", own_words=f"Dear [CITIZEN_NAME],\n\n{OWN}", citations=[])
    anna = await sign_in(ANNA)
    page = (await anna.opens(f"/cases/{request_id}")).text
    assert 'name="looked_at" value="deadline' not in page
    assert re.search(r'15 working days</strong> <span class="soft" dir="auto">Your agency’s own letter', page)

    text = written(page)["body"].replace("15 working", "3 working")
    refused = await anna.sends(request_id, "approve", seen=page, subject="Lamp", body=text)
    assert refused.status_code == 422
    assert 'name="looked_at" value="deadline:3 working day"' in refused.text
    assert (await anna.sends(request_id, "approve", seen=page, **written(page))).status_code == 303


async def test_what_a_model_wrote_is_asked(city: City) -> None:
    await rule(city)
    request_id = await city.receives()
    await city.drafts(request_id, body=f"Dear [CITIZEN_NAME],\n\n{OWN}", citations=[])
    anna = await program_of(city, ANNA)
    assert (await anna.approves(request_id)).status_code == 422
