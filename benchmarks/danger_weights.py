"""Trains the linear score of danger on our own messages: `python -m benchmarks.danger_weights` writes services/triage/danger_weights.json.

Positives and near misses are `danger_dev`; ordinary messages are the corpus, without those in which a rule sees danger.
"""

import argparse
import json
import sys
from pathlib import Path

import numpy as np
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold

from services.triage import alarm
from services.triage.danger import dangers
from services.triage.signals import read

SETS = Path(__file__).with_name("sets")
CORPUS = Path(alarm.__file__).with_name("corpus")
ORDINARY_WEIGHT = 0.5
"""An ordinary message weighs less than a near miss: there are many of them, and few are hard."""
FALSE_ALARMS = 0.02
_SMALLEST = 0.02


def main() -> int:
    argparse.ArgumentParser(description=__doc__).parse_args()
    rows = [json.loads(line) for line in (SETS / "danger_dev.jsonl").read_text(encoding="utf-8").splitlines()]
    shown = [alarm.features(read(row["text"])[1].tokens) for row in rows]
    ordinary = _ordinary()
    x, y = shown + ordinary, np.array([row["danger"] for row in rows] + [False] * len(ordinary))
    weight = np.array([1.0] * len(rows) + [ORDINARY_WEIGHT] * len(ordinary))
    vectorizer = CountVectorizer(analyzer=list, binary=True, min_df=2)
    counted = vectorizer.fit_transform([sorted(features) for features in x])
    unseen = np.zeros(len(y))
    for train, held_out in KFold(5, shuffle=True, random_state=1).split(counted):
        fold = LogisticRegression(C=1.0, max_iter=1000).fit(counted[train], y[train], sample_weight=weight[train])
        unseen[held_out] = fold.decision_function(counted[held_out])
    threshold = float(np.quantile(unseen[len(rows) :], 1 - FALSE_ALARMS))
    near_misses = unseen[: len(rows)][~y[: len(rows)]]
    print(
        f"held-out folds: recall {(unseen[y] > threshold).mean():.3f}, false alarms {(near_misses > threshold).mean():.3f} of near misses"
    )
    model = LogisticRegression(C=1.0, max_iter=1000).fit(counted, y, sample_weight=weight)
    named = zip(vectorizer.get_feature_names_out(), model.coef_[0], strict=True)
    weights = {str(name): round(float(value), 3) for name, value in named if abs(value) >= _SMALLEST}
    stored = {"bias": round(float(model.intercept_[0]) - threshold, 3), "weights": weights}
    alarm.WEIGHTS.write_text(json.dumps(stored, ensure_ascii=False, indent=0, sort_keys=True) + "\n", encoding="utf-8")
    print(f"{len(weights)} weights from {len(rows)} messages written for it and {len(ordinary)} ordinary parts")
    return 0


def _ordinary() -> list[set[str]]:
    found = []
    for path in sorted(CORPUS.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            literal = read(json.loads(line)["text"])[1]
            if next(dangers(literal), None) is None:
                found += [alarm.features(literal.tokens[start:end]) for start, end in alarm.parts(literal)]
    return found


if __name__ == "__main__":
    sys.exit(main())
