"""What n-grams are unsure of is decided by the meaning of the text as well; without an encoder they decide alone."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from services.runtime import encoder_backends
from services.runtime.encoder import CachingEncoder, EncoderFailed, Vectors
from services.triage.classification import model_store
from services.triage.classification.classifier import Classifier
from services.triage.classification.examples import Example
from services.triage.classification.meaning_training import SilentEncoder
from services.triage.classification.training import train


def invented(seed: int) -> list[str]:
    """Words that have nothing in common: n-grams can't guess what a new one means."""
    letters = np.random.default_rng(seed).integers(ord("a"), ord("z") + 1, size=(60, 7))
    return ["".join(map(chr, word)) for word in letters]


NIGHT, ROAD = ["lamp", *invented(1)], ["pothole", *invented(2)]
SMALL_TALK = ("please look", "since monday", "near the school", "it is a shame", "thank you", "by the park", "at number nine")


class Themes:
    """Tells by its theme what a text is about, also by words that no model has learnt."""

    name = "themes 1"

    def __init__(self, width: int = 3) -> None:
        self.asked: list[str] = []
        self._width = width

    def vectors(self, texts: Sequence[str]) -> Vectors | None:
        self.asked += texts
        rows = [[float(any(word in text for word in theme)) for theme in (NIGHT, ROAD)] for text in texts]
        vectors = np.array([[*row, 0.1, *[0.0] * (self._width - 3)] for row in rows], dtype=np.float32)
        return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float32)


def rows() -> list[Example]:
    """Half of them with the plain word, half with one that stands in no other row; the last ten words of each theme stand in none."""
    return [
        Example(f"the {word} here, {SMALL_TALK[(number + place) % len(SMALL_TALK)]}", category, "en")
        for category, theme in (("lamps", NIGHT), ("holes", ROAD))
        for number, invented_word in enumerate(theme[1:-10])
        for place, word in enumerate((invented_word, theme[0]))
    ]


@pytest.fixture(scope="module")
def both() -> Classifier:
    return train(rows(), encoder=Themes())


UNSEEN, ALSO_UNSEEN = f"the {ROAD[-1]} here, thank you", f"the {NIGHT[-1]} here, since monday"
PLAIN = "the lamp here, by the park"


def test_a_word_that_no_row_had_is_sorted_by_its_meaning(both: Classifier) -> None:
    texts = [f"the {word} here, thank you" for word in (*ROAD[-10:], *NIGHT[-10:])]
    right = ["holes"] * 10 + ["lamps"] * 10
    by_meaning, by_words = both.predict(texts), both.reading_with(None).predict(texts)

    assert [prediction.category for prediction in by_meaning] == right
    assert [prediction.category for prediction in by_words] != right
    changed = [second.category if second.category != first.category else None for first, second in zip(by_meaning, by_words, strict=True)]
    assert [prediction.by_words for prediction in by_meaning] == changed
    assert not any(prediction.by_words for prediction in by_words)
    assert both.reading_with(None).missing_encoder == "themes 1"
    assert both.missing_encoder is None


def test_what_n_grams_are_sure_of_costs_no_vector(both: Classifier) -> None:
    encoder = Themes()
    both.reading_with(encoder).predict([PLAIN, UNSEEN])

    assert encoder.asked == [UNSEEN]


def test_a_text_that_no_encoder_may_see_is_sorted_by_its_words(both: Classifier) -> None:
    encoder = Themes()
    asked = both.reading_with(encoder)
    explained = asked.explained([UNSEEN, ALSO_UNSEEN], by_words_alone={0})

    assert encoder.asked == [ALSO_UNSEEN]
    assert [explained[0][0]] == asked.reading_with(None).predict([UNSEEN])


def test_an_encoder_that_fails_leaves_the_answer_of_n_grams(both: Classifier) -> None:
    def away(_: list[str]) -> Vectors:
        raise EncoderFailed("away")

    texts = [PLAIN, UNSEEN]
    assert both.reading_with(CachingEncoder("themes 1", away)).predict(texts) == both.reading_with(None).predict(texts)


@pytest.mark.parametrize("width", [4, 8])
def test_vectors_of_another_width_are_not_used(both: Classifier, width: int) -> None:
    assert both.reading_with(Themes(width)).predict([UNSEEN]) == both.reading_with(None).predict([UNSEEN])


def test_an_encoder_of_another_name_is_not_asked(both: Classifier) -> None:
    other = Themes()
    other.name = "themes 2"
    assert both.reading_with(other).missing_encoder == "themes 1"


def test_placeholders_reach_no_encoder_and_long_texts_reach_it_short(both: Classifier) -> None:
    encoder = Themes()
    both.reading_with(encoder).predict(["[NAME_1] writes. " + UNSEEN + " zz" * 2000])

    [asked] = encoder.asked
    assert "NAME" not in asked
    assert len(asked) <= 600


def test_a_kept_model_keeps_its_second_stage(both: Classifier, tmp_path: Path) -> None:
    model_store.save(both, tmp_path / "model")
    again = model_store.load(tmp_path / "model").reading_with(Themes())

    assert again.predict([UNSEEN, PLAIN]) == both.predict([UNSEEN, PLAIN])
    assert "themes 1" in (tmp_path / "model" / "MODEL_CARD.md").read_text(encoding="utf-8")


def test_the_same_rows_and_encoder_give_the_same_model(both: Classifier) -> None:
    assert train(rows(), encoder=Themes()).version == both.version
    assert train(rows()).version != both.version


def test_a_second_stage_that_is_no_better_is_not_kept() -> None:
    class Blind(Themes):
        def vectors(self, texts: Sequence[str]) -> Vectors | None:
            return np.ones((len(texts), 3), dtype=np.float32) / np.float32(np.sqrt(3))

    classifier = train(rows(), encoder=Blind())

    assert classifier.meaning is None
    assert classifier.facts["encoder"]["kept"] is False
    assert classifier.version == train(rows()).version


def test_training_ends_where_its_encoder_is_away() -> None:
    def away(_: list[str]) -> Vectors:
        raise EncoderFailed("away")

    with pytest.raises(SilentEncoder, match="gave no vectors"):
        train(rows(), encoder=CachingEncoder("away", away))


@pytest.mark.encoder
def test_what_was_taught_in_english_is_known_in_french_by_the_installed_encoder() -> None:
    encoder = encoder_backends.local()
    assert encoder is not None, "`make test-encoder` installs it"
    lamps = (
        "the street lamp is out; no light at night; the bulb flickers; it is dark on the pavement; a lantern is broken; lampposts black; "
        "our alley lies in darkness; nothing shines after sunset; lighting failed on Elm Street; a lamp buzzes and blinks; gloomy corner; "
        "torchlight is needed to see the path"
    )
    waste = (
        "the bin was not emptied; rubbish lies everywhere; when is garbage collected; my refuse bag is torn; trash on the grass; "
        "dumped mattresses; the dustmen did not come; litter in the park; an overflowing skip; recycling was left behind; "
        "compost smells; where do I throw old paint"
    )
    examples = [Example(text, name, "en") for name, texts in (("lighting", lamps), ("refuse", waste)) for text in texts.split("; ")]
    taught = train(examples, encoder=encoder)
    french = ["Il fait trop sombre le soir dans notre rue", "Les poubelles débordent"]

    assert taught.meaning
    assert [prediction.category for prediction in taught.predict(french)] == ["lighting", "refuse"]
