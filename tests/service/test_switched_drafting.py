"""Drafting follows the switch: what review publishes holds from the next draft on, also for one that is being written."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from faststream.kafka import KafkaBroker

from schemas import drafting_switched
from schemas.drafting_switched import DraftingSwitched, SwitchRule, revision_id
from schemas.drafts_proposed import DraftProposed
from schemas.drafts_requested import DraftRequested
from schemas.values import Urgency
from services.domain import taxonomy
from services.drafting import handlers, passage_index, rules
from services.drafting.app import records_in_hand
from services.drafting.model_client import TemplateDrafter
from services.drafting.switch import Switch, SwitchedDrafter
from services.runtime import kafka_admin, kafka_records
from services.runtime.settings import KafkaSettings, LlmSettings
from services.runtime.topic_follower import Follower
from tests.harness.embedded_broker import embedded
from tests.harness.waiting import PATIENCE, until_async
from tests.service.scripted_model import Endpoint, a_drafter, a_request, answer, endpoint

__all__ = ["endpoint"]  # a fixture

CITY, KNOWLEDGE = taxonomy.load(), passage_index.load()
NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)


def record(revision: int, *in_force: SwitchRule) -> DraftingSwitched:
    return DraftingSwitched(request_id=revision_id(revision), revision=revision, rules=list(in_force))


def says(switch: Switch, revision: int, *in_force: SwitchRule) -> None:
    switch.take(kafka_records.written(record(revision, *in_force)), NOW)


def settled(*in_force: SwitchRule) -> Switch:
    switch = Switch()
    says(switch, 1, *in_force)
    return switch


@contextlib.asynccontextmanager
async def drafting(endpoint: Endpoint, switch: Switch, **options: Any) -> AsyncIterator[SwitchedDrafter]:
    async with a_drafter(endpoint) as model:
        yield SwitchedDrafter(model, switch, **options)


async def proposed(drafter: SwitchedDrafter, request: DraftRequested | None = None) -> DraftProposed:
    return await handlers.propose(request or a_request(), drafter, KNOWLEDGE, CITY)


async def test_without_a_rule_the_model_drafts(endpoint: Endpoint) -> None:
    endpoint.answers = answer()
    async with drafting(endpoint, settled()) as drafter:
        draft = await proposed(drafter)

    assert (draft.drafted_by, draft.agency, draft.withheld) == ("model", "belrive", "")


async def test_a_rule_for_the_template_asks_no_model(endpoint: Endpoint) -> None:
    async with drafting(endpoint, settled(SwitchRule(agency="belrive", mode="template"))) as drafter:
        draft = await proposed(drafter)

    assert (draft.drafted_by, endpoint.asked) == ("template", [])
    assert draft.body
    assert "model_answered" not in {check.name for check in draft.checks if not check.passed}


async def test_off_makes_no_draft_and_says_for_what_it_is_off(endpoint: Endpoint) -> None:
    async with drafting(endpoint, settled(SwitchRule(category="street_lighting", mode="off"))) as drafter:
        draft = await proposed(drafter)

    assert (draft.body, draft.citations, draft.checks, endpoint.asked) == ("", [], [], [])
    assert draft.withheld == "Drafting is switched off for category street_lighting: no draft was made. Write the reply yourself."
    assert draft.subject == "Re: Lamp out"


async def test_off_is_off_for_a_message_without_a_word_as_well(endpoint: Endpoint) -> None:
    async with drafting(endpoint, settled(SwitchRule(mode="off"))) as drafter:
        request = a_request(body="[NAME_1]")
        quiet = request.triaged.model_copy(update={"redacted": request.triaged.redacted.model_copy(update={"subject": None})})
        draft = await proposed(drafter, request.model_copy(update={"triaged": quiet}))

    assert draft.withheld


async def test_an_emergency_keeps_what_to_do_first_where_drafting_is_off_and_says_that_the_rest_is_missing(
    endpoint: Endpoint,
) -> None:
    async with drafting(endpoint, settled(SwitchRule(mode="off"))) as drafter:
        request = a_request(body="There is a smell of gas in the cellar and my mother has fainted.")
        danger = request.triaged.model_copy(update={"urgency": Urgency.EMERGENCY})
        draft = await proposed(drafter, request.model_copy(update={"triaged": danger}))

    assert (draft.drafted_by, endpoint.asked, draft.citations) == ("template", [], [])
    assert "112" in draft.body or "911" in draft.body
    assert "only what to do first" in draft.withheld
    assert {check.name for check in draft.checks} >= {"leads_with_help"}


async def test_a_draft_that_is_being_written_when_its_model_is_switched_off_is_not_the_models(endpoint: Endpoint) -> None:
    switch = settled()

    def switched_meanwhile(told: Endpoint, asked: dict[str, Any]) -> Any:
        says(switch, 2, SwitchRule(letter=None, mode="template"))
        return answer()(told, asked)

    endpoint.answers = switched_meanwhile
    async with drafting(endpoint, switch) as drafter:
        draft = await proposed(drafter)

    assert endpoint.asked
    assert draft.drafted_by == "template"
    assert draft.usage.input_tokens > 0


async def test_a_record_that_comes_late_or_cannot_be_read_changes_nothing() -> None:
    switch = settled()
    says(switch, 3, SwitchRule(mode="off"))
    says(switch, 2)
    switch.take(b'{"revision": "many"}', NOW)
    switch.take(None, NOW)

    assert switch.decision(a_request()).mode == "off"


async def test_nothing_is_drafted_before_the_rules_are_read(endpoint: Endpoint) -> None:
    endpoint.answers = answer()
    switch, caught_up = Switch(), asyncio.Event()
    async with drafting(endpoint, switch, followed=[caught_up]) as drafter:
        draft = asyncio.create_task(drafter.draft(a_request(), [], rules.reply_context(a_request().triaged, CITY)))
        await asyncio.sleep(0)
        assert (draft.done(), endpoint.asked) == (False, [])
        says(switch, 1, SwitchRule(mode="off"))
        caught_up.set()
        assert (await draft).withheld


async def test_on_a_broker_that_forgets_no_model_is_asked_as_long_as_the_rules_are_unknown(endpoint: Endpoint) -> None:
    endpoint.answers = answer()
    switch = Switch()
    async with drafting(endpoint, switch, forgetful=True, patience=0.0) as drafter:
        before = await proposed(drafter)
        says(switch, 0)
        after = await proposed(drafter)

    assert (before.drafted_by, after.drafted_by) == ("template", "model")


async def test_without_a_model_the_template_drafts_and_off_is_off(endpoint: Endpoint) -> None:
    assert (await proposed(SwitchedDrafter(TemplateDrafter(), settled()))).drafted_by == "template"
    assert (await proposed(SwitchedDrafter(TemplateDrafter(), settled(SwitchRule(mode="off"))))).withheld
    assert endpoint.asked == []


async def test_so_many_drafts_are_written_side_by_side_and_the_rules_are_looked_up_when_it_is_a_drafts_turn(endpoint: Endpoint) -> None:
    switch = settled()

    def off_from_now_on(told: Endpoint, asked: dict[str, Any]) -> Any:
        says(switch, 2, SwitchRule(mode="off"))
        return answer()(told, asked)

    endpoint.answers = off_from_now_on
    async with drafting(endpoint, switch, turns=asyncio.Semaphore(1)) as drafter:
        drafts = await asyncio.gather(*(proposed(drafter) for _ in range(5)))

    assert [bool(draft.withheld) for draft in drafts] == [True] * 5
    assert len(endpoint.asked) <= 2  # the tries of the first one alone


@pytest.mark.parametrize(
    ("settings", "records"),
    [
        ({}, 16),
        ({"base_url": "http://m/v1"}, 16),
        ({"base_url": "http://m/v1", "at_once": 32}, 128),
        ({"base_url": "http://m/v1", "at_once": 1, "timeout_seconds": 270}, 1),
        ({"base_url": "http://m/v1", "at_once": 8, "timeout_seconds": 120, "attempts": 1}, 32),
        ({"base_url": "http://m/v1", "at_once": 8, "timeout_seconds": 120, "attempts": 2}, 16),
    ],
)
def test_a_batch_has_several_rounds_of_drafts_and_ends_before_kafka_gives_it_away(settings: dict[str, Any], records: int) -> None:
    assert records_in_hand(LlmSettings.model_validate(settings)) == records


@pytest.fixture(scope="module")
def kafka() -> Iterator[KafkaSettings]:
    with embedded() as settings:
        yield settings


@contextlib.asynccontextmanager
async def following(kafka: KafkaSettings, topic: str, switch: Switch) -> AsyncIterator[Follower]:
    follower = Follower(kafka, topic, switch.take)
    task = asyncio.create_task(follower.run())
    try:
        yield follower
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def publish(kafka: KafkaSettings, *events: DraftingSwitched) -> None:
    broker = KafkaBroker(kafka.bootstrap)
    await broker.start()
    for event in events:
        await broker.publish(kafka_records.written(event), topic=event.topic, key=str(event.request_id).encode())
    await broker.stop()


async def test_each_process_reads_all_that_was_published_before_it_started_and_what_comes_later(kafka: KafkaSettings) -> None:
    kafka_admin.create_topics(kafka, [drafting_switched.TOPIC], 4)
    await publish(kafka, record(1, SwitchRule(mode="off")), record(2, SwitchRule(mode="template")))
    first, second = Switch(), Switch()
    async with following(kafka, drafting_switched.TOPIC, first) as one_process, following(kafka, drafting_switched.TOPIC, second) as other:
        for follower, switch in ((one_process, first), (other, second)):
            await asyncio.wait_for(follower.caught_up.wait(), PATIENCE)
            assert (switch.revision, switch.decision(a_request()).mode) == (2, "template")

        await publish(kafka, record(3, SwitchRule(mode="off")))

        await until_async(lambda: first.revision == second.revision == 3, "both know the third revision")


async def test_a_topic_that_is_not_there_or_is_empty_holds_up_no_draft(kafka: KafkaSettings) -> None:
    kafka_admin.create_topics(kafka, ["parvis.empty.v1"], 2)
    for topic in ("parvis.empty.v1", "parvis.not-there.v1"):
        switch = Switch()
        async with following(kafka, topic, switch) as follower:
            await asyncio.wait_for(follower.caught_up.wait(), PATIENCE)
            assert switch.rules == ()


async def test_what_is_older_than_asked_for_is_passed_over_where_the_broker_knows_times() -> None:
    follower = Follower(KafkaSettings(bootstrap="127.0.0.1:9"), "t", lambda *_: None, since=lambda: NOW - timedelta(days=1))
    sought: dict[Any, int] = {}

    class Consumer:
        async def offsets_for_times(self, times: dict[Any, int]) -> dict[Any, Any]:
            assert set(times.values()) == {int((NOW - timedelta(days=1)).timestamp() * 1000)}
            return {"a": type("Offset", (), {"offset": 7}), "b": None}

        async def end_offsets(self, _: Any) -> dict[Any, int]:
            return {"a": 9, "b": 5}

        def seek(self, partition: Any, offset: int) -> None:
            sought[partition] = offset

    await follower._skip(Consumer(), {"a", "b"})

    assert sought == {"a": 7, "b": 5}
