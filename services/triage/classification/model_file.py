"""Reads and writes the file of one classifier: arrays and JSON in NumPy's own format, which can hold nothing that runs.

Nothing in it is compressed, so that what is read is never more than the file: else a small one could fill the memory.
"""

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from services.triage.classification.classifier import Classifier
from services.triage.classification.features import GramSettings, HashedNgrams
from services.triage.classification.meaning_stage import MeaningStage
from services.triage.classification.trust import EVIDENCE, Trust

HEAD = "head"
"""Of the arrays the one that is JSON, as bytes."""
LONGEST_HEAD = 1 << 20
LONGEST_RUN = 8  # of words or letters: more make work without end of a long text


class MeaningHead(BaseModel):
    """What a second stage has beside its arrays."""

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="constants")

    encoder_name: str
    temperature: float
    gate: float
    trust: Trust
    thresholds: dict[str, float]


class Head(BaseModel):
    """What a classifier has beside its arrays."""

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="constants")

    version: str
    categories: tuple[str, ...] = Field(min_length=2)
    grams: GramSettings
    trust: Trust
    thresholds: dict[str, float]
    meaning: MeaningHead | None = None


def write(classifier: Classifier, path: Path) -> None:
    """Writes the file; what training found on the way is not part of it."""
    features, meaning = classifier.features, classifier.meaning
    head = Head(
        version=classifier.version,
        categories=classifier.categories,
        grams=features.settings,
        trust=classifier.trust,
        thresholds=dict(classifier.thresholds),
        meaning=meaning
        and MeaningHead(
            encoder_name=meaning.encoder_name,
            temperature=meaning.temperature,
            gate=meaning.gate,
            trust=meaning.trust,
            thresholds=dict(meaning.thresholds),
        ),
    )
    arrays: dict[str, NDArray[Any]] = {
        HEAD: np.frombuffer(head.model_dump_json().encode(), dtype=np.uint8),
        "word_buckets": features.word_buckets,
        "character_buckets": features.character_buckets,
        "rarity": features.rarity,
        "weights": classifier.weights,
        "biases": classifier.biases,
    }
    if meaning:
        arrays |= {"meaning_weights": meaning.weights, "meaning_biases": meaning.biases}
    with path.open("wb") as file:
        np.savez(file, allow_pickle=False, **arrays)


def read(path: Path) -> Classifier:
    """Reads the file. Raises ValueError, OSError, KeyError or BadZipFile for anything that is no classifier, or that none can use."""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as whole:
            if any(part.compress_type != zipfile.ZIP_STORED for part in whole.infolist()):
                raise ValueError("a part of it is compressed")
    file = np.load(path, allow_pickle=False)
    if not isinstance(file, np.lib.npyio.NpzFile):
        raise ValueError("one array and no model")  # noqa: TRY004 - of the file, and no fault of ours
    with file:
        head = _head(_array(file, HEAD, np.uint8, (None,)))
        buckets = 1 << head.grams.bits
        words = _array(file, "word_buckets", np.int32, (None,))
        characters = _array(file, "character_buckets", np.int32, (None,))
        for name, numbers in (("word_buckets", words), ("character_buckets", characters)):
            if len(numbers) and not 0 <= numbers.min() <= numbers.max() < buckets:
                raise ValueError(f"{name} holds numbers beyond {buckets}")
        columns, categories = len(words) + len(characters), len(head.categories)
        rarity = _array(file, "rarity", np.float32, (columns,))
        meaning = None
        if head.meaning:
            meaning = MeaningStage(
                encoder_name=head.meaning.encoder_name,
                weights=_array(file, "meaning_weights", np.float32, (None, categories)),
                biases=_array(file, "meaning_biases", np.float32, (categories,)),
                temperature=head.meaning.temperature,
                gate=head.meaning.gate,
                trust=head.meaning.trust,
                thresholds=head.meaning.thresholds,
            )
        return Classifier(
            version=head.version,
            categories=head.categories,
            features=HashedNgrams.learnt(head.grams, words, characters, rarity),
            weights=_array(file, "weights", np.float32, (columns, categories)),
            biases=_array(file, "biases", np.float32, (categories,)),
            trust=head.trust,
            thresholds=head.thresholds,
            meaning=meaning,
        )


def _head(raw: NDArray[np.uint8]) -> Head:
    """The JSON, and whether a text can be read by it."""
    if len(raw) > LONGEST_HEAD:
        raise ValueError(f"{HEAD} is longer than {LONGEST_HEAD} bytes")
    head = Head.model_validate_json(raw.tobytes())
    for least, most in (head.grams.words, head.grams.characters):
        if not 1 <= least <= most <= LONGEST_RUN:
            raise ValueError(f"grams: runs of {least} to {most}, not of 1 to {LONGEST_RUN}")
    for trust in (head.trust, head.meaning.trust if head.meaning else head.trust):
        if len(trust.coefficients) != EVIDENCE or not np.isfinite([*trust.coefficients, trust.intercept]).all():
            raise ValueError(f"trust: {EVIDENCE} finite coefficients are needed")
    return head


def _array(file: np.lib.npyio.NpzFile, name: str, dtype: type[np.generic], shape: tuple[int | None, ...]) -> NDArray[Any]:
    """One array of the file, of this type and shape; None stands for any length."""
    array: NDArray[Any] = file[name]
    fits = len(array.shape) == len(shape) and all(want in (None, has) for want, has in zip(shape, array.shape, strict=True))
    if array.dtype != dtype or not fits:
        raise ValueError(f"{name} is {array.dtype} {array.shape}, not {np.dtype(dtype)} {shape}")
    if not np.isfinite(array).all():
        raise ValueError(f"{name} holds what is no number")
    return array
