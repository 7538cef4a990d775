"""Drift: what is counted, what is compared with what, and what a shift is called."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from schemas.requests_triaged import DetectedLanguage, RequestTriaged
from schemas.values import Redacted
from services.domain.psi import DRIFTED
from services.triage.classification.features import GramSettings, HashedNgrams
from services.triage.monitoring import daily_counts, drift
from services.triage.monitoring.daily_counts import Counts, DailyCounts
from tests.case_builders import triaged

MONDAY = date(2026, 11, 2)


def decided(category: str = "street_lighting", **changes: Any) -> RequestTriaged:
    return triaged(category=category, model_version="m1", **changes)


def a_day(messages: int, **mix: int) -> Counts:
    rows = [decided(category) for category, count in (mix or {"street_lighting": messages}).items() for _ in range(count)]
    return drift.tally(rows, [(10, 1)] * len(rows))


def test_words_that_the_training_rows_did_not_have_are_told_apart() -> None:
    features = HashedNgrams(GramSettings(min_rows=1)).fit(["the street lamp is out", "la lampe de la rue est cassée"])
    assert drift.words_of(features, ["The LAMP is wobbly", "la rue", "", "[NAME_1] is out"]) == [(4, 1), (2, 0), (0, 0), (2, 0)]


def test_batches_and_days_add_up() -> None:
    rows = [decided(), decided("fines", confidence=0.5, outcome="needs_triage", language=DetectedLanguage(code="fr", confidence=1))]
    counts = drift.tally(rows, [(8, 2), (12, 0)])
    window = drift.window([counts, counts], "m1")
    assert (window.all.messages, window.all.answered, window.all.unknown_words) == (4, 0.5, 0.1)
    assert window.all.confidence == pytest.approx((0.93 + 0.5) / 2)
    assert window.mix == {"fines": 2, "street_lighting": 2}
    assert window.by_language["fr"] == drift.Group(2, 0.0, 0.5, 0.0)
    assert list(window.by_channel) == ["web"]


def test_what_is_counted_holds_no_word_of_anybody() -> None:
    rows = [triaged(redacted=Redacted(subject="Zanzibar", body="quixotic [NAME_1]"), request_id=UUID(int=7))]
    written = str(drift.tally(rows, [(2, 2)]))
    assert not any(word in written for word in ("Zanzibar", "quixotic", "NAME", str(UUID(int=7))))


def test_the_reference_is_the_first_days_that_hold_enough() -> None:
    days = {MONDAY + timedelta(n): a_day(300) for n in range(4)}
    assert drift.reference(days, "m1", MONDAY + timedelta(9)) == [MONDAY, MONDAY + timedelta(1)]
    assert drift.reference(days, "m1", MONDAY + timedelta(1)) == [], "a day that is not over is no reference"
    assert drift.reference(days, "another", MONDAY + timedelta(9)) == []


def test_the_same_mix_is_steady_and_another_has_drifted() -> None:
    usual = drift.window([a_day(0, street_lighting=300, fines=200)], "m1")
    same = drift.window([a_day(0, street_lighting=61, fines=39)], "m1")
    flood = drift.window([a_day(0, street_lighting=20, fines=15, water_drains=200)], "m1")
    assert drift.shift(usual, same).verdict == "steady"
    assert drift.shift(usual, flood).verdict == "drifted"


def test_chance_alone_is_not_called_drift() -> None:
    kinds = [f"kind_{n}" for n in range(30)]
    usual = drift.window([a_day(0, **dict.fromkeys(kinds, 20))], "m1")
    few = drift.window([a_day(0, **{kind: 4 if n % 2 else 1 for n, kind in enumerate(kinds)})], "m1")
    shift = drift.shift(usual, few)
    assert shift.psi > DRIFTED
    assert shift.verdict != "drifted"


@pytest.mark.parametrize(
    ("change", "verdict"),
    [({"confidence": 0.92}, "steady"), ({"confidence": 0.86}, "shifting"), ({"confidence": 0.5}, "drifted")],
)
def test_confidence_that_falls_is_seen(change: dict[str, Any], verdict: str) -> None:
    usual = drift.window([a_day(500)], "m1")
    later = drift.window([drift.tally([decided(**change)] * 100, [(10, 1)] * 100)], "m1")
    assert drift.shift(usual, later).verdict == verdict


def test_ten_messages_say_nothing() -> None:
    assert drift.shift(drift.window([a_day(500)], "m1"), drift.window([a_day(0, fines=10)], "m1")).verdict == "too few to say"


def test_two_processes_and_a_restart_make_one_sum(tmp_path: Path) -> None:
    for _ in range(3):
        counts = DailyCounts(tmp_path)
        counts.add("drift", MONDAY, a_day(2))
        counts.write(MONDAY)
        counts.add("drift", MONDAY, a_day(1))
        counts.write(MONDAY)
    (tmp_path / f"drift.{MONDAY}.torn.json").write_text('[["mix"', encoding="utf-8")
    assert drift.window(list(daily_counts.days(tmp_path, "drift").values()), "m1").all.messages == 9


def test_days_long_over_are_forgotten(tmp_path: Path) -> None:
    long_ago = MONDAY - timedelta(days=200)
    counts = DailyCounts(tmp_path)
    counts.add("drift", long_ago, a_day(1))
    counts.add("drift", MONDAY, a_day(1))
    counts.write(MONDAY)
    assert list(daily_counts.days(tmp_path, "drift")) == [MONDAY]


def test_a_disk_that_takes_nothing_costs_only_counts(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    counts = DailyCounts(tmp_path / "file" / "folder")
    counts.add("drift", MONDAY, a_day(1))
    counts.write(MONDAY)
