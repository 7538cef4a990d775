"""The operations page says whether it is healthy, what is stuck, since when, who is affected and what to do."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from services.dispatch.tables import DeliveryRow
from services.local import delivery_access
from services.review.ops.overview import OverviewReader
from services.review.people.rules import Person, Role
from services.runtime import clock, kafka_state
from services.runtime.kafka_state import KafkaState
from services.runtime.readiness import Trouble
from services.runtime.service_probe import ServiceProbe, ServiceState
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
    monkeypatch.setattr(kafka_state, "state_of", lambda *_: kafka or KafkaState(brokers=1))


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
    assert "1 replies wait: the server can&#39;t be reached" in page
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
