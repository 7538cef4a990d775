"""The figures of a report, against counts done by hand."""

from collections.abc import Sequence

import numpy as np
import pytest

from services.triage.classification.classifier import Prediction
from services.triage.classification.evaluation import Judged, Labelled, bins, coverage_at, ece, evaluate, figures
from services.triage.classification.examples import Example


class Parrot:
    """Says of every text what it was told to."""

    def __init__(self, answers: dict[str, tuple[str, float]]) -> None:
        self.said = answers

    def predict(self, texts: Sequence[str], languages: Sequence[str] | None = None) -> list[Prediction]:
        assert languages is not None
        return [Prediction(*self.said[text], [], answered=self.said[text][1] >= 0.8) for text in texts]


def judged(label: str, predicted: str, confidence: float, *, answered: bool = False) -> Judged:
    return Judged(label, predicted, confidence, answered, "en")


def test_macro_f1_counts_every_label_the_same() -> None:
    rows = [judged("bins", "bins", 0.9)] * 9 + [judged("lamps", "bins", 0.9)]
    figure = figures(rows)
    assert figure.accuracy == 0.9
    assert figure.macro_f1 == pytest.approx((2 * 0.9 / 1.9 + 0) / 2, abs=1e-4)


def test_a_category_that_is_only_said_does_not_count_as_a_label() -> None:
    figure = figures([judged("bins", "bins", 0.9), judged("bins", "lamps", 0.2)])
    assert figure.macro_f1 == pytest.approx(2 / 3, abs=1e-4)


def test_ece_is_the_gap_between_confidence_and_accuracy() -> None:
    confidence = np.array([0.95, 0.95, 0.95, 0.95])
    assert ece(confidence, np.array([True, True, True, False])) == pytest.approx(0.2)
    assert ece(np.array([1.0, 0.0]), np.array([True, False])) == 0.0


def test_coverage_is_the_largest_share_that_keeps_the_precision() -> None:
    confidence = np.array([0.9, 0.8, 0.7, 0.6])
    right = np.array([True, False, True, True])
    assert coverage_at(0.95, confidence, right) == 0.25
    assert coverage_at(0.75, confidence, right) == 1.0
    assert coverage_at(0.95, confidence, ~right) == 0.0


def test_rows_of_equal_confidence_are_answered_together_or_not_at_all() -> None:
    assert coverage_at(0.95, np.array([0.9, 0.9]), np.array([True, False])) == 0.0


def test_bins_leave_out_what_is_empty() -> None:
    (low, high) = bins(np.array([0.01, 0.02, 1.0]), np.array([False, False, True]))
    assert (low.n, low.accuracy) == (2, 0.0)
    assert (high.n, high.accuracy) == (1, 1.0)


def test_a_row_with_several_categories_is_right_by_any() -> None:
    parrot = Parrot({"it smells": ("water_drains", 0.9), "late bus": ("fines", 0.3)})
    report = evaluate(
        parrot, [Labelled("it smells", ("noise_nuisance", "water_drains"), "en"), Labelled("late bus", ("public_transport", "roads"), "fr")]
    )
    assert report.overall.accuracy == 0.5
    assert report.by_language["en"].accuracy == 1.0
    assert report.by_category["public_transport"].n == 1


def test_the_report_has_every_field_of_the_contract() -> None:
    parrot = Parrot({"no light": ("street_lighting", 0.9), "pas de lumière": ("fines", 0.4)})
    report = evaluate(parrot, [Example("no light", "street_lighting", "en"), Example("pas de lumière", "street_lighting", None)]).as_json()
    assert {
        "n",
        "accuracy",
        "macro_f1",
        "ece",
        "coverage_at_95",
        "coverage_at_90",
        "by_language",
        "by_category",
        "texts_per_second",
    } <= report.keys()
    assert report["n"] == 2
    assert (report["answered"], report["answered_precision"]) == (0.5, 1.0)
    assert set(report["by_language"]) == {"en", "und"}


def test_the_report_can_be_read_by_people() -> None:
    parrot = Parrot({"no light": ("street_lighting", 0.9)})
    text = evaluate(parrot, [Example("no light", "street_lighting", "en")]).as_text()
    assert "street_lighting" in text
    assert "100.0%" in text


def test_no_rows_are_no_figures() -> None:
    assert evaluate(Parrot({}), []).overall.n == 0
