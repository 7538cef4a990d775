"""Labelled messages in, a classifier out: members at their own temperatures, trust and thresholds from held-out rows."""

import csv
import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.sparse import csr_matrix
from scipy.special import log_softmax
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import ComplementNB
from sklearn.svm import LinearSVC

from services.runtime.errors import InvalidInput
from services.triage.classifier import Classifier, Scores, Trust, evidence
from services.triage.features import HashedNgrams

Labels = NDArray[np.int64]
Progress = Callable[[float, str], None]
"""Told the share that is done, and what is being done."""

RECIPE_VERSION = 1
"""Counted up with every change of what training makes of the same rows: cached models are then made again."""
SMOOTHING_ROWS = 10.0  # a category's own precision counts once it has as many held-out rows as this


@dataclass(frozen=True)
class Example:
    """A message and the category that a person gave it."""

    text: str
    category: str
    language: str | None = None
    urgency: str | None = None
    department: str | None = None


@dataclass(frozen=True)
class Recipe:
    """One of the small family that training chooses from."""

    name: str
    words: tuple[int, int] = (1, 2)
    characters: tuple[int, int] = (2, 5)
    folds: int = 3
    svc: float | None = 0.3
    bayes: float | None = 0.3


QUICK = Recipe("quick")
"""What the default model is trained by at first start."""


class UnreadableExamples(InvalidInput):
    """The file can't be trained on; the message names line and field."""


def read_examples(path: Path) -> list[Example]:
    """Rows of JSONL or CSV: `text`, `category`, optionally `language`, `urgency`, `department`; other fields are passed over."""
    if not path.is_file():
        raise UnreadableExamples(f"{path}: there is no such file")
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableExamples(f"{path}: not UTF-8 at byte {error.start}; save it as UTF-8 first") from None
    rows = _csv_rows(text, path) if path.suffix.lower() == ".csv" else _json_rows(text, path)
    examples = [_example(row, f"{path}, line {line}") for line, row in rows]
    if not examples:
        raise UnreadableExamples(f"{path}: no rows; each needs `text` and `category`")
    return examples


def _json_rows(text: str, path: Path) -> Iterable[tuple[int, dict[str, object]]]:
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            raise UnreadableExamples(f"{path}, line {number}: not JSON ({error.msg} at character {error.pos + 1})") from None
        if not isinstance(row, dict):
            raise UnreadableExamples(f"{path}, line {number}: give an object with `text` and `category`, not {type(row).__name__}")
        yield number, row


def _csv_rows(text: str, path: Path) -> Iterable[tuple[int, dict[str, object]]]:
    reader = csv.DictReader(text.splitlines(keepends=True))
    missing = {"text", "category"} - set(reader.fieldnames or [])
    if missing:
        raise UnreadableExamples(f"{path}, line 1: no column {' and no column '.join(sorted(missing))}; name it in the first line")
    for row in reader:
        yield reader.line_num, dict(row)


def _example(row: dict[str, object], where: str) -> Example:
    found: dict[str, str | None] = {}
    for field in ("text", "category", "language", "urgency", "department"):
        value = row.get(field)
        if value is not None and not isinstance(value, str):
            raise UnreadableExamples(f"{where}: {field} must be text, not {type(value).__name__}", field=field)
        found[field] = value.strip() if value else None
    text, category = found["text"], found["category"]
    if not text:
        raise UnreadableExamples(f"{where}: text is missing or empty", field="text")
    if not category:
        raise UnreadableExamples(f"{where}: category is missing or empty", field="category")
    return Example(text, category, found["language"], found["urgency"], found["department"])


def train(  # noqa: PLR0913 - one word for each thing that can be asked
    rows: Sequence[Example],
    *,
    seed: int = 0,
    budget_seconds: float | None = None,  # noqa: ARG001
    progress: Progress | None = None,
    precision: float = 0.8,
    recipe: Recipe = QUICK,
) -> Classifier:
    """The classifier of these rows. Needs two categories at least."""
    tell = progress or (lambda _share, _doing: None)
    categories = tuple(sorted({row.category for row in rows}))
    if len(categories) < 2:  # noqa: PLR2004
        raise UnreadableExamples("training needs at least two categories", field="category")
    number = {category: index for index, category in enumerate(categories)}
    labels = np.array([number[row.category] for row in rows])
    texts = [row.text for row in rows]
    tell(0.0, "features")
    features = HashedNgrams(recipe.words, recipe.characters)
    matrix = features.fit_transform(texts)
    folds = fold_of_rows(texts, labels, recipe.folds, seed)
    members = _members(recipe)
    held_out = [np.zeros((len(rows), len(categories))) for _ in members]
    for fold in range(recipe.folds):
        tell((fold + 0.5) / (recipe.folds + 1), f"fold {fold + 1} of {recipe.folds}")
        inside, outside = folds != fold, folds == fold
        for scores, fit in zip(held_out, members, strict=True):
            weights, biases = fit(matrix[inside], labels[inside], len(categories), seed)
            scores[outside] = matrix[outside] @ weights + biases
    temperatures = [_temperature(scores, labels) for scores in held_out]
    tell(recipe.folds / (recipe.folds + 1), "the whole")
    fitted = [fit(matrix, labels, len(categories), seed) for fit in members]
    shares = [1 / (temperature * len(members)) for temperature in temperatures]
    logits = sum((scores * share for scores, share in zip(held_out, shares, strict=True)), start=np.zeros(held_out[0].shape))
    last = 1 / _temperature(logits, labels)
    logits = logits * last
    weights = sum((one[0] * (share * last) for one, share in zip(fitted, shares, strict=True)), start=np.zeros_like(fitted[0][0]))
    biases = sum((one[1] * (share * last) for one, share in zip(fitted, shares, strict=True)), start=np.zeros_like(fitted[0][1]))
    trust = _trust(logits, matrix, labels)
    confidence = trust.confidence(logits, matrix)
    thresholds = thresholds_for(precision, logits.argmax(axis=1), confidence, labels, categories)
    tell(1.0, "done")
    weights = weights.astype(np.float32)
    version = hashlib.blake2b(weights.tobytes(), digest_size=6).hexdigest()
    return Classifier(version, categories, features, weights, biases.astype(np.float32), trust, thresholds)


Fitted = tuple[NDArray[np.float32], NDArray[np.float32]]
Fit = Callable[[csr_matrix, Labels, int, int], Fitted]


def _members(recipe: Recipe) -> list[Fit]:
    members: list[Fit] = []
    if (c := recipe.svc) is not None:
        members.append(lambda rows, labels, width, seed, c=c: _svc(rows, labels, width, seed, c))  # type: ignore[misc]
    if (alpha := recipe.bayes) is not None:
        members.append(lambda rows, labels, width, _seed, alpha=alpha: _bayes(rows, labels, width, alpha))  # type: ignore[misc]
    return members


def _spread(weights: NDArray[np.float64], biases: NDArray[np.float64], known: Labels, width: int) -> Fitted:
    """Categories that a fold has not seen get the lowest score of all."""
    if len(known) == 2 and weights.shape[1] == 1:  # noqa: PLR2004
        weights, biases = np.hstack([-weights, weights]), np.hstack([-biases, biases])
    whole = np.zeros((weights.shape[0], width), dtype=np.float32)
    whole[:, known] = weights
    low = np.full(width, biases.min() - 5, dtype=np.float32)
    low[known] = biases
    return whole, low


def _svc(rows: csr_matrix, labels: Labels, width: int, seed: int, c: float) -> Fitted:
    model = LinearSVC(C=c, tol=0.1, random_state=seed).fit(rows, labels)
    return _spread(model.coef_.T, np.atleast_1d(model.intercept_), model.classes_, width)


def _bayes(rows: csr_matrix, labels: Labels, width: int, alpha: float) -> Fitted:
    model = ComplementNB(alpha=alpha).fit(rows, labels)
    return _spread(model.feature_log_prob_.T, np.zeros(len(model.classes_)), model.classes_, width)


def fold_of_rows(texts: Sequence[str], labels: Labels, folds: int, seed: int) -> Labels:
    """The fold of each row: categories spread evenly, and the same text under the same fold."""
    random = np.random.default_rng(seed)
    groups: dict[str, int] = {}
    group = np.array([groups.setdefault("".join(filter(str.isalnum, text.lower())), len(groups)) for text in texts])
    leader = np.full(len(groups), -1, dtype=np.int64)
    order = random.permutation(len(texts))
    leader[group[order[::-1]]] = order[::-1]
    fold = np.zeros(len(groups), dtype=np.int64)
    for label in np.unique(labels):
        own = np.flatnonzero(labels[leader] == label)
        random.shuffle(own)
        fold[own] = (np.arange(len(own)) + random.integers(folds)) % folds
    rows: Labels = fold[group]
    return rows


def _temperature(scores: Scores, labels: Labels) -> float:
    """The one number by which scores must be divided to be the best log-probabilities."""
    at = np.arange(len(labels))

    def loss(log_temperature: float) -> float:
        return -float(log_softmax(scores / np.exp(log_temperature), axis=1)[at, labels].mean())

    return float(np.exp(minimize_scalar(loss, bounds=(-5, 5), method="bounded", options={"xatol": 0.02}).x))


def _trust(logits: Scores, rows: csr_matrix, labels: Labels) -> Trust:
    right = logits.argmax(axis=1) == labels
    if right.all() or not right.any():
        return Trust((1.0, 0.0, 0.0), 0.0)
    model = LogisticRegression(C=1.0, max_iter=200).fit(evidence(logits, rows), right)
    return Trust(tuple(float(c) for c in model.coef_[0]), float(model.intercept_[0]))


def thresholds_for(precision: float, predicted: Labels, confidence: Scores, labels: Labels, categories: Sequence[str]) -> dict[str, float]:
    """For each category the lowest confidence down to which held-out rows were right often enough, few rows leaning on confidence."""
    found: dict[str, float] = {}
    for index, category in enumerate(categories):
        own = np.flatnonzero(predicted == index)
        own = own[np.argsort(-confidence[own], kind="stable")]
        sure = confidence[own]
        count = np.arange(1, len(own) + 1)
        right = np.cumsum(labels[own] == index)
        expected = np.cumsum(sure) / count
        smoothed = (right + SMOOTHING_ROWS * expected) / (count + SMOOTHING_ROWS)
        enough = np.flatnonzero(smoothed >= precision)
        found[category] = float(sure[enough[-1]]) if len(enough) else min(1.0, precision + 0.1)
    return found
