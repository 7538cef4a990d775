"""The operations page says whether it is healthy, what is stuck, since when, who is affected and what to do."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest

from services.dispatch.tables import DeliveryRow
from services.local import delivery_access
from services.review.ops import overview
from services.review.ops.last_hour import minute_of
from services.review.ops.overview import OverviewReader
from services.review.people.rules import Person, Role
from services.runtime import clock, kafka_state
from services.runtime.kafka_state import KafkaState, Lag
from services.runtime.readiness import Trouble
from services.runtime.service_probe import ServiceProbe, ServiceState
from tests.harness.tasks import running_beside
from tests.harness.waiting import until_async
from tests.pages.city import OLE, City, hidden_fields
from tests.pages.conftest import SignIn

READY = [ServiceState(service=name, url=f"http://{name}", state="ready") for name in ("intake", "dispatch")]


@pytest.fixture(autouse=True)
def the_way_to_others(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    """As `parvis serve review` gives it; broker and services are asked for real in tests/journeys."""
    deliveries = delivery_access.for_pages()
    city.app.state.deliveries = deliveries
    city.app.state.overview = OverviewReader(city.commands.settings, city.commands.database, deliveries)
    says(monkeypatch)


def says(monkeypatch: pytest.MonkeyPatch, *services: ServiceState, kafka: KafkaState | None = None) -> None:
    async def now(_: ServiceProbe) -> list[ServiceState]:
        return list(services or READY)

    monkeypatch.setattr(ServiceProbe, "now", now)
    monkeypatch.setattr(kafka_state, "state_of", lambda *_: kafka or behind(0))


async def waits(city: City, reason: str = "unreachable", agency: str = "springfield") -> UUID:
    now, decision_id = clock.now(), uuid4()
    row = DeliveryRow(
        decision_id=decision_id, request_id=uuid4(), agency=agency, event="{}", trace={}, state="pending", channel="smtp", attempts=3,
        next_attempt_at=now + timedelta(minutes=40), reason=reason, detail="550 Ines Marlow is not known here", message_id="",
        created_at=now - timedelta(hours=2), updated_at=now,
    )  # fmt: skip
    async with city.commands.database.transaction() as session:
        session.add(row)
    return decision_id


async def test_where_nothing_is_stuck_it_says_so(sign_in: SignIn) -> None:
    page = (await (await sign_in(OLE)).opens("/ops")).text
    assert "Healthy: nothing is stuck" in page


async def test_a_reply_that_waits_is_shown_with_its_reason_and_can_be_tried_at_once(sign_in: SignIn, city: City) -> None:
    decision_id = await waits(city)
    ole = await sign_in(OLE)

    page = " ".join((await ole.opens("/ops")).text.split())
    assert "Some work stands still" in page
    assert "a reply waits: the server can&#39;t be reached" in page
    assert "Look whether the server runs" in page
    assert "Ines" not in page
    assert 'href="/ops/traces?q=' in page

    answer = await ole.client.post("/ops/deliveries/try-now", data={**hidden_fields(page), "decision": str(decision_id)})
    assert answer.status_code == 303
    async with city.commands.database.reading() as session:
        row = await session.get(DeliveryRow, decision_id)
    assert row is not None
    assert row.next_attempt_at is not None
    assert row.next_attempt_at <= clock.now()


async def test_whoever_sees_a_department_alone_sees_and_tries_no_delivery(sign_in: SignIn, city: City) -> None:
    decision_id = await waits(city)
    limited = await sign_in(Person("oda@city.example", "Oda Brandt", Role.SUPERVISOR, ("streets",), also=(Role.OPS,)))
    page = (await limited.opens("/ops")).text
    assert "the server can" not in page
    answer = await limited.client.post("/ops/deliveries/try-now", data={**hidden_fields(page), "decision": str(decision_id)})
    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("services", "kafka", "words"),
    [
        (
            [ServiceState(service="triage", url="", state="silent", detail="no answer within 2 s", since=None)],
            None,
            "triage does not answer",
        ),
        ([], KafkaState(error="kafka:9092 does not answer (NoBrokersAvailable)"), "kafka:9092 does not answer"),
        ([], KafkaState(brokers=2, leaderless=["parvis.requests.received.v1/3"]), "parvis.requests.received.v1/3"),
        ([], KafkaState(brokers=2, missing=["parvis.replies.rated.v1"]), "parvis topics apply"),
    ],
)
async def test_each_cause_is_named(
    sign_in: SignIn, monkeypatch: pytest.MonkeyPatch, services: list[ServiceState], kafka: KafkaState | None, words: str
) -> None:
    says(monkeypatch, *services, kafka=kafka)
    page = (await (await sign_in(OLE)).opens("/ops")).text
    assert "Some work stands still" in page
    assert words in page


async def test_a_service_that_has_just_been_started_is_not_called_broken(sign_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    says(monkeypatch, ServiceState(service="triage", url="", state="silent", starting=True, detail="nothing listens there"))
    page = (await (await sign_in(OLE)).opens("/ops")).text
    assert "triage is starting" in page
    assert "Some work stands still" not in page


async def test_a_model_that_is_away_stops_nothing_and_is_said(sign_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    trouble = Trouble(dependency="model", detail="the model's endpoint (it does not answer in time)", since=clock.now(), blocks=False)
    says(monkeypatch, ServiceState(service="drafting", url="", state="ready", since=trouble.since, troubles=[trouble]))
    page = (await (await sign_in(OLE)).opens("/ops")).text
    assert "Everything works; somebody should look at this" in page
    assert "drafting waits for the model&#39;s endpoint" in page


def spark(page: str, name: str) -> tuple[str, str]:
    """A chart's drawing and its words."""
    chart = page.partition(f'<figcaption id="spark-{name}"')[2].partition("</figure>")[0]
    drawing, _, words = chart.partition(f'<div id="spark-{name}-words">')
    return drawing, " ".join(re.sub(r"<[^>]+>", " ", words).split())


@pytest.fixture
def half_past(monkeypatch: pytest.MonkeyPatch) -> datetime:
    """The middle of a minute, at which the clock stands."""
    moment = clock.now().replace(second=30, microsecond=0)
    monkeypatch.setattr(clock, "now", lambda: moment)
    return moment


async def comes_in(city: City, monkeypatch: pytest.MonkeyPatch, minutes_ago: float, **changes: Any) -> None:
    """A letter that its citizen wrote two days before it came in here."""
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now - timedelta(minutes=minutes_ago))
    await city.receives(hours_ago=48, **changes)
    monkeypatch.setattr(clock, "now", lambda: now)


async def test_the_last_hour_shows_a_rise_of_requests_and_of_drafts_by_their_writer(
    half_past: datetime, sign_in: SignIn, city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    for minutes_ago in (120, 30, 20, 20, 20, 2, 2):
        await comes_in(city, monkeypatch, minutes_ago)
    page = (await (await sign_in(OLE)).opens("/ops")).text

    drawing, words = spark(page, "received")
    peak = on_the_clock(city, half_past - timedelta(minutes=20))
    assert f"at most 3 at {peak}" in words
    assert "Last minute: 0" in words
    heights = [int(height) for height in re.findall(r"[ML]\d+ (\d+)", drawing)]
    assert len(heights) == 60
    assert [height for height in heights if height < 100] == [67, 0, 33]


async def test_drafts_are_counted_by_who_writes_them(
    half_past: datetime, sign_in: SignIn, city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    for writer in ("model", "model", "template"):
        await city.drafts(await city.receives(), drafted_by=writer)
    ole = await sign_in(OLE)
    monkeypatch.setattr(clock, "now", lambda: half_past + timedelta(minutes=1))

    _, words = spark((await ole.opens("/ops")).text, "drafts")

    assert "By the model: 2 , at most 2" in words
    assert "By the template: 1 , at most 1" in words


async def test_what_can_not_be_read_is_a_gap_and_no_zero(
    half_past: datetime, sign_in: SignIn, city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    await waits(city)
    began, ole = half_past, await sign_in(OLE)
    away = KafkaState(error="kafka:9092 does not answer (NoBrokersAvailable)")
    words = ""
    for minute, kafka in enumerate((behind(4), behind(9), away, behind(0), away)):
        says(monkeypatch, kafka=kafka)
        monkeypatch.setattr(clock, "now", lambda minute=minute: began + timedelta(minutes=minute))
        monkeypatch.setattr(overview, "KAFKA_FRESH_SECONDS", 0.0)
        page = (await ole.opens("/ops")).text
    drawing, words = spark(page, "behind")

    assert re.findall(r"M[^M\"]+", drawing.partition(' d="')[2]) == ["M550 56L560 0", "M580 100h0"]
    assert "Now: not known now, at most 9 at" in words
    assert f"since {on_the_clock(city, began)}; 2 minutes not known" in words
    _, of_deliveries = spark(page, "waiting")
    assert "Now: 1 , at most 1" in of_deliveries
    _, of_requests = spark(page, "received")
    assert "Last minute: not known now" in of_requests  # nobody knows what was received since the broker is away
    assert "1 minute not known" in of_requests


RECEIVED = "parvis.requests.received.v1"
IN_PART: dict[str, dict[str, Any]] = {
    "a partition without a leader": {"leaderless": [f"{RECEIVED}/0"]},
    "a topic that is missing": {"missing": [RECEIVED]},
    "groups that may not be looked at": {"lags": []},
}


@pytest.mark.parametrize("state", IN_PART.values(), ids=IN_PART)
async def test_what_is_read_in_part_is_a_gap_as_well(sign_in: SignIn, monkeypatch: pytest.MonkeyPatch, state: dict[str, Any]) -> None:
    lag = Lag(group="parvis.review", topic=RECEIVED, records=0, partitions=0)
    says(monkeypatch, kafka=KafkaState(**{"brokers": 1, "lags": [lag], **state}))
    page = (await (await sign_in(OLE)).opens("/ops")).text
    assert "Now: not known now" in spark(page, "behind")[1]
    assert "Last minute: not known now" in spark(page, "received")[1]


def on_the_clock(city: City, at: datetime) -> str:
    calendar = city.commands.taxonomy.calendar
    return at.astimezone(ZoneInfo(calendar.time_zone) if calendar else UTC).strftime("%H:%M")


def behind(records: int) -> KafkaState:
    read = [Lag(group="parvis.review", topic=topic, records=0, partitions=0) for topic in (RECEIVED, "parvis.drafts.proposed.v1")]
    return KafkaState(brokers=1, lags=[*read, Lag(group="parvis.triage", topic=RECEIVED, records=records, partitions=1)])


async def test_who_sees_a_part_is_not_shown_the_deliveries_of_all_and_only_their_own_requests(
    sign_in: SignIn, city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    await comes_in(city, monkeypatch, 12, request={"agency": "springfield"}, agency="springfield")
    await comes_in(city, monkeypatch, 12)
    limited = await sign_in(Person("oda@city.example", "Oda Brandt", Role.SUPERVISOR, (), agencies=("city",), also=(Role.OPS,)))

    page = (await limited.opens("/ops")).text

    assert 'id="spark-waiting"' not in page
    assert "at most 1 at" in spark(page, "received")[1]


async def test_in_french_the_charts_say_the_same(sign_in: SignIn, city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    await comes_in(city, monkeypatch, 12)
    ole = await sign_in(OLE)
    ole.client.cookies.set("parvis_language", "fr")

    page = (await ole.opens("/ops")).text

    assert "La dernière heure" in page
    assert re.search(r"Dernière minute : 0 , au plus 1 à \d\d:\d\d depuis \d\d:\d\d", spark(page, "received")[1])


async def test_each_minute_is_read_without_anybody_looking_and_the_broker_only_once_somebody_has(
    sign_in: SignIn, city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def answers(*_: object) -> KafkaState:
        asked.append("broker")
        if len(asked) == 2:
            raise RuntimeError("whatever a client of Kafka comes up with ends nothing")
        return behind(3)

    monkeypatch.setattr(kafka_state, "state_of", answers)
    monkeypatch.setattr(overview, "SAMPLE_SECONDS", 0.01)
    monkeypatch.setattr(overview, "KAFKA_FRESH_SECONDS", 0.0)
    reader: OverviewReader = city.app.state.overview
    await waits(city)

    async with running_beside(city.commands.database, reader.watch()):
        await until_async(lambda: reader._waiting.values(minute_of(clock.now()))[-1] == 1, "a reading of the deliveries")
        assert asked == []
        await (await sign_in(OLE)).opens("/ops")
        looked = len(asked)
        await until_async(lambda: len(asked) > looked + 2, "further looks at the broker")


async def test_records_that_failed_alike_are_one_line_however_their_words_differ(sign_in: SignIn, city: City) -> None:
    for words in ("expected value", "EOF while parsing", "expected value"):
        await city.sets_aside({}, words)
    page = (await (await sign_in(OLE)).opens("/ops")).text
    assert "3 records of parvis.requests.received.v1 failed in triage" in page
