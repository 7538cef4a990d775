"""Labelled messages in, a classifier out: a blend of linear models, its trust and thresholds from held-out rows."""

import csv
import hashlib
import io
import json
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.sparse import coo_matrix, csr_matrix
from scipy.sparse.csgraph import connected_components
from scipy.special import log_softmax
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import ComplementNB
from sklearn.svm import LinearSVC

from services.runtime.errors import InvalidInput
from services.triage import evaluation
from services.triage.classifier import Classifier, Scores, Trust, evidence
from services.triage.features import HashedNgrams

Labels = NDArray[np.int64]
Fitted = tuple[NDArray[np.float32], NDArray[np.float32]]
"""One weight for each column and category, and one bias for each category."""
Fit = Callable[[csr_matrix, Labels, int, int], Fitted]
Progress = Callable[[float, str], None]
"""Told the share that is done, and what is being done."""

RECIPE_VERSION = 3
"""Counted up with every change of what training makes of the same rows: cached models are then made again."""
PRECISION = 0.8
"""How many of those that are answered without a person's sorting should be right, unless something else is asked."""
SMOOTHING_ROWS = 10.0  # a category's own precision counts once it has as many held-out rows as this
ALIKE = 0.8  # rows that share so much of their grams are one text sent twice
PILOT_ROWS = 1000
RARE_ROWS = 5


@dataclass(frozen=True)
class Example:
    """A message and the category that a person gave it."""

    text: str
    category: str
    language: str | None = None
    urgency: str | None = None
    department: str | None = None


def _spread(weights: NDArray[np.float64], biases: NDArray[np.float64], known: Labels, width: int) -> Fitted:
    """Brings a model to all categories: those that its rows did not have get a score below the others."""
    if weights.shape[1] == 1:
        weights, biases = np.hstack([-weights, weights]), np.hstack([-biases, biases])
    whole = np.zeros((weights.shape[0], width), dtype=np.float32)
    whole[:, known] = weights
    low = np.full(width, biases.min() - 1, dtype=np.float32)
    low[known] = biases
    return whole, low


def _margins(rows: csr_matrix, labels: Labels, width: int, seed: int, *, strength: float, balanced: bool) -> Fitted:
    """Fit a support vector machine for each category against all others."""
    model = LinearSVC(C=strength, tol=0.05, class_weight="balanced" if balanced else None, random_state=seed).fit(rows, labels)
    return _spread(model.coef_.T, np.atleast_1d(model.intercept_), model.classes_, width)


def _ratios(rows: csr_matrix, labels: Labels, width: int, seed: int, *, strength: float, smoothing: float) -> Fitted:
    """Fit the same on columns scaled by how much more often each occurs inside the category than outside (Wang and Manning, 2012)."""
    known = np.unique(labels)
    whole = np.asarray(rows.sum(axis=0)).ravel()
    weights, biases = [], []
    for label in known:
        inside = np.asarray(rows[labels == label].sum(axis=0)).ravel() + smoothing
        outside = np.maximum(whole - inside + smoothing, 0) + smoothing
        ratio = np.log(inside / inside.sum()) - np.log(outside / outside.sum())
        ratio = (ratio / np.abs(ratio).mean()).astype(np.float32)
        scaled = csr_matrix((rows.data * ratio[rows.indices], rows.indices, rows.indptr), shape=rows.shape)
        model = LinearSVC(C=strength, tol=0.05, class_weight="balanced", random_state=seed).fit(scaled, labels == label)
        weights.append(model.coef_[0] * ratio)
        biases.append(model.intercept_[0])
    return _spread(np.array(weights).T, np.array(biases), known, width)


def _complement(rows: csr_matrix, labels: Labels, width: int, _seed: int, *, smoothing: float) -> Fitted:
    """Fit complement naive Bayes: what a text would be surprising in, category by category."""
    model = ComplementNB(alpha=smoothing).fit(rows, labels)
    return _spread(model.feature_log_prob_.T, np.zeros(len(model.classes_)), model.classes_, width)


MEMBERS: Mapping[str, Fit] = {
    "margins": partial(_margins, strength=0.5, balanced=True),
    "margins-plain": partial(_margins, strength=2.0, balanced=False),
    "ratios": partial(_ratios, strength=0.1, smoothing=0.1),
    "margins-light": partial(_margins, strength=0.2, balanced=False),
    "complement": partial(_complement, smoothing=0.03),
    "complement-smooth": partial(_complement, smoothing=0.3),
}


@dataclass(frozen=True)
class Recipe:
    """What is tried: blends of members, the first of which is taken unless another is clearly better on held-out rows."""

    name: str
    blends: tuple[tuple[str, ...], ...]
    folds: int
    words: tuple[int, int] = (1, 2)
    characters: tuple[int, int] = (3, 5)


QUICK = Recipe("quick", (("margins-light", "complement-smooth"),), folds=4)
"""For the default model: ready within seconds of the first start, and the best of all on messages unlike its own rows."""
FAMILY = Recipe(
    "family",
    (
        ("ratios", "margins", "complement"),
        ("ratios", "margins"),
        ("margins", "complement"),
        ("ratios", "margins-plain", "complement"),
        ("margins", "complement-smooth"),
        ("margins",),
    ),
    folds=5,
)
"""For an agency's own rows."""


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
    reader = csv.DictReader(io.StringIO(text, newline=""))
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


def train(
    rows: Sequence[Example],
    *,
    seed: int = 0,
    budget_seconds: float | None = None,
    progress: Progress | None = None,
    precision: float = PRECISION,
    recipe: Recipe = FAMILY,
    descriptions: Sequence[Example] = (),
) -> Classifier:
    """Make the classifier of these rows; the same rows and seed give the same one.

    `descriptions` teach and are never held out: what a taxonomy says of a category is not what a citizen writes. Where the
    budget is too short for all rows, a part is drawn that keeps rare categories whole.
    """
    began = time.perf_counter()
    tell = progress or (lambda _share, _doing: None)
    categories = tuple(sorted({row.category for row in (*rows, *descriptions)}))
    if len(categories) < 2:  # noqa: PLR2004
        raise UnreadableExamples(f"training needs two categories at least, and there is only {categories or 'none'}", field="category")
    number = {category: index for index, category in enumerate(categories)}
    labels = np.array([number[row.category] for row in rows])
    members = [name for name in MEMBERS if any(name in blend for blend in recipe.blends)]
    tell(0.0, "reading the words")
    features = HashedNgrams(recipe.words, recipe.characters)
    used = np.arange(len(rows))
    if budget_seconds is not None:
        used = _within(budget_seconds, rows, labels, recipe, members, seed)
    texts, labels = [rows[row].text for row in used.tolist()], labels[used]
    # A category's name is its shortest description.
    said = [*((name.replace("_", " "), name) for name in categories), *((row.text, row.category) for row in descriptions)]
    seldom = [text for text, count in zip(texts, np.bincount(labels)[labels], strict=True) if count < RARE_ROWS]
    # Counted twice, so that their words become columns: they may be all that there is of a category.
    features.fit([*texts, *seldom, *2 * [text for text, _ in said]])
    matrix, described = features.transform(texts), features.transform([text for text, _ in said])
    described_as = np.array([number[category] for _, category in said])
    fold = folds_of(matrix, labels, recipe.folds, seed)
    held_out = {name: np.zeros((len(texts), len(categories)), dtype=np.float32) for name in members}
    whole: dict[str, Fitted] = {}
    steps = (recipe.folds + 1) * len(members)
    for step, (part, name) in enumerate((part, name) for part in range(recipe.folds + 1) for name in members):
        tell(0.1 + 0.9 * step / steps, f"{name}, {f'part {part + 1} of {recipe.folds}' if part < recipe.folds else 'all rows'}")
        inside = fold != part
        taught = _stacked(matrix[inside], described)
        fitted = MEMBERS[name](taught, np.concatenate([labels[inside], described_as]), len(categories), seed)
        if part < recipe.folds:
            held_out[name][~inside] = matrix[~inside] @ fitted[0] + fitted[1]
        else:
            whole[name] = fitted
    scaled = {name: _temperature(scores, labels) for name, scores in held_out.items()}
    blend, tried = _best(recipe, {name: held_out[name] / scaled[name] for name in members}, labels)
    logits = np.mean([held_out[name].astype(np.float64) / scaled[name] for name in blend], axis=0)
    last = _temperature(logits, labels)
    logits /= last
    weights = sum((whole[name][0] / (scaled[name] * last * len(blend)) for name in blend), start=np.zeros_like(whole[blend[0]][0]))
    biases = sum((whole[name][1] / (scaled[name] * last * len(blend)) for name in blend), start=np.zeros_like(whole[blend[0]][1]))
    weights = weights.astype(np.float32)
    trust = _trust(logits, matrix, labels)
    confidence = trust.confidence(logits, matrix)
    predicted = logits.argmax(axis=1)
    thresholds = thresholds_for(precision, predicted, confidence, labels, categories)
    judged = [
        evaluation.Judged(
            categories[label], categories[said], float(sure), bool(sure >= thresholds[categories[said]]), rows[row].language or "und"
        )
        for row, label, said, sure in zip(used.tolist(), labels, predicted, confidence, strict=True)
    ]
    tell(1.0, "done")
    facts = {
        "rows": len(rows),
        "rows_used": len(used),
        "rows_by_category": dict(sorted(Counter(row.category for row in rows).items())),
        "rows_by_language": dict(sorted(Counter(row.language or "und" for row in rows).items())),
        "data_hash": hash_of(rows),
        "seed": seed,
        "recipe": recipe.name,
        "blend": list(blend),
        "tried": tried,
        "folds": recipe.folds,
        "wanted_precision": precision,
        "seconds": round(time.perf_counter() - began, 1),
        "held_out": held_out_facts(judged),
    }
    version = hashlib.blake2b(weights.tobytes() + biases.tobytes(), digest_size=6).hexdigest()
    return Classifier(version, categories, features, weights, biases.astype(np.float32), trust, thresholds, facts)


def hash_of(rows: Iterable[Example]) -> str:
    """Name the data by its content."""
    digest = hashlib.blake2b(digest_size=16)
    for row in rows:
        digest.update(json.dumps([row.text, row.category, row.language]).encode())
    return digest.hexdigest()


def held_out_facts(judged: Sequence[evaluation.Judged]) -> dict[str, Any]:
    """Everything that the model card shows of rows that the judging model had not seen."""
    told = evaluation.report(judged).as_json()
    del told["texts_per_second"]
    confidence = np.array([row.confidence for row in judged])
    right = np.array([row.right for row in judged])
    curve = evaluation.precision_curve(confidence, right)
    shown = np.unique(np.linspace(0, len(curve) - 1, min(len(curve), 100)).astype(int))
    confused = Counter((row.label, row.predicted) for row in judged)
    return {
        **told,
        "calibration": [asdict(one) for one in evaluation.bins(confidence, right)],
        "coverage": [[round(share, 4), round(reached, 4)] for share, reached in (curve[at] for at in shown)],
        "confused": [[label, said, count] for (label, said), count in sorted(confused.items())],
    }


def _within(budget: float, rows: Sequence[Example], labels: Labels, recipe: Recipe, members: Sequence[str], seed: int) -> Labels:
    """The rows that can be trained on in time, judged by a pilot on a few of them."""
    everything = np.arange(len(rows))
    if len(rows) <= 2 * PILOT_ROWS:
        return everything
    pilot = _drawn(labels, PILOT_ROWS, seed)
    began = time.perf_counter()
    matrix = HashedNgrams(recipe.words, recipe.characters).fit_transform([rows[row].text for row in pilot])
    for name in members:
        MEMBERS[name](matrix, labels[pilot], int(labels.max()) + 1, seed)
    # One and a half: solvers need a few more rounds on more rows, and blending takes its time.
    each = 1.5 * (time.perf_counter() - began) / len(pilot)
    affordable = int(budget / (each * (recipe.folds + 1)))
    return everything if affordable >= len(rows) else _drawn(labels, max(affordable, PILOT_ROWS), seed)


def _drawn(labels: Labels, count: int, seed: int) -> Labels:
    """Draw about so many rows: all of a rare category, an even share of the others."""
    random = np.random.default_rng(seed)
    share = count / len(labels)
    chosen = [
        random.permutation(own)[: max(int(len(own) * share), min(len(own), 20))]
        for own in (np.flatnonzero(labels == label) for label in np.unique(labels))
    ]
    return np.sort(np.concatenate(chosen))


def _stacked(first: csr_matrix, second: csr_matrix) -> csr_matrix:
    return csr_matrix(
        (
            np.concatenate([first.data, second.data]),
            np.concatenate([first.indices, second.indices]),
            np.concatenate([first.indptr, second.indptr[1:] + first.indptr[-1]]),
        ),
        shape=(first.shape[0] + second.shape[0], first.shape[1]),
    )


def _best(recipe: Recipe, scores: Mapping[str, NDArray[np.float32]], labels: Labels) -> tuple[tuple[str, ...], list[dict[str, Any]]]:
    """The first blend, unless another is better by more than one standard error: what is picked by a hair is picked by chance."""
    known = np.unique(labels)
    tried: list[dict[str, Any]] = []
    hits: list[NDArray[np.bool_]] = []
    for blend in recipe.blends:
        said = np.sum([log_softmax(scores[name], axis=1) for name in blend], axis=0).argmax(axis=1)
        hits.append(said == labels)
        meant, told = np.bincount(labels, minlength=known[-1] + 1), np.bincount(said, minlength=known[-1] + 1)
        both = np.bincount(labels[hits[-1]], minlength=known[-1] + 1)
        f1 = float((2 * both[known] / np.maximum(meant[known] + told[known], 1)).mean())
        tried.append({"blend": list(blend), "accuracy": round(float(hits[-1].mean()), 4), "macro_f1": round(f1, 4)})
    goals = [(one["accuracy"] + one["macro_f1"]) / 2 for one in tried]
    best = int(np.argmax(goals))
    error = float(np.std(hits[best].astype(float) - hits[0]) / np.sqrt(len(labels)))
    return recipe.blends[best if goals[best] > goals[0] + error else 0], tried


def folds_of(matrix: csr_matrix, labels: Labels, folds: int, seed: int) -> Labels:
    """The fold of each row: categories spread evenly, near-duplicates under the same fold."""
    random = np.random.default_rng(seed)
    group = alike_rows(matrix, seed)
    order = random.permutation(len(labels))
    leader = np.zeros(group.max() + 1, dtype=np.int64)
    leader[group[order]] = order
    fold = np.zeros(len(leader), dtype=np.int64)
    for label in np.unique(labels):
        own = np.flatnonzero(labels[leader] == label)
        random.shuffle(own)
        fold[own] = (np.arange(len(own)) + random.integers(folds)) % folds
    rows: Labels = fold[group]
    return rows


def alike_rows(matrix: csr_matrix, seed: int) -> Labels:
    """The group of each row: rows that share most of their grams are one. Candidates by MinHash, then compared."""
    count = matrix.shape[0]
    random = np.random.default_rng(seed)
    filled = np.flatnonzero(np.diff(matrix.indptr))
    pairs: list[NDArray[np.int64]] = []
    if len(filled):
        starts = matrix.indptr[filled]
        for _ in range(6):
            band = np.zeros(len(filled), dtype=np.uint64)
            for _ in range(3):
                order = random.permutation(matrix.shape[1]).astype(np.int32)
                band = band * np.uint64(matrix.shape[1]) + np.minimum.reduceat(order[matrix.indices], starts).astype(np.uint64)
            _, first, group = np.unique(band, return_index=True, return_inverse=True)
            others = np.flatnonzero(first[group] != np.arange(len(filled)))
            pairs.append(np.column_stack([filled[others], filled[first[group[others]]]]))
    near = np.unique(np.concatenate(pairs), axis=0) if pairs else np.empty((0, 2), dtype=np.int64)
    if len(near):
        present = csr_matrix((np.ones(matrix.nnz, dtype=np.float32), matrix.indices, matrix.indptr), shape=matrix.shape)
        sizes = np.diff(matrix.indptr)
        shared = np.asarray(present[near[:, 0]].multiply(present[near[:, 1]]).sum(axis=1)).ravel()
        near = near[shared >= ALIKE * (sizes[near[:, 0]] + sizes[near[:, 1]] - shared)]
    graph = coo_matrix((np.ones(len(near)), (near[:, 0], near[:, 1])), shape=(count, count))
    groups: Labels = connected_components(graph, directed=False)[1].astype(np.int64)
    return groups


def _temperature(scores: NDArray[Any], labels: Labels) -> float:
    """The one number by which scores must be divided to be the best log-probabilities."""
    at = np.arange(len(labels))

    def loss(log_temperature: float) -> float:
        return -float(log_softmax(scores / np.exp(log_temperature), axis=1)[at, labels].mean())

    return float(np.exp(minimize_scalar(loss, bounds=(-9, 5), method="bounded", options={"xatol": 0.02}).x))


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
