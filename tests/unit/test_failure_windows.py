"""When a consumer stops: a bad release stops it, bad records among good ones do not."""

from itertools import cycle, islice
from random import Random

import pytest

from services.runtime.backoff import jittered
from services.runtime.failure_windows import FailureWindows

TOPIC = "requests"


def kept_records(windows: FailureWindows, records: list[tuple[int, bool]]) -> int:
    """How many of these records (partition, failed) would be kept instead of becoming dead letters."""
    held = 0
    for partition, failed in records:
        windows.add(TOPIC, partition, failed=failed)
        held += failed and windows.stops(TOPIC, partition)
    return held


@pytest.mark.parametrize("partitions", [1, 4, 12])
def test_a_release_that_reads_nothing_stops_before_the_topic_is_empty(partitions: int) -> None:
    records = [(n % partitions, True) for n in range(1_000)]
    assert kept_records(FailureWindows(10), records) > 1_000 - 10 * partitions - 20


def test_it_stops_also_after_months_of_good_records() -> None:
    assert kept_records(FailureWindows(10), [(n % 4, False) for n in range(10_000)] + [(n % 4, True) for n in range(200)]) > 100


def test_a_few_bad_records_stop_nothing() -> None:
    assert kept_records(FailureWindows(10), [(0, True)] * 9) == 0


def test_bad_records_among_twice_as_many_good_ones_stop_nothing() -> None:
    assert kept_records(FailureWindows(10), [(n % 4, n % 3 == 0) for n in range(3_000)]) == 0


def test_whoever_fills_one_partition_with_rubbish_stops_nothing_while_the_others_are_read() -> None:
    mixed = list(islice(cycle([(0, True), (1, False), (2, False), (3, False)]), 4_000))
    assert kept_records(FailureWindows(10), mixed) == 0


def test_a_partition_that_is_read_is_not_stopped_by_one_that_is_not() -> None:
    windows = FailureWindows(10)
    for n in range(400):
        windows.add(TOPIC, 0, failed=True)
        windows.add(TOPIC, 1, failed=n % 20 == 0)
    assert not windows.stops(TOPIC, 1)


def test_what_is_mended_is_counted_anew_and_other_topics_are_not_touched() -> None:
    windows = FailureWindows(10)
    for topic in (TOPIC, "replies"):
        for _ in range(40):
            windows.add(topic, 0, failed=True)
    windows.forget(TOPIC)
    assert (windows.stops(TOPIC, 0), windows.stops("replies", 0)) == (False, True)


def test_a_floor_of_nothing_never_stops() -> None:
    assert kept_records(FailureWindows(0), [(0, True)] * 500) == 0


def test_pauses_are_spread_around_what_they_should_be_and_the_same_seed_spreads_them_the_same() -> None:
    pauses = [jittered(4.0, Random(7).random) for _ in range(3)]
    spread = [jittered(4.0, random) for random in [Random(7).random] * 500]
    assert len(set(pauses)) == 1
    assert len(set(spread)) == 500
    assert all(3.0 <= pause <= 5.0 for pause in spread)
