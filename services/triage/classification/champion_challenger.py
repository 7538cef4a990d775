"""Compares the model in use with a candidate on the same held-out messages."""

import csv
import hashlib
import io
import json
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from services.domain import language
from services.runtime.encoder import Encoder
from services.triage.classification.classifier import Prediction
from services.triage.classification.evaluation import Judged, Predicts
from services.triage.classification.examples import Example, read_examples
from services.triage.classification.features import HashedNgrams
from services.triage.classification.promotion_gate import Pair
from services.triage.classification.served_text import served
from services.triage.classification.training import Recipe, folds_of, train
from services.triage.message_parts import Agency

BATCH = 256
FOLDS = 3
SEED = 20
MARKS = 1000
"""So many of a model's messages can be told again: all of a small set, and a fair sample of a large one."""

Progress = Callable[[float, str], None]


@dataclass(frozen=True)
class Message:
    """A message with its right category. `source` says where it is from: both models are compared on each by itself as well."""

    text: str
    category: str
    language: str | None = None
    channel: str = ""
    source: str = ""
    also: tuple[str, ...] = ()
    """Other categories that would be right."""


@dataclass(frozen=True)
class Taught:
    """What a model was made of, as far as it can be made again without some messages."""

    recipe: Recipe
    more: Sequence[Example] = ()
    """The rows beside those that are put into folds."""
    encoder: Encoder | None = None


def read_messages(path: Path, agency: Agency) -> list[Message]:
    """Labelled rows of a file as triage would serve them, with their `channel` where they have one."""
    rows, channels = served(read_examples(path), agency), _channels(path)
    return [
        Message(row.text, row.category, row.language, channel, path.name, row.also) for row, channel in zip(rows, channels, strict=True)
    ]


def marks_of(texts: Iterable[str]) -> list[str]:
    """What messages are known again by, without keeping one: the smallest hashes, whatever the case and the spacing."""
    return _marks(texts)[:MARKS]


def share_seen(marks: Sequence[str], texts: Iterable[str]) -> float:
    """Which share of the messages a model of these marks has learnt from, as far as the marks can tell."""
    asked = _marks(texts)
    if len(marks) >= MARKS:
        # Only below the last mark it is certain that what is not marked was not there.
        asked = [mark for mark in asked if mark <= marks[-1]]
    marks_seen = frozenset(marks)
    return sum(mark in marks_seen for mark in asked) / max(len(asked), 1)


def _marks(texts: Iterable[str]) -> list[str]:
    return sorted({hashlib.blake2b(" ".join(text.casefold().split()).encode(), digest_size=6).hexdigest() for text in texts})


def judge(champion: Predicts, candidate: Predicts, messages: Sequence[Message]) -> tuple[list[Pair], tuple[float, float]]:
    """What both say of each message, and how many texts a second each took."""
    languages = _languages(messages)
    first, seconds = _said(champion, messages, languages)
    second, more_seconds = _said(candidate, messages, languages)
    pairs = [
        Pair(message.channel, message.source, _judged(message, a, code), _judged(message, b, code))
        for message, code, a, b in zip(messages, languages, first, second, strict=True)
    ]
    return pairs, (len(messages) / max(seconds, 1e-9), len(messages) / max(more_seconds, 1e-9))


def judge_by_folds(
    rows: Sequence[Example],
    champion: Taught,
    candidate: Taught,
    *,
    source: str,
    descriptions: Sequence[Example] = (),
    folds: int = FOLDS,
    progress: Progress | None = None,
) -> list[Pair]:
    """Both trained anew without each fold, and asked about it: rows that both have learnt from can't be asked about otherwise.

    It is the rows and the recipe of a model that are judged so. Near-duplicates lie in one fold.
    """
    texts = [row.text for row in rows]
    names = sorted({row.category for row in rows})
    labels = np.array([names.index(row.category) for row in rows], dtype=np.int64)
    fold = folds_of(HashedNgrams().fit(texts).transform(texts), labels, folds, SEED)
    pairs: list[Pair] = []
    for part in range(folds):
        if progress:
            progress(part / folds, f"{source}, part {part + 1} of {folds}")
        inside = [row for row, own in zip(rows, fold.tolist(), strict=True) if own != part]
        outside = [row for row, own in zip(rows, fold.tolist(), strict=True) if own == part]
        models = [
            train([*inside, *taught.more], recipe=taught.recipe, descriptions=descriptions, seed=SEED, encoder=taught.encoder)
            for taught in (champion, candidate)
        ]
        asked = [Message(row.text, row.category, row.language, "", source, row.also) for row in outside]
        pairs += judge(models[0], models[1], asked)[0]
    return pairs


def _said(model: Predicts, messages: Sequence[Message], languages: Sequence[str]) -> tuple[list[Prediction], float]:
    began = time.perf_counter()
    predictions: list[Prediction] = []
    for start in range(0, len(messages), BATCH):
        predictions += model.predict([message.text for message in messages[start : start + BATCH]], languages[start : start + BATCH])
    return predictions, time.perf_counter() - began


def _judged(message: Message, prediction: Prediction, code: str) -> Judged:
    label = prediction.category if prediction.category in message.also else message.category
    return Judged(label, prediction.category, prediction.confidence, prediction.answered, code)


def _languages(messages: Sequence[Message]) -> list[str]:
    """As the rows say, or as triage would tell: nobody is left out of the figures by language for want of a label."""
    unsaid = [number for number, language_of in enumerate(messages) if not language_of.language]
    detected = language.detect([messages[number].text for number in unsaid], [None] * len(unsaid))
    codes = [language_of.language or "" for language_of in messages]
    for number, language_of in zip(unsaid, detected, strict=True):
        codes[number] = language_of.code
    return codes


def _channels(path: Path) -> list[str]:
    text = path.read_text(encoding="utf-8-sig")
    if path.suffix.lower() == ".csv":
        rows = list(csv.DictReader(io.StringIO(text, newline="")))
    else:
        rows = [json.loads(line) for line in text.split("\n") if line.strip()]
    return [str(row.get("channel") or "") for row in rows]
