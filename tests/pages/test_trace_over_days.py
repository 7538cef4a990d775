"""A request that waits for three days, over restarts and a recall, is one trace with one beginning, and each wait is a step of it."""

from collections import Counter
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from services.review.cases.deciding import actions
from services.runtime import clock, telemetry
from services.runtime.kafka_records import Outgoing
from services.runtime.outbox import Relay
from tests.harness.recorded_spans import Recorded, recorded
from tests.pages.city import ANNA, City, without_kafka

__all__ = ["recorded"]  # a fixture

THEIRS = "4bf92f3577b34da6a3ce929d0e0e4736"


class Clock:
    """The time, which a test moves on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._ahead = timedelta()
        now = clock.now
        monkeypatch.setattr(clock, "now", lambda: now() + self._ahead)

    def goes_on(self, **time: float) -> None:
        self._ahead += timedelta(**time)


@pytest.fixture
def passing(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def hours(recorded: Recorded, name: str) -> list[float]:
    return [round(((span.end_time or 0) - (span.start_time or 0)) / 3.6e12, 1) for span in recorded.named(name)]


async def relays(city: City) -> list[Outgoing]:
    sent: list[Outgoing] = []

    async def send(record: Outgoing) -> None:
        sent.append(record)

    await Relay(city.commands.database, "review", send).send_due()
    return sent


async def begins(city: City, request_id: UUID | None = None, parent: dict[str, str] | None = None) -> UUID:
    with telemetry.request_span("accept request", request_id, parent=parent):
        return await city.waiting_case()


async def test_one_trace_whose_waits_are_steps(city: City, recorded: Recorded, passing: Clock) -> None:
    request_id = await begins(city, parent={"traceparent": f"00-{THEIRS}-00f067aa0ba902b7-01"})
    passing.goes_on(days=3)
    await city.approves(ANNA, request_id)
    await city.does(ANNA, request_id, actions.Recall())
    passing.goes_on(hours=5)
    await city.approves(ANNA, request_id)
    passing.goes_on(seconds=61)
    sent = await relays(city)

    assert hours(recorded, "awaiting approval") == [72.0, 5.0]
    assert [round(((s.end_time or 0) - (s.start_time or 0)) / 1e9) for s in recorded.named("undo window")] == [60]
    assert {span.context.trace_id for span in recorded.all} == {int(THEIRS, 16)}
    ids = {span.context.span_id for span in recorded.all}
    assert all(span.parent and (span.parent.span_id in ids or span.name == "accept request") for span in recorded.all)
    assert Counter(span.name for span in recorded.all)["send parvis.replies.decided.v1"] == 1
    assert [record.headers["traceparent"].split("-")[1] for record in sent if record.topic == "parvis.replies.decided.v1"] == [THEIRS]
    [recall] = recorded.named("decide recall")
    assert (recall.attributes or {})["parvis.keep"] == "recalled"


async def test_a_wait_over_a_restart_is_told_by_the_process_that_sees_its_end(
    tmp_path: Path, recorded: Recorded, passing: Clock, city: City
) -> None:
    request_id = await begins(city)
    passing.goes_on(days=2)
    again = City(without_kafka(Path(str(city.commands.settings.data_dir))))

    await again.does(ANNA, request_id, actions.Reject(reason="not ours to answer"))
    passing.goes_on(days=1)

    assert hours(recorded, "awaiting approval") == [48.0]
    [wait], [decision] = recorded.named("awaiting approval"), recorded.named("decide reject")
    assert wait.context.trace_id == decision.context.trace_id
    assert (decision.attributes or {})["parvis.keep"] == "rejected"
    assert tmp_path


async def test_what_changes_nothing_ends_no_wait(city: City, recorded: Recorded, passing: Clock) -> None:
    request_id = await begins(city)
    passing.goes_on(hours=1)
    await city.does(ANNA, request_id, actions.Claim())

    assert recorded.named("awaiting approval") == []
