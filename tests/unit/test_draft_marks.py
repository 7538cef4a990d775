"""Which sentence of a draft rests on which of a passage: word for word or in other words, and nothing on a mere subject in common."""

import pytest

from schemas.drafts_proposed import Check, Citation
from services.review.cases.page.draft_marks import DraftMarks, draft_marks

QUOTE = "A single street lamp that is out is repaired within five working days of the report. Reports are made by telephone."


def marked(body: str, quote: str = QUOTE, language: str = "en", *failed: Check) -> DraftMarks:
    return draft_marks(body, language, [Citation(passage_id="p#1", title="Lamps", url="https://city.example/p", quote=quote)], failed)


@pytest.mark.parametrize(
    "sentence",
    [
        "A single street lamp that is out is repaired within five working days of the report.",
        "Street lamps that are out are repaired within five working days of the report.",
        "We repair a street lamp within five working days of your report.",
    ],
)
def test_a_sentence_leads_to_what_it_rests_on_and_back(sentence: str) -> None:
    body = f"Dear Ines,\n\nThank you. {sentence}\n\nKind regards"

    marks = marked(body)

    pieces = [piece for piece in marks.draft if piece.id]
    assert [(piece.text, piece.passages) for piece in pieces] == [(sentence, ("passage-1-1",))]
    quotes = [piece for piece in marks.quotes[0] if piece.id]
    assert [(piece.id, piece.sentences) for piece in quotes] == [("passage-1-1", (pieces[0].id,))]


@pytest.mark.parametrize("sentence", ["The street lamp is beautiful.", "Thank you for telling us about the lamp.", "Call us.", ""])
def test_the_same_subject_alone_is_no_support(sentence: str) -> None:
    assert not [piece for piece in marked(sentence).draft if piece.id]


def test_french_is_read_by_its_stems_and_without_accents() -> None:
    quote = "Les lampadaires éteints sont réparés dans les cinq jours ouvrés."

    marks = marked("Bonjour,\nVotre lampadaire éteint sera réparé dans les cinq jours ouvrés.", quote, "fr")

    assert [piece.passages for piece in marks.draft if piece.id] == [("passage-1-1",)]


def test_a_failed_check_stands_at_its_place_and_one_whose_sentence_is_gone_at_none() -> None:
    there = Check(name="no_unsupported_numbers", passed=False, quote="It can take fifteen days.")
    gone = Check(name="grounded", passed=False, quote="We promise gold.")
    body = "Dear Ines. It can take fifteen days. Goodbye."

    marks = draft_marks(body, "en", [], [there, gone])

    assert marks.check_places == ["sentence-2", ""]
    assert [(piece.text, piece.doubted) for piece in marks.draft if piece.id] == [("It can take fifteen days.", True)]


@pytest.mark.parametrize("body", ["", "\n\n", "a" * 30_000, "A. " * 5_000, "No end\nof it", "?!…\u202e<script>alert(1)</script>. Yes."])
def test_the_pieces_are_the_text_and_nothing_but_it(body: str) -> None:
    marks = marked(body, body or "x")

    assert "".join(piece.text for piece in marks.draft) == body
    assert "".join(piece.text for piece in marks.quotes[0]) == (body or "x")
