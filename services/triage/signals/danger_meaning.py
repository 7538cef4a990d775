"""Looks a second time at what the score of words says: by the meaning of the part that scores highest, where an encoder is set.

Words and meaning are weighed together on the scale of words alone, on which an alarm begins at 0. What a phrase says stays as it is.
"""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray

from schemas.requests_triaged import Signal
from services.domain.danger_levels import is_emergency
from services.triage.signals.danger_certainty import by_score, doubt_of
from services.triage.signals.danger_phrases import perhaps
from services.triage.signals.danger_score import Scored, scored
from services.triage.signals.detection import Reading, danger_by_phrase, excerpt

WEIGHTS = Path(__file__).with_name("danger_meaning.json")
ASKED_FROM = -2.5
"""From which score of the words on meaning is asked for. No alarm of both together was below it among messages held out."""
DOUBT_FROM = -0.35
"""Of both together; an emergency begins at 0."""
_SURER_BY = 0.65
"""By how much more both must say than the threshold of near misses: to an encoder more real messages sound like danger."""
_READ = 600


class Encoder(Protocol):
    """What is asked of an encoder."""

    @property
    def name(self) -> str:
        """What gives the vectors, and in which version."""

    def vectors(self, texts: Sequence[str]) -> NDArray[np.float32] | None:
        """The vectors by row, (texts, width); None where there are none."""


@dataclass(frozen=True)
class DangerMeaning:
    """A linear score over vectors of one encoder, `weights` (width,), and how much it and the score of the words say together."""

    encoder: Encoder
    weights: NDArray[np.float64] = field(repr=False)
    bias: float
    by_words: float
    by_meaning: float
    constant: float

    @classmethod
    def of(cls, encoder: Encoder | None) -> Self | None:
        """None where there is no encoder, or another than the one that was learned with."""
        if encoder is None:
            return None
        kept = json.loads(WEIGHTS.read_text(encoding="utf-8"))
        if encoder.name != kept["encoder"]:
            return None
        return cls(encoder, np.array(kept["weights"]), kept["bias"], kept["by_words"], kept["by_meaning"], kept["constant"])

    def scores(self, of_words: Sequence[float], texts: Sequence[str]) -> list[float] | None:
        """What words and meaning say of each text together; None while the encoder is silent."""
        vectors = self.encoder.vectors(texts)
        if vectors is None or vectors.shape[1] != len(self.weights):
            return None
        meant = vectors @ self.weights + self.bias
        together: list[float] = (self.by_words * np.array(of_words) + self.by_meaning * meant + self.constant - _SURER_BY).tolist()
        return together


@dataclass(frozen=True)
class Weighed:
    """What the score of words decided, by the words alone and with what the message means."""

    by_words: Scored
    together: float


def weighed(
    readings: Sequence[Reading], shown: Sequence[list[Signal]], meaning: DangerMeaning, but_not: Collection[int] = ()
) -> dict[int, Weighed]:
    """What the score of words decided, by the number of its reading; nothing while the encoder is silent."""
    numbers = [number for number in range(len(readings)) if number not in but_not and not readings[number].calm]
    by_words = scored([readings[number].literal for number in numbers]) if numbers else []
    asked = [
        (number, score, text)
        for number, score in zip(numbers, by_words, strict=True)
        if score.highest > ASKED_FROM and _is_open(readings[number], shown[number], score) and (text := _part(readings[number], score))
    ]
    together = meaning.scores([score.highest for _, score, _ in asked], [text for *_, text in asked]) if asked else None
    return {number: Weighed(score, both) for (number, score, _), both in zip(asked, together or [], strict=bool(together))}


def second_look(
    readings: Sequence[Reading], shown: Sequence[list[Signal]], meaning: DangerMeaning, but_not: Collection[int] = ()
) -> list[list[Signal]]:
    """The signals with what meaning adds or takes from what the score alone says. Those numbered in `but_not` are looked up nowhere."""
    looked_at = list(shown)
    for number, weight in weighed(readings, shown, meaning, but_not).items():
        danger = _danger(readings[number], weight.by_words, weight.together)
        if not danger and next(perhaps(readings[number].plain), None):
            continue  # its words stay a doubt
        looked_at[number] = [*danger, *(sign for sign in shown[number] if sign.kind != "risk_of_harm")]
    return looked_at


def _is_open(reading: Reading, signs: Sequence[Signal], by_words: Scored) -> bool:
    """Whether the score alone decides: no phrase says that there is danger, and it is no machine's."""
    if any(sign.kind == "automatic_reply" for sign in signs):
        return False
    sure = any(sign.kind == "risk_of_harm" and is_emergency(sign.certainty) for sign in signs)
    return not sure or (bool(by_words.alarms) and danger_by_phrase(reading.literal) is None)


def _part(reading: Reading, score: Scored) -> str:
    """The text that scores highest; empty where there is no word to ask about."""
    if score.part[0] == score.part[1]:
        return ""
    start, end = reading.literal.span(*score.part)
    text = " ".join(reading.text[start:end].split())[:_READ]
    return text if any(letter.isalnum() for letter in text) else ""


def _danger(reading: Reading, score: Scored, both: float) -> list[Signal]:
    if both <= DOUBT_FROM:
        return []
    words = excerpt(reading.text, *reading.literal.span(*score.run))
    return [Signal(kind="risk_of_harm", words=words, certainty=round(by_score(both), 3) if both > 0 else doubt_of(both))]
