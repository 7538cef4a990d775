"""The n-grams of a batch: the same as one text at a time, places kept, nothing learnt from what was redacted."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError, SkipTestWarning
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.utils.estimator_checks import check_estimator

from services.triage.classification.features import HashedNgrams, without_placeholders

LAMPS = [
    "The lamp on Elm Street is out, and has been out since Monday.",
    "Le lampadaire de la rue des Érables est éteint depuis lundi !",
    "no water since 6am, whole street",
    "Bac jaune non collecté : c'est la troisième fois.",
]


def fitted(**settings: object) -> HashedNgrams:
    return HashedNgrams(min_rows=1, **settings).fit(LAMPS)  # type: ignore[arg-type]


def test_it_keeps_scikit_learns_manners() -> None:
    # scikit-learn's suite goes no further than the construction of what takes texts, its own vectorisers included.
    with pytest.warns(SkipTestWarning, match="string=True"):
        check_estimator(HashedNgrams())
    copied = clone(HashedNgrams(words=(1, 1), min_rows=3))
    assert copied.get_params() == {
        "words": (1, 1),
        "characters": (3, 5),
        "min_rows": 3,
        "max_columns": 400_000,
        "word_weight": 1.0,
        "bits": 20,
    }
    with pytest.raises(NotFittedError):
        copied.transform(LAMPS)
    before = copied.fit(LAMPS).__getstate__()
    copied.transform(LAMPS)
    assert copied.__getstate__().keys() == before.keys()


def test_a_batch_gives_the_rows_of_its_texts_one_by_one() -> None:
    features = fitted()
    together = features.transform(LAMPS).toarray()
    alone = np.vstack([features.transform([text]).toarray() for text in LAMPS])
    assert np.allclose(together, alone)


def test_a_batch_larger_than_a_chunk_gives_the_same_rows() -> None:
    features = fitted()
    many = features.transform(LAMPS * 2500)
    assert many.shape[0] == 10_000
    assert np.allclose(many[9_996:].toarray(), features.transform(LAMPS).toarray())


def test_rows_have_length_one() -> None:
    lengths = np.sqrt(fitted().transform(LAMPS).multiply(fitted().transform(LAMPS)).sum(axis=1))
    assert np.allclose(lengths, 1, atol=1e-5)


def test_it_finds_as_many_grams_as_scikit_learns_own_vectoriser() -> None:
    plain = ["the lamp is out", "the bin is full", "a lamp and a bin"]
    words = TfidfVectorizer(ngram_range=(1, 2), token_pattern=r"\S+").fit(plain)
    characters = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5)).fit(plain)
    features = HashedNgrams((1, 2), (3, 5), min_rows=1).fit(plain)
    # For the one-letter word scikit-learn counts " a " once for each size that is too long for it.
    assert len(features.word_buckets_) == len(words.vocabulary_)
    assert len(features.character_buckets_) == len(characters.vocabulary_)


@pytest.mark.parametrize("text", ["", "   ", "\n\n", "!?…", "[NAME_1]", "[CITIZEN_NAME] [EMAIL_2]"])
def test_a_text_without_words_is_an_empty_row(text: str) -> None:
    features = fitted()
    assert features.transform([text]).nnz == 0
    assert features.transform([LAMPS[0], text, LAMPS[1]])[1].nnz == 0


def test_case_accents_and_composed_letters_make_no_difference() -> None:
    features = fitted()
    first, second, third = features.transform(["LE LAMPADAIRE ÉTEINT", "le lampadaire eteint", "le lampadaire e\u0301teint"]).toarray()
    assert np.allclose(first, second)
    assert np.allclose(first, third)


def test_nothing_is_learnt_from_a_placeholder() -> None:
    features = HashedNgrams(min_rows=1).fit(["[NAME_1] writes again", "[EMAIL_1] writes again"])
    plain = HashedNgrams(min_rows=1).fit(["writes again", "writes again"])
    assert features.width == plain.width


def test_placeholders_are_blanked_without_moving_the_rest() -> None:
    text = "ask [NAME_1] please"
    assert without_placeholders(text) == "ask          please"
    assert len(without_placeholders(text)) == len(text)


def test_the_words_of_a_row_add_up_to_its_product_and_stand_where_they_stood() -> None:
    features = fitted()
    weights = np.random.default_rng(0).normal(size=(2, features.width)).astype(np.float32)
    choices = np.array([0, 1, 1, 0])
    products = np.asarray(features.transform(LAMPS) @ weights.T)
    (read,) = features.read(LAMPS)
    assert (read.matrix != features.transform(LAMPS)).nnz == 0
    words = read.word_weights(choices, weights)
    for row, text in enumerate(LAMPS):
        own = words.rows == row
        assert np.isclose(words.weights[own].sum(), products[row, choices[row]], atol=1e-4)
        assert [text[a:b] for a, b in zip(words.starts[own], words.ends[own], strict=True)] == [
            word for word in "".join(c if c.isalnum() else " " for c in text).split() if word
        ]


def test_emoji_and_scripts_without_case_are_words_too() -> None:
    features = HashedNgrams(min_rows=1).fit(["💡 路灯 坏了", "мусор не вывезли"])
    assert features.transform(["路灯"]).nnz > 0
    assert features.transform(["МУСОР"]).nnz > 0


def test_rare_columns_fall_away_when_there_are_too_many() -> None:
    features = HashedNgrams(min_rows=1, max_columns=20).fit([*LAMPS, *LAMPS[:2]])
    assert 0 < features.width <= 20


def test_one_text_is_refused_where_a_list_is_meant() -> None:
    with pytest.raises(ValueError, match="list of texts"):
        HashedNgrams().fit("not a list")
