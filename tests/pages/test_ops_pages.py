"""Operations: what stands where and still, dead letters, the waterfall of one request, quality."""

import base64
from datetime import timedelta
from uuid import uuid4

import pytest

from schemas.dead_letters import DeadLetter
from services.review.cases import rules
from services.review.ops import store
from services.runtime import clock
from tests.pages.city import ADA, ANNA, OLE, SUE, Browser, City
from tests.pages.conftest import SignIn


async def test_ops_sees_counts_and_no_word_of_a_letter(sign_in: SignIn, city: City) -> None:
    await city.waiting_case()

    page = (await (await sign_in(OLE)).opens("/ops")).text

    assert "To decide" in page
    assert "Nothing stands still." in page
    assert "Heron" not in page
    assert "Ines" not in page


async def test_a_case_that_stands_still_is_named(sign_in: SignIn, city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    request_id = await city.receives()
    ole = await sign_in(OLE)
    later = clock.now() + timedelta(hours=2)
    monkeypatch.setattr(clock, "now", lambda: later)

    page = (await ole.opens("/ops")).text

    assert str(request_id) in page
    assert "2 hours ago" in page


async def test_a_dead_letter_comes_with_the_command_that_replays_it(sign_in: SignIn, city: City) -> None:
    now = clock.now()
    letter = DeadLetter(
        letter_id=uuid4(),
        service="triage",
        topic="parvis.requests.received.v1",
        partition=0,
        offset=41,
        key=None,
        headers=[],
        value=base64.b64encode(b"a secret of Ines Marlow").decode(),
        error_type="<b>ValidationError</b>",
        error_message="body: Field required",
        attempts=1,
        first_failed_at=now,
        last_failed_at=now,
    )
    async with city.desk.database.transaction() as session:
        await store.keep(session, letter)

    ole = await sign_in(OLE)
    page = (await ole.opens("/ops/dead-letters")).text

    assert f"parvis dead-letters replay {letter.letter_id}" in page
    assert "offset 41" in page
    assert "&lt;b&gt;ValidationError" in page
    assert base64.b64encode(b"a secret of Ines Marlow").decode() not in page
    assert "1 record waits" in " ".join((await ole.opens("/ops")).text.split())


async def test_a_trace_shows_every_step_and_shortens_the_wait(anna: Browser, city: City) -> None:
    request_id = await city.waiting_case()
    trace_id = city.traces(
        ("POST /v1/requests", "intake", 0.0, 0.012),
        ("<script>decide</script>", "review", 200_000.0, 200_000.02),
        request_id=request_id,
    )

    page = (await anna.opens(f"/ops/traces/{trace_id}")).text

    assert "POST /v1/requests" in page
    assert "waited 2 d 7 h" in page
    assert "&lt;script&gt;decide" in page
    assert f'href="/cases/{request_id}"' in page


async def test_an_unknown_trace_is_not_found(anna: Browser) -> None:
    assert (await anna.opens(f"/ops/traces/{'0' * 32}")).status_code == 404


async def test_quality_counts_what_stood(sign_in: SignIn, city: City) -> None:
    await city.approves(ANNA, await city.waiting_case(hours_ago=48))
    recalled = await city.waiting_case()
    await city.approves(ANNA, recalled)
    await city.does(ANNA, recalled, rules.Recall())
    await city.does(ANNA, recalled, rules.Close("A duplicate"))

    page = " ".join((await (await sign_in(SUE)).opens("/quality")).text.split())

    assert "<dt>Decisions</dt><dd>2</dd>" in page
    assert "<dt>Median time to a reply</dt><dd>2 days</dd>" in page
    assert "Street lighting" in page


async def test_an_admin_sees_who_may_sign_in(sign_in: SignIn) -> None:
    page = (await (await sign_in(ADA)).opens("/admin")).text

    assert "ada@city.example" in page
    assert "parvis people add" in page
