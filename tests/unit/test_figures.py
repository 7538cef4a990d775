"""Sums, dates, deadlines and rights of a reply, and the passage that says the same."""

import pytest

from schemas.drafts_proposed import Citation
from services.review.cases.deciding.figures import figures_of, unsupported


def passage(quote: str) -> Citation:
    return Citation(passage_id="p1", title="Answer", url="https://city.example/a", quote=quote)


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("It costs €40.", "Le passeport coûte 40 euros."),
        ("It costs 1,250.50 euros.", "Le tarif est de 1 250,50 €."),
        ("We repair it within five working days.", "Réparé en 5 jours ouvrables."),
        ("Nous réparons sous quinze jours.", "within 15 days"),
        ("Come on 3 March.", "Ouvert le 3 mars 2026."),
        ("Come on Tuesday at 9 am.", "Open Monday to Friday from 9:00."),
        ("You are entitled to a refund.", "Vous avez droit à un remboursement."),
        ("Le retrait est gratuit.", "Collection is free of charge."),
        ("It is 20 % cheaper.", "twenty percent off"),
        ("Allow five to ten days.", "5 or 10 days"),
    ],
)
def test_what_a_passage_says_in_either_language_is_supported(text: str, quote: str) -> None:
    assert figures_of(text, [passage(quote)])
    assert unsupported(text, [passage(quote)]) == []


@pytest.mark.parametrize(
    ("text", "quote", "missing"),
    [
        ("It costs €45.", "Le passeport coûte 40 euros.", ["€45"]),
        ("Within fifteen working days.", "within five working days", ["fifteen working days"]),
        ("Within five days.", "within five working days", ["five days"]),
        ("Avant le 4 mars.", "le 3 mars", ["4 mars"]),
        ("On Saturday at 18h30.", "Monday to Friday, 18:00", ["Saturday", "18h30"]),
        ("You will get a refund.", "Lamps are repaired.", ["refund"]),
        ("Vous serez dédommagé.", "", ["dédommagé"]),
        ("Allow five to twelve days.", "5 to 10 days", ["five to twelve days"]),
        ("Pay 40 dollars.", "40 euros", ["40 dollars"]),
    ],
)
def test_what_no_passage_says_is_told_as_it_is_written(text: str, quote: str, missing: list[str]) -> None:
    assert [figure.text for figure in unsupported(text, [passage(quote)])] == missing


def test_each_is_told_once_and_plain_words_are_none() -> None:
    text = "One thing: we will see. The march may go on. Within five days.\nAgain, within 5 days."
    assert [(figure.kind, figure.text) for figure in figures_of(text, [])] == [("deadline", "five days")]


def test_the_words_around_a_figure_are_whole() -> None:
    (figure,) = figures_of("First line.\n" + "earlier " * 20 + "within nine days " + "later " * 20, [])
    assert figure.around.startswith("… earlier ")
    assert figure.around.endswith(" later …")
    assert "within nine days later" in figure.around


def test_a_text_written_to_keep_it_busy_is_read_in_one_go() -> None:
    hostile = "one hundred " * 1_500 + "9" * 2_000 + " 1.1.1" * 300
    assert len(figures_of(hostile, [passage(hostile[:2_000])])) < 10


OWN_LETTER = "Roads will look at it and answer you within 10 working days of receiving your message.\nPassports cost 40 euros."


def test_what_stands_word_for_word_in_the_agencys_own_letter_is_supported_by_it() -> None:
    text = "Dear Ann,\nThank you. Roads will look at it and answer you within 10 working days of receiving your message."
    (figure,) = figures_of(text, [], OWN_LETTER)
    assert (figure.text, figure.source, figure.passage_id) == ("10 working days", "template", None)
    assert unsupported(text, [], OWN_LETTER) == []
    assert [figure.text for figure in unsupported(text, [])] == ["10 working days"]


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("Roads will look at it and answer you within 5 working days of receiving your message.", ["5 working days"]),
        ("We will pay you within 10 working days.", ["10 working days"]),
        (f"{OWN_LETTER} We will pay you within 10 working days.", ["10 working days"]),
    ],
)
def test_the_same_number_in_another_sentence_or_another_number_is_asked(text: str, missing: list[str]) -> None:
    assert [figure.text for figure in unsupported(text, [], OWN_LETTER)] == missing


def test_a_passage_is_named_before_the_letter() -> None:
    (figure,) = figures_of("Passports cost 40 euros.", [passage("40 euros")], OWN_LETTER)
    assert (figure.source, figure.passage_id) == ("passage", "p1")
