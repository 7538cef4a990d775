"""Trains the learned score of danger on our own messages: `python -m training.danger_weights` writes `signals/danger_weights.json`.

`danger_train_*` were written by two people who had not seen the rules, `danger_dev` and `danger_more_*` by those who had, the latter with
what `danger_train_*` missed in mind. Of the others each was written by somebody who had seen nothing: `danger_wide_*` mostly of what is
only hinted at, `danger_post_*` as the post of a day comes, `danger_plain_*` in one plain line. Ordinary messages are the corpus and
`written_en`. What it prints is of folds held out: of messages that the weights of that fold were not learned from.
"""

import argparse
import json
import re
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from services.triage.classification import model_store
from services.triage.rules import SCORED
from services.triage.signals import danger_score
from services.triage.signals.detection import Reading
from training import phrasings
from training.cards import learned_from

DATA = Path(__file__).with_name("data")
CARD = Path(__file__).with_name("danger_weights.md")
WRITTEN = Path(__file__).parents[1] / "benchmarks" / "sets" / "written_en.jsonl"
LEARNED = (
    *("train_en", "train_fr", "dev", "more_en", "more_fr"),
    *("wide_people_en", "wide_people_fr", "wide_things_en", "wide_things_fr"),
    *("post_a_en", "post_a_fr", "post_b_en", "post_b_fr", "plain_en", "plain_fr"),
)
ORDINARY = "ordinary"
PHRASINGS = "phrasings"
OF_A_PHRASING = 2.0
"""How much a phrasing counts, however often it is written out: about as much as two messages."""
ORDINARY_SENTENCE_WEIGHT = 0.5
"""Each sentence of an ordinary message is one more that is no danger. Of the others nobody said which sentence it is."""
FALSE_ALARMS = 0.05
"""Of the near misses in `danger_train_*`, held out, at most so many may be alarms: that is where the threshold is put."""
_STRENGTH, _FOLDS, _SEEDS = 3.0, 5, (1,)
_PAIR = 2
_OTHER_LANGUAGES = [f"{PHRASINGS}_{path.stem}" for path in phrasings.files() if path.stem not in SCORED]
"""Nothing is learned of their words: a few phrasings, and no ordinary mail beside them, would make danger of a language. Meaning learns
from them."""


@dataclass(frozen=True)
class Learned:
    """Training messages: what stands above `rows` is (messages,), `rows` (parts, features), what stands below (parts,).

    `counts` is how much a message counts, `group` the number of what stays in one fold.
    """

    texts: list[str]
    danger: NDArray[np.bool_]
    origin: NDArray[np.str_]
    counts: NDArray[np.float64]
    group: NDArray[np.int64]
    rows: csr_matrix
    message: NDArray[np.int64]
    whole: NDArray[np.bool_]

    @property
    def weight(self) -> NDArray[np.float64]:
        """The weight of each part in training, of shape (parts,)."""
        ordinary = np.where(self.origin[self.message] == ORDINARY, ORDINARY_SENTENCE_WEIGHT, 0.0)
        counts = np.where(np.isin(self.origin, _OTHER_LANGUAGES), 0.0, self.counts)
        return np.asarray(np.where(self.whole, counts[self.message], ordinary))


def main() -> int:
    """Trains, and writes the weights and their card."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    learned = read()
    unseen = np.array([held_out(learned, seed) for seed in _SEEDS])
    near_misses = np.isin(learned.origin, LEARNED[:2]) & ~learned.danger
    threshold = round(float(np.quantile(unseen[:, near_misses], 1 - FALSE_ALARMS)), 4)
    danger_score.WEIGHTS.write_text(weights(learned, threshold), encoding="utf-8")
    card = _card(learned, unseen, threshold)
    CARD.write_text(card, encoding="utf-8")
    print(card)
    return 0


def weights(learned: Learned, threshold: float) -> str:
    """The file of weights: fitted to every message, alarming at the threshold."""
    model = _fitted(learned, np.ones(len(learned.message), dtype=bool))
    return danger_score.stored(model.coef_[0].astype(np.float32), float(model.intercept_[0]) - threshold)


def inputs() -> list[Path]:
    """Every file that is learned from."""
    return [*(DATA / f"danger_{name}.jsonl" for name in LEARNED), *phrasings.files(), *_ordinary_files()]


def _card(learned: Learned, unseen: NDArray[np.float64], threshold: float) -> str:
    rows = []
    for name in (*LEARNED, ORDINARY):
        of_set = learned.origin == name
        danger, alarms = learned.danger[of_set], unseen[:, of_set] > threshold
        recall = f"{alarms[:, danger].mean():.3f}" if danger.any() else "-"
        rows.append(f"| {name} | {danger.sum()} | {recall} | {(~danger).sum()} | {alarms[:, ~danger].mean():.3f} |")
    return "\n".join(
        (
            "# Card of the danger weights",
            "Written by `python -m training.danger_weights`, as the weights are. A logistic regression over hashed words, letters,",
            "neighbours and subjects of a message and of each of its sentences; it raises a case and decides nothing else.",
            "",
            f"Threshold {threshold}: of the near misses in the first two sets, held out, {FALSE_ALARMS:.0%} are alarms. Figures are of",
            "folds held out; `python -m benchmarks.signals` has those of sets that nothing was learned from.",
            "",
            "| set | danger | recall | not | false alarms |",
            "| --- | --- | --- | --- | --- |",
            *rows,
            "",
            *learned_from(inputs()),
            "",
        )
    )


def read() -> Learned:
    """Every message to learn from, as features."""
    marked = [(line["text"], line["danger"], name, 1.0, "") for name in LEARNED for line in _lines(DATA / f"danger_{name}.jsonl")]
    marked += [(line["text"], False, ORDINARY, 1.0, "") for path in _ordinary_files() for line in _lines(path)]
    # Neighbouring lines are often a message and its near miss: they stay in one fold, or each would be held out against its twin.
    marked = [(*message, f"{number // _PAIR}") for number, (*message, _) in enumerate(marked)]
    written = phrasings.written()
    times = Counter(variant.phrasing for variant in written)
    marked += [
        (each.text, each.danger, f"{PHRASINGS}_{each.language}", OF_A_PHRASING / times[each.phrasing], f"phrasing {each.phrasing}")
        for each in written
    ]
    texts, danger, origin, counts, groups = zip(*marked, strict=True)
    messages = [danger_score.words(Reading.of(text).literal) for text in texts]
    parts = [(number, part) for number, message in enumerate(messages) for part in danger_score.parts(message)]
    rows = _hashed([messages[number][part.start : part.end] for number, part in parts])
    return Learned(
        list(texts),
        np.array(danger),
        np.array(origin),
        np.array(counts),
        np.unique(groups, return_inverse=True)[1],
        rows,
        np.array([number for number, _ in parts]),
        np.array([part.whole for _, part in parts]),
    )


def _ordinary_files() -> list[Path]:
    return [*sorted(model_store.CORPUS.glob("*.jsonl")), WRITTEN]


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _hashed(parts: Sequence[list[str]]) -> csr_matrix:
    features = danger_score.features(parts)
    rows = csr_matrix((features.worths, (features.places, features.buckets)), shape=(len(parts), 1 << danger_score.BITS))
    # What a single part says is its own affair.
    return rows.multiply(np.bincount(rows.indices, minlength=rows.shape[1]) > 1).tocsr()


def held_out(learned: Learned, seed: int) -> NDArray[np.float64]:
    """The score of each message, of shape (messages,), by weights that were learned without it."""
    unseen = np.full(len(learned.danger), -np.inf)
    doubts = danger_score.doubts(learned.message, learned.whole)
    groups = shuffled_groups(learned, seed)[learned.message]
    for train, test in GroupKFold(_FOLDS).split(learned.rows, groups=groups):
        scores = _fitted(learned, train).decision_function(learned.rows[test]) - doubts[test]
        np.maximum.at(unseen, learned.message[test], scores)
    return unseen


def shuffled_groups(learned: Learned, seed: int) -> NDArray[np.int64]:
    """The number of what stays in one fold, for each message, in an order that the seed says."""
    return np.asarray(np.random.default_rng(seed).permutation(learned.group.max() + 1)[learned.group])


def shipped_threshold() -> float:
    """The threshold that the shipped weights were put at, as their card says."""
    stands = re.search(r"Threshold (-?[0-9.]+):", CARD.read_text(encoding="utf-8"))
    assert stands
    return float(stands[1])


def _fitted(learned: Learned, rows: NDArray[np.int64] | NDArray[np.bool_]) -> LogisticRegression:
    model = LogisticRegression(C=_STRENGTH, max_iter=1000, solver="liblinear", random_state=0)
    return model.fit(learned.rows[rows], learned.danger[learned.message[rows]], sample_weight=learned.weight[rows])


if __name__ == "__main__":
    sys.exit(main())
