"""Passages are compared by meaning where there is an encoder, and by words alone where it fails."""

import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier, BrokenBarrierError
from typing import Any
from uuid import uuid4

import httpx
import numpy as np
import pytest
from pydantic import SecretStr

from services.domain import wish_for_person
from services.drafting import handlers, passage_index
from services.drafting.model_client import TemplateDrafter
from services.drafting.passage_index import Knowledge
from services.runtime import encoder_backends
from services.runtime.encoder import LONGEST, REST, CachingEncoder, EncoderFailed, Vectors
from services.runtime.settings import EmbeddingsSettings
from tests.harness.processor_time import limited
from tests.unit.test_drafting_rules import TAXONOMY, a_passage, a_request

POOL = a_passage(
    1, "The bath opens at seven.", passage_id="pool#1", article_id="pool", title="Bath", heading="Hours", category="culture_sport"
)
BINS = a_passage(1, "Bins are emptied on Monday.", passage_id="bins#1", article_id="bins", title="Bins", heading="When bins are emptied")


def by_theme(texts: list[str]) -> Vectors:
    """A vector that tells swimming from rubbish."""
    return np.array([[1.0, 0.0] if "bath" in text.lower() or "swim" in text.lower() else [0.0, 1.0] for text in texts], dtype=np.float32)


def test_what_shares_no_word_is_found_by_its_meaning() -> None:
    knowledge = Knowledge([POOL, BINS], CachingEncoder("themes", by_theme))

    assert knowledge.search("Where may I swim?", "en")[0].passage == POOL
    assert Knowledge([POOL, BINS]).search("Where may I swim?", "en") == []


@pytest.mark.parametrize("instructions", [None, "Tell them about the bath."])
async def test_what_came_by_the_link_of_a_reply_reaches_no_encoder(instructions: str | None) -> None:
    asked: list[str] = []

    def recording(texts: list[str]) -> Vectors:
        asked.extend(texts)
        return by_theme(texts)

    knowledge = Knowledge([POOL, BINS], CachingEncoder("recording", recording))
    published = len(asked)
    letter = "My name is Ottilie Brandvik. When are the bins emptied, and who has the bath? It was not solved."
    for letter_kind in ("question", "several"):
        signals = wish_for_person.without_automation([], None, uuid4())
        request = a_request(letter, signals=signals, letter=letter_kind, letter_confidence=0.99, instructions=instructions)
        await handlers.propose(request, TemplateDrafter(), knowledge, TAXONOMY)
    assert asked[published:] == []

    await handlers.propose(a_request(letter, instructions=instructions), TemplateDrafter(), knowledge, TAXONOMY)
    assert asked[published:], "any other message is compared by its meaning"


def test_an_encoder_that_fails_is_left_alone_for_a_while_and_words_decide() -> None:
    now, asked = 0.0, []

    def away(texts: list[str]) -> Vectors:
        asked.append(len(texts))
        raise EncoderFailed("away")

    knowledge = Knowledge([POOL, BINS], CachingEncoder("away", away, monotonic=lambda: now))
    for _ in range(3):
        assert knowledge.search("When are the bins emptied?", "en")[0].passage == BINS
    assert len(asked) == 1

    now = REST + 1
    knowledge.search("When are the bins emptied?", "en")
    assert len(asked) == 2


def test_a_text_is_asked_for_once() -> None:
    asked: list[str] = []

    def counting(texts: list[str]) -> Vectors:
        asked.extend(texts)
        return by_theme(texts)

    encoder = CachingEncoder("counting", counting)
    encoder.vectors(["swim", "bin"])
    encoder.vectors(["bin", "swim", "lamp"])

    assert sorted(asked) == ["bin", "lamp", "swim"]


@pytest.mark.parametrize("rows", [[[1.0, float("nan")]], [[1.0], [2.0]], []])
def test_what_is_no_vector_for_each_text_is_not_used(rows: list[list[float]]) -> None:
    assert CachingEncoder("odd", lambda _: np.array(rows, dtype=np.float32)).vectors(["one"]) is None


def test_an_endpoint_is_asked_as_openai_is_and_its_order_kept() -> None:
    seen: list[Any] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append((str(request.url), request.headers["authorization"], json.loads(request.content)))
        return httpx.Response(200, json={"data": [{"index": 1, "embedding": [0, 2]}, {"index": 0, "embedding": [3, 0]}]})

    settings = EmbeddingsSettings(url="http://127.0.0.1:1/v1", model="small", api_key=SecretStr("k"))
    vectors = encoder_backends.endpoint(settings, httpx.MockTransport(answer)).vectors(["a", "b"])

    assert vectors is not None
    assert vectors.tolist() == [[1.0, 0.0], [0.0, 1.0]]
    assert seen == [("http://127.0.0.1:1/v1/embeddings", "Bearer k", {"model": "small", "input": ["a", "b"], "encoding_format": "float"})]


@pytest.mark.parametrize("answer", [httpx.Response(500), httpx.Response(200, text="no"), httpx.Response(200, json={"data": [{}]})])
def test_an_endpoint_that_answers_oddly_gives_no_vectors(answer: httpx.Response) -> None:
    encoder = encoder_backends.endpoint(EmbeddingsSettings(url="http://127.0.0.1:1/v1"), httpx.MockTransport(lambda _: answer))

    assert encoder.vectors(["a"]) is None


HOSTILE = ["\ud800 bins", "bins\0 and lamps", "\ufdfa" * 20_000, "e\u0301" * 20_000, "\u0301" * 20_000, "", " "]


def test_a_hostile_text_reaches_the_encoder_short_and_whole() -> None:
    asked: list[str] = []

    def recording(texts: list[str]) -> Vectors:
        asked.extend(texts)
        return by_theme(texts)

    with limited("encoding"):
        assert CachingEncoder("recording", recording).vectors(HOSTILE) is not None

    assert max(map(len, asked)) == LONGEST
    assert not any("\0" in text or "\ud800" in text for text in asked)


@pytest.mark.encoder
def test_the_installed_package_compares_languages_and_takes_hostile_texts() -> None:
    encoder = encoder_backends.local()
    assert encoder is not None, "`make test-encoder` installs it"

    with limited("the encoder"):
        vectors = encoder.vectors(["When are the bins emptied?", "Quand vide-t-on les poubelles ?", "I lost my passport abroad.", *HOSTILE])

    assert vectors is not None
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2] + 0.3


def test_callers_in_several_threads_take_turns() -> None:
    """The installed package sets NumPy's threads and restores them: two at once would leave it at one for good."""
    together = Barrier(2)

    def meeting(texts: list[str]) -> Vectors:
        with suppress(BrokenBarrierError):
            together.wait(0.2)
            raise AssertionError("two callers at once")
        return by_theme(texts)

    encoder = CachingEncoder("meeting", meeting)
    with ThreadPoolExecutor(2) as pool:
        assert all(vectors is not None for vectors in pool.map(encoder.vectors, [["swim"], ["bin"]]))


def test_without_an_encoder_the_sample_city_is_searched_by_words() -> None:
    assert passage_index.load().search("swimming pool", "en")
