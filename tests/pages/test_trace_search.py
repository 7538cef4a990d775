"""Traces are found by any id of a request and by what happened, and the waterfall says first what failed."""

import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest

from services.domain.reply_tokens import token_of
from services.runtime import clock
from tests.pages.city import ANNA, OLE, Browser, City
from tests.pages.conftest import SignIn
from tests.trace_examples import LETTER, three_days


def long_ago() -> timedelta:
    return timedelta(days=3, hours=1)


async def test_what_failed_stands_first_with_its_reason_and_its_dead_letter(anna: Browser, city: City) -> None:
    request_id = await city.waiting_case()
    trace_id = three_days(city.app.state.traces, request_id, clock.now() - long_ago())

    page = (await anna.opens(f"/ops/traces/{trace_id}")).text

    failed, _, steps = page.partition('<ol class="trace">')
    assert "3 steps failed" in failed
    assert all(reason in failed for reason in ("busy", "no_answer", "ValidationError"))
    assert f'href="/ops/dead-letters#letter-{LETTER}"' in failed
    assert f'href="/cases/{request_id}"' in page
    assert "awaiting approval" in steps
    assert "waited 3 d 0 h" in steps
    assert "the time is cut out" in steps


async def test_a_step_whose_process_was_killed_stands_on_the_page_and_says_so(city: City, sign_in: SignIn) -> None:
    request_id = await city.waiting_case()
    trace_id = three_days(city.app.state.traces, request_id, clock.now() - long_ago())
    with closing(sqlite3.connect(city.app.state.traces._path)) as database, database:
        assert database.execute("delete from spans where name = 'drafting.write' and trace_id = ?", (trace_id,)).rowcount == 1

    page = (await (await sign_in(ANNA)).opens(f"/ops/traces/{trace_id}")).text

    assert page.count("nothing was told of this step: its process may have been killed") == 1
    assert "lost step before " in page


async def test_a_step_that_may_be_going_on_is_not_said_to_be_lost(city: City, anna: Browser) -> None:
    trace_id = three_days(city.app.state.traces, await city.waiting_case(), clock.now() - long_ago())
    with closing(sqlite3.connect(city.app.state.traces._path)) as database, database:
        moment = int(clock.now().timestamp() * 1e9)
        assert database.execute("delete from spans where name = 'drafting.write' and trace_id = ?", (trace_id,)).rowcount == 1
        database.execute("update spans set ended = ? where name like 'chat %' and trace_id = ?", (moment, trace_id))

    page = (await anna.opens(f"/ops/traces/{trace_id}")).text

    assert page.count("nothing is told of this step yet: it may be going on") == 1
    assert "may have been killed" not in page


@pytest.mark.parametrize("how", ["number", "trace", "reference", "agency", "category", "slow", "failed"])
async def test_a_trace_is_found_by(city: City, anna: Browser, how: str) -> None:
    request_id = await city.waiting_case()
    trace_id = three_days(city.app.state.traces, request_id, clock.now() - long_ago())
    other = city.traces(("accept request", "intake", 0, 1), request_id=await city.waiting_case())
    asked = {
        "number": {"q": str(request_id)},
        "trace": {"q": trace_id},
        "reference": {"q": f"Re: Lamp [{token_of(request_id)}]"},
        "agency": {"agency": "belrive"},
        "category": {"category": "street_lighting"},
        "slow": {"slower_than": "5"},
        "failed": {"failed": "true"},
    }[how]

    answer = await anna.client.get("/api/v1/traces", params=asked)
    page = (await anna.client.get("/ops/traces", params=asked)).text

    assert [trace["trace_id"] for trace in answer.json()["traces"]] == [trace_id]
    assert f'href="/ops/traces/{trace_id}"' in page
    assert other not in page


async def test_all_are_listed_and_nothing_is_found_of_what_is_not_there(anna: Browser, city: City) -> None:
    first = city.traces(("accept request", "intake", 0, 1), request_id=await city.waiting_case())
    second = city.traces(("accept request", "intake", 5, 6), request_id=await city.waiting_case())

    assert [trace["trace_id"] for trace in (await anna.opens("/api/v1/traces")).json()["traces"]] == [second, first]
    for nonsense in ("?q=nothing", "?slower_than=abc&agency=none", "?q=" + "0" * 32):
        assert "No trace here is like that" in (await anna.opens(f"/ops/traces{nonsense}")).text


async def test_a_trace_leads_to_another_tool_where_one_is_set(city: City, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(city.commands.settings, "trace_url", "https://tempo.city.example/trace/{trace_id}")
    trace_id = city.traces(("accept request", "intake", 0, 1), request_id=await city.waiting_case())

    page = (await (await sign_in(OLE)).opens(f"/ops/traces/{trace_id}")).text

    assert f'href="https://tempo.city.example/trace/{trace_id}"' in page
    assert ANNA.email not in page
