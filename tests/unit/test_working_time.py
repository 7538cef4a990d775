"""Promises are kept in working time: when nobody works, nothing falls due."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from services.domain.working_time import Calendar

PARIS = ZoneInfo("Europe/Paris")
CITY = Calendar(time_zone="Europe/Paris", country="FR", opens=time(8, 30), closes=time(17), closed=(date(2026, 12, 24), "12-31"))


def local(year: int, month: int, day: int, hour: int = 10, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=PARIS)


def test_working_days_leave_out_the_weekend() -> None:
    friday = local(2026, 3, 6)
    assert CITY.due(friday, timedelta(days=1)) == local(2026, 3, 9)


def test_a_public_holiday_of_the_country_is_no_working_day() -> None:
    before_labour_day = local(2026, 4, 30)
    assert CITY.due(before_labour_day, timedelta(days=1)) == local(2026, 5, 4)


def test_a_region_has_holidays_of_its_own() -> None:
    moselle = CITY.model_copy(update={"region": "57"})
    moselle = Calendar.model_validate(moselle.model_dump())
    good_friday = date(2026, 4, 3)
    assert CITY.is_working_day(good_friday)
    assert not moselle.is_working_day(good_friday)


def test_the_agencys_own_days_are_closed_once_or_every_year() -> None:
    assert not CITY.is_working_day(date(2026, 12, 24))
    assert CITY.is_working_day(date(2027, 12, 24))
    assert not CITY.is_working_day(date(2026, 12, 31))
    assert not CITY.is_working_day(date(2027, 12, 31))


def test_what_comes_at_night_counts_from_the_next_opening() -> None:
    thursday_night = local(2026, 3, 5, 22)
    assert CITY.due(thursday_night, timedelta(hours=2)) == local(2026, 3, 6, 10, 30)
    assert CITY.due(thursday_night, timedelta(days=1)) == local(2026, 3, 9, 8, 30)


def test_hours_that_are_left_at_closing_go_on_at_the_next_opening() -> None:
    friday_afternoon = local(2026, 3, 6, 16)
    assert CITY.due(friday_afternoon, timedelta(hours=4)) == local(2026, 3, 9, 11, 30)


def test_the_hour_on_the_clock_stays_when_the_clocks_change() -> None:
    before_summer_time = local(2026, 3, 27, 10)
    assert CITY.due(before_summer_time, timedelta(days=1)) == local(2026, 3, 30, 10)


@given(
    start=st.datetimes(datetime(2000, 1, 1), datetime(2150, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    within=st.timedeltas(timedelta(0), timedelta(days=40)),
)
def test_what_is_due_is_later_and_within_working_hours(start: datetime, within: timedelta) -> None:
    due = CITY.due(start, within)
    assert due >= start
    assert CITY.is_working_day(due.astimezone(PARIS).date())
    assert CITY.opens <= due.astimezone(PARIS).time() <= CITY.closes


def test_a_calendar_that_is_never_open_still_gives_a_date() -> None:
    never = Calendar(time_zone="UTC", closed=tuple(f"{date(2000, 1, 1) + timedelta(days=n):%m-%d}" for n in range(366)))
    assert never.due(datetime(2026, 3, 6, tzinfo=UTC), timedelta(days=2)) > datetime(2026, 3, 6, tzinfo=UTC)


def test_hours_may_be_written_without_quotation_marks() -> None:
    assert Calendar.model_validate(yaml.safe_load("{time_zone: UTC, opens: 08:30, closes: 17:15}")).closes == time(17, 15)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"time_zone": "Europe/Belrive"}, "there is no time zone 'Europe/Belrive'"),
        ({"region": "57"}, "give the country as well"),
        ({"opens": "17:00", "closes": "08:00"}, "is not before"),
        ({"closed": ["13-40"]}, "no day of a year"),
        ({"days": []}, "at least 1 item"),
    ],
)
def test_a_fault_in_the_calendar_is_named(wrong: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        Calendar.model_validate({"time_zone": "Europe/Paris", **wrong})
