"""A drawn share of replies is held back until a second person has decided on the draft without knowing the first one's text."""

import re
from datetime import timedelta
from uuid import UUID

import pytest

from schemas.replies_decided import ReplyDecided
from schemas.values import Urgency
from services.review.cases.case_state import State
from services.review.cases.deciding import actions
from services.review.cases.second_look import look_store
from services.review.cases.second_look.comparison import OUTCOMES
from services.review.people import store as people
from services.review.people.powers import TokenScope
from services.review.people.rules import Person, Role
from services.review.safeguards import drawing, rules
from services.review.safeguards import store as safeguards
from services.review.safeguards.rules import Approval, Change
from services.runtime import clock
from services.runtime.errors import Conflict
from tests.pages.city import ADA, ANNA, BEN, SUE, Browser, City, hidden_fields, written
from tests.pages.conftest import SignIn
from tests.service.test_review_api import Program, leaving, program_of

EVE = Person("eve@city.example", "Eve Castellan", Role.CASEWORKER)
VIEW = "/?tab=open&second_approval=true"
OWN = "Dear Ines Marlow,\r\n\r\nThe lamp will be repaired within nine working days.\r\n\r\nKind regards"


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every second number is drawn, whatever the secret."""
    monkeypatch.setattr(drawing, "number", lambda *_: 4_999)


async def rule(city: City, share: str = "50", **change: str) -> None:
    async with city.commands.database.transaction() as session:
        wanted = Change("look_before_sending", share=share, why="two see more", **change)  # type: ignore[arg-type] # texts alone
        await safeguards.change(session, wanted, ADA.email, clock.now(), city.commands.taxonomy.names)


async def decided(city: City) -> list[ReplyDecided]:
    return [ReplyDecided.model_validate_json(row.value) for row in await leaving(city, ReplyDecided.topic)]


async def held(city: City, anna: Browser, body: str = OWN) -> UUID:
    """A case whose approval by Anna, with words of her own, is held back."""
    await rule(city)
    request_id = await city.waiting_case()
    seen = (await anna.opens(f"/cases/{request_id}")).text
    answer = await anna.sends(request_id, "approve", seen=seen, **(written(seen) | {"body": body}))
    assert answer.headers["location"].endswith("flash=first-approved")
    return request_id


async def approves(browser: Browser, request_id: UUID, **changes: str) -> str:
    """Approves by the editor of the page; returns where that leads."""
    seen = (await browser.opens(f"/cases/{request_id}")).text
    answer = await browser.sends(request_id, "approve", seen=seen, **(written(seen) | changes))
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


@pytest.mark.usefixtures("drawn")
async def test_the_second_person_sees_the_draft_and_nothing_of_the_first_decision(sign_in: SignIn, city: City) -> None:
    anna, sue = await sign_in(ANNA), await sign_in(SUE)
    request_id = await held(city, anna)
    assert await decided(city) == []
    assert f"case-{request_id}" in (await sue.opens(VIEW)).text
    own = (await anna.opens(f"/cases/{request_id}")).text
    assert "Drawn for a second look before it is sent" in own
    assert "Undo my approval" in own

    page = (await sue.opens(f"/cases/{request_id}")).text
    assert "Decide as if nobody had" in page
    assert "fifteen working days" in written(page)["body"], "the draft as it was"
    shown = await (await program_of(city, EVE)).looks_at(request_id)
    assert (shown["first_approval"], shown["decide_as_first"]) == (None, True)
    page = re.sub(r"<option.*?</option>", "", page)  # whom the case may be passed on to
    for hidden in ("nine working days", "Anna", ANNA.email):
        assert hidden not in page
        assert hidden not in str(shown)


@pytest.mark.usefixtures("drawn")
async def test_the_same_text_is_sent_in_both_names(sign_in: SignIn, city: City) -> None:
    anna, sue = await sign_in(ANNA), await sign_in(SUE)
    request_id = await held(city, anna)
    assert "flash=approved" in await approves(sue, request_id, body=OWN)
    (reply,) = await decided(city)
    assert (reply.decided_by, reply.seconded_by, reply.body) == (ANNA.email, SUE.email, OWN.replace("\r\n", "\n"))
    assert (await city.case(request_id)).state is State.APPROVED
    async with city.commands.database.reading() as session:
        (line,) = await look_store.tally(session, clock.now() - timedelta(hours=1), SUE.scope)
        assert OUTCOMES[line.outcomes.index(1)] == "agreed"
        assert await look_store.open_for(session, BEN, clock.now() + timedelta(days=1)) == [], "it is not looked at once more"


@pytest.mark.usefixtures("drawn")
async def test_with_another_text_nothing_is_sent_and_the_second_person_sees_both(sign_in: SignIn, city: City) -> None:
    anna, sue = await sign_in(ANNA), await sign_in(SUE)
    request_id = await held(city, anna)
    assert (await approves(sue, request_id)).endswith("flash=looked")
    assert await decided(city) == []
    page = (await sue.opens(f"/cases/{request_id}")).text
    assert "You differ in a sum, a date, a deadline or a right" in page
    assert "First approval by <bdi>Anna Miller</bdi>" in page
    assert "fifteen" in page
    form = page.split('class="second-approval"')[1].split(f'action="/cases/{request_id}/approve"')[1].split("</form>")[0]
    assert (await sue.client.post(f"/cases/{request_id}/approve", data=hidden_fields(form))).status_code == 303
    (reply,) = await decided(city)
    assert (reply.decided_by, reply.seconded_by, reply.body) == (ANNA.email, SUE.email, OWN.replace("\r\n", "\n"))


@pytest.mark.usefixtures("drawn")
async def test_who_would_not_send_it_gives_it_back_to_the_first_with_the_reason(sign_in: SignIn, city: City) -> None:
    anna, sue = await sign_in(ANNA), await sign_in(SUE)
    request_id = await held(city, anna)
    page = (await sue.opens(f"/cases/{request_id}")).text
    empty = await sue.client.post(f"/cases/{request_id}/send-back", data=hidden_fields(page) | {"reason": " "})
    assert empty.status_code == 422
    assert "nine working days" not in empty.text
    answer = await sue.client.post(f"/cases/{request_id}/send-back", data=hidden_fields(page) | {"reason": "it is no lamp of ours"})
    assert answer.status_code == 303
    assert (await city.case(request_id)).assignee == ANNA.email
    assert "it is no lamp of ours" in (await anna.opens(f"/cases/{request_id}")).text
    assert await decided(city) == []
    async with city.commands.database.reading() as session:
        (line,) = await look_store.tally(session, clock.now() - timedelta(hours=1), SUE.scope)
    assert OUTCOMES[line.outcomes.index(1)] == "not_sent"


@pytest.mark.usefixtures("drawn")
async def test_nobody_is_their_own_second_and_the_first_can_take_it_back(sign_in: SignIn, city: City) -> None:
    anna = await sign_in(ANNA)
    request_id = await held(city, anna)
    with pytest.raises(Conflict, match="second person"):
        await city.does(ANNA, request_id, actions.Approve((await city.case(request_id)).draft.draft_id))  # type: ignore[union-attr]
    assert (await anna.sends(request_id, "recall")).status_code == 303
    assert (await city.case(request_id)).first_approval is None
    await city.approves(ANNA, request_id)
    assert await decided(city) == [], "drawn is drawn: taking it back is no way round"
    async with city.commands.database.transaction() as session:
        away = Change("look_before_sending", why="we are too few", take_away=True)
        await safeguards.change(session, away, ADA.email, clock.now(), city.commands.taxonomy.names)
    await city.does(ANNA, request_id, actions.Recall())
    await city.approves(ANNA, request_id)
    assert len(await decided(city)) == 1, "without the rule nothing is stranded"


@pytest.mark.usefixtures("drawn")
async def test_sorting_otherwise_is_no_way_round_and_an_agency_or_category_may_say_none(city: City) -> None:
    await rule(city)
    await rule(city, share="0", category="roads_pavements")
    request_id = await city.waiting_case()
    await city.approves(ANNA, request_id)
    await city.does(ANNA, request_id, actions.Recall())
    await city.does(ANNA, request_id, actions.Correct(category="roads_pavements"))
    if not (await city.case(request_id)).decidable:
        await city.drafts(request_id)
    await city.approves(ANNA, request_id)
    assert (await city.case(request_id)).first_approval
    other = await city.waiting_case(category="roads_pavements")
    await city.approves(ANNA, other)
    assert [reply.request_id for reply in await decided(city)] == [other]


@pytest.mark.usefixtures("drawn")
async def test_an_emergency_is_never_held_back(city: City) -> None:
    await rule(city)
    await city.approves(ANNA, await city.waiting_case(urgency="emergency"))
    assert len(await decided(city)) == 1


async def test_what_is_not_drawn_is_sent_at_once(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawing, "number", lambda *_: 5_000)
    await rule(city)
    await city.approves(ANNA, await city.waiting_case())
    assert len(await decided(city)) == 1


@pytest.mark.usefixtures("drawn")
async def test_supervisors_are_told_of_what_waits_too_long(sign_in: SignIn, city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    anna, sue = await sign_in(ANNA), await sign_in(SUE)
    await held(city, anna)
    assert "for more than four hours" not in (await sue.opens("/")).text
    monkeypatch.setattr(look_store, "TOLD_AFTER", timedelta(0))
    assert "1 approved reply has waited for a second person for more than four hours" in (await sue.opens("/")).text
    assert "for more than four hours" not in (await anna.opens("/")).text


async def test_the_page_of_safeguards_takes_the_rule_and_says_what_it_is(sign_in: SignIn, city: City) -> None:
    ada = await sign_in(ADA)
    page = (await ada.opens("/safeguards")).text
    form = {"kind": "look_before_sending", "agency": "city", "share": "10", "why": "two see more"}
    assert (await ada.client.post("/safeguards", data={"csrf": hidden_fields(page)["csrf"], **form})).status_code == 303
    page = (await ada.opens("/safeguards")).text
    assert "<strong>A second look before sending</strong></td>" in page
    assert "10 of 100" in page
    async with city.commands.database.reading() as session:
        standing = await safeguards.standing(session)
    closest = rules.closest(standing.rules, rules.HELD, Approval("city", None, (await city.case(await city.waiting_case())).urgency))
    assert closest
    assert closest.share == 10


@pytest.mark.usefixtures("drawn")
async def test_a_token_that_only_reads_shows_its_person_no_more_than_the_page(sign_in: SignIn, city: City) -> None:
    anna, _ = await sign_in(ANNA), await sign_in(SUE)
    request_id = await held(city, anna)
    async with city.commands.database.transaction() as session:
        secret = await people.issue_token(session, SUE.email, clock.now(), scopes=[TokenScope.READ])
    shown = await Program(city, secret).looks_at(request_id)
    assert (shown["first_approval"], shown["decide_as_first"]) == (None, True)
    assert "nine working days" not in str(shown)


@pytest.mark.usefixtures("drawn")
async def test_what_turns_out_to_be_an_emergency_is_not_held_back_again(city: City) -> None:
    await rule(city)
    request_id = await city.waiting_case()
    await city.approves(ANNA, request_id)
    assert await decided(city) == []
    await city.does(ANNA, request_id, actions.Correct(urgency=Urgency.EMERGENCY))
    await city.drafts(request_id)
    await city.approves(ANNA, request_id)
    assert len(await decided(city)) == 1


@pytest.mark.usefixtures("drawn")
@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("close", {"reason": "it is a joke"}),
        ("redraft", {"instructions": "shorter"}),
        ("reject", {"reason": "too long"}),
        ("answer-by-hand", {"how": "telephone", "note": "We come on Monday."}),
        ("recall", {}),
    ],
)
async def test_the_second_person_cannot_pass_by_the_look(sign_in: SignIn, city: City, name: str, fields: dict[str, str]) -> None:
    anna, sue = await sign_in(ANNA), await sign_in(SUE)
    request_id = await held(city, anna)
    answer = await sue.sends(request_id, name, **fields)
    assert answer.status_code == 409
    assert "this draft was drawn for a second look" in answer.text
    page = re.sub(r"<option.*?</option>", "", answer.text)
    assert ANNA.email not in page
    assert "nine working days" not in page
    assert (await city.case(request_id)).first_approval, "it still waits"

    await sue.sends(request_id, "send-back", reason="too long")
    assert (await sue.sends(request_id, "close", reason="it is a joke", although_claimed="true")).status_code == 303


@pytest.mark.usefixtures("drawn")
async def test_the_second_person_joins_the_case_into_no_other(city: City) -> None:
    await rule(city)
    into, request_id = await city.waiting_case(), await city.waiting_case()
    await city.approves(ANNA, request_id)
    with pytest.raises(Conflict, match="drawn for a second look"):
        await city.does(SUE, request_id, actions.Join(into))


@pytest.mark.usefixtures("drawn")
async def test_the_second_person_gets_neither_what_the_first_writes_on_nor_their_notes(sign_in: SignIn, city: City) -> None:
    anna, sue = await sign_in(ANNA), await sign_in(SUE)
    request_id = await held(city, anna)
    seen = (await anna.opens(f"/cases/{request_id}")).text
    await anna.sends(request_id, "edit", seen=seen, **(written(seen) | {"body": OWN + "\r\nPS"}))
    await anna.sends(request_id, "note", internal_note="I promised nine working days")
    await sue.sends(request_id, "note", internal_note="The cable is old")
    await sue.sends(request_id, "take-over")
    draft = (await city.case(request_id)).draft
    assert draft
    taken = {"writer": ANNA.email, "writer_draft": str(draft.draft_id), "writer_page": "program"}
    assert (await sue.sends(request_id, "take-text", **taken)).status_code == 404
    page = (await sue.opens(f"/cases/{request_id}")).text
    assert "nine working days" not in page
    assert "The cable is old" in page, "their own note"
    await approves(sue, request_id)
    assert "I promised nine working days" in (await sue.opens(f"/cases/{request_id}")).text


async def outcomes(city: City) -> dict[str, int]:
    async with city.commands.database.reading() as session:
        (line,) = await look_store.tally(session, clock.now() - timedelta(hours=1), SUE.scope)
    return {name: number for name, number in zip(OUTCOMES, line.outcomes, strict=True) if number}


@pytest.mark.usefixtures("drawn")
async def test_who_has_sent_a_text_back_is_not_blind_for_that_draft_again(sign_in: SignIn, city: City) -> None:
    anna, sue, eve = await sign_in(ANNA), await sign_in(SUE), await sign_in(EVE)
    request_id = await held(city, anna)
    await sue.sends(request_id, "send-back", reason="it is no lamp of ours")
    assert "nine working days" in (await sue.opens(f"/cases/{request_id}")).text, "they see what they sent back"
    assert "nine working days" not in (await eve.opens(f"/cases/{request_id}")).text

    assert (await approves(anna, request_id)).endswith("flash=first-approved")
    page = (await sue.opens(f"/cases/{request_id}")).text
    assert "Decide as if nobody had" not in page
    assert "First approval by <bdi>Anna Miller</bdi>" in page
    assert "Decide as if nobody had" in (await eve.opens(f"/cases/{request_id}")).text
    assert "flash=approved" in await approves(sue, request_id)
    assert await outcomes(city) == {"not_sent": 1}, "what they made of it before they knew"


@pytest.mark.usefixtures("drawn")
async def test_what_one_has_looked_at_is_not_written_over_by_the_next(sign_in: SignIn, city: City) -> None:
    anna, sue, eve = await sign_in(ANNA), await sign_in(SUE), await sign_in(EVE)
    request_id = await held(city, anna)
    await sue.sends(request_id, "send-back", reason="it is no lamp of ours")
    await approves(anna, request_id)
    assert "flash=approved" in await approves(eve, request_id, body=OWN)
    assert await outcomes(city) == {"not_sent": 1}


@pytest.mark.usefixtures("drawn")
async def test_a_text_that_the_first_takes_back_is_shown_to_nobody_else(sign_in: SignIn, city: City) -> None:
    anna, sue = await sign_in(ANNA), await sign_in(SUE)
    request_id = await held(city, anna)
    await anna.sends(request_id, "recall")
    assert "nine working days" in written((await anna.opens(f"/cases/{request_id}")).text)["body"]
    assert "fifteen working days" in written((await sue.opens(f"/cases/{request_id}")).text)["body"]
    shown = await (await program_of(city, EVE)).looks_at(request_id)
    assert shown["sent_back"] is None
    assert "nine working days" not in str(shown)
    await approves(anna, request_id)
    assert "Decide as if nobody had" in (await sue.opens(f"/cases/{request_id}")).text


@pytest.mark.usefixtures("drawn")
async def test_who_has_come_to_the_same_text_is_not_blind_when_it_is_undone(sign_in: SignIn, city: City) -> None:
    anna, sue = await sign_in(ANNA), await sign_in(SUE)
    request_id = await held(city, anna)
    await approves(sue, request_id, body=OWN)
    await anna.sends(request_id, "recall")
    await approves(anna, request_id, body=OWN + "\r\nPS", although_claimed="true")
    assert "Decide as if nobody had" not in (await sue.opens(f"/cases/{request_id}")).text
