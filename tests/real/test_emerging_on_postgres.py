"""Emerging matters on PostgreSQL: several processes look at once, and each thing is told once."""

import asyncio
from datetime import timedelta

import pytest

from services.review.cases.emerging.watching import Watch
from services.review.cases.groups import grouper
from services.runtime import clock
from tests.pages.city import City
from tests.pages.crowd import LETTERS, NAMES, told, with_weeks_before
from tests.pages.outage import group_of, writes


async def test_processes_that_look_at_once_tell_each_thing_once(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    await with_weeks_before(city)
    cases = [await writes(city, name, body=LETTERS[number], minutes_ago=30 - number) for number, name in enumerate(NAMES)]
    watches = [Watch() for _ in range(3)]
    await asyncio.gather(*(grouper.group_all(city.commands.database, watch) for watch in watches))
    assert [event.stage for event in await told(city)] == ["emerged", "rose"]
    assert len({await group_of(city, request_id) for request_id in cases}) == 1
    later = clock.now() + timedelta(minutes=90)
    monkeypatch.setattr(clock, "now", lambda: later)
    await asyncio.gather(*(grouper.group_all(city.commands.database, watch) for watch in watches))
    await asyncio.gather(*(watch.tidy(city.commands.database, later) for watch in watches))
    assert [event.stage for event in await told(city)] == ["emerged", "rose", "over"]
