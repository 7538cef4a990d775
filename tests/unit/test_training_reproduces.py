"""What is shipped is what the commands in `training` make of the data in this repository."""

import hashlib
import json
import re

import numpy as np
import pytest

from services.drafting import answerability, tokenization
from services.triage.signals import danger_score, letter_kind
from training import answerability as training_answerability
from training import danger_meaning, danger_weights, first_names, letter_kinds, ordinary_words, phrasings, word_topics


def test_the_card_names_the_very_files_that_the_weights_were_learned_from() -> None:
    files = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in danger_weights.inputs()}
    for card in (danger_weights.CARD, danger_meaning.CARD):
        hashes = re.findall(r"^\| (\S+\.\w+) \| ([0-9a-f]{64}) \|$", card.read_text(encoding="utf-8"), re.MULTILINE)
        assert dict(hashes) == files, card


def test_phrasings_are_written_out_the_same_way_every_time_and_in_as_many_languages() -> None:
    written = phrasings.written()
    assert written == phrasings.written()
    assert {each.language for each in written} == {path.stem for path in phrasings.files()}


def test_training_again_gives_the_danger_weights_that_are_shipped() -> None:
    card = danger_weights.CARD.read_text(encoding="utf-8")
    threshold = re.search(r"Threshold (-?[0-9.]+):", card)
    assert threshold, card[:500]
    bias, weights = danger_score.read(danger_weights.weights(danger_weights.read(), float(threshold[1])))
    shipped_bias, shipped = danger_score.read(danger_score.WEIGHTS.read_text(encoding="utf-8"))
    assert bias == pytest.approx(shipped_bias, abs=1e-2)
    # Another processor may round otherwise: one step of the stored weights either way.
    assert np.abs(weights - shipped).max() <= 2 * np.abs(shipped[shipped != 0]).min()


def test_training_again_gives_the_letter_weights_that_are_shipped() -> None:
    learned = letter_kinds.read()
    shipped = json.loads(letter_kind.WEIGHTS.read_text(encoding="utf-8"))
    assert letter_kinds.calibrated(learned, letter_kinds.held_out(learned)) == pytest.approx(shipped["temperature"], abs=0.02)
    made = json.loads(letter_kinds.weights(learned, shipped["temperature"]))
    assert (made["floors"], made["tone_floors"]) == (shipped["floors"], shipped["tone_floors"])
    assert made["bias"] == pytest.approx(shipped["bias"], abs=0.01)
    assert list(made["weights"]) == list(shipped["weights"])
    # Another processor may round otherwise: two steps of the stored weights either way.
    made_weights, shipped_weights = (np.array(list(kept["weights"].values())) for kept in (made, shipped))
    assert np.abs(made_weights - shipped_weights).max() <= 0.021


def test_the_letter_card_names_the_very_files_that_its_weights_were_learned_from() -> None:
    hashes = dict(re.findall(r"^\| (\S+\.\w+) \| ([0-9a-f]{64}) \|$", letter_kinds.CARD.read_text(encoding="utf-8"), re.MULTILINE))
    assert hashes == {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in letter_kinds.inputs()}


def test_the_ordinary_words_are_those_of_the_corpus() -> None:
    assert ordinary_words.WORDS.read_text(encoding="utf-8") == ordinary_words.ordinary_words()


def test_the_first_names_are_those_of_the_package_that_is_named() -> None:
    assert first_names.NAMES.read_text(encoding="utf-8") == first_names.first_names()
    assert first_names.PLACES.read_text(encoding="utf-8") == first_names.names_of_places()


def test_training_again_gives_the_answerability_weights_that_are_shipped() -> None:
    shipped = json.loads(answerability.WEIGHTS.read_text(encoding="utf-8"))
    for evidence in training_answerability.available():
        messages = training_answerability.read(evidence)
        made = training_answerability.weights(messages, training_answerability.floors(training_answerability.held_out(messages)))
        for asked in ("article", "passage"):
            own = shipped[evidence][asked]
            assert made[asked]["floor"] == pytest.approx(own["floor"], abs=0.02)
            assert made[asked]["bias"] == pytest.approx(own["bias"], abs=0.05)
            assert made[asked]["weights"] == pytest.approx(own["weights"], abs=0.05)


def test_the_answerability_card_names_the_very_files_that_its_weights_were_learned_from() -> None:
    hashes = dict(
        re.findall(r"^\| (\S+\.\w+) \| ([0-9a-f]{64}) \|$", training_answerability.CARD.read_text(encoding="utf-8"), re.MULTILINE)
    )
    assert hashes == {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in training_answerability.inputs()}


def test_no_test_line_of_the_questions_is_learned_from() -> None:
    questions = map(json.loads, training_answerability.QUESTIONS.read_text(encoding="utf-8").splitlines())
    tests = {line["id"] for line in questions if line["part"] != "dev"}

    assert tests
    assert not tests & {line["id"] for line in training_answerability.lines()}


def test_the_word_topics_are_those_of_the_corpus() -> None:
    assert tokenization.TOPICS.read_text(encoding="utf-8") == word_topics.word_topics()
