"""A week is the agency's own, and only what chance would hardly bring rises."""

from datetime import UTC, datetime, timedelta

import pytest

from services.domain.chance import chance_of
from services.review.quality import weekly
from services.runtime.errors import InvalidInput
from tests.case_builders import CITY

NOW = datetime(2026, 4, 1, 12, tzinfo=UTC)


def test_weeks_follow_each_other_without_a_gap_where_clocks_change() -> None:
    week = weekly.week_of("2026-W13", NOW, CITY)

    assert weekly.week_of("", NOW, CITY) == week
    assert weekly.earlier(weekly.week_of("2026-W14", NOW, CITY), 1, CITY).until == weekly.week_of("2026-W14", NOW, CITY).since
    assert week.until == weekly.week_of("2026-W14", NOW, CITY).since
    assert abs(week.until - week.since - timedelta(days=7)) <= timedelta(hours=1)


@pytest.mark.parametrize("text", ["2026-W60", "W10", "2026", "x", "2026-10-1"])
def test_what_is_no_week_is_told(text: str) -> None:
    with pytest.raises(InvalidInput, match="2026-W10"):
        weekly.week_of(text, NOW, CITY)


def test_what_chance_brings_does_not_rise() -> None:
    before = [{"lamps": 10, "noise": 0}] * 4

    rising = {line.category for line in weekly.compared({"lamps": 14, "noise": 3}, before) if line.rises}
    risen = {line.category for line in weekly.compared({"lamps": 30, "noise": 9}, before) if line.rises}

    assert rising == set()
    assert risen == {"lamps", "noise"}
    assert not any(line.rises for line in weekly.compared({"lamps": 30}, [{}] * 4))


def test_the_chance_of_anything_at_all_is_one() -> None:
    assert chance_of(0, 12, 4) == 1.0
    assert 0.3 < chance_of(3, 12, 4) < 0.7
