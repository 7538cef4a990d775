"""One text answers a whole group, each reply by itself."""

import re
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from schemas.values import Urgency
from services.domain.reply_tokens import token_of
from services.review.audit import store as audit
from services.review.cases.case_state import State
from services.review.cases.deciding import actions
from services.review.cases.groups import answer_pages, group_pages
from services.review.people.rules import Person, Role
from services.review.safeguards import store as safeguards
from services.review.safeguards.rules import Change
from services.runtime import clock, outbox
from tests.pages.city import ANNA, OLE, Browser, City, hidden_fields, without_kafka
from tests.pages.outage import COMMON, approves, grouped, outage, ticks, writes, writes_common


async def test_each_sees_their_own_name_and_each_is_a_decision_of_its_own(city: City, anna: Browser) -> None:
    group_id, (first, second, third) = await outage(city, "Ann Lee", "Bob Hay", "Cem Kaya")
    page = await writes_common(anna, group_id, first)
    assert "Dear <mark>Ann Lee" in page
    assert "Dear <mark>Bob Hay" in page
    offered = ticks(page)
    assert set(offered) == {first, second, third}

    answer = await approves(anna, group_id, page, [offered[first], offered[second]])

    assert "Approved: 2 of 2" in answer.text
    for request_id, name in ((first, "Ann Lee"), (second, "Bob Hay")):
        case = await city.case(request_id)
        assert case.state is State.APPROVED
        assert case.decision
        assert case.decision.decided_by == ANNA.email
        assert (case.decision.body or "").startswith(f"Dear {name},")
        assert case.decision.recipient
        assert case.decision.recipient.email == f"{name.split()[0].lower()}@example.org"
        async with city.commands.database.reading() as session:
            entry = (await audit.of_request(session, request_id))[-1]
            assert await outbox.waits(session, "review", str(case.decision.decision_id))
        assert (entry.actor, entry.action) == (ANNA.email, "approve")
        assert entry.detail["group"] == str(group_id)
        assert entry.detail["shown"] == offered[request_id].rpartition(":")[2]
    assert (await city.case(third)).state is State.AWAITING_APPROVAL


async def test_letters_of_one_subject_are_told_apart_by_who_wrote_them(city: City, anna: Browser) -> None:
    group_id, (first, _) = await outage(city, "Ann Lee", "Bob Hay", request={"subject": "No water"})
    begins_from = re.findall(r"<option [^>]+>(.+)</option>", (await anna.opens(f"/groups/{group_id}")).text)
    assert sorted(name for option in begins_from for name in ("Ann Lee", "Bob Hay") if name in option) == ["Ann Lee", "Bob Hay"]
    page = await writes_common(anna, group_id, first)

    answer = await approves(anna, group_id, page, list(ticks(page).values()))

    undo = re.findall(r"<label>(.+)</label>", answer.text)
    assert [name for line in undo for name in ("Ann Lee", "Bob Hay") if name in line] in (["Ann Lee", "Bob Hay"], ["Bob Hay", "Ann Lee"])


async def test_each_is_recalled_by_itself(city: City, anna: Browser) -> None:
    group_id, (first, second) = await outage(city, "Ann Lee", "Bob Hay")
    page = await writes_common(anna, group_id, first)
    answer = await approves(anna, group_id, page, list(ticks(page).values()))
    undo = [value for request_id, value in ticks(answer.text).items() if request_id == second]
    answer = await anna.client.post(f"/groups/{group_id}/recall", data={"csrf": hidden_fields(page)["csrf"], "reply": undo})
    assert "Undone: 1 of 1" in answer.text
    assert (await city.case(first)).state is State.APPROVED
    assert (await city.case(second)).state is State.AWAITING_APPROVAL


async def test_what_is_in_no_such_group_is_neither_undone_nor_named(city: City, anna: Browser) -> None:
    group_id, (first, _) = await outage(city, "Ann Lee", "Bob Hay")
    page = await writes_common(anna, group_id, first)
    other = await city.waiting_case(request={"citizen": {"name": "Zoe Outside", "email": "zoe@example.org"}})
    version = (await city.approves(ANNA, other)).version
    form = {"csrf": hidden_fields(page)["csrf"], "reply": [f"{other}:{version}"]}
    answer = await anna.client.post(f"/groups/{group_id}/recall", data=form)
    assert "is no case of yours in this group" in answer.text
    assert "Zoe Outside" not in answer.text
    assert "Street lamp out" not in answer.text
    assert (await city.case(other)).state is State.APPROVED


async def test_what_cannot_be_approved_says_why_and_stays(city: City, anna: Browser) -> None:
    group_id, cases = await outage(city, "Ann Lee", "Bob Hay", "Cem Kaya")
    first, claimed, corrected = cases
    danger = await writes(city, "Dee Orr", urgency="emergency", danger=0.9)
    french = await writes(city, "Eva Sol", draft_language="fr")
    nowhere = await writes(city, "Fay Tan", request={"citizen": {"name": "Fay Tan"}})
    four_eyes = await writes(city, "Gus Urd", urgency="high")
    await grouped(city)
    await city.does(BEN_OF_WATER, claimed, actions.Claim())
    async with city.commands.database.transaction() as session:
        rule = Change(kind="second_person", urgency=Urgency.HIGH, why="a second look")
        await safeguards.change(session, rule, OLE.email, clock.now(), city.commands.taxonomy.categories)

    page = await writes_common(anna, group_id, first)

    assert set(ticks(page)) == {first, corrected}
    for why in (
        "A colleague works on it",
        "It may be an emergency",
        "writes in another language",
        "There is no address",
        "A second person has to look at it",
    ):
        assert why in page
    sent = [*ticks(page).values(), f"{danger}:{(await city.case(danger)).version}:{'0' * 64}"]
    answer = await approves(anna, group_id, page, sent)
    assert "Approved: 2 of 3" in answer.text
    for request_id in (claimed, danger, french, nowhere, four_eyes):
        assert (await city.case(request_id)).state is State.AWAITING_APPROVAL


async def test_figures_that_no_passage_says_are_looked_at_in_each_reply_before_it_is_approved(city: City, anna: Browser) -> None:
    group_id, (first, second, third) = await outage(city, "Ann Lee", "Bob Hay", "Cem Kaya")
    async with city.commands.database.transaction() as session:
        rule = Change(kind="look_at_figures", why="a wrong date is read over")
        await safeguards.change(session, rule, OLE.email, clock.now(), city.commands.taxonomy.categories)
    page = await writes_common(anna, group_id, first, COMMON.replace("by six this evening", "on 12 May. You get 5 euros"))
    looks: dict[UUID, list[str]] = {request_id: [] for request_id in (first, second, third)}
    for value in re.findall(r'name="looked_at" value="([^"]+)"', page):
        looks[UUID(value.partition(":")[0])].append(value)
    assert [len(of_reply) for of_reply in looks.values()] == [2, 2, 2]

    sent = {"csrf": hidden_fields(page)["csrf"], "reply": list(ticks(page).values()), "looked_at": [*looks[first], *looks[second][:1]]}
    answer = await anna.client.post(f"/groups/{group_id}/approve", data=sent)

    assert "Approved: 1 of 3" in answer.text
    assert "You have not ticked that you have looked at: “5 euros”" in answer.text
    assert "You have not ticked that you have looked at: “12 May”, “5 euros”" in answer.text
    assert [(await city.case(request_id)).decision is not None for request_id in (first, second, third)] == [True, False, False]


BEN_OF_WATER = Person("ben@city.example", "Ben Okafor", Role.CASEWORKER, ("water",))


async def test_another_text_than_the_one_shown_is_not_approved(city: City, anna: Browser) -> None:
    group_id, (first, second) = await outage(city, "Ann Lee", "Bob Hay")
    seen = await writes_common(anna, group_id, first)
    await writes_common(anna, group_id, first, COMMON.replace("six this evening", "nine"))  # in another window
    answer = await approves(anna, group_id, seen, list(ticks(seen).values()))
    assert "Approved: 0 of 2" in answer.text
    assert "another one than you saw" in answer.text
    assert {(await city.case(one)).state for one in (first, second)} == {State.AWAITING_APPROVAL}


async def test_what_changed_since_is_not_approved_and_stops_no_other(city: City, anna: Browser) -> None:
    group_id, (first, second) = await outage(city, "Ann Lee", "Bob Hay")
    page = await writes_common(anna, group_id, first)
    await city.does(ANNA, second, actions.CorrectRecipient("elsewhere@example.org"))
    answer = await approves(anna, group_id, page, list(ticks(page).values()))
    assert "Approved: 1 of 2" in answer.text
    assert "you looked at" in answer.text
    assert (await city.case(second)).state is State.AWAITING_APPROVAL


async def test_a_reply_that_was_not_shown_cannot_be_approved(city: City, anna: Browser) -> None:
    group_id, (first, _) = await outage(city, "Ann Lee", "Bob Hay")
    page = await writes_common(anna, group_id, first)
    version = (await city.case(first)).version
    for forged in (f"{first}:{version}", f"{first}:{version}:"):
        assert (await approves(anna, group_id, page, [forged])).status_code == 422
    assert "0 of 1" in (await approves(anna, group_id, page, [f"{first}:{version}:{'a' * 64}"])).text
    stranger = await city.waiting_case()
    assert "no case of yours in this group" in (await approves(anna, group_id, page, [f"{stranger}:5:{'a' * 64}"])).text
    assert (await approves(anna, group_id, page, [f"{uuid4()}:1:{'a' * 64}" for _ in range(26)])).status_code == 422
    assert (await city.case(first)).state is State.AWAITING_APPROVAL


async def test_a_placeholder_that_a_letter_has_nothing_for_keeps_that_one_back(city: City, anna: Browser) -> None:
    group_id, (first, _) = await outage(city, "Ann Lee", "Bob Hay")
    page = await writes_common(anna, group_id, first, COMMON + "\n[ADDRESS_1]")
    assert ticks(page) == {}
    assert "nothing is known for [ADDRESS_1]" in page


async def test_no_more_are_shown_than_can_be_read_and_the_rest_follows(city: City, anna: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(group_pages, "AT_ONCE", 2)
    monkeypatch.setattr(answer_pages, "AT_ONCE", 2)
    group_id, cases = await outage(city, "Ann Lee", "Bob Hay", "Cem Kaya")
    page = await writes_common(anna, group_id, cases[0])
    following = re.search(r'href="([^"]+)" rel="next"', page)
    assert following
    assert len(ticks(page)) == 2
    rest = ticks((await anna.opens(following.group(1).replace("&amp;", "&"))).text)
    assert set(ticks(page)) | set(rest) == set(cases)
    assert len(rest) == 1


async def test_with_references_and_notes_what_is_shown_is_what_is_approved(tmp_path: Path) -> None:
    app = without_kafka(tmp_path, mail_subject_reference=True, public_url="http://city.test")
    city = City(app)
    password = (await city.hires(ANNA))[ANNA.email]
    anna = Browser(city)
    async with anna.client:
        assert (await anna.signs_in(ANNA.email, password)).status_code == 303
        group_id, (first, second, _) = await outage(city, "Ann Lee", "Bob Hay", "Cem Kaya")
        page = await writes_common(anna, group_id, first)
        offered = ticks(page)
        answer = await approves(anna, group_id, page, [offered[first], offered[second]])
    assert "Approved: 2 of 2" in answer.text
    for request_id in (first, second):
        decision = (await city.case(request_id)).decision
        assert decision
        assert (decision.subject or "").endswith(f"[{token_of(request_id)}]")
        assert (decision.body or "").endswith("What is automated here, and how to object to it: http://city.test/about/city?lang=en")
    await app.state.database.close()
