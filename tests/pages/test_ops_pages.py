"""Operations: what stands where and still, dead letters, the waterfall of one request, quality."""

import base64
import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa

from schemas.dead_letters import DeadLetter
from schemas.drafts_proposed import Spending
from services.review.app import spent_today
from services.review.cases.deciding import actions
from services.review.ops import pages, replay_pages, store
from services.review.ops.tables import DeadLetterRow
from services.runtime import clock, kafka_admin
from services.runtime.settings import LlmSettings
from tests.pages.city import ADA, ANNA, OLE, SUE, Browser, City, hidden_fields
from tests.pages.conftest import SignIn


async def test_ops_sees_counts_and_no_word_of_a_letter(sign_in: SignIn, city: City) -> None:
    await city.waiting_case()

    page = (await (await sign_in(OLE)).opens("/ops")).text

    assert "To decide" in page
    assert "Nothing stands still." in page
    assert "Heron" not in page
    assert "Ines" not in page


async def test_a_case_that_stands_still_is_named(sign_in: SignIn, city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    decided = await city.waiting_case(hours_ago=48)
    request_id = await city.receives()
    later = clock.now() + timedelta(hours=2)
    monkeypatch.setattr(clock, "now", lambda: later)
    ole = await sign_in(OLE)
    moving = await city.receives()
    await city.commands.nudge()

    page = (await ole.opens("/ops")).text

    assert str(request_id) in page
    assert str(moving) not in page
    assert str(decided) not in page
    assert "2 hours ago" in page


async def test_however_many_cases_wait_those_that_stand_still_are_found(
    sign_in: SignIn, city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "MOST_CASES", 2)
    await city.receives(hours_ago=72)
    later = clock.now() + timedelta(hours=2)
    monkeypatch.setattr(clock, "now", lambda: later)
    ole = await sign_in(OLE)
    await city.commands.nudge()
    for _ in range(3):  # of older messages, but what happened to them has just happened
        await city.receives(hours_ago=90)

    assert (await ole.opens("/ops")).text.count("2 hours ago") == 1


async def test_ops_sees_what_the_model_has_cost_each_agency_today_and_which_budget_is_used_up(
    sign_in: SignIn, city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(city.commands.settings, "llm", LlmSettings.model_validate({"daily_tokens": "1000,quiet=5000"}))
    for agency in ("city", "city", "quiet", "template"):
        spending = None if agency == "template" else Spending(tokens=600, cost=0.25, currency="EUR", seconds=1.5)
        await city.drafts(await city.receives(), agency=agency, spending=spending)

    page = (await (await sign_in(OLE)).opens("/ops")).text

    rows = {name: re.sub(r"<[^>]+>", "", row) for name, row in re.findall(r'<th scope="row" dir="auto">(\w+)</th>(.*?)</tr>', page)}
    assert set(rows) == {"city", "quiet"}
    assert "21,200 of 1,0000.50 EUR3⚠ used up" in rows["city"].replace(" of ", " of ")
    assert rows["quiet"].endswith("lasts")


async def test_at_the_start_of_a_broker_that_forgets_review_says_what_was_spent_today(city: City) -> None:
    await city.drafts(await city.receives(), agency="city", spending=Spending(tokens=600, cost=0.25, seconds=1.5))

    async with city.commands.database.reading() as session:
        [spent] = await spent_today(session, city.commands)

    assert (spent.agency, spent.day, spent.tokens) == ("city", city.commands.taxonomy.day(clock.now()), 600)


def a_letter(offset: int = 41, *, topic: str = "parvis.requests.received.v1", minutes_ago: float = 0, **change: Any) -> DeadLetter:
    now = clock.now() - timedelta(minutes=minutes_ago)
    letter = DeadLetter(
        letter_id=uuid4(),
        service="triage",
        topic=topic,
        partition=0,
        offset=offset,
        key=None,
        headers=[],
        value=base64.b64encode(b"a secret of Ines Marlow").decode(),
        error_type="<b>ValidationError</b>",
        error_message="body: Field required",
        attempts=1,
        first_failed_at=now,
        last_failed_at=now,
    )
    return letter.model_copy(update=change)


async def keep(city: City, *letters: DeadLetter) -> None:
    async with city.commands.database.transaction() as session:
        for letter in letters:
            await store.keep(session, letter)


async def test_a_dead_letter_comes_with_the_command_that_replays_it(sign_in: SignIn, city: City) -> None:
    letter = a_letter()
    await keep(city, letter)

    ole = await sign_in(OLE)
    page = (await ole.opens("/ops/dead-letters")).text

    assert f"parvis dead-letters replay {letter.letter_id}" in page
    assert "offset 41" in page
    assert "&lt;b&gt;ValidationError" in page
    assert base64.b64encode(b"a secret of Ines Marlow").decode() not in page
    assert "1 record waits" in " ".join((await ole.opens("/ops")).text.split())


async def test_all_letters_are_counted_and_the_newest_shown(sign_in: SignIn, city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "MOST_LETTERS", 2)
    await keep(city, *(a_letter(offset, minutes_ago=offset) for offset in range(1, 6)))
    ole = await sign_in(OLE)

    page = (await ole.opens("/ops/dead-letters")).text

    assert "The newest 2 of 5 are shown" in page
    assert ["offset 1<" in page, "offset 2<" in page, "offset 3<" in page] == [True, True, False]
    assert "5 records wait" in " ".join((await ole.opens("/ops")).text.split())


async def test_counting_and_listing_read_no_record(city: City) -> None:
    """A letter holds up to 4 MiB: a thousand of them would be the end of the process that counts them."""
    read: list[str] = []
    await keep(city, a_letter(7, attempts=5))
    sa.event.listen(city.commands.database.engine.sync_engine, "before_cursor_execute", lambda *said: read.append(said[2]))

    async with city.commands.database.reading() as session:
        counted, [head] = await store.count(session), await store.heads(session)

    assert (counted, head.offset, head.attempts, head.services) == (1, 7, 5, ("triage",))
    assert [statement for statement in read if re.search(r"\.event\b(?!, )", statement)] == []  # only in JSON_EXTRACT(event, path)


async def test_letters_are_paged_from_the_oldest_whatever_becomes_of_a_page(city: City) -> None:
    letters = [a_letter(offset, minutes_ago=60 - offset) for offset in range(5)]
    other = a_letter(9, topic="parvis.replies.decided.v1", error_message="100% wrong")
    await keep(city, *reversed(letters), other)

    async with city.commands.database.transaction() as session:
        topic = letters[0].topic
        first = await store.ids(session, state="waiting", topic=topic, limit=2)
        await store.settle(session, first[-1], "replayed", OLE.email, clock.now())
        second = await store.ids(session, state="waiting", topic=topic, limit=2, after=first[-1])
        last = await store.ids(session, state="waiting", topic=topic, limit=2, after=second[-1])
        assert await store.ids(session, topic=topic, after=last[-1]) == []
        assert await store.ids(session, error="100% w") == [other.letter_id]
        assert await store.ids(session, error="100_w") == []
        assert (
            await store.count(session),
            await store.count(session, "replayed"),
            await store.count(session, None, topic),
        ) == (5, 1, 5)
        heads = [head.letter_id for head in await store.heads(session, None, topic)]

    assert [*first, *second, *last] == [letter.letter_id for letter in letters]
    assert heads == [letter.letter_id for letter in reversed(letters)]


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
    await city.does(ANNA, recalled, actions.Recall())
    await city.does(ANNA, recalled, actions.Close("A duplicate"))
    await city.adds_up()

    page = " ".join((await (await sign_in(SUE)).opens("/quality")).text.split())

    assert "<dt>Decisions</dt><dd>2</dd>" in page
    assert "<dt>Median time to a reply</dt><dd>2 days</dd>" in page
    assert "Street lighting" in page


async def test_an_admin_sees_who_may_sign_in(sign_in: SignIn) -> None:
    page = (await (await sign_in(ADA)).opens("/admin")).text

    assert "ada@city.example" in page
    assert "parvis people add" in page


class Sent:
    """A broker's place: what would be sent to it. The real one is in tests/journeys/test_dead_letters.py."""

    sent: list[bytes] = []

    def __init__(self, *_: object) -> None:
        """Connects to nothing."""

    def send_raw(self, topic: str, key: bytes | None, value: bytes | None, headers: object) -> None:  # noqa: ARG002
        self.sent.append(value or b"")

    def close(self) -> None:
        """Holds nothing."""


async def test_what_failed_alike_is_one_cause_and_replayed_together_but_for_what_keeps_failing(
    sign_in: SignIn, city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Sent, "sent", [])
    monkeypatch.setattr(kafka_admin, "Sender", Sent)
    monkeypatch.setattr(replay_pages, "PER_SECOND", 1e6)
    alike = [a_letter(number, error_message=f"offset {number}: '{number}' is no date", minutes_ago=number) for number in range(3)]
    await keep(city, *alike, a_letter(9, error_message="body: Field required"))
    async with city.commands.database.transaction() as session:
        row = await session.get(DeadLetterRow, alike[2].letter_id)
        assert row
        row.replays = 3
    ole = await sign_in(OLE)
    page = (await ole.opens("/ops/dead-letters")).text
    assert page.count("Replay all of this cause") == 2
    assert "Some were replayed three times" in page

    answer = await ole.client.post(
        "/ops/dead-letters/replay", data={**hidden_fields(page), "letter": str(alike[0].letter_id), "alike": "true"}
    )

    assert answer.status_code == 303
    assert len(Sent.sent) == 2
    async with city.commands.database.reading() as session:
        assert await store.count(session) == 2
