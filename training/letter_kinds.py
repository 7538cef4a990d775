"""Trains what tells kinds of letters apart on our own messages: `python -m training.letter_kinds` writes `signals/letter_weights.json`.

`letters` are written so that kinds look alike; `letters_feedback` are the short comments and the opinions that a public body is sent,
which nobody calls a letter. The cues were written by somebody who had read these very messages, so folds held out flatter: how sure is
sure is read off the `dev` half of the benchmark's set as well, and the figures that count are of its other half.
"""

import argparse
import hashlib
import json
import re
import sys
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from services.triage.signals import letter_kind
from services.triage.signals.letter_kind import KINDS

DATA = Path(__file__).with_name("data")
CARD = Path(__file__).with_name("letter_weights.md")
SET = Path(__file__).parents[1] / "benchmarks" / "sets" / "letters.jsonl"
LEARNED = ("letters", "letters_feedback")
PRECISION = {"praise": 0.93, "no_answer": 0.93, "not_ours": 0.9}
"""How often a letter that is called so surely has to be one, held out: where the draft leaves its usual way, a mistake is rude."""
USUAL_PRECISION = 0.8
SUREST = 0.95
"""No floor is above it, and no kind surer than its floor without."""
_STRENGTH, _FOLDS = 0.1, 6
_SEEN = 3
"""In fewer messages than that, a feature says something about them alone."""
_FEWEST = 5
_JUDGED = 3.0
"""How much a message counts that the cues have not seen, beside one that they have."""

Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class Learned:
    """Messages by row: `rows` (messages, features), `kinds` (messages,) as places in KINDS, `group` of those that translate each other.

    `judged` is (messages,): by which the floors are read, and no weight is learned.
    """

    names: list[str]
    rows: csr_matrix
    kinds: NDArray[np.int64]
    group: NDArray[np.int64]
    judged: NDArray[np.bool_]
    doubtful: NDArray[np.bool_]
    """Of each message and kind, (messages, kinds)."""


def main() -> int:
    """Trains, and writes the weights and their card."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    learned = read()
    unseen = held_out(learned)
    temperature, floors = calibrated(learned, unseen)
    letter_kind.WEIGHTS.write_text(weights(learned, temperature, floors), encoding="utf-8")
    card = _card(learned, softmax(unseen / temperature), temperature, floors)
    CARD.write_text(card, encoding="utf-8")
    print(card)
    return 0


def inputs() -> list[Path]:
    """Every file that is learned from."""
    return [*(DATA / f"{name}.jsonl" for name in LEARNED), SET, letter_kind.CUES]


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
        np.array([number_of[name] for name in twins]),
        np.arange(len(lines)) >= learned,
        np.array([[letter_kind.doubtful(kind, by_name) for kind in KINDS] for by_name in by_message]),
    )


def _fitted(rows: csr_matrix, kinds: NDArray[np.int64]) -> LogisticRegression:
    return LogisticRegression(C=_STRENGTH, max_iter=3000, tol=1e-6).fit(rows, kinds)


def _model_of_all(learned: Learned) -> LogisticRegression:
    return _fitted(learned.rows[~learned.judged], learned.kinds[~learned.judged])


def held_out(learned: Learned) -> Matrix:
    """The scores of each message, (messages, kinds), by weights that were learned without it."""
    scores = np.empty((len(learned.kinds), len(KINDS)))
    scores[learned.judged] = _model_of_all(learned).decision_function(learned.rows[learned.judged])
    own = np.flatnonzero(~learned.judged)
    for train, test in GroupKFold(_FOLDS).split(own, groups=learned.group[own]):
        train, test = own[train], own[test]  # noqa: PLW2901 - as places among all
        scores[test] = _fitted(learned.rows[train], learned.kinds[train]).decision_function(learned.rows[test])
    return scores


def softmax(scores: Matrix) -> Matrix:
    """The probabilities of the kinds, (messages, kinds)."""
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))


def calibrated(learned: Learned, scores: Matrix) -> tuple[float, dict[str, float]]:
    """The temperature at which probabilities are what they say, and the floor of each kind."""
    importance = np.where(learned.judged, _JUDGED, 1.0)
    rows = np.arange(len(learned.kinds))

    def surprise(temperature: float) -> float:
        return float(-np.average(np.log(softmax(scores / temperature)[rows, learned.kinds]), weights=importance))

    temperature = round(float(minimize_scalar(surprise, bounds=(0.3, 3.0), method="bounded").x), 2)
    probabilities = softmax(scores / temperature)
    return temperature, {kind: _floor(learned, probabilities, importance, number) for number, kind in enumerate(KINDS)}


def _floor(learned: Learned, probabilities: Matrix, importance: Matrix, number: int) -> float:
    """The lowest probability from which on enough are right."""
    called = np.flatnonzero((probabilities.argmax(axis=1) == number) & ~learned.doubtful[:, number])
    order = called[np.argsort(-probabilities[called, number], kind="stable")]
    weight = importance[order]
    precision = np.cumsum(weight * (learned.kinds[order] == number)) / np.cumsum(weight)
    enough = np.flatnonzero(precision >= PRECISION.get(KINDS[number], USUAL_PRECISION))
    enough = enough[enough >= _FEWEST]
    return min(SUREST, round(float(probabilities[order[enough[-1]], number]), 2)) if len(enough) else SUREST


def weights(learned: Learned, temperature: float, floors: Mapping[str, float]) -> str:
    """The file of weights, fitted to every message."""
    model = _model_of_all(learned)
    table = {name: [round(float(weight), 3) for weight in row] for name, row in zip(learned.names, model.coef_.T, strict=True)}
    kept = {name: row for name, row in table.items() if any(row)}
    head = {"temperature": temperature, "floors": dict(floors), "bias": [round(float(value), 3) for value in model.intercept_]}
    lines = ",\n".join(f"{json.dumps(name, ensure_ascii=False)}: {json.dumps(row)}" for name, row in kept.items())
    return f'{json.dumps(head)[:-1]}, "weights": {{\n{lines}\n}}}}\n'


def _card(learned: Learned, probabilities: Matrix, temperature: float, floors: Mapping[str, float]) -> str:
    best, highest = probabilities.argmax(axis=1), probabilities.max(axis=1)
    sure = (highest >= np.array([floors[kind] for kind in KINDS])[best]) & ~learned.doubtful[np.arange(len(best)), best]
    rows = []
    for number, kind in enumerate(KINDS):
        of_kind, called = (learned.kinds == number) & ~learned.judged, (best == number) & ~learned.judged
        surely = called & sure
        sure_and_right = of_kind[surely].mean() if surely.any() else 0.0
        figures = (of_kind[called].mean(), called[of_kind].mean(), sure_and_right, surely[of_kind].mean())
        rows.append(f"| {kind} | {of_kind.sum()} | {' | '.join(f'{figure:.2f}' for figure in figures)} | {floors[kind]} |")
    hashes = [f"| {path.name} | {hashlib.sha256(path.read_bytes()).hexdigest()} |" for path in inputs()]
    return "\n".join(
        (
            "# Card of the letter weights",
            "Written by `python -m training.letter_kinds`, as the weights are. A logistic regression over cues in both languages,",
            "where they stand, and words; it chooses how a draft begins, which a person reads, and decides nothing else.",
            "",
            f"Temperature {temperature}. Figures are of folds held out, which flatter: the cues were written with these messages in sight.",
            "`python -m benchmarks.letter_kinds` has the honest ones. Surely is at or above the floor of the kind.",
            "",
            "| kind | messages | precision | recall | precision, surely | recall, surely | floor |",
            "| --- | --- | --- | --- | --- | --- | --- |",
            *rows,
            "",
            "| learned from | sha256 |",
            "| --- | --- |",
            *hashes,
            "",
        )
    )


if __name__ == "__main__":
    sys.exit(main())
