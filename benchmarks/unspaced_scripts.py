"""Whether writing without spaces costs the classifier anything: `python -m benchmarks.unspaced_scripts --data DIR`.

There is no public set of citizens' letters in Chinese or Japanese. So every word of the folder's sets is replaced by one or two of 3,000
Han letters, by a hash of the word, and nothing stands between them: what the texts tell is the same, but words can't be seen. Beside
ours, on the same letters, stands scikit-learn's `TfidfVectorizer(analyzer="char", ngram_range=(1, 3))` with `LinearSVC`, and ours on the
texts with their spaces. Seed 0 was tuned on; other seeds split and replace otherwise.
"""

import argparse
import hashlib
import os
import re
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics import accuracy_score, f1_score
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC

from benchmarks.classifier import sets_of, split
from services.domain import taxonomy
from services.triage.classification.examples import Example
from services.triage.classification.served_text import served
from services.triage.classification.training import train
from services.triage.letter import agency_of

HAN = 0x4E00
LETTERS = 3000  # as many as a newspaper uses
_TOKEN = re.compile(r"\[[A-Z_]+_\d+\]|\w+|[.!?,;:]")
_STOPS = {".": "。", "!": "！", "?": "？", ",": "，", ";": "；", ":": "："}


def in_han(text: str, seed: int) -> str:
    """The text in letters that mean nothing, the same for the same word."""
    return "".join(_letters(token, seed) for token in _TOKEN.findall(text.lower()))


def _letters(token: str, seed: int) -> str:
    if token in _STOPS:
        return _STOPS[token]
    number = int.from_bytes(hashlib.blake2b(token.encode(), digest_size=8, key=bytes([seed])).digest(), "big")
    first, number = number % LETTERS, number // LETTERS
    second, number = number % LETTERS, number // LETTERS
    return chr(HAN + first) + (chr(HAN + second) if number % 3 else "")


def ours(taught: Sequence[Example], asked: Sequence[Example], seed: int) -> list[str]:
    classifier = train(taught, seed=seed)
    return [prediction.category for prediction in classifier.predict([row.text for row in asked])]


def characters(taught: Sequence[Example], asked: Sequence[Example], seed: int) -> list[str]:
    model = make_pipeline(TfidfVectorizer(analyzer="char", ngram_range=(1, 3)), LinearSVC(random_state=seed))
    model.fit([row.text for row in taught], [row.category for row in taught])
    return list(model.predict([row.text for row in asked]))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder of labelled JSONL")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2], help="each splits and replaces otherwise")
    arguments = parser.parse_args()
    agency = agency_of(taxonomy.load())
    sets = sets_of(arguments.data)
    if not sets:
        print("no labelled set found", file=sys.stderr)
        return 2
    print(f"{'macro F1 (accuracy)':34s}{'ours, Han':>16s}{'characters, Han':>18s}{'ours, spaced':>16s}")
    for name, rows in sets.items():
        for seed in arguments.seeds:
            taught, asked = (served(part, agency) for part in split(rows, seed))
            taught_han, asked_han = ([replace(row, text=in_han(row.text, seed)) for row in part] for part in (taught, asked))
            labels = [row.category for row in asked]
            answers = (
                ours(taught_han, asked_han, seed),
                characters(taught_han, asked_han, seed),
                ours(taught, asked, seed),
            )
            cells = [
                f"{100 * f1_score(labels, predicted, average='macro', zero_division=0, labels=sorted({*labels})):.1f}"
                f" ({100 * accuracy_score(labels, predicted):.1f})"
                for predicted in answers
            ]
            print(f"{f'{name:.25s}, seed {seed}':34s}{cells[0]:>16s}{cells[1]:>18s}{cells[2]:>16s}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
