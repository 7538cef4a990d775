"""Budgets of tokens, money and time by agency and day: when one is used up the template answers, and says so."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from schemas.drafting_switched import Spent
from schemas.drafts_proposed import DraftProposed, Spending
from schemas.drafts_requested import DraftRequested
from services.cli import error_messages
from services.domain import taxonomy
from services.drafting import rules
from services.drafting.bill import Bill
from services.drafting.budget import Budget, BudgetedDrafter
from services.drafting.chat_completion import Completion
from services.drafting.passage_index import SearchHit
from services.runtime import kafka_records
from services.runtime.settings import LlmSettings
from tests.service.scripted_model import DESK, GOOD, LAMPS, Endpoint, a_drafter, a_request, answer, content, endpoint

__all__ = ["endpoint"]  # a fixture

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


@dataclass
class Day:
    """A clock that a test moves."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now


def in_utc(moment: datetime) -> date:
    return moment.date()


def limits(**settings: Any) -> LlmSettings:
    return LlmSettings.model_validate(settings)


def request_of(number: int, agency: str = "belrive") -> DraftRequested:
    request = a_request()
    return request.model_copy(update={"revision": number, "triaged": request.triaged.model_copy(update={"agency": agency})})


@dataclass
class Desk:
    """A drafter with a budget, and everything that it has published."""

    drafter: BudgetedDrafter
    published: list[bytes] = field(default_factory=list)

    async def drafts(self, number: int, agency: str = "belrive") -> DraftProposed:
        request = request_of(number, agency)
        draft = await self.drafter.draft(request, [SearchHit(LAMPS, 9.0)], DESK)
        proposed = rules.proposed(request, draft, [LAMPS], DESK)
        self.published.append(kafka_records.written(proposed))
        return proposed


def why(draft: DraftProposed) -> str:
    return next((check.detail for check in draft.checks if check.name == "model_answered"), "")


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"daily_tokens": "760"}, "760 tokens a day for belrive, PARVIS_LLM_DAILY_TOKENS"),
        ({"daily_cost": "0.008", "price_input": 10, "price_output": 20, "price_currency": "EUR"}, "0.01 EUR a day for belrive"),
    ],
)
async def test_when_a_budget_is_used_up_the_template_answers_and_names_it(endpoint: Endpoint, settings: dict[str, Any], named: str) -> None:
    endpoint.answers = answer()
    configured = limits(**settings)
    async with a_drafter(endpoint, price_input=configured.price_input, price_output=configured.price_output) as model:
        desk = Desk(BudgetedDrafter(model, Budget(configured, in_utc, Day())))
        drafts = [await desk.drafts(number) for number in range(1, 5)]

    assert [draft.drafted_by for draft in drafts] == ["model", "model", "template", "template"]
    assert named in why(drafts[2])
    assert "budget" in why(drafts[2])
    assert drafts[2].spending is None
    assert len(endpoint.asked) == 2


async def test_each_agency_has_a_budget_of_its_own_and_some_have_another(endpoint: Endpoint) -> None:
    endpoint.answers = answer()
    async with a_drafter(endpoint) as model:
        desk = Desk(BudgetedDrafter(model, Budget(limits(daily_tokens="380,rich=inf,poor=0"), in_utc, Day())))
        by = [(await desk.drafts(n, agency)).drafted_by for n, agency in enumerate(("a", "a", "b", "rich", "rich", "poor"), start=1)]

    assert by == ["model", "template", "model", "model", "model", "template"]


async def test_the_budget_is_whole_again_at_the_agencys_midnight(endpoint: Endpoint) -> None:
    endpoint.answers = answer()
    clock = Day()
    async with a_drafter(endpoint) as model:
        desk = Desk(BudgetedDrafter(model, Budget(limits(daily_tokens="380"), in_utc, clock)))
        before = [(await desk.drafts(n)).drafted_by for n in (1, 2)]
        clock.now += timedelta(hours=12)
        after = (await desk.drafts(3)).drafted_by

    assert (before, after) == (["model", "template"], "model")


async def test_what_other_processes_and_this_one_before_it_was_killed_have_published_counts_once(endpoint: Endpoint) -> None:
    endpoint.answers = answer()
    configured, clock = limits(daily_tokens="1200"), Day()
    async with a_drafter(endpoint) as model:
        first = Desk(BudgetedDrafter(model, Budget(configured, in_utc, clock)))
        for number in (1, 2):
            await first.drafts(number)
        for value in first.published:
            first.drafter.budget.take(value, NOON)
        assert first.drafter.budget.spent("belrive")["tokens"] == 760

        started_anew = Desk(BudgetedDrafter(model, Budget(configured, in_utc, clock)))
        budget = started_anew.drafter.budget
        budget.begin()
        for value in first.published:
            budget.take(value, NOON)
        budget.take(b"no draft", NOON)
        budget.take(None, NOON)
        for value in first.published:
            budget.take(value, NOON - timedelta(days=1))
        assert budget.spent("belrive")["tokens"] == 760
        by = [(await started_anew.drafts(number)).drafted_by for number in (3, 4, 5)]
        budget.begin()
        for value in (*first.published, *started_anew.published):
            budget.take(value, NOON)

    assert by == ["model", "model", "template"]
    assert budget.spent("belrive")["tokens"] == 4 * 380


async def test_what_was_spent_before_a_broker_that_forgets_began_anew_counts_as_well(endpoint: Endpoint) -> None:
    spent: Sequence[Spent] = (
        Spent(agency="belrive", day=NOON.date(), tokens=1000),
        Spent(agency="other", day=NOON.date(), tokens=1000),
        Spent(agency="belrive", day=NOON.date() - timedelta(days=1), tokens=9000),
    )
    async with a_drafter(endpoint) as model:
        budget = Budget(limits(daily_tokens="1000"), in_utc, Day(), earlier=lambda: spent)
        draft = await Desk(BudgetedDrafter(model, budget)).drafts(1)

    assert draft.drafted_by == "template"
    assert endpoint.asked == []


async def test_drafts_in_hand_count_as_the_mean_of_todays(endpoint: Endpoint) -> None:
    endpoint.answers = answer()
    async with a_drafter(endpoint) as model:
        desk = Desk(BudgetedDrafter(model, Budget(limits(daily_tokens="700"), in_utc, Day())))
        budget = desk.drafter.budget
        await desk.drafts(1)
        budget.take(desk.published[0], NOON)
        assert not budget.exhausted("belrive")
        budget.begins("belrive")
        assert budget.exhausted("belrive")


async def test_all_attempts_cost_and_a_draft_that_failed_has_cost_too(endpoint: Endpoint) -> None:
    endpoint.answers = lambda told, _: (200, content("garbage" if len(told.asked) == 1 else json.dumps(GOOD)))
    async with a_drafter(endpoint, price_input=2.0, price_output=10.0) as model:
        good = await model.draft(a_request(), [SearchHit(LAMPS, 9.0)], DESK)
        endpoint.answers = lambda _, __: (200, content("garbage"))
        failed = await model.draft(a_request(), [SearchHit(LAMPS, 9.0)], DESK)

    assert good.spending == Spending(tokens=760, cost=0.0028, currency="USD", seconds=0.0)
    assert (failed.drafted_by, failed.spending) == ("template", good.spending)


def test_what_a_server_does_not_count_or_was_left_waiting_for_is_estimated_by_length() -> None:
    moments = iter((1.0, 3.0, 10.0, 40.0))
    bill = Bill(limits(), lambda: next(moments))
    bill.ask([{"role": "user", "content": "x" * 400}])
    bill.answered(Completion(text="y" * 80, cut_off=False, input_tokens=0, output_tokens=0))
    bill.ask([{"role": "user", "content": "x" * 400}])
    bill.without_answer("timeout")

    assert bill.spending == Spending(tokens=100 + 20 + 100, seconds=32.0)
    assert (bill.usage.input_tokens, bill.usage.output_tokens) == (0, 0)


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("PARVIS_LLM_DAILY_TOKENS", "many", "'many' is no limit"),
        ("PARVIS_LLM_DAILY_TOKENS", "100,belrive=-5", "'belrive=-5' is no limit"),
        ("PARVIS_LLM_DAILY_COST", "5", "PARVIS_LLM_PRICE_INPUT"),
    ],
)
def test_a_limit_that_cannot_be_kept_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str, told: str) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(ValidationError) as fault:
        LlmSettings()

    sentence = error_messages.sentence(fault.value) or ""
    assert sentence.startswith(name)
    assert told in sentence


def test_a_limit_is_read_for_every_agency_and_for_single_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARVIS_LLM_DAILY_SECONDS", "3600, belrive=60")
    settings = LlmSettings()

    assert [settings.daily_limit("seconds", agency) for agency in ("belrive", "elsewhere")] == [60, 3600]
    assert settings.daily_limit("tokens", "belrive") is None


def test_a_day_begins_at_midnight_where_the_agency_is() -> None:
    city = taxonomy.load()
    in_july = datetime(2026, 7, 1, 12, tzinfo=UTC)
    began = city.midnight(in_july)

    assert city.day(began) == city.day(in_july)
    assert city.day(began - timedelta(seconds=1)) < city.day(in_july)
