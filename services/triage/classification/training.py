"""Trains a classifier: a blend of linear models, with temperature and thresholds fitted on held-out rows."""

import hashlib
import json
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, vstack
from scipy.special import log_softmax
from sklearn.naive_bayes import ComplementNB
from sklearn.svm import LinearSVC

from services.runtime.encoder import Encoder
from services.triage.classification import evaluation, meaning_training
from services.triage.classification.alike_rows import alike_rows
from services.triage.classification.classifier import Classifier
from services.triage.classification.doubtful_labels import doubtful_labels
from services.triage.classification.examples import Example, UnreadableExamples
from services.triage.classification.features import GramSettings, HashedNgrams
from services.triage.classification.meaning_training import HeldOut
from services.triage.classification.trust_fitting import Fitted, Labels, best_temperature, fitted_trust, spread, thresholds_for

Fit = Callable[[csr_matrix, Labels, int, int], Fitted]
Progress = Callable[[float, str], None]
"""Told the share that is done, and what is being done."""

PRECISION = 0.8
"""How many of those that are answered without a person's sorting should be right, unless something else is asked."""
PILOT_ROWS = 1000
RARE_ROWS = 5
MOST_ROWS = 400_000  # of 500 characters, they fill 4 GB on the way
CHEAP = ("margins", "complement")


def _margins(rows: csr_matrix, labels: Labels, width: int, seed: int, *, strength: float, balanced: bool) -> Fitted:
    """Fit a support vector machine for each category against all others."""
    model = LinearSVC(C=strength, tol=0.05, class_weight="balanced" if balanced else None, random_state=seed).fit(rows, labels)
    return spread(model.coef_.T, np.atleast_1d(model.intercept_), model.classes_, width)


def _ratios(rows: csr_matrix, labels: Labels, width: int, seed: int, *, strength: float, smoothing: float) -> Fitted:
    """Fit the same on columns scaled by how much more often each occurs inside the category than outside (Wang and Manning, 2012)."""
    present = np.unique(labels)
    whole = np.asarray(rows.sum(axis=0)).ravel()
    weights, biases = [], []
    for label in present:
        inside = np.asarray(rows[labels == label].sum(axis=0)).ravel() + smoothing
        outside = np.maximum(whole - inside + smoothing, 0) + smoothing
        ratio = np.log(inside / inside.sum()) - np.log(outside / outside.sum())
        ratio = (ratio / np.abs(ratio).mean()).astype(np.float32)
        scaled = csr_matrix((rows.data * ratio[rows.indices], rows.indices, rows.indptr), shape=rows.shape)
        model = LinearSVC(C=strength, tol=0.05, class_weight="balanced", random_state=seed).fit(scaled, labels == label)
        weights.append(model.coef_[0] * ratio)
        biases.append(model.intercept_[0])
    return spread(np.array(weights).T, np.array(biases), present, width)


def _complement(rows: csr_matrix, labels: Labels, width: int, _seed: int, *, smoothing: float) -> Fitted:
    """Fit complement naive Bayes: what a text would be surprising in, category by category."""
    model = ComplementNB(alpha=smoothing).fit(rows, labels)
    return spread(model.feature_log_prob_.T, np.zeros(len(model.classes_)), model.classes_, width)


MEMBERS: Mapping[str, Fit] = {
    "margins": partial(_margins, strength=0.5, balanced=True),
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
    grams: GramSettings = field(default_factory=GramSettings)

    @property
    def members(self) -> tuple[str, ...]:
        """Everything that any of the blends is made of."""
        return tuple(name for name in MEMBERS if any(name in blend for blend in self.blends))


QUICK = Recipe("quick", (("margins-light", "complement-smooth"),), folds=4)
"""For the default model: ready within seconds of the first start, and the best of all on messages unlike its own rows."""
FAMILY = Recipe(
    "family",
    (
        # Margins count twice: over five real sets that gave macro F1 and calibration a point, and cost accuracy nothing.
        ("ratios", "margins", "margins", "complement"),
        ("ratios", "margins"),
        ("margins", "complement"),
        ("margins", "complement-smooth"),
        ("margins",),
    ),
    folds=5,
)
"""For an agency's own rows."""


def train(
    rows: Sequence[Example],
    *,
    seed: int = 0,
    budget_seconds: float | None = None,
    progress: Progress | None = None,
    precision: float = PRECISION,
    recipe: Recipe = FAMILY,
    descriptions: Sequence[Example] = (),
    encoder: Encoder | None = None,
    gate: float = meaning_training.GATE,
) -> Classifier:
    """Make the classifier of these rows, whose texts are as `served` gives them; the same rows and seed give the same one.

    `descriptions` teach and are never held out: what a taxonomy says of a category is not what a citizen writes. Where the
    budget is too short, less is tried, and then a part of the rows is drawn that keeps rare categories whole. With an encoder
    a second stage is tried where the n-grams' first category leads by less than `gate`, and kept where it does better on held-out rows.
    Raises SilentEncoder where the encoder does not answer.
    """
    tell = progress or (lambda _share, _doing: None)
    classifier, held_out = _by_words(rows, seed, budget_seconds, tell, precision, recipe, descriptions)
    if encoder:
        tell(0.9, f"reading with {encoder.name}")
        most = meaning_training.affordable(encoder, held_out.rows, budget_seconds)
        part = held_out.only(_drawn(held_out.labels, most, seed)) if len(held_out.rows) > most else held_out
        always_taught = described_as(classifier.categories, descriptions)
        classifier = meaning_training.with_second_stage(classifier, encoder, part, always_taught, seed, gate)
    tell(1.0, "done")
    return classifier


def described_as(categories: Sequence[str], descriptions: Sequence[Example]) -> list[Example]:
    """What is taught beside the rows: a category's name is its shortest description."""
    return [*(Example(name.replace("_", " "), name) for name in categories), *descriptions]


def _by_words(
    rows: Sequence[Example],
    seed: int,
    budget_seconds: float | None,
    tell: Progress,
    precision: float,
    recipe: Recipe,
    descriptions: Sequence[Example],
) -> tuple[Classifier, HeldOut]:
    """The classifier of n-grams, and what it says of the rows when it had not seen them."""
    began = time.perf_counter()
    tell(0.0, "looking at the rows")
    categories = tuple(sorted({row.category for row in (*rows, *descriptions)}))
    if len(categories) < 2:  # noqa: PLR2004
        raise UnreadableExamples(f"training needs two categories at least, and there is only {categories or 'none'}", field="category")
    number = {category: index for index, category in enumerate(categories)}
    labels = np.array([number[row.category] for row in rows])
    used = np.arange(len(rows))
    if budget_seconds is not None and len(rows) > 2 * PILOT_ROWS:
        tell(0.01, "seeing how long it takes")
        recipe, used = _within(budget_seconds, rows, labels, recipe, seed)
    elif len(rows) > MOST_ROWS:
        used = _drawn(labels, MOST_ROWS, seed)
    texts, labels = [rows[row].text for row in used.tolist()], labels[used]
    tell(0.05, "reading the words")
    always_taught = described_as(categories, descriptions)
    seldom = [text for text, count in zip(texts, np.bincount(labels)[labels], strict=True) if count < RARE_ROWS]
    # Counted twice, so that their words become columns: they may be all that there is of a category.
    features = HashedNgrams(recipe.grams).fit([*texts, *seldom, *2 * [row.text for row in always_taught]])
    matrix = features.transform(texts)
    always = features.transform([row.text for row in always_taught]), np.array([number[row.category] for row in always_taught])
    fold = folds_of(matrix, labels, recipe.folds, seed)
    held_out, whole = _fitted(recipe, matrix, labels, fold, always, seed, tell)
    blend, tried = _best(recipe, held_out, labels)
    logits = np.mean([held_out[name].astype(np.float64) for name in blend], axis=0)
    last = best_temperature(logits, labels)
    logits /= last
    weights = np.asarray(sum(whole[name][0] for name in blend) / (last * len(blend)), dtype=np.float32)
    biases = np.asarray(sum(whole[name][1] for name in blend) / (last * len(blend)), dtype=np.float32)
    trust = fitted_trust(logits, matrix, labels)
    confidence = trust.confidence(logits, matrix)
    predicted = logits.argmax(axis=1)
    thresholds = thresholds_for(precision, predicted, confidence, labels, categories)
    examples = [rows[row] for row in used.tolist()]
    doubts = doubtful_labels(logits, labels, categories, [frozenset(example.also) for example in examples])
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
        "held_out": evaluation.held_out_facts(evaluation.judged(examples, predicted, confidence, thresholds, categories)),
        "doubtful_labels": [asdict(replace(doubt, row=int(used[doubt.row]))) for doubt in doubts],
    }
    version = hashlib.blake2b(weights.tobytes() + biases.tobytes(), digest_size=6).hexdigest()
    classifier = Classifier(version, categories, features, weights, biases, trust, thresholds, facts)
    return classifier, HeldOut(examples, matrix, logits, confidence, labels, fold)


def _fitted(
    recipe: Recipe, matrix: csr_matrix, labels: Labels, fold: Labels, always: tuple[csr_matrix, Labels], seed: int, tell: Progress
) -> tuple[dict[str, NDArray[np.float32]], dict[str, Fitted]]:
    """Every member's scores (rows, categories) of rows it had not seen, and every member taught all rows.

    Both at the member's temperature.
    """
    described, described_labels = always
    width = int(described_labels.max()) + 1
    held_out = {name: np.zeros((len(labels), width), dtype=np.float32) for name in recipe.members}
    whole: dict[str, Fitted] = {}
    steps = [(part, name) for part in range(recipe.folds + 1) for name in recipe.members]
    for step, (part, name) in enumerate(steps):
        tell(0.1 + 0.9 * step / len(steps), f"{name}, {f'part {part + 1} of {recipe.folds}' if part < recipe.folds else 'all rows'}")
        inside = fold != part
        taught = vstack([matrix[inside], described], format="csr")
        weights, biases = MEMBERS[name](taught, np.concatenate([labels[inside], described_labels]), width, seed)
        if part < recipe.folds:
            held_out[name][~inside] = matrix[~inside] @ weights + biases
        else:
            temperature = best_temperature(held_out[name], labels)
            held_out[name] /= temperature
            whole[name] = weights / temperature, biases / temperature
    return held_out, whole


def hash_of(rows: Iterable[Example]) -> str:
    """Name the data by its content."""
    digest = hashlib.blake2b(digest_size=16)
    for row in rows:
        digest.update(json.dumps([row.text, row.category, row.language]).encode())
    return digest.hexdigest()


def _within(budget: float, rows: Sequence[Example], labels: Labels, recipe: Recipe, seed: int) -> tuple[Recipe, Labels]:
    """What can be done in time, judged by a pilot on a few rows: first less is tried, then fewer rows are read."""
    pilot = _drawn(labels, PILOT_ROWS, seed)
    began = time.perf_counter()
    matrix = HashedNgrams(recipe.grams).fit_transform([rows[row].text for row in pilot.tolist()])
    reading = (time.perf_counter() - began) / len(pilot)
    fitting: dict[str, float] = {}
    for name in recipe.members:
        began = time.perf_counter()
        MEMBERS[name](matrix, labels[pilot], int(labels.max()) + 1, seed)
        # Twice: solvers need more rounds on more rows, and more rows have more columns.
        fitting[name] = 2 * (time.perf_counter() - began) / len(pilot)
    cheap = CHEAP if CHEAP in recipe.blends else recipe.blends[0]
    for plan in (recipe, replace(recipe, blends=recipe.blends[:1], folds=3), replace(recipe, blends=(cheap,), folds=2)):
        each = reading + (plan.folds + 1) * sum(fitting[name] for name in plan.members)
        affordable = min(int(budget / each), MOST_ROWS)
        if affordable >= len(rows):
            return plan, np.arange(len(rows))
    return plan, _drawn(labels, max(affordable, PILOT_ROWS), seed)


def _drawn(labels: Labels, count: int, seed: int) -> Labels:
    """Draw about so many rows: all of a rare category, an even share of the others."""
    random = np.random.default_rng(seed)
    share = count / len(labels)
    chosen = [
        random.permutation(own)[: max(int(len(own) * share), min(len(own), 20))]
        for own in (np.flatnonzero(labels == label) for label in np.unique(labels))
    ]
    return np.sort(np.concatenate(chosen))


def _best(recipe: Recipe, scores: Mapping[str, NDArray[np.float32]], labels: Labels) -> tuple[tuple[str, ...], list[dict[str, Any]]]:
    """The first blend of `scores` (rows, categories), unless another is better by more than one standard error.

    What is picked by a hair is picked by chance.
    """
    present = np.unique(labels)
    tried: list[dict[str, Any]] = []
    hits: list[NDArray[np.bool_]] = []
    for blend in recipe.blends:
        predicted = np.sum([log_softmax(scores[name], axis=1) for name in blend], axis=0).argmax(axis=1)
        hits.append(predicted == labels)
        meant, predicted_counts = np.bincount(labels, minlength=present[-1] + 1), np.bincount(predicted, minlength=present[-1] + 1)
        both = np.bincount(labels[hits[-1]], minlength=present[-1] + 1)
        f1 = float((2 * both[present] / np.maximum(meant[present] + predicted_counts[present], 1)).mean())
        tried.append({"blend": list(blend), "accuracy": round(float(hits[-1].mean()), 4), "macro_f1": round(f1, 4)})
    goals = [(blend_tried["accuracy"] + blend_tried["macro_f1"]) / 2 for blend_tried in tried]
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
