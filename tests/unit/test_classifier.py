"""What the rest of triage asks of a model, and where models are kept."""

import json
import logging
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from services.domain import taxonomy
from services.runtime.errors import Conflict, InvalidInput, NotFound
from services.triage.classification import model_store
from services.triage.classification.classifier import Classifier
from services.triage.classification.examples import Example
from services.triage.classification.model_store import LiveClassifier, UnreadableModel
from services.triage.classification.training import QUICK, train

CITY = taxonomy.load()
SMALL = taxonomy.parse(
    """
version: 1
departments: {streets: {en: Streets}}
categories:
  lamps:
    label: {en: Lamps}
    description: {en: Street lamps that are out or flicker}
    department: streets
    reply_within: P5D
    examples: {en: [no light in our street, the bulb of the lamp is broken]}
  holes:
    label: {en: Holes}
    description: {en: Potholes and cracks in the road}
    department: streets
    reply_within: P5D
"""
)


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="module")
def default(models: Path) -> Classifier:
    return model_store.trained_default(models, CITY)


def small(seed: int = 0) -> Classifier:
    rows = [Example(f"the lamp {n} is out", "lamps", "en") for n in "abcdefgh"] + [
        Example(f"a hole in road {n}", "holes", "en") for n in "abcdefgh"
    ]
    return train([*rows, Example(f"seed {'abc'[seed]}", "lamps")], recipe=QUICK, seed=seed)


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("The street lamp outside number 12 has been off for a week", "street_lighting"),
        ("Le lampadaire devant chez moi est éteint depuis lundi", "street_lighting"),
        ("My recycling bin was not collected again", "waste_collection"),
        ("J'ai perdu ma carte d'identité", "identity_documents"),
        ("HUGE POTHOLE ON THE MAIN ROAD", "roads_pavements"),
        ("The nurse on the ward was wonderful, thank you", "health_care"),
        ("je conteste cette amende de stationnement", "fines"),
    ],
)
def test_the_default_model_knows_plain_matters(default: Classifier, text: str, category: str) -> None:
    (prediction,) = default.predict([text])
    assert prediction.category == category
    assert prediction.answered


def test_what_says_nothing_is_left_to_a_person(default: Classifier) -> None:
    for prediction in default.predict(["", "?!", "hello", "merci", "[NAME_1]", "asdf qwerty", "12345"]):
        assert not prediction.answered
        assert 0 < prediction.confidence < 0.6


def test_a_prediction_has_three_alternatives_whose_chances_fit_beside_it(default: Classifier) -> None:
    for prediction in default.predict(["the bin lorry blocks the cycle lane", "bruit de chantier", "x"]):
        assert len(prediction.alternatives) == 3
        assert prediction.category not in [alternative.category for alternative in prediction.alternatives]
        assert prediction.confidence + sum(alternative.probability for alternative in prediction.alternatives) <= 1 + 1e-9
        chances = [alternative.probability for alternative in prediction.alternatives]
        assert chances == sorted(chances, reverse=True)


def test_a_batch_says_the_same_as_one_text_at_a_time(default: Classifier) -> None:
    texts = ["no water", "", "l'école est fermée", "the tram was late, and the driver rude", "[NAME_1] lives next door and plays the drums"]
    together = default.predict(texts)
    assert [prediction.category for prediction in together] == [default.predict([text])[0].category for text in texts]
    assert np.allclose([prediction.confidence for prediction in together], [default.predict([text])[0].confidence for text in texts])


def test_no_texts_are_no_predictions(default: Classifier) -> None:
    assert default.predict([]) == []
    assert default.explained([]) == []


def test_all_words_together_are_what_sets_the_category_apart(default: Classifier) -> None:
    text = "No light at the bus stop; no light, no bus, nothing at all!"
    rows = default.features.transform([text])
    logits = (default.logits(rows) - default.biases)[0]
    for category in ("street_lighting", "public_transport"):
        words = sum(weight for _, _, weight in default.word_weights(text, category))
        assert words == pytest.approx(logits[default.categories.index(category)] - logits.mean(), abs=1e-3)


def test_a_saved_model_says_what_it_said_before(default: Classifier, tmp_path: Path) -> None:
    model_store.save(default, tmp_path / "copy")
    again = model_store.load(tmp_path / "copy")
    texts = ["no water since 6am", "l'école de ma fille"]
    assert again.explained(texts) == default.explained(texts)
    about = json.loads((tmp_path / "copy" / "model.json").read_text())
    assert about["version"] == default.version
    assert about["data_hash"] == default.facts["data_hash"]
    assert [path.name for path in tmp_path.iterdir()] == ["copy"]


def test_a_saved_model_has_a_card_with_pictures(default: Classifier, tmp_path: Path) -> None:
    model_store.save(default, tmp_path / "copy")
    card = (tmp_path / "copy" / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert "| fr |" in card
    assert "The gap between the best and the worst language is" in card
    for picture in ("calibration.svg", "coverage.svg", "languages.svg", "confusion.svg"):
        assert f"]({picture})" in card
        assert ET.parse(tmp_path / "copy" / picture).getroot().tag.endswith("svg")  # noqa: S314 - our own file


def test_a_card_stands_the_oddest_category_names(tmp_path: Path) -> None:
    rows = [Example(f"the lamp {n} is <out> & dark", 'a <b> & "c" | d', "en") for n in "abcdef"] + [
        Example(f"hole {n}", "e" * 64) for n in "abcdef"
    ]
    model_store.save(train(rows, recipe=QUICK), tmp_path / "odd")
    ET.parse(tmp_path / "odd" / "confusion.svg")  # noqa: S314 - our own file


def test_saving_over_a_model_replaces_it(tmp_path: Path) -> None:
    first, second = small(0), small(1)
    model_store.save(first, tmp_path / "one")
    model_store.save(second, tmp_path / "one")
    assert model_store.load(tmp_path / "one").version == second.version
    assert [path.name for path in tmp_path.iterdir()] == ["one"]


def altered(classifier: Classifier, folder: Path, **arrays: object) -> Path:
    """The folder of a model whose file has these arrays in place of its own; None takes one out."""
    model_store.save(classifier, folder)
    with np.load(folder / "model.npz") as file:
        parts = {**file, **arrays}
    np.savez(folder / "model.npz", **{name: value for name, value in parts.items() if value is not None})
    return folder


STRANGERS = {
    "an object that runs": {"weights": np.array([os.system], dtype=object)},
    "an array missing": {"biases": None},
    "weights of another width": {"weights": np.zeros((3, 2), dtype=np.float32)},
    "weights of another type": {"biases": np.zeros(2)},
    "a column that no table has": {"word_buckets": np.array([1 << 20], dtype=np.int32)},
    "a negative column": {"word_buckets": np.array([-1], dtype=np.int32)},
    "weights that are no numbers": {"biases": np.array([np.nan, 0], dtype=np.float32)},
    "no JSON": {"head": np.frombuffer(b"{nonsense", dtype=np.uint8)},
    "JSON of something else": {"head": np.frombuffer(b'{"version": 1, "run": "os.system"}', dtype=np.uint8)},
}


@pytest.mark.parametrize("arrays", STRANGERS.values(), ids=STRANGERS)
def test_a_model_file_with_a_stranger_in_it_is_refused(tmp_path: Path, arrays: dict[str, object]) -> None:
    with pytest.raises(UnreadableModel, match="train it again"):
        model_store.load(altered(small(0), tmp_path / "bad", **arrays))


@pytest.mark.parametrize("content", [b"", b"PK no zip", b"half a fi", b"\x93NUMPY\x01\x00", b"\x80\x04K\x01."])
def test_a_file_that_is_no_model_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "model.npz").write_bytes(content)
    with pytest.raises(UnreadableModel, match="train it again"):
        model_store.load(tmp_path)


def head_of(folder: Path) -> dict[str, Any]:
    with np.load(folder / "model.npz") as file:
        head: dict[str, Any] = json.loads(file["head"].tobytes())
    return head


HEADS: dict[str, Callable[[dict[str, Any]], object]] = {
    "one coefficient": lambda head: head["trust"].update(coefficients=[1.0]),
    "no finite coefficient": lambda head: head["trust"].update(coefficients=[1.0, float("nan"), 0.0]),
    "runs without end": lambda head: head["grams"].update(words=[1, 10**9]),
    "runs that end before they begin": lambda head: head["grams"].update(characters=[5, 3]),
    "one category": lambda head: head.update(categories=["lamps"]),
    "more than a megabyte": lambda head: head.update(version="v" * (1 << 20)),
}


@pytest.mark.parametrize("change", HEADS.values(), ids=HEADS)
def test_a_model_that_could_sort_nothing_is_refused_as_it_is_read(tmp_path: Path, change: Callable[[dict[str, Any]], object]) -> None:
    model_store.save(small(0), tmp_path / "model")
    head = head_of(tmp_path / "model")
    change(head)
    altered(small(0), tmp_path / "model", head=np.frombuffer(json.dumps(head).encode(), dtype=np.uint8))
    with pytest.raises(UnreadableModel, match="train it again"):
        model_store.load(tmp_path / "model")


def test_a_compressed_model_is_refused_before_it_fills_the_memory(tmp_path: Path) -> None:
    model_store.save(small(0), tmp_path)
    with np.load(tmp_path / "model.npz") as file:
        parts = dict(file)
    np.savez_compressed(tmp_path / "model.npz", **parts)
    with pytest.raises(UnreadableModel, match="compressed"):
        model_store.load(tmp_path)


def test_the_folder_of_an_earlier_version_is_used_on_and_its_default_model_made_anew(tmp_path: Path) -> None:
    (tmp_path / "default-0123456789ab").mkdir()
    (tmp_path / "default-0123456789ab" / "model.skops").write_bytes(b"PK")
    assert model_store.default_classifier(tmp_path, SMALL).version == model_store.default_name(SMALL)


def test_a_model_of_an_earlier_version_is_named_as_one(tmp_path: Path) -> None:
    (tmp_path / "model.skops").write_bytes(b"PK")
    with pytest.raises(InvalidInput, match="earlier version: train it again"):
        model_store.default_classifier(tmp_path, SMALL)


def test_one_array_is_no_model(tmp_path: Path) -> None:
    with (tmp_path / "model.npz").open("wb") as file:
        np.save(file, np.zeros(3))
    with pytest.raises(UnreadableModel, match="one array"):
        model_store.load(tmp_path)


def test_a_folder_without_a_model_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(UnreadableModel, match=r"no model\.npz.*parvis train"):
        model_store.load(tmp_path)


def test_sorting_loads_nothing_that_only_training_needs(tmp_path: Path) -> None:
    model_store.save(small(0), tmp_path / "model")
    code = (
        "import sys; from services.triage import worker; from services.triage.classification import model_store; from pathlib import Path; "
    )
    code += (
        "model_store.load(Path(sys.argv[1])).predict(['the lamp is out']); print([name for name in sys.argv[2:] if name in sys.modules])"
    )
    needless = ("sklearn", "scipy.optimize", "scipy.stats", "jinja2")
    loaded = subprocess.run([sys.executable, "-c", code, tmp_path / "model", *needless], capture_output=True, text=True, check=True)
    assert loaded.stdout == "[]\n"


def test_the_default_model_is_made_once(models: Path, default: Classifier) -> None:
    written_at = (models / default.version / "model.npz").stat().st_mtime_ns
    assert model_store.trained_default(models, CITY).version == default.version
    assert (models / default.version / "model.npz").stat().st_mtime_ns == written_at


def test_the_default_model_is_made_beforehand_in_another_process(tmp_path: Path, default: Classifier) -> None:
    model_store.make_default(tmp_path, CITY)
    assert model_store.load(tmp_path / default.version).version == default.version
    written_at = (tmp_path / default.version / "model.npz").stat().st_mtime_ns
    model_store.make_default(tmp_path, CITY)
    assert (tmp_path / default.version / "model.npz").stat().st_mtime_ns == written_at


def test_another_taxonomy_is_another_default_model(tmp_path: Path) -> None:
    classifier = model_store.trained_default(tmp_path, SMALL)
    assert classifier.version != model_store.default_name(CITY)
    assert classifier.categories == ("holes", "lamps")
    assert classifier.predict(["the lamp is out"])[0].category == "lamps"


def test_a_broken_default_model_is_made_again(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    folder = tmp_path / model_store.default_name(SMALL)
    folder.mkdir()
    (folder / "model.npz").write_bytes(b"half a fi")
    with caplog.at_level(logging.WARNING):
        assert model_store.trained_default(tmp_path, SMALL).version == folder.name
    assert model_store.load(folder).version == folder.name


def test_a_promotion_and_a_rollback_take_effect_without_a_restart(tmp_path: Path) -> None:
    live = model_store.default_classifier(tmp_path, SMALL)
    default = live.version
    for name, seed in (("spring", 0), ("summer", 1)):
        model_store.save(replace(small(seed), version=name), tmp_path / name)
    model_store.promote(tmp_path, "spring")
    live.predict(["lamp"])
    assert live.version == "spring"
    model_store.promote(tmp_path, "summer")
    live.predict(["lamp"])
    assert live.version == "summer"
    assert [(model.name, model.current) for model in model_store.list_models(tmp_path)] == [
        (default, False),
        ("spring", False),
        ("summer", True),
    ]
    assert model_store.rollback(tmp_path) == "spring"
    live.predict(["lamp"])
    assert live.version == "spring"
    assert model_store.rollback(tmp_path) is None
    live.predict(["lamp"])
    assert live.version == default
    with pytest.raises(Conflict):
        model_store.rollback(tmp_path)


@pytest.mark.parametrize("name", ["", "gone", "../elsewhere", ".hidden", "two words"])
def test_what_is_not_a_model_is_not_promoted(tmp_path: Path, name: str) -> None:
    with pytest.raises(NotFound, match="there is no model"):
        model_store.promote(tmp_path, name)
    assert model_store.current(tmp_path) is None


def test_a_pointer_to_nothing_leaves_the_default_in_use(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "current").write_text("vanished\n")
    live = LiveClassifier(tmp_path, SMALL)
    assert live.version == model_store.default_name(SMALL)
    assert "vanished" in caplog.text
