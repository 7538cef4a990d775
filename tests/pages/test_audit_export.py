"""The log is shown and handed out to each as far as they may read it; each handing out is an entry."""

import html
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from services.review.audit import chain_store
from services.review.audit import store as audit
from services.review.audit.export import Choice, ExportFormat, export
from services.review.audit.store import Entry
from services.review.cases.deciding import actions
from services.review.ops import audit_pages
from services.review.people.rules import Person, Role
from services.runtime import clock
from tests.pages.city import ANNA, OLE, SUE, City, hidden_fields
from tests.pages.conftest import SignIn

AUDITOR = Person("aud@city.example", "Aud", Role.AUDITOR)
LIMITED = Person("stan@city.example", "Stan", Role.SUPERVISOR, ("streets",))
OPS_OF_BELRIVE = Person("otto@belrive.example", "Otto", Role.OPS, (), ("belrive",))
EXPORT = "/api/v1/audit/export"


async def test_an_auditor_takes_out_a_case_and_that_is_in_the_log(city: City, sign_in: SignIn) -> None:
    request_id = await city.receives()
    await city.receives()
    browser = await sign_in(AUDITOR)

    answer = await browser.client.get(EXPORT, params={"case": str(request_id), "format": "jsonl"})
    everything = await browser.client.get(EXPORT, params={"format": "csv"})

    lines = [json.loads(line) for line in answer.text.splitlines()]
    assert answer.headers["content-disposition"] == 'attachment; filename="audit.jsonl"'
    assert {line["request_id"] for line in lines} == {str(request_id)}
    assert lines[-1]["action"] == "audit log exported"
    assert lines[-1]["actor"] == AUDITOR.email
    assert everything.text.startswith("place,entry,at,actor,action,request_id,detail,hash")
    assert "Marlow" not in everything.text + answer.text


async def test_a_supervisor_of_one_department_takes_out_its_cases_alone(city: City, sign_in: SignIn) -> None:
    theirs = await city.receives()
    others = await city.receives(category="waste_collection", department="environment")
    browser = await sign_in(LIMITED)

    text = (await browser.client.get(EXPORT)).text

    assert str(theirs) in text
    assert str(others) not in text
    assert "signed in" not in text


async def test_a_caseworker_takes_out_nothing(sign_in: SignIn) -> None:
    browser = await sign_in(ANNA)
    for path in (EXPORT, "/audit", "/audit/export"):
        assert (await browser.client.get(path)).status_code == 403
    assert 'href="/audit"' not in (await browser.opens("/")).text


async def test_ops_take_out_the_log_without_what_people_wrote_in_their_own_words(city: City, sign_in: SignIn) -> None:
    request_id = await city.waiting_case()
    await city.does(ANNA, request_id, actions.Close("the citizen has moved away"))
    ole, sue = await sign_in(OLE), await sign_in(SUE)

    theirs = [(await ole.client.get(path)).text for path in (EXPORT, "/audit", "/audit/export", "/audit/export?form=jsonl")]
    hers = [(await sue.client.get(path)).text for path in (EXPORT, "/audit", "/audit/export")]

    assert all(str(request_id) in text and "moved away" not in text for text in theirs)
    assert all(str(request_id) in text and "moved away" in text for text in hers)


async def test_ops_of_one_agency_see_and_take_out_its_entries_alone(city: City, sign_in: SignIn) -> None:
    theirs = await city.receives(request={"agency": "belrive"}, agency="belrive")
    others = await city.receives()
    browser = await sign_in(OPS_OF_BELRIVE)

    for path in (EXPORT, "/audit", "/audit/export", f"/audit/export?case={others}"):
        text = (await browser.client.get(path)).text
        assert str(others) not in text.replace(f'value="{others}"', "")
        assert "signed in" not in text
        assert (str(theirs) in text) == ("case=" not in path)


async def test_the_page_is_narrowed_by_case_person_and_days_and_leads_to_the_older_entries(
    city: City, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_pages, "SHOWN", 2)
    request_id, other = await city.waiting_case(), await city.waiting_case()
    await city.does(ANNA, request_id, actions.Claim())
    browser = await sign_in(AUDITOR)
    calendar = city.commands.taxonomy.calendar
    assert calendar
    today = clock.now().astimezone(ZoneInfo(calendar.time_zone)).date()  # a day begins where the reader is

    newest = (await browser.opens(f"/audit?case={request_id}")).text
    older = (await browser.opens("/audit?" + html.unescape(newest.split('href="/audit?')[1].split('"')[0]))).text
    hers = (await browser.opens(f"/audit?person=ANNA@city.example&first={today}&last={today}")).text
    before = (await browser.opens(f"/audit?last={today - timedelta(days=1)}")).text

    assert str(other) not in newest + older
    assert ">claim<" in newest
    assert ">claim<" not in older
    assert ">claim<" in hers
    assert ">read<" not in hers
    assert "No entry fits" in before


async def test_the_page_begins_with_the_last_days_and_an_empty_field_is_any_time(
    city: City, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_pages, "SHOWN", 2)
    long_ago = clock.now() - timedelta(days=90)
    async with city.commands.database.transaction() as session:
        for number in range(4):
            await audit.add(session, Entry(long_ago + timedelta(hours=number), ANNA.email, f"old step {number}"))
    browser = await sign_in(AUDITOR)

    at_first = (await browser.opens("/audit")).text
    of_any_time = (await browser.opens(f"/audit?case=&person={ANNA.email}&first=&last=")).text
    older = (await browser.opens("/audit?" + html.unescape(of_any_time.split('href="/audit?')[1].split('"')[0]))).text
    file = (await browser.client.get("/audit/export")).text

    assert "old step" not in at_first
    assert (
        f'name="first" type="date" value="{(clock.now() - audit_pages.FIRST_SHOWN).astimezone(ZoneInfo("Europe/Paris")).date()}"'
        in at_first
    )
    assert [step for step in range(4) if f"old step {step}" in of_any_time] == [2, 3]
    assert [step for step in range(4) if f"old step {step}" in older] == [0, 1]
    assert "old step 0" in file


async def test_what_somebody_wrote_stands_in_the_log_whatever_it_looks_like(city: City, sign_in: SignIn) -> None:
    request_id = await city.waiting_case()
    await (await sign_in(ANNA)).sends(request_id, "close", reason="9999W525T23-12")

    page = await (await sign_in(SUE)).opens("/audit")

    assert page.status_code == 200
    assert "9999W525T23-12" in html.unescape(page.text)


async def test_days_and_moments_of_the_log_are_those_where_the_reader_is(city: City, sign_in: SignIn) -> None:
    at = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)
    detail: dict[str, object] = {"due_at": [None, at.isoformat()]}
    async with city.commands.database.transaction() as session:
        await audit.add(session, audit.Entry(at, "late@city.example", "signed in", None, detail))
    browser = await sign_in(AUDITOR)
    csrf = hidden_fields((await browser.opens("/account")).text)["csrf"]
    await browser.client.post("/account/language", data={"csrf": csrf, "language": "en", "time_zone": "Europe/Paris"})

    on_the_first = (await browser.opens("/audit?first=2026-03-01&last=2026-03-01")).text
    on_the_second = (await browser.opens("/audit?first=2026-03-02&last=2026-03-02")).text

    assert "late@city.example" not in on_the_first
    assert "late@city.example" in on_the_second
    assert "2 Mar 2026, 00:30 UTC+1" in on_the_second
    assert "T23:30" not in on_the_second.split("<tbody>")[1].replace('datetime="2026-03-01T23:30:00+00:00"', "")


@pytest.mark.parametrize(
    ("field", "value"), [("case", "lamp"), ("first", "yesterday"), ("first", "0001-01-01"), ("last", "9999-12-31"), ("last", "2026-02-30")]
)
async def test_what_can_not_be_looked_for_is_told_at_its_field_and_hands_out_nothing(sign_in: SignIn, field: str, value: str) -> None:
    browser = await sign_in(AUDITOR)

    page = await browser.client.get("/audit", params={field: value})
    file = await browser.client.get("/audit/export", params={field: value})

    assert (page.status_code, file.status_code) == (422, 422)
    assert f'id="{field}"' in page.text
    assert 'aria-invalid="true"' in page.text.split(f'id="{field}"')[1].split(">")[0]
    assert "place,entry" not in file.text


async def test_a_file_is_read_and_written_page_by_page_and_a_spreadsheet_takes_nothing_for_a_formula(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chain_store, "PAGE", 3)
    reads = 0
    chosen = chain_store.chosen

    async def counted(*arguments: Any) -> Any:
        nonlocal reads
        reads += 1
        return await chosen(*arguments)

    monkeypatch.setattr(chain_store, "chosen", counted)
    async with city.commands.database.transaction() as session:
        for number in range(10):
            await audit.add(session, Entry(clock.now(), "=cmd|' /C calc'!A0", f"@step {number}"))

    lines = export(city.commands.database, Choice(actor="=cmd|' /C calc'!A0"), ExportFormat.CSV, AUDITOR.email, clock.now())
    first = [await anext(lines) for _ in range(2)]
    read_for_the_first = reads
    rest = [line async for line in lines]

    assert (read_for_the_first, reads, len(rest)) == (1, 4, 9)
    assert all(",'=cmd|' /C calc'!A0,'@step" in line for line in (*first[1:], *rest))


async def test_each_file_from_the_page_is_an_entry_with_what_was_asked_for(city: City, sign_in: SignIn) -> None:
    await city.does(ANNA, await city.waiting_case(), actions.Claim())
    browser = await sign_in(AUDITOR)

    answer = await browser.client.get("/audit/export", params={"person": ANNA.email, "first": "2026-03-01", "last": "2026-03-31"})

    assert answer.headers["content-disposition"] == 'attachment; filename="audit.csv"'
    async with city.commands.database.reading() as session:
        [(_, entry)] = await audit.page(session, actor=AUDITOR.email, before=None, limit=1)
    assert entry.action == "audit log exported"
    assert entry.detail == {
        "format": "csv",
        "actor": ANNA.email,
        "since": "2026-02-28T23:00:00+00:00",  # the days of the city, whose log it is
        "until": "2026-03-31T22:00:00+00:00",
    }
