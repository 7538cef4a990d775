"""The n-grams of a batch: the same as one text at a time, places kept, nothing learnt from what was redacted."""

import unicodedata

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer

from services.triage.classification.features import GramSettings, HashedNgrams
from services.triage.classification.text_page import without_placeholders

LAMPS = [
    "The lamp on Elm Street is out, and has been out since Monday.",
    "Le lampadaire de la rue des Érables est éteint depuis lundi !",
    "no water since 6am, whole street",
    "Bac jaune non collecté : c'est la troisième fois.",
]


def fitted(**settings: object) -> HashedNgrams:
    return HashedNgrams(GramSettings(min_rows=1, **settings)).fit(LAMPS)  # type: ignore[arg-type]


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
    features = HashedNgrams(GramSettings((1, 2), (3, 5), min_rows=1)).fit(plain)
    # For the one-letter word scikit-learn counts " a " once for each size that is too long for it.
    assert len(features.word_buckets) == len(words.vocabulary_)
    assert len(features.character_buckets) == len(characters.vocabulary_)


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
    features = HashedNgrams(GramSettings(min_rows=1)).fit(["[NAME_1] writes again", "[EMAIL_1] writes again"])
    plain = HashedNgrams(GramSettings(min_rows=1)).fit(["writes again", "writes again"])
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
    features = HashedNgrams(GramSettings(min_rows=1)).fit(["💡 路灯 坏了", "мусор не вывезли"])
    assert features.transform(["路灯"]).nnz > 0
    assert features.transform(["МУСОР"]).nnz > 0


def test_rare_columns_fall_away_when_there_are_too_many() -> None:
    features = HashedNgrams(GramSettings(min_rows=1, max_columns=20)).fit([*LAMPS, *LAMPS[:2]])
    assert 0 < features.width <= 20


def test_more_buckets_than_a_column_can_number_are_refused() -> None:
    with pytest.raises(ValueError, match="bits: give 1 to 20"):
        GramSettings(bits=21)


def test_one_text_is_refused_where_a_list_is_meant() -> None:
    with pytest.raises(ValueError, match="list of texts"):
        HashedNgrams().fit("not a list")


CHINESE = ["路灯坏了，请修理。", "公园旁边的路灯不亮了", "垃圾没有人收", "停车罚款太高了"]


def test_scripts_without_spaces_are_read_by_runs_of_letters() -> None:
    features = HashedNgrams(GramSettings(min_rows=1)).fit(CHINESE)
    shared = features.transform(["门口的路灯！"]).multiply(features.transform(["我们的路灯"]))
    assert shared.sum() > 0.5, "the same lamp, whatever stands around it"
    (street_lamp,) = HashedNgrams(GramSettings((1, 1), min_rows=1)).fit(["路灯坏"]).transform(["路灯坏"])
    assert street_lamp.nnz == 3 + (3 + 2 + 1), "three letters as words, and runs of one, two and three"


def test_punctuation_and_width_of_chinese_and_japanese_make_no_difference() -> None:
    features = HashedNgrams(GramSettings(min_rows=1)).fit(["路灯。ＰＤＦ１", "「路灯」、pdf2", "ゴミ・リサイクル"])
    first, second = features.transform(["路灯。ＰＤＦ１", "路灯 pdf 2".replace("f 2", "f2")]).toarray()
    assert np.allclose(first, second)
    assert features.transform(["路灯！リサイクル", "リサイクル"])[1].nnz > 0


def test_a_run_does_not_go_on_beyond_punctuation() -> None:
    without, across = (
        HashedNgrams(GramSettings((1, 1), min_rows=1)).fit(["路灯"]),
        HashedNgrams(GramSettings((1, 1), min_rows=1)).fit(["路，灯"]),
    )
    assert len(without.character_buckets) == len(across.character_buckets) + 1


@pytest.mark.parametrize("word", ["ไฟถนนดับ", "ໄຟຖະໜົນດັບ", "လမ်းမီးပျက်", "ភ្លើងដាច់"], ids=["thai", "lao", "burmese", "khmer"])
def test_a_letter_keeps_its_vowels_and_tones(word: str) -> None:
    features = HashedNgrams(GramSettings(min_rows=1)).fit([word])
    letters = sum(not unicodedata.category(character).startswith("M") for character in word)
    (read,) = features.read([word])
    words = read.word_weights(np.zeros(1, dtype=np.int64), np.ones((1, features.width), dtype=np.float32))
    assert len(words.rows) == letters
    bare = "".join(character for character in word if not unicodedata.category(character).startswith("M"))
    kept, lost = (features.transform([text]).multiply(features.transform([word])).sum() for text in (word, bare))
    assert kept == pytest.approx(1, abs=1e-5)
    assert lost < 0.95, "other vowels are another word"


def test_other_scripts_are_read_as_ever_beside_one_without_spaces() -> None:
    others = [*LAMPS, "мусор не вывезли", "가로등이 고장났어요", "الإنارة معطلة", "सड़क की बत्ती बंद है", "💡 lamp…"]
    features = HashedNgrams(GramSettings(min_rows=1)).fit([*others, *CHINESE])
    beside = features.transform([text for pair in zip(others, CHINESE * 3, strict=False) for text in pair])
    assert (beside[::2] != features.transform(others)).nnz == 0
    assert (
        HashedNgrams(GramSettings(min_rows=1)).fit(others).width + HashedNgrams(GramSettings(min_rows=1)).fit(CHINESE).width
        >= features.width
    )


def test_the_letters_of_a_row_without_spaces_add_up_to_its_product() -> None:
    mixed = ["Hello 路灯PDF坏了。ok", "ไฟถนนดับ", "", "plain words"]
    features = HashedNgrams(GramSettings(min_rows=1)).fit(mixed)
    weights = np.random.default_rng(0).normal(size=(1, features.width)).astype(np.float32)
    (read,) = features.read(mixed)
    words = read.word_weights(np.zeros(4, dtype=np.int64), weights)
    for part in (words, words.phrases()):
        sums = np.bincount(part.rows, weights=part.weights, minlength=4)
        assert np.allclose(sums, np.asarray(features.transform(mixed) @ weights.T).ravel(), atol=1e-4)
    assert [mixed[0][a:b] for row, a, b in zip(words.rows, words.starts, words.ends, strict=True) if row == 0] == [
        "Hello",
        "路",
        "灯",
        "PDF",
        "坏",
        "了",
        "ok",
    ]


@pytest.mark.parametrize("text", ["น้ำ ไม่ มี", "ບໍ່ ມີ ນ້ຳ", "ភ្លើង នៅ មិនទាន់", "cafe\u0301 ferme\u0301", "बिजली नहीं", "ที่นี่ มี\u0301"])
@pytest.mark.parametrize("row", [0, 1])
def test_a_word_ends_behind_the_marks_of_its_last_letter(text: str, row: int) -> None:
    texts = [text, text]
    features = HashedNgrams(GramSettings(min_rows=1)).fit(texts)
    (read,) = features.read(texts)
    words = read.word_weights(np.zeros(2, dtype=np.int64), np.ones((1, features.width), dtype=np.float32))
    places = list(zip(words.starts[words.rows == row].tolist(), words.ends[words.rows == row].tolist(), strict=True))
    assert "".join(text[start:end] for start, end in places) == text.replace(" ", "")
    assert all(start < end for start, end in places)
