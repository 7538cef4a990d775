"""A second look, by meaning, at what words leave open: it adds and takes doubts, and takes no alarm away."""

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from schemas.requests_triaged import Signal
from services.triage.signals import danger_meaning
from services.triage.signals.danger_meaning import DOUBT_FROM, DangerMeaning, second_look
from services.triage.signals.detection import Reading, signals

DOUBTFUL = "The lady upstairs always waves to me at nine. Not this week, I wonder why."
SAYS_SO = "I want to kill myself."
SCORED = "There is a strong smell of gas in the stairwell."
ORDINARY = "When is the next council meeting?"


class Says:
    """An encoder whose vector is one number, for every text; it keeps what it was asked."""

    name = "invented"

    def __init__(self, value: float, *, silent: bool = False) -> None:
        self._value, self._silent = value, silent
        self.asked: list[str] = []

    def vectors(self, texts: Sequence[str]) -> NDArray[np.float32] | None:
        self.asked += texts
        return None if self._silent else np.full((len(texts), 1), self._value, dtype=np.float32)


def meaning_of(encoder: Says) -> DangerMeaning:
    return DangerMeaning(encoder, np.array([1.0]), bias=0.0, by_words=0.0, by_meaning=1.0, constant=danger_meaning._SURER_BY)


def looked_at(text: str, encoder: Says, but_not: tuple[int, ...] = ()) -> list[Signal]:
    readings = [Reading.of(text)]
    [signs] = second_look(readings, signals(readings), meaning_of(encoder), but_not)
    return [sign for sign in signs if sign.kind == "risk_of_harm"]


@pytest.fixture(autouse=True)
def _everything_is_asked_about(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(danger_meaning, "ASKED_FROM", -100.0)


def test_meaning_makes_an_emergency_a_doubt_or_nothing_of_what_words_leave_open() -> None:
    certainties = [[sign.certainty for sign in looked_at(DOUBTFUL, Says(value))] for value in (2.0, DOUBT_FROM + 0.01, -5.0)]
    assert [len(each) for each in certainties] == [1, 1, 0]
    [[sure], [doubt], _] = certainties
    assert sure
    assert doubt
    assert sure >= 0.5 > doubt


def test_what_a_phrase_says_stays_whatever_meaning_says() -> None:
    encoder = Says(-9.0)
    assert (looked_at(SAYS_SO, encoder)[0].certainty or 0) >= 0.5
    assert encoder.asked == []


def test_an_alarm_of_the_score_is_weighed_with_what_is_meant() -> None:
    [alarm], [doubt] = (looked_at(SCORED, Says(value)) for value in (1.0, DOUBT_FROM + 0.01))
    assert (alarm.certainty or 0) >= 0.5 > (doubt.certainty or 0)


def test_words_alone_decide_while_the_encoder_is_silent() -> None:
    readings = [Reading.of(text) for text in (DOUBTFUL, SCORED, ORDINARY)]
    by_words = signals(readings)
    assert second_look(readings, by_words, meaning_of(Says(9.0, silent=True))) == by_words


def test_who_wants_no_automated_handling_is_looked_up_nowhere() -> None:
    encoder = Says(9.0)
    looked_at(DOUBTFUL, encoder, but_not=(0,))
    assert encoder.asked == []


def test_nothing_is_asked_of_what_words_say_is_far_from_danger(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(danger_meaning, "ASKED_FROM", 100.0)
    encoder = Says(9.0)
    assert looked_at(ORDINARY, encoder) == []
    assert encoder.asked == []


def test_another_encoder_than_the_one_that_was_learned_with_is_not_used() -> None:
    assert DangerMeaning.of(Says(1.0)) is None
    assert DangerMeaning.of(None) is None


@pytest.mark.parametrize("text", ["?!", " ", "\n", "👍", "…", ""])
def test_a_message_without_a_word_is_asked_nothing(text: str) -> None:
    encoder = Says(5.0)

    assert looked_at(text, encoder) == []
    assert encoder.asked == []
