"""What the small charts of the operations page say: a rise, a gap, since when; never a zero of which nobody knows."""

from datetime import UTC, datetime, timedelta

import pytest

from services.review.ops.last_hour import MINUTES, Samples, chart, counted, minute_of

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
FIRST = minute_of(NOON)


def at(minute: int) -> datetime:
    return NOON + timedelta(minutes=minute)


def test_a_line_has_its_last_value_its_highest_and_since_when() -> None:
    [line] = (drawn := chart("behind", FIRST, {"all": [None, 2, 8, 8, 4]})).lines

    assert (line.last, line.highest, line.highest_at) == (4, 8, at(2))
    assert (drawn.since, drawn.unknown) == (at(1), 0)
    assert drawn.path(line) == "M10 75L20 0L30 0L40 50"


def test_what_could_not_be_read_is_a_gap_and_counted_and_a_minute_alone_is_a_dot() -> None:
    [line] = (drawn := chart("behind", FIRST, {"all": [1, 1, None, 1, None]})).lines

    assert drawn.path(line) == "M0 0L10 0M30 0h0"
    assert (line.last, drawn.unknown) == (None, 2)


def test_of_nothing_nothing_is_said() -> None:
    [line] = (drawn := chart("waiting", FIRST, {"all": [None, None]})).lines

    assert (drawn.path(line), drawn.since, line.highest, line.highest_at, drawn.unknown) == ("", None, None, None, 0)


def test_zeros_lie_on_the_ground() -> None:
    [line] = (drawn := chart("waiting", FIRST, {"all": [0, 0]})).lines

    assert (drawn.path(line), line.highest) == ("M0 100L10 100", 0)


def test_lines_of_one_chart_share_their_scale() -> None:
    drawn = chart("drafts", FIRST, {"model": [10, 5], "template": [0, 1]})

    assert [drawn.path(line) for line in drawn.lines] == ["M0 0L10 50", "M0 100L10 90"]


@pytest.mark.parametrize(
    ("heard_until", "end"),
    [
        (FIRST + MINUTES, [3, 0, 0]),
        (FIRST + MINUTES - 1, [3, 0, None]),
        (FIRST, [3, None, None]),
        (0, [3, None, None]),
    ],
)
def test_while_not_everything_is_heard_of_the_zeros_at_the_end_are_unknown(heard_until: int, end: list[int | None]) -> None:
    values = counted({FIRST + MINUTES - 3: 3}, FIRST, heard_until)

    assert values[-3:] == end
    assert values[:-3] == [0] * (MINUTES - 3)


def test_of_samples_sixty_minutes_are_kept_and_a_minute_that_nobody_read_is_unknown() -> None:
    samples = Samples()
    for minute in [*range(100), 101]:
        samples.note(at(minute), minute)

    values = samples.values(FIRST + 101)

    assert values == [*range(42, 100), None, 101]
    assert len(samples.values(FIRST + 500)) == MINUTES
    assert set(samples.values(FIRST + 500)) == {None}


def test_the_last_reading_of_a_minute_counts_also_one_that_failed() -> None:
    samples = Samples()
    for reading in (3, 5, None):
        samples.note(NOON, reading)

    assert samples.values(FIRST)[-1] is None
