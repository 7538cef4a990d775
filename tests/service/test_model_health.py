"""Whether the model's endpoint answers, as drafting says it: a call that hangs is told of before it has failed."""

import asyncio
import json
from typing import Any

from services.drafting.model_client import ModelDrafter
from services.drafting.model_health import ModelHealth
from services.drafting.passage_index import SearchHit
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


def health_of(drafter: ModelDrafter, endpoint: Endpoint, clock: Clock, **settings: Any) -> ModelHealth:
    return ModelHealth(drafter, LlmSettings(base_url=endpoint.url, **settings), clock)
