"""Whether the model's endpoint answers, as drafting says it: a call that hangs is told of before it has failed."""

import asyncio
import json
from typing import Any

import httpx
import pytest

from services.drafting import model_health
from services.drafting.model_client import ModelDrafter
from services.drafting.model_health import ModelHealth
from services.drafting.passage_index import SearchHit
from services.runtime import readiness
from services.runtime.readiness import Check, Readiness
from services.runtime.settings import LlmSettings
from tests.harness.waiting import until_async
from tests.service.scripted_model import DESK, GOOD, LAMPS, Clock, Endpoint, a_drafter, a_request, content, endpoint

__all__ = ["endpoint"]  # a fixture


async def test_a_call_that_waits_for_half_of_its_time_is_told_of_until_it_is_answered(endpoint: Endpoint) -> None:
    def late(asked: Endpoint, _: dict[str, Any]) -> tuple[int, bytes]:
        asked.over.wait()
        return 200, content(json.dumps(GOOD))

    endpoint.answers = late
    clock = Clock()
    async with a_drafter(endpoint, clock) as drafter:
        health = health_of(drafter, endpoint, clock, timeout_seconds=30.0)
        drafting = asyncio.create_task(drafter.draft(a_request(), [SearchHit(LAMPS, 9.0)], DESK))
        await until_async(lambda: bool(endpoint.asked), "the model is asked")

        clock.now += 14
        assert await health.check() is None
        clock.now += 1
        assert "(it has not answered for 15 s)" in str(await health.check())

        endpoint.over.set()
        assert (await drafting).drafted_by == "model"
        assert await health.check() is None


async def never(*_: Any) -> httpx.Response:
    """An endpoint of which each piece comes in time, and the whole never."""
    await asyncio.Event().wait()
    raise AssertionError


async def well(*_: Any) -> httpx.Response:
    return httpx.Response(200)


async def test_an_endpoint_whose_pieces_take_too_long_together_is_named_before_readiness_gives_up(
    endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert model_health.ANSWER_SECONDS <= readiness.ASK_SECONDS - 0.5
    monkeypatch.setattr(model_health, "ANSWER_SECONDS", 0.02)
    monkeypatch.setattr(httpx.AsyncHTTPTransport, "handle_async_request", never)
    clock = Clock()
    async with a_drafter(endpoint, clock) as drafter:
        ready = Readiness("drafting", [Check("model", health_of(drafter, endpoint, clock).check, blocks=False)])
        silent = ["the model's endpoint (it does not answer in time); drafts are made from templates"]

        assert (await ready.now()).waiting_for == silent
        clock.now += 1
        assert (await ready.now()).waiting_for == silent


async def test_a_question_that_was_broken_off_leaves_no_old_answer_for_new(endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    async with a_drafter(endpoint, clock) as drafter:
        health = health_of(drafter, endpoint, clock)
        monkeypatch.setattr(httpx.AsyncHTTPTransport, "handle_async_request", well)
        assert await health.check() is None

        clock.now += model_health.ASK_SECONDS
        asked = asyncio.Event()

        async def hangs(*_: Any) -> httpx.Response:
            asked.set()
            return await never()

        monkeypatch.setattr(httpx.AsyncHTTPTransport, "handle_async_request", hangs)
        broken_off = asyncio.create_task(health.check())
        await asked.wait()
        broken_off.cancel()
        await asyncio.gather(broken_off, return_exceptions=True)

        async def refuses(*_: Any) -> httpx.Response:
            raise httpx.ConnectError("nobody there")

        monkeypatch.setattr(httpx.AsyncHTTPTransport, "handle_async_request", refuses)
        assert "it can't be reached: ConnectError" in str(await health.check())


def health_of(drafter: ModelDrafter, endpoint: Endpoint, clock: Clock, **settings: Any) -> ModelHealth:
    return ModelHealth(drafter, LlmSettings(base_url=endpoint.url, **settings), clock)
