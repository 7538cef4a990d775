"""One thing done to many ticked cases: each by itself, by the rules of a single one, and told case by case."""

import re
from collections.abc import Sequence
from uuid import UUID, uuid4

import httpx
import pytest

from schemas.values import Urgency
from services.review.audit import store as audit
from services.review.cases.case_state import State
from services.review.cases.commands import CaseCommands
from services.review.cases.deciding import actions
from tests.pages.city import ANNA, BEN, OLE, SUE, Browser, City, hidden_fields
from tests.pages.conftest import SignIn


async def ticks(browser: Browser, address: str = "/") -> dict[UUID, str]:
    """The ticks of a list, as a form sends them."""
    page = (await browser.opens(address)).text
    values = re.findall(r'name="case" value="([^"]+)"', page)
    return {UUID(value.partition(":")[0]): value for value in values}


async def does(browser: Browser, action: str, cases: Sequence[str], **fields: str) -> httpx.Response:
    csrf = hidden_fields((await browser.opens("/")).text)["csrf"]
    return await browser.client.post("/bulk", data={"csrf": csrf, "action": action, "case": list(cases), **fields})


async def log_of(city: City, request_id: UUID) -> list[tuple[str, str]]:
    async with city.commands.database.reading() as session:
        return [(entry.actor, entry.action) for entry in await audit.of_request(session, request_id)]


async def test_ticked_cases_are_assigned_each_with_its_own_entry_in_the_log(city: City, sign_in: SignIn) -> None:
    sue = await sign_in(SUE)
    await city.hires(BEN)
    cases = [await city.waiting_case() for _ in range(3)]
    offered = await ticks(sue)

    answer = await does(sue, "assign", [offered[cases[0]], offered[cases[1]]], to=BEN.email)

    assert answer.status_code == 200
    assert "Assigned: 2 of 2" in answer.text
    assert [(await city.case(one)).assignee for one in cases] == [BEN.email, BEN.email, None]
    for one in cases[:2]:
        assert (await log_of(city, one))[-1] == (SUE.email, "assign")


async def test_what_cannot_be_done_is_told_case_by_case_and_stops_no_other(city: City, sign_in: SignIn) -> None:
    anna = await sign_in(ANNA)
    stale, sent, claimed, fine = [await city.waiting_case(request={"subject": f"Matter {n}"}) for n in ("stale", "sent", "claimed", "fine")]
    await city.does(BEN, claimed, actions.Claim())
    offered = await ticks(anna)
    await city.does(SUE, stale, actions.Correct(urgency=Urgency.HIGH))
    await city.approves(SUE, sent)
    unknown = f"{uuid4()}:1"

    answer = await does(anna, "close", [*offered.values(), unknown], reason="Answered by telephone")

    assert "Closed without a reply: 1 of 5" in answer.text
    assert (await city.case(fine)).state is State.CLOSED
    assert (await city.case(stale)).state is State.AWAITING_APPROVAL
    assert (await city.case(claimed)).state is State.AWAITING_APPROVAL
    assert (await city.case(sent)).state is State.APPROVED
    not_done = answer.text[answer.text.index('id="not-done"') : answer.text.index('id="done"')]
    for told in ("Matter stale", "you looked at", "Matter sent", "Matter claimed", "works on it", "is no case of yours"):
        assert told in not_done


async def test_cases_are_sorted_otherwise_together(city: City, sign_in: SignIn) -> None:
    anna = await sign_in(ANNA)
    cases = [await city.waiting_case() for _ in range(2)]
    answer = await does(anna, "correct", list((await ticks(anna)).values()), category="noise_nuisance", urgency="high")
    assert "Sorted otherwise: 2 of 2" in answer.text
    assert {((await city.case(one)).category, (await city.case(one)).urgency.value) for one in cases} == {("noise_nuisance", "high")}


@pytest.mark.parametrize("action", ["approve", "send-again", "reject", "redraft", "recall", ""])
async def test_nothing_is_ever_approved_or_sent_from_a_list(city: City, sign_in: SignIn, action: str) -> None:
    anna = await sign_in(ANNA)
    request_id = await city.waiting_case()
    answer = await does(anna, action, list((await ticks(anna)).values()), reason="x")
    assert answer.status_code == 422
    assert (await city.case(request_id)).state is State.AWAITING_APPROVAL


@pytest.mark.parametrize(
    ("action", "cases", "fields", "said"),
    [
        ("close", None, {"reason": "  "}, "say why"),
        ("close", [], {"reason": "x"}, "no case is ticked"),
        ("close", ["nonsense"], {"reason": "x"}, "load the queue again"),
        ("close", [f"{UUID(int=n)}:1" for n in range(101)], {"reason": "x"}, "at most 100 at a time"),
        ("assign", None, {}, "choose whom the cases are for"),
        ("correct", None, {}, "choose a category"),
        ("correct", None, {"urgency": "burning"}, "there is no"),
    ],
)
async def test_what_is_wrong_for_all_is_said_once_and_nothing_is_done(
    city: City, sign_in: SignIn, action: str, cases: list[str] | None, fields: dict[str, str], said: str
) -> None:
    anna = await sign_in(ANNA)
    request_id = await city.waiting_case()
    before = await city.case(request_id)
    sent = list((await ticks(anna)).values()) if cases is None else cases
    answer = await does(anna, action, sent, **fields)
    assert answer.status_code == 422
    assert said in answer.text
    assert await city.case(request_id) == before


async def test_a_case_of_another_department_can_be_neither_changed_nor_recognised(city: City, sign_in: SignIn) -> None:
    ben = await sign_in(BEN)
    theirs = await city.waiting_case(category="parks_trees", department="environment", request={"subject": "A secret tree"})
    answer = await does(ben, "close", [f"{theirs}:{(await city.case(theirs)).version}"], reason="x")
    assert "0 of 1" in answer.text
    assert "A secret tree" not in answer.text
    assert (await city.case(theirs)).state is State.AWAITING_APPROVAL


async def test_a_case_is_ticked_twice_and_changed_once(city: City, sign_in: SignIn) -> None:
    anna = await sign_in(ANNA)
    request_id = await city.waiting_case()
    (tick,) = (await ticks(anna)).values()
    answer = await does(anna, "assign", [tick, tick], to=ANNA.email)
    assert "Assigned: 1 of 1" in answer.text
    assert [action for _, action in await log_of(city, request_id)].count("assign") == 1


async def test_a_fault_of_ours_in_the_middle_is_told_and_the_others_are_done(
    city: City, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna = await sign_in(ANNA)
    cases = [await city.waiting_case() for _ in range(3)]
    offered = await ticks(anna)
    act = CaseCommands.act

    async def sometimes(self: CaseCommands, request_id: UUID, *rest: object) -> object:
        if request_id == cases[1]:
            raise RuntimeError
        return await act(self, request_id, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(CaseCommands, "act", sometimes)
    answer = await does(anna, "close", [offered[one] for one in cases], reason="x")
    assert "2 of 3" in answer.text
    assert "it is as it was, try it again" in answer.text


async def test_operations_change_no_case_from_a_list(sign_in: SignIn) -> None:
    ole = await sign_in(OLE)
    csrf = hidden_fields((await ole.opens("/ops")).text)["csrf"]
    answer = await ole.client.post("/bulk", data={"csrf": csrf, "action": "close", "case": f"{uuid4()}:1", "reason": "x"})
    assert answer.status_code == 403


async def test_a_case_is_passed_on_from_its_page_and_the_history_shows_the_note(city: City, sign_in: SignIn) -> None:
    anna = await sign_in(ANNA)
    await city.hires(BEN)
    request_id = await city.waiting_case()
    answer = await anna.sends(request_id, "assign", to=BEN.email, note="You know the place.")
    page = (await anna.opens(answer.headers["location"])).text
    assert "The case is your colleague’s now." in page
    assert "You know the place." in page
    assert (await city.case(request_id)).assignee == BEN.email


async def test_a_note_that_cannot_be_sent_comes_back(city: City, sign_in: SignIn) -> None:
    anna = await sign_in(ANNA)
    request_id = await city.waiting_case()
    answer = await anna.sends(request_id, "forward", department="nowhere", note="It is about a tree.")
    assert answer.status_code == 422
    assert "It is about a tree." in answer.text
