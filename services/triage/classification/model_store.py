"""Stores classifiers: a folder for each, a pointer to the one in use, and the default that is trained at first start."""

import contextlib
import hashlib
import json
import logging
import multiprocessing
import os
import shutil
import tempfile
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from services.domain.taxonomy import Taxonomy
from services.runtime.encoder import Encoder
from services.runtime.errors import Conflict, NotFound, ParvisError
from services.triage.classification import model_file, model_folder
from services.triage.classification.classifier import Classifier, Prediction, Reason
from services.triage.classification.examples import Example
from services.triage.classification.model_folder import MODEL, POINTER, is_model
from services.triage.classification.served_text import served
from services.triage.letter import agency_of

CORPUS = Path(__file__).with_name("corpus")
DEFAULT_PRECISION = 0.73
"""Of the default model's answers so many are wanted right on its own corpus, held out. Its messages are harder than an agency's post: of
that, `python -m benchmarks.default_model` finds 85 in a hundred right."""
RECIPE_VERSION = 5
"""Counted up with every change of what training makes of the same rows: cached models are then made again."""
LEARNER = metadata.version("scikit-learn")
"""Of what training is made with."""

log = logging.getLogger(__name__)


class UnreadableModel(ParvisError):
    """The folder holds no model of this version; the message says which and what to do."""


@dataclass(frozen=True)
class Listed:
    """A model of the registry."""

    name: str
    current: bool
    facts: Mapping[str, Any]


def save(classifier: Classifier, folder: Path, facts: Mapping[str, Any] | None = None) -> None:
    """Writes `model.npz`, `model.json` and the card. A reader sees all of it or nothing, and what was there before gives way."""
    from services.triage.classification import model_card  # whoever only reads models needs no templates

    folder.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        made.chmod(0o755)
        model_file.write(classifier, made / MODEL)
        about = {
            "version": classifier.version,
            "categories": list(classifier.categories),
            "columns": classifier.features.width,
            "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "recipe_version": RECIPE_VERSION,
            "scikit_learn": LEARNER,
            "numpy": np.__version__,
            **classifier.facts,
            **(facts or {}),
        }
        model_card.write(about, classifier.version, made)
        (made / "model.json").write_text(json.dumps(about, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        _take_place(made, folder)
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _take_place(made: Path, folder: Path) -> None:
    """A folder can only be renamed onto an empty one: the old one steps aside first."""
    if folder.exists():
        aside = Path(tempfile.mkdtemp(prefix=f".{folder.name}-old-", dir=folder.parent))
        with contextlib.suppress(FileNotFoundError):
            folder.rename(aside / folder.name)
        shutil.rmtree(aside, ignore_errors=True)
    try:
        made.rename(folder)
    except OSError:
        # Another process was first with the same model: its folder is as good.
        if not (folder / MODEL).is_file():
            raise


def load(folder: Path) -> Classifier:
    """Reads a model. Raises UnreadableModel, and runs nothing that the file may hold."""
    path = folder / MODEL
    if not path.is_file():
        raise UnreadableModel(f"{folder} holds no {MODEL}: train one with `parvis train DATA --out {folder}`")
    try:
        return model_file.read(path)
    except Exception as error:
        raise UnreadableModel(f"{path} can't be read by this version ({type(error).__name__}: {error}): train it again") from error


def corpus_rows(taxonomy: Taxonomy, corpus: Path = CORPUS) -> list[Example]:
    """The messages that come with Parvis, as far as the taxonomy has their categories."""
    files = ((name, corpus / f"{name}.jsonl") for name in taxonomy.categories)
    return [
        Example(row["text"], name, row["language"])
        for name, path in files
        if path.is_file()
        for row in map(json.loads, path.read_text(encoding="utf-8").splitlines())
    ]


def described(taxonomy: Taxonomy) -> list[Example]:
    """What the taxonomy itself says of each category: its label, description and examples."""
    rows: list[Example] = []
    for name, category in taxonomy.categories.items():
        for words in (category.label, category.description):
            rows += [Example(text, name, language) for language, text in words.items() if text]
        rows += [Example(text, name, language) for language, texts in category.examples.items() for text in texts]
    return rows


def default_name(taxonomy: Taxonomy, encoder: Encoder | None = None, corpus: Path = CORPUS) -> str:
    """The name of the default model: a hash of all that it is made from."""
    digest = hashlib.blake2b(digest_size=6)
    for path in sorted(corpus.glob("*.jsonl")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    digest.update(taxonomy.model_dump_json().encode())
    digest.update(f"{RECIPE_VERSION}/{LEARNER}/{DEFAULT_PRECISION}".encode())
    if encoder:
        digest.update(encoder.name.encode())
    return f"default-{digest.hexdigest()}"


def default_classifier(models_dir: Path, taxonomy: Taxonomy, encoder: Encoder | None = None) -> "LiveClassifier":
    """The folder's own model, the one that was promoted in it, or the default one: loaded, or trained in seconds.

    Raises InvalidInput where the folder holds something else, and UnreadableModel where it is a model that can't be read.
    """
    model_folder.check(models_dir)
    return LiveClassifier(models_dir, taxonomy, encoder)


def make_default(models_dir: Path, taxonomy: Taxonomy, encoder: Encoder | None = None) -> None:
    """Makes the default model where it will be used and is not there, in a process of its own: what training takes ends with it."""
    if not (is_model(models_dir) or current(models_dir) or (models_dir / default_name(taxonomy, encoder) / MODEL).is_file()):
        training = multiprocessing.get_context("fork").Process(target=_learn_meanwhile, args=(models_dir, taxonomy, encoder))
        training.start()
        training.join()


def _learn_meanwhile(models_dir: Path, taxonomy: Taxonomy, encoder: Encoder | None) -> None:
    os.nice(5)  # at a first start the pages come first: letters may wait a second longer
    trained_default(models_dir, taxonomy, encoder)


def trained_default(models_dir: Path, taxonomy: Taxonomy, encoder: Encoder | None = None) -> Classifier:
    """The default model, from its folder or made anew."""
    folder = models_dir / default_name(taxonomy, encoder)
    if (folder / MODEL).is_file():
        try:
            return load(folder).reading_with(encoder)
        except UnreadableModel as error:
            log.warning("making the default model again: %s", error.detail)
    # Of no use to a process that reads its model, as nearly all do: a second of its start and 90 MB.
    from services.triage.classification.meaning_training import SilentEncoder
    from services.triage.classification.training import QUICK, train

    agency = agency_of(taxonomy)
    rows, descriptions = served(corpus_rows(taxonomy), agency), served(described(taxonomy), agency)
    if not rows:
        # Another agency's categories, and no message of theirs yet: their descriptions are all there is.
        rows, descriptions = descriptions, []
    try:
        trained = train(rows, recipe=QUICK, descriptions=descriptions, precision=DEFAULT_PRECISION, encoder=encoder)
    except SilentEncoder as error:
        log.warning("the default model is made without an encoder: %s", error.detail)
        return trained_default(models_dir, taxonomy)
    classifier = replace(trained, version=folder.name)
    try:
        save(classifier, folder, {"trained_on": "the corpus that comes with Parvis, and the taxonomy's own words"})
    except OSError as error:
        # A read-only folder costs two seconds at each start, and no more.
        log.warning("the default model can't be kept in %s: %s", folder, error)
    return classifier


class LiveClassifier:
    """The model in use. A promotion or a rollback takes effect with the next batch, without a restart."""

    def __init__(self, models_dir: Path, taxonomy: Taxonomy, encoder: Encoder | None = None) -> None:
        self._models_dir = models_dir
        self._taxonomy = taxonomy
        self._encoder = encoder
        self._stamp = _stamp(models_dir)
        self._classifier, self.origin = self._with_encoder()
        """`origin` says in words which model it is, and why this one."""

    @property
    def version(self) -> str:
        """Of the model that the last batch was decided by."""
        return self._classifier.version

    def refresh(self) -> None:
        """Reads the model that the pointer names now, where that is another one than before."""
        _ = self.classifier

    @property
    def classifier(self) -> Classifier:
        """The model that the pointer names now."""
        stamp = _stamp(self._models_dir)
        if stamp != self._stamp:
            self._stamp = stamp
            try:
                self._classifier, self.origin = self._with_encoder()
            except UnreadableModel:
                log.exception("the model in %s can't be used any more, the one that was read before goes on", self._models_dir)
            log.info("now sorting by model %s", self._classifier.version)
        return self._classifier

    def predict(self, texts: Sequence[str], languages: Sequence[str] | None = None) -> list[Prediction]:
        """One prediction a text, by the model that the pointer names now."""
        return self.classifier.predict(texts, languages)

    def explained(self, texts: Sequence[str], by_words_alone: Collection[int] = ()) -> list[tuple[Prediction, list[Reason]]]:
        """The same with the words that spoke for it. `by_words_alone` numbers texts that no encoder may see."""
        return self.classifier.explained(texts, by_words_alone)

    def _with_encoder(self) -> tuple[Classifier, str]:
        """The model that was chosen, and whether the encoder that it asks for is there."""
        classifier, origin = self._chosen()
        classifier = classifier.reading_with(self._encoder)
        if not classifier.missing_encoder:
            return classifier, origin
        here = f"PARVIS_TRIAGE_ENCODER gives {self._encoder.name}" if self._encoder else "PARVIS_TRIAGE_ENCODER gives none"
        lacking = f"it asks for the encoder {classifier.missing_encoder}, and {here}: words alone decide"
        log.warning("model %s: %s", classifier.version, lacking)
        return classifier, f"{origin}; {lacking}"

    def _chosen(self) -> tuple[Classifier, str]:
        if is_model(self._models_dir):
            return load(self._models_dir), f"the model in {self._models_dir}"
        name = current(self._models_dir)
        if name is not None:
            try:
                return load(self._models_dir / name), f"{name}, which was promoted in {self._models_dir}"
            except UnreadableModel:
                # Citizens' messages must not wait for an administrator: the default sorts until the pointer is right again.
                log.exception("the promoted model %s can't be used, the default one sorts instead", name)
        why = "none was promoted" if name is None else f"{name} can't be used"
        return trained_default(self._models_dir, self._taxonomy, self._encoder), f"the default model: {why} in {self._models_dir}"


def _stamp(models_dir: Path) -> tuple[tuple[int, int], ...]:
    return tuple(_stamp_of(models_dir / name) for name in (MODEL, POINTER))


def _stamp_of(path: Path) -> tuple[int, int]:
    try:
        status = path.stat()
    except OSError:
        return (0, 0)
    return (status.st_mtime_ns, status.st_ino)


def _history(models_dir: Path) -> list[str]:
    """The promoted models, the one in use first."""
    try:
        return (models_dir / POINTER).read_text(encoding="utf-8").split()
    except OSError:
        return []


def _point(models_dir: Path, history: Sequence[str]) -> None:
    with tempfile.NamedTemporaryFile("w", dir=models_dir, prefix=f".{POINTER}-", delete=False, encoding="utf-8") as file:
        file.write("".join(f"{name}\n" for name in history))
        file.flush()
        os.fsync(file.fileno())
    Path(file.name).chmod(0o644)
    Path(file.name).replace(models_dir / POINTER)


def current(models_dir: Path) -> str | None:
    """The name of the promoted model; None where the default one is in use."""
    return next(iter(_history(models_dir)), None)


def list_models(models_dir: Path) -> list[Listed]:
    """Every model of the folder by name, with what its `model.json` says; a folder that is a model itself is the only one."""
    if is_model(models_dir):
        return [Listed(models_dir.name, current=True, facts=_facts(models_dir))]
    chosen = current(models_dir)
    folders = sorted(path.parent for path in models_dir.glob(f"[!.]*/{MODEL}")) if models_dir.is_dir() else []
    return [Listed(folder.name, folder.name == chosen, _facts(folder)) for folder in folders]


def _facts(folder: Path) -> Mapping[str, Any]:
    try:
        facts = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    except (OSError, json.JSONDecodeError):
        return {}
    return facts if isinstance(facts, dict) else {}


def promote(models_dir: Path, name: str) -> None:
    """Makes a model the one in use. It is read first: a model that can't be loaded is refused."""
    model_folder.must_be_registry(models_dir)
    if not name or "/" in name or name.startswith(".") or len(name.split()) != 1 or not (models_dir / name).is_dir():
        names = ", ".join(model.name for model in list_models(models_dir)) or "none yet"
        raise NotFound(f"there is no model {name!r} in {models_dir}; there are: {names}")
    load(models_dir / name)
    _point(models_dir, [name, *(earlier for earlier in _history(models_dir) if earlier != name)])


def rollback(models_dir: Path) -> str | None:
    """Back to the model before; None is the default one."""
    model_folder.must_be_registry(models_dir)
    history = _history(models_dir)
    if not history:
        raise Conflict("the default model is in use: there is nothing to go back from")
    _point(models_dir, history[1:])
    return next(iter(history[1:]), None)
