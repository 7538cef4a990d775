"""What a person changed of a draft: how much of it, and of which kind."""

import pytest

from services.review.quality.edits import Letter, edit_of, rejected

QUOTE = "A single street lamp that is out is repaired within five working days of the report."
BODY = (
    "Dear Ines Marlow,\n\nThank you for telling us about the lamp in Heron Street, which we know is the only one there.\n\n"
    f"{QUOTE} If several lamps are out, the cable is at fault.\n\n"
    "You can call 021 315 20 00 on weekdays, or see https://city.example/lamps. The meeting is on 4 March 2026.\n\n"
    "Kind regards,\nStreets and mobility"
)
DRAFT = Letter("Your street lamp", BODY)


def kinds(body: str, subject: str = DRAFT.subject, language: str = "en") -> set[str]:
    return set(edit_of(DRAFT, Letter(subject, body), [QUOTE], language).kinds)


def test_what_was_sent_as_drafted_has_no_distance_however_lines_are_broken() -> None:
    edit = edit_of(DRAFT, Letter(DRAFT.subject, BODY.replace("\n", "\r\n") + "\n"), [QUOTE])
    assert (edit.kinds, edit.distance, edit.words) == (("unchanged",), 0.0, len(DRAFT.words))


def test_the_distance_is_the_share_of_words_that_differ() -> None:
    edit = edit_of(Letter("A b", "c d e f g h i j"), Letter("A b", "c d e f g h i x y"))
    assert edit.distance == pytest.approx(2 / 11, abs=1e-4)


def test_another_greeting_or_closing_is_told_from_another_matter() -> None:
    assert kinds(BODY.replace("Dear Ines Marlow", "Hello Ines").replace("Kind regards", "All the best")) == {"greeting_or_closing"}
    assert kinds(BODY.replace("Thank you for telling us", "Many thanks for writing to us")) == {"wording"}


def test_only_another_subject_is_no_other_letter() -> None:
    assert kinds(BODY, subject="The lamp in Heron Street") == {"subject"}


@pytest.mark.parametrize(
    ("written", "instead", "kind"),
    [
        ("five working days", "ten working days", "figures"),
        ("the cable is at fault", "the cable is at fault, which costs $1,200", "figures"),
        ("4 March 2026", "5 March 2026", "dates"),
        ("on weekdays", "on Mondays", "dates"),
        ("https://city.example/lamps", "https://city.example/lights", "links"),
        ("021 315 20 00", "021 315 20 01", "phones"),
    ],
)
def test_a_fact_that_a_person_put_right_is_told_by_what_it_is(written: str, instead: str, kind: str) -> None:
    assert written in BODY
    assert kinds(BODY.replace(written, instead)) == {kind}


@pytest.mark.parametrize(
    ("before", "after", "language"),
    [
        ("within five days", "within 5 days", "en"),
        ("it costs 1,200 $", "it costs $ 1200", "en"),
        ("la taxe est de 1 200 €", "la taxe est de 1200 €", "fr"),
        ("sous dix jours", "sous 10 jours", "fr"),
        ("on 4th March 2026", "on 4 March 2026", "en"),
        ("call 021 315 20 00", "call 021-315-2000", "en"),
    ],
)
def test_the_same_fact_in_another_spelling_is_no_other_fact(before: str, after: str, language: str) -> None:
    rest = "and all the rest of it stays as it was written"
    edit = edit_of(Letter("Yours", f"{before} {rest}"), Letter("Yours", f"{after} {rest}"), language=language)
    assert edit.kinds == ("wording",)


def test_a_passage_that_is_gone_is_told_and_its_figures_are_no_correction() -> None:
    without = BODY.replace(f"{QUOTE} ", "We look into it. ")
    assert kinds(without) == {"passage_dropped"}


def test_a_letter_that_only_lost_sentences_was_shortened() -> None:
    paragraphs = BODY.split("\n\n")
    assert kinds("\n\n".join([*paragraphs[:3], paragraphs[4]])) == {"shortened"}


def test_what_somebody_added_on_their_own_is_told() -> None:
    added = "Our colleagues of the night shift have also put a mobile lamp at the corner, so that nobody walks home in the dark."
    assert kinds(BODY.replace("\n\nYou can call", f"\n\n{added}\n\nYou can call")) == {"paragraph_added"}


def test_a_letter_of_which_little_is_left_was_rewritten() -> None:
    own = "Dear Ms Marlow,\n\nyour lamp belongs to the canton, which we have written to today; they will tell you when it is lit again."
    edit = edit_of(DRAFT, Letter("Your lamp and the canton", own), [QUOTE])
    assert set(edit.kinds) == {"passage_dropped", "rewritten"}
    assert edit.distance is not None
    assert edit.distance > 0.6


def test_a_rejected_draft_has_no_distance() -> None:
    assert (rejected(DRAFT).kinds, rejected(DRAFT).distance) == (("rejected",), None)


@pytest.mark.parametrize("text", ["1" * 20_000, "0 " * 10_000, "a.a" * 6_000, "one hundred " * 1_600, "\n\n" * 9_000, "www." * 5000])
def test_no_text_keeps_it_busy(text: str) -> None:
    edit_of(Letter("s", text), Letter("s", f"{text} 1"), [text[:300]])
