"""What the benchmarks print and compare is what they say."""

from collections.abc import Collection, Sequence
from pathlib import Path

import pytest

from benchmarks import hop, telemetry_cost, triage_identity
from services.domain.taxonomy import Taxonomy
from services.triage.classification import model_store
from services.triage.classification.classifier import Prediction, Reason


class Named:
    def __init__(self, version: str) -> None:
        self.version = version

    def explained(self, texts: Sequence[str], by_words_alone: Collection[int] = ()) -> list[tuple[Prediction, list[Reason]]]:  # noqa: ARG002
        return [(Prediction("street_lighting", 0.99, [], answered=True), []) for _ in texts]


def test_a_model_that_was_made_anew_and_decides_the_same_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    requests = triage_identity.messages(3, None)
    written = []
    for version in ("default-1", "default-2"):

        def named(_: Path, __: Taxonomy, version: str = version) -> Named:
            return Named(version)

        monkeypatch.setattr(model_store, "default_classifier", named)
        written.append(list(triage_identity.events(requests)))
    assert written[0] == written[1]
    assert len(written[0]) == 3


def test_programs_are_measured_without_parvis(capsys: pytest.CaptureFixture[str]) -> None:
    hop.table({"faststream": [(200.0, 210.0)], "aiokafka": [(2000.0, 2100.0)]})
    alone = capsys.readouterr().out
    hop.table({"parvis": [(100.0, 105.0)], "faststream": [(200.0, 210.0)]})
    assert "faststream" in alone
    assert "0.50" in capsys.readouterr().out


def test_the_cost_of_telemetry_is_of_each_round_by_itself() -> None:
    pairs = [
        {"on": (100.0, 100.0), "off": (110.0, 120.0)},
        {"on": (50.0, 50.0), "off": (40.0, 55.0)},  # the machine did something else meanwhile
        {"on": (100.0, 100.0), "off": (100.0, 130.0)},
    ]
    lines = telemetry_cost.lines_of(pairs)
    assert "processor time of a hop with telemetry / without: 1.200, rounds from 1.100 to 1.300" in lines
    assert "time of a hop with telemetry / without: 1.000, rounds from 0.800 to 1.100" in lines
