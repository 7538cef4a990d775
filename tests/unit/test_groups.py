"""Which place a message is about, and when a group rises."""

from datetime import UTC, datetime, timedelta

import pytest

from schemas.requests_received import Location
from services.review.cases.groups import places, rising

NOW = datetime(2026, 4, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "street"),
    [
        ("The lamp outside 27 Heron Street is out.", "Heron Street"),
        ("On Heron St. all is dark", "Heron St"),
        ("The Heron Street is dark", "Heron Street"),
        ("Rien ne coule au 12 rue des Lilas depuis hier", "rue des Lilas"),
        ("Avenue de la République, plus d’eau", "Avenue de la République"),
        ("In der Lindenstraße 5 ist kein Wasser", "Lindenstraße"),
    ],
)
def test_a_street_is_read_as_it_is_written(text: str, street: str) -> None:
    assert [place.words for place in places.streets_in(text)] == [street]


@pytest.mark.parametrize("text", ["no street here", "The street is dark", "In the street", "la rue est sombre", "Our Road", "75001 Paris"])
def test_a_street_without_a_name_is_none(text: str) -> None:
    assert places.streets_in(text) == []


@pytest.mark.parametrize(
    ("first", "second"), [("Heron Street", "heron st"), ("Lindenstraße", "Lindenstr."), ("rue de l'Église", "Rue de l’Eglise")]
)
def test_a_street_has_one_key_however_it_is_written(first: str, second: str) -> None:
    assert places.street_key(first) == places.street_key(second)
    assert "heron" not in places.street_key(first)


def test_what_is_near_lies_in_a_cell_that_is_looked_in() -> None:
    spot = places.spot_of(Location(latitude=48.8500, longitude=2.3500))
    near = places.spot_of(Location(latitude=48.8520, longitude=2.3510))
    assert spot
    assert near
    assert near.key in places.keys_near(spot)
    assert 200 < places.metres_between((48.8500, 2.3500), (48.8520, 2.3510)) < 250
    assert places.spot_of(Location(latitude=0.0, longitude=0.0)) is None
    assert places.spot_of(Location(address="Heron Street")) is None


def ago(**spans: float) -> datetime:
    return NOW - timedelta(**spans)


def test_many_within_an_hour_after_a_quiet_day_rise() -> None:
    rise = rising.rise_of([ago(minutes=minutes) for minutes in (5, 12, 30, 50)] + [ago(hours=9)], NOW)
    assert rise
    assert (rise.count, rise.hours, round(rise.usual, 2)) == (4, 1, 0.04)


def test_as_many_as_always_do_not_rise() -> None:
    assert rising.rise_of([ago(hours=4 * number) for number in range(120)], NOW) is None


def test_a_large_group_that_comes_as_always_does_not_rise_although_only_its_newest_are_counted() -> None:
    assert rising.rise_of([ago(minutes=15 * number) for number in range(rising.MOST_MOMENTS)], NOW) is None
    assert rising.rise_of([ago(seconds=number) for number in range(rising.MOST_MOMENTS)], NOW)


def test_few_do_not_rise_however_quiet_it_was() -> None:
    assert rising.rise_of([ago(minutes=minutes) for minutes in (5, 12, 30)], NOW) is None


def test_a_slow_rise_is_seen_by_the_day() -> None:
    rise = rising.rise_of([ago(hours=3 * number) for number in range(8)], NOW)
    assert rise
    assert rise.hours == 24


def test_a_group_rises_no_more_when_nothing_comes() -> None:
    moments = [ago(minutes=minutes) for minutes in (5, 12, 30, 50)]
    assert rising.rise_of(moments, NOW + timedelta(days=2)) is None


def test_a_message_that_is_dated_ahead_counts_as_one_of_now() -> None:
    rise = rising.rise_of([NOW + timedelta(days=400)] * 4, NOW)
    assert rise
    assert rise.count == 4
