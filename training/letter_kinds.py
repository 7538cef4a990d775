"""Trains what tells kinds and tones of letters apart: `python -m training.letter_kinds` writes `signals/letter_weights.json`.

`letters` are written so that kinds look alike; `letters_feedback` and `letters_plain` are what a public body is sent and nobody calls a
letter: comments of three words, opinions, stories about a bank, thanks without the word. The cues were written by somebody who had read
`letters`, so folds held out flatter. The `dev` half of the benchmark's set is judged and never learned from; real messages are neither.
"""

import argparse
import json
import re
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from schemas.requests_triaged import LetterKind, Tone
from services.triage.signals import letter_cues, letter_kind
from services.triage.signals.letter_kind import KINDS, TONES
from training.cards import learned_from

DATA = Path(__file__).with_name("data")
CARD = Path(__file__).with_name("letter_weights.md")
SET = Path(__file__).parents[1] / "benchmarks" / "sets" / "letters.jsonl"
LEARNED = ("letters", "letters_feedback", "letters_plain")
FLOORS: dict[LetterKind, float] = {
    "report": 0.6,
    "question": 0.6,
    "complaint": 0.55,
    "praise": 0.6,
    "suggestion": 0.5,
    "follow_up": 0.5,
    "several": 0.6,
    "not_ours": 0.5,
    "no_answer": 0.6,
}
TONE_FLOORS: dict[Tone, float] = {"positive": 0.6, "negative": 0.7, "neutral": 0.7}
"""From which probability a draft may rest on a kind or a tone. Chosen by hand on what is held out, and on the `dev` half of the real
messages, whose texts are not here to choose by: see `benchmarks.letter_kinds`. Where the draft leaves its usual way, a mistake is rude."""
_TONE: dict[LetterKind, Tone] = {
    "praise": "positive",
    "complaint": "negative",
    "not_ours": "negative",
    "report": "neutral",
    "question": "neutral",
    "suggestion": "neutral",
    "no_answer": "neutral",
}
"""Letters that follow up or speak of several things are of any tone, and nothing is learned of theirs."""
_STRENGTH, _FOLDS = 1.0, 6
_SEEN = 4
"""In fewer messages than that, a feature says something about them alone."""
_JUDGED = 3.0
"""How much a message counts that the cues have not seen, beside one that they have."""

Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class Learned:
    """Messages by row: `rows` (messages, features), `kinds` and `tones` (messages,) as places in KINDS and TONES, -1 being no tone.

    `group` is (messages,), the same for those that translate each other.

    `judged` is (messages,): by which the floors are read, and no weight is learned.
    """

    names: list[str]
    rows: csr_matrix
    kinds: NDArray[np.int64]
    tones: NDArray[np.int64]
    group: NDArray[np.int64]
    judged: NDArray[np.bool_]
    doubtful: NDArray[np.bool_]
    """Of each message and kind, (messages, kinds)."""


def main() -> int:
    """Trains, and writes the weights and their card."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    learned = read()
    unseen = held_out(learned)
    temperature = calibrated(learned, unseen)
    letter_kind.WEIGHTS.write_text(weights(learned, temperature), encoding="utf-8")
    card = _card(learned, softmax(unseen / temperature), temperature)
    CARD.write_text(card, encoding="utf-8")
    print(card)
    return 0


def inputs() -> list[Path]:
    """Every file that is learned from."""
    return [*(DATA / f"{name}.jsonl" for name in LEARNED), SET, letter_cues.CUES]


def development_half() -> list[dict[str, Any]]:
    """The odd numbers of the benchmark's set."""
    lines = [json.loads(line) for line in SET.read_text(encoding="utf-8").splitlines()]
    return [line for line in lines if int(line["id"].rsplit("-", 1)[1]) % 2]


def read() -> Learned:
    """Every message to learn from, as features."""
    lines = [json.loads(line) for name in LEARNED for line in (DATA / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]
    learned = len(lines)
    lines += development_half()
    by_message = [letter_kind.features(line["subject"], line["text"]) for line in lines]
    times = Counter(name for by_name in by_message[:learned] for name in by_name)
    names = sorted(name for name, count in times.items() if count >= _SEEN)
    place = {name: number for number, name in enumerate(names)}
    rows, columns, worths = zip(
        *((number, place[name], worth) for number, by_name in enumerate(by_message) for name, worth in by_name.items() if name in place),
        strict=True,
    )
    # The French ones are the English ones in other words: both in one fold, or each would be held out against its twin.
    twins = [re.sub(r"-(?:en|fr)-", "-", line["id"]) for line in lines]
    number_of = {name: number for number, name in enumerate(sorted(set(twins)))}
    return Learned(
        names,
        csr_matrix((worths, (rows, columns)), shape=(len(lines), len(names))),
        np.array([KINDS.index(line["kind"]) for line in lines]),
        np.array([TONES.index(_TONE[line["kind"]]) if line["kind"] in _TONE else -1 for line in lines]),
        np.array([number_of[name] for name in twins]),
        np.arange(len(lines)) >= learned,
        np.array([[letter_kind.doubtful(kind, by_name) for kind in KINDS] for by_name in by_message]),
    )


def _fitted(rows: csr_matrix, kinds: NDArray[np.int64]) -> LogisticRegression:
    return LogisticRegression(C=_STRENGTH, max_iter=3000, tol=1e-6).fit(rows, kinds)


def _model_of(learned: Learned, rows: NDArray[np.int64]) -> LogisticRegression:
    return _fitted(learned.rows[rows], learned.kinds[rows])


def held_out(learned: Learned) -> Matrix:
    """The scores of each message, (messages, kinds), by weights that were learned without it."""
    scores = np.empty((len(learned.kinds), len(KINDS)))
    own = np.flatnonzero(~learned.judged)
    scores[learned.judged] = _model_of(learned, own).decision_function(learned.rows[learned.judged])
    for train, test in GroupKFold(_FOLDS).split(own, groups=learned.group[own]):
        scores[own[test]] = _model_of(learned, own[train]).decision_function(learned.rows[own[test]])
    return scores


def softmax(scores: Matrix) -> Matrix:
    """The probabilities of the kinds, (messages, kinds)."""
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))


def calibrated(learned: Learned, scores: Matrix) -> float:
    """The temperature at which probabilities are what they say."""
    importance = np.where(learned.judged, _JUDGED, 1.0)
    rows = np.arange(len(learned.kinds))

    def surprise(temperature: float) -> float:
        return float(-np.average(np.log(softmax(scores / temperature)[rows, learned.kinds]), weights=importance))

    return round(float(minimize_scalar(surprise, bounds=(0.3, 3.0), method="bounded").x), 2)


def weights(learned: Learned, temperature: float) -> str:
    """The file of weights, fitted to every message: of each feature one for each kind, then one for each tone."""
    own = np.flatnonzero(~learned.judged)
    kinds = _model_of(learned, own)
    toned = own[learned.tones[own] >= 0]
    tones = _fitted(learned.rows[toned], learned.tones[toned])
    rows = np.vstack((kinds.coef_, tones.coef_)).T
    bias = [*kinds.intercept_, *tones.intercept_]
    head = {"temperature": temperature, "floors": FLOORS, "tone_floors": TONE_FLOORS, "bias": [round(float(value), 3) for value in bias]}
    lines = ",\n".join(
        f"{json.dumps(name, ensure_ascii=False)}: {json.dumps([round(float(weight), 2) for weight in row])}"
        for name, row in zip(learned.names, rows, strict=True)
    )
    return f'{json.dumps(head)[:-1]}, "weights": {{\n{lines}\n}}}}\n'


def _card(learned: Learned, probabilities: Matrix, temperature: float) -> str:
    best, highest = probabilities.argmax(axis=1), probabilities.max(axis=1)
    sure = (highest >= np.array([FLOORS[kind] for kind in KINDS])[best]) & ~learned.doubtful[np.arange(len(best)), best]
    rows = []
    for number, kind in enumerate(KINDS):
        of_kind, called = (learned.kinds == number) & ~learned.judged, (best == number) & ~learned.judged
        surely = called & sure
        sure_and_right = of_kind[surely].mean() if surely.any() else 0.0
        figures = (of_kind[called].mean(), called[of_kind].mean(), sure_and_right, surely[of_kind].mean())
        rows.append(f"| {kind} | {of_kind.sum()} | {' | '.join(f'{figure:.2f}' for figure in figures)} | {FLOORS[kind]} |")
    return "\n".join(
        (
            "# Card of the letter weights",
            "Written by `python -m training.letter_kinds`, as the weights are. A logistic regression over cues in both languages,",
            "where they stand, words, pairs and pieces of words; it chooses how a draft begins, which a person reads, and decides nothing",
            "else.",
            "",
            f"Temperature {temperature}. Figures are of folds held out, which flatter: the cues were written with these messages in sight.",
            "`python -m benchmarks.letter_kinds` has the honest ones. Surely is at or above the floor of the kind;",
            "praise must sound like it as well when it is read, which the table leaves out.",
            "",
            "| kind | messages | precision | recall | precision, surely | recall, surely | floor |",
            "| --- | --- | --- | --- | --- | --- | --- |",
            *rows,
            "",
            *learned_from(inputs()),
            "",
        )
    )


if __name__ == "__main__":
    sys.exit(main())
