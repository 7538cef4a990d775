"""Near-duplicates have near fingerprints."""

from services.triage.fingerprint import distance, fingerprint

LETTER = "The lamp on Elm Street has been out for a week, the pavement is dark and my mother fell there yesterday evening."


def test_the_same_text_has_the_same_fingerprint_whatever_its_case_and_breaks() -> None:
    assert fingerprint(None, LETTER) == fingerprint("", LETTER.upper().replace(" ", "\n"))


def test_a_changed_word_is_nearer_than_another_letter() -> None:
    changed = fingerprint(None, LETTER.replace("week", "month"))
    other = fingerprint(None, "Please send me the form for a parking permit; I moved to the old town in May and have no garage there.")
    assert distance(fingerprint(None, LETTER), changed) < 16 < distance(fingerprint(None, LETTER), other)


def test_no_words_at_all_are_a_fingerprint_too() -> None:
    assert fingerprint(None, "?!") == "0" * 16
