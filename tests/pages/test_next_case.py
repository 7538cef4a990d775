"""From one decision to the next: the list that a case was opened from goes with it, and what was just decided can be undone."""

import html
import re
from datetime import timedelta
from urllib.parse import parse_qs, quote, urlsplit
from uuid import UUID, uuid4

import pytest
from sqlmodel import select

from services.review.cases.case_state import State
from services.review.cases.commands import SERVICE
from services.review.cases.deciding import actions
from services.review.cases.queue import queue_page
from services.runtime import clock, outbox
from services.runtime.errors import Conflict
from services.runtime.outbox import OutboxRow
from tests.pages.city import ANNA, BEN, Browser, City, hidden_fields, written
from tests.pages.conftest import SignIn

DECIDE = "tab=decide"


def case_of(address: str) -> UUID:
    return UUID(urlsplit(address).path.split("/")[2])


def view_in(address: str) -> str:
    return parse_qs(urlsplit(address).query)["view"][0]


def links(page: str) -> list[str]:
    return [html.unescape(address) for address in re.findall(r'<a href="(/cases/[^"]+)" dir="auto">', page)]


async def three_cases(city: City, **changes: object) -> list[UUID]:
    return [await city.waiting_case(hours_ago=hours, request={"subject": f"{hours} hours ago"}, **changes) for hours in (30, 20, 10)]


async def decides(browser: Browser, address: str, name: str, **fields: str) -> str:
    """Sends the form of a case that was opened at that address; returns where it leads."""
    page = (await browser.opens(address)).text
    sent = hidden_fields(page) | (written(page) if name == "approve" else {}) | fields
    answer = await browser.client.post(f"/cases/{case_of(address)}/{name}", data=sent)
    assert answer.status_code == 303
    return str(answer.headers["location"])


async def test_a_case_opened_from_a_list_carries_it_and_leads_back_to_its_row(anna: Browser, city: City) -> None:
    await three_cases(city, urgency="high")

    opened = links((await anna.opens("/?tab=decide&urgency=high&sort=-received")).text)[1]
    page = html.unescape((await anna.opens(opened)).text)

    assert parse_qs(view_in(opened)) == {"tab": ["decide"], "urgency": ["high"], "sort": ["-received"]}
    assert f'href="/?tab=decide&urgency=high&sort=-received#case-{case_of(opened)}"' in page


@pytest.mark.parametrize(
    ("name", "fields", "state"),
    [("approve", {}, State.APPROVED), ("reject", {"reason": "Shorter"}, State.DRAFTING), ("close", {"reason": "Spam"}, State.CLOSED)],
)
async def test_after_each_decision_the_next_case_of_the_list_opens(
    anna: Browser, city: City, name: str, fields: dict[str, str], state: State
) -> None:
    cases = await three_cases(city)

    onward = await decides(anna, f"/cases/{cases[0]}?view={quote(DECIDE)}", name, **fields)

    assert (await city.case(cases[0])).state is state
    assert (case_of(onward), view_in(onward)) == (cases[1], DECIDE)
    assert "30 hours ago" in (await anna.opens(onward)).text


async def test_after_the_last_of_a_list_its_first_opens_and_after_all_of_them_the_empty_list(anna: Browser, city: City) -> None:
    cases = await three_cases(city)
    address = f"/cases/{cases[2]}?view={quote(DECIDE)}"
    seen = []

    for _ in cases:
        seen.append(case_of(address))
        address = await decides(anna, address, "approve")

    assert seen == [cases[2], cases[0], cases[1]]
    assert urlsplit(address).path == "/"
    page = (await anna.opens(address)).text
    assert "No draft waits for a decision." in page
    assert "Undo" in page


@pytest.mark.parametrize(("name", "fields"), [("approve", {}), ("reject", {"reason": "Shorter"}), ("close", {"reason": "Spam"})])
async def test_what_was_just_decided_can_be_undone_from_the_next_case(anna: Browser, city: City, name: str, fields: dict[str, str]) -> None:
    cases = await three_cases(city)
    before = await city.case(cases[0])
    onward = await decides(anna, f"/cases/{cases[0]}?view={quote(DECIDE)}", name, **fields)
    page = (await anna.opens(onward)).text
    form = re.search(rf'<form method="post" action="(/cases/{cases[0]}/recall)".*?</form>', page, re.DOTALL)
    assert form
    assert "autofocus" in form.group()

    answer = await anna.client.post(form.group(1), data=hidden_fields(form.group()))

    assert case_of(answer.headers["location"]) == cases[0]
    assert view_in(answer.headers["location"]) == DECIDE
    after = await city.case(cases[0])
    assert (after.state, after.draft, after.revision) == (State.AWAITING_APPROVAL, before.draft, before.revision)
    assert (await city.case(cases[1])).state is State.AWAITING_APPROVAL
    async with city.commands.database.reading() as session:
        assert not (await session.exec(select(OutboxRow).where(OutboxRow.reference != ""))).all()  # nothing of it leaves any more


async def test_a_rejection_that_has_left_is_not_undone(city: City) -> None:
    [request_id, *_] = await three_cases(city)
    case = await city.does(ANNA, request_id, actions.Reject("Shorter"))
    async with city.commands.database.transaction() as session:
        assert await outbox.lease(session, SERVICE, clock.now() + timedelta(hours=1))

    with pytest.raises(Conflict, match="too late"):
        await city.does(ANNA, request_id, actions.Recall())

    assert await city.case(request_id) == case


async def test_another_draft_that_was_asked_for_is_no_decision_to_undo(city: City) -> None:
    [request_id, *_] = await three_cases(city)
    await city.does(ANNA, request_id, actions.Redraft("Shorter"))

    with pytest.raises(Conflict, match="too late"):
        await city.does(ANNA, request_id, actions.Recall())


async def test_what_is_closed_after_its_reply_failed_is_closed_for_good(city: City) -> None:
    [request_id, *_] = await three_cases(city)
    await city.approves(ANNA, request_id)
    await city.dispatches(request_id, "failed")
    await city.does(ANNA, request_id, actions.Close("Told by telephone"))

    with pytest.raises(Conflict, match="too late"):
        await city.does(ANNA, request_id, actions.Recall())


async def test_nobody_undoes_a_colleagues_approval_from_the_strip(anna: Browser, city: City) -> None:
    cases = await three_cases(city)
    await city.approves(BEN, cases[0])

    page = (await anna.opens(f"/cases/{cases[1]}?decided={cases[0]}&flash=approved")).text

    assert f"/cases/{cases[0]}/recall" not in page


async def test_a_case_that_the_person_may_not_see_is_not_named_in_the_strip(sign_in: SignIn, city: City) -> None:
    ben = await sign_in(BEN)
    hidden = await city.waiting_case(category="housing", department="social", request={"subject": "A flat, in confidence"})
    own = await city.waiting_case()

    for address in (f"/cases/{own}?decided={hidden}&flash=approved", f"/?decided={hidden}&flash=approved"):
        assert "in confidence" not in (await ben.opens(address)).text
    assert (await ben.opens(f"/cases/{own}?decided={uuid4()}&flash=approved")).status_code == 200
    assert (await ben.opens(f"/cases/{own}?decided=nonsense&flash=approved")).status_code == 200


async def test_sorting_a_case_leads_to_the_next_to_sort(anna: Browser, city: City) -> None:
    first, second = [await city.receives(outcome="needs_triage", confidence=0.3, hours_ago=hours) for hours in (9, 8)]

    onward = await decides(anna, f"/cases/{first}?view={quote('tab=sort')}", "correct", category="roads_pavements")

    assert case_of(onward) == second


async def test_correcting_a_case_that_waits_for_a_decision_stays_with_it(anna: Browser, city: City) -> None:
    cases = await three_cases(city)

    onward = await decides(anna, f"/cases/{cases[0]}?view={quote(DECIDE)}", "correct", category="roads_pavements")

    assert (case_of(onward), view_in(onward)) == (cases[0], DECIDE)


async def test_next_and_previous_follow_the_list_from_any_case_and_end_in_the_queue(anna: Browser, city: City) -> None:
    cases = await three_cases(city)
    decided = await city.waiting_case(hours_ago=25)
    await city.approves(ANNA, decided)

    async def leads(request_id: UUID, way: str, view: str = DECIDE) -> str:
        return str((await anna.opens(f"/cases/{request_id}/{way}?view={quote(view)}")).headers["location"])

    assert case_of(await leads(cases[0], "next")) == cases[1]
    assert case_of(await leads(cases[2], "previous")) == cases[1]
    assert case_of(await leads(cases[1], "next", "tab=decide&sort=-received")) == cases[0]
    assert (case_of(await leads(decided, "next")), case_of(await leads(decided, "previous"))) == (cases[1], cases[0])
    assert await leads(cases[2], "next") == f"/?tab=decide&flash=last-of-view#case-{cases[2]}"
    assert "That was the last case of this list." in (await anna.opens(await leads(cases[2], "next"))).text
    without_view = (await anna.opens(f"/cases/{cases[1]}/next")).headers["location"]
    assert case_of(without_view) == cases[2]


async def test_next_goes_over_the_edge_of_a_page(anna: Browser, city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue_page, "LINES", 2)
    cases = await three_cases(city)

    onward = (await anna.opens(f"/cases/{cases[1]}/next?view={quote(DECIDE)}")).headers["location"]

    assert case_of(onward) == cases[2]
    assert "cursor=" in view_in(onward)
    page = html.unescape((await anna.opens(onward)).text)
    back = re.search(r'href="(/\?tab=decide[^"#]*)#case-', page)
    assert back
    assert [case_of(address) for address in links((await anna.opens(back.group(1))).text)] == [cases[2]]

    before = (await anna.opens(f"/cases/{cases[2]}/previous?view={quote(view_in(onward))}")).headers["location"]
    assert case_of(before) == cases[1]
    assert case_of((await anna.opens(f"/cases/{cases[1]}/previous?view={quote(view_in(before))}")).headers["location"]) == cases[0]
    assert case_of((await anna.opens(f"/cases/{cases[1]}/next?view={quote(view_in(before))}")).headers["location"]) == cases[2]


@pytest.mark.parametrize(
    "view",
    [
        "tab=nowhere",
        "next=https://evil.example",
        "tab=decide&flash=approved",
        "tab=decide&decided=x",
        "a" * 5_000,
        "%00",
        "tab=sent&" * 99,
    ],
)
async def test_an_address_that_holds_anything_but_a_list_is_read_without_it(anna: Browser, city: City, view: str) -> None:
    cases = await three_cases(city)
    address = f"/cases/{cases[0]}?view={quote(view)}"

    page = (await anna.opens(address)).text

    assert 'name="view"' not in page
    assert "evil" not in page
    assert await decides(anna, address, "approve") == f"/cases/{cases[0]}?flash=approved"


async def test_a_place_in_the_list_that_is_none_never_keeps_a_decision_from_being_made(anna: Browser, city: City) -> None:
    cases = await three_cases(city)

    onward = await decides(anna, f"/cases/{cases[0]}?view={quote('tab=decide&cursor=nonsense')}", "approve")

    assert (await city.case(cases[0])).state is State.APPROVED
    assert (case_of(onward), view_in(onward)) == (cases[1], DECIDE)


async def test_what_could_not_be_done_comes_back_with_its_list(anna: Browser, city: City) -> None:
    cases = await three_cases(city)
    page = (await anna.opens(f"/cases/{cases[0]}?view={quote(DECIDE)}")).text

    answer = await anna.client.post(f"/cases/{cases[0]}/reject", data=hidden_fields(page) | {"reason": ""})

    assert answer.status_code == 422
    assert f'name="view" value="{DECIDE}"' in answer.text


async def test_a_list_of_cases_holds_no_form_that_decides(anna: Browser, city: City) -> None:
    await three_cases(city)

    page = (await anna.opens("/")).text

    assert not re.search(r'action="/cases/', page)


async def test_a_choice_leads_back_into_the_pages_only(anna: Browser, city: City) -> None:
    await city.waiting_case()
    page = (await anna.opens("/")).text

    for back in ("https://evil.example/", "//evil.example", "/\\evil.example"):
        answer = await anna.client.post("/preferences", data=hidden_fields(page) | {"rows": "roomy", "back": back})
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert (await anna.client.post("/preferences", data={"rows": "roomy"})).status_code == 403


async def test_the_keys_are_a_page_as_well(anna: Browser) -> None:
    page = (await anna.opens("/keys?back=https://evil.example")).text

    assert "Approve the reply as it stands in the boxes" in page
    assert "evil" not in page
