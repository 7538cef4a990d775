"""Near-duplicates have near fingerprints, and meet in a band."""

import pytest

from services.domain import fingerprints
from services.domain.fingerprints import Slots
from services.triage.fingerprint import MAX_WORDS, fingerprint

LETTER = "The lamp on Elm Street has been out for a week, the pavement is dark and my mother fell there yesterday evening."
OTHER = "Please send me the form for a parking permit; I moved to the old town in May and have no garage there."


def slots(text: str) -> Slots:
    read = fingerprints.read(fingerprint(None, text))
    assert read is not None
    return read


def test_a_fingerprint_stays_what_it_was_since_cases_are_compared_for_years() -> None:
    # Where a new version of the library makes others: raise fingerprints.VERSION, so that old ones are left alone.
    assert fingerprint("The lamp", "Die Straße ist dunkel.") == (
        "m1.TRBW-cyUzDs9QZK2Cl2ZZWLgPKF4kWEnVoVJUm5VwUHl4BRm1QE-zXmUF9kRnaIwPWJadwoVfuqxbSR6l5JkC3tat0w7g3q1Hcg5zxHM6rWxf8Etxp3cHSVb_Yn2eh4cyCbtAwM470LY7sVMEz595tXAnofG-pqtwVHkoMeG4H0"
    )


def test_the_same_text_has_the_same_fingerprint_whatever_its_case_and_breaks() -> None:
    assert fingerprint(None, LETTER) == fingerprint("", LETTER.upper().replace(" ", "\n"))


def test_a_subject_is_part_of_the_text() -> None:
    assert fingerprint("The lamp", "is out again") == fingerprint(None, "The lamp is out again")


@pytest.mark.parametrize(
    "changed",
    [
        LETTER.replace("week", "month"),
        "Hello! " + LETTER,
        LETTER + " Regards, Ines",
        LETTER.replace("the pavement is", "the pavment is"),
    ],
)
def test_a_letter_with_a_small_change_resembles_it_and_meets_it_in_a_band(changed: str) -> None:
    assert fingerprints.resemblance(slots(LETTER), slots(changed)) > 0.6
    assert set(fingerprints.bands(slots(LETTER))) & set(fingerprints.bands(slots(changed)))


def test_another_letter_neither_resembles_it_nor_meets_it() -> None:
    assert fingerprints.resemblance(slots(LETTER), slots(OTHER)) < 0.1
    assert not set(fingerprints.bands(slots(LETTER))) & set(fingerprints.bands(slots(OTHER)))


def test_the_resemblance_is_about_the_share_of_common_word_pairs() -> None:
    shared_words, own_words = (" ".join(f"{name}{n}" for n in range(800)) for name in ("shared", "own"))
    shared, total = 799, 799 + 799 + 1
    assert fingerprints.resemblance(slots(shared_words), slots(f"{shared_words} {own_words}")) == pytest.approx(shared / total, abs=0.15)


def test_names_that_are_hidden_do_not_set_letters_apart() -> None:
    assert fingerprint(None, "My neighbour [NAME_1] shouts") == fingerprint(None, "My neighbour [NAME_12] shouts")
    assert fingerprint(None, "My neighbour [NAME_1] shouts") != fingerprint(None, "My neighbour [PHONE_1] shouts")


def test_a_script_without_blanks_is_compared_by_its_letters() -> None:
    letter = "街灯已经坏了一个星期人行道很黑我的母亲昨天晚上在那里摔倒了请尽快修理"
    assert fingerprints.resemblance(slots(letter), slots(letter.replace("星期", "月"))) > 0.6


def test_one_word_and_no_words_at_all_are_taken_too() -> None:
    assert fingerprint(None, "Hello") == fingerprint(None, "hello!") != fingerprint(None, "Bonjour")
    assert fingerprint(None, "?!") == fingerprint("", "") == ""


def test_a_very_long_message_is_told_by_its_beginning() -> None:
    start = "word " * MAX_WORDS
    assert fingerprint(None, start) == fingerprint(None, start + "and another " * 1_000)


@pytest.mark.parametrize("stored", ["", "0123456789abcdef", "m0." + "A" * 171, "m1.", "m1.short", "m1.!!!", "m1." + "A" * 173, "m1.é"])
def test_what_was_made_in_another_way_is_compared_with_nothing(stored: str) -> None:
    assert fingerprints.read(stored) is None


def test_what_was_written_is_read_back() -> None:
    assert fingerprints.read(fingerprints.write(range(fingerprints.SLOTS))) == tuple(range(fingerprints.SLOTS))


def test_bands_are_distinct_and_fit_a_signed_number_of_64_bits() -> None:
    bands = fingerprints.bands(slots(LETTER))
    assert len(set(bands)) == fingerprints.BANDS
    assert all(-(2**63) <= value < 2**63 for value in bands)
