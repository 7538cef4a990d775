"""Marks fall on the citizen's own words in the message as received, wherever personal details stood before them."""

import random

import pytest

from schemas.requests_triaged import MessagePart, Place, Term
from schemas.values import Person, Redacted, RedactedSpan
from services.review.cases.page.classification_explanation import Piece, marked, sections
from services.triage import redaction
from tests.builders import the_terms

LETTER = "I am Ines Marlow, call +44 20 7946 0958: the lamp is out. The LAMP at [NAME_1]! Ines Marlow <ines@example.org>, lamp"


def as_shown(pieces: list[Piece]) -> str:
    return "".join(f"<{piece.text}>" if piece.marked else piece.text for piece in pieces)


def as_sorted(body: str, *words: str, subject: str | None = None) -> list[Piece]:
    """What triage and the page make of it together."""
    hidden = redaction.redact(subject, body, Person(name="Ines Marlow"), "en")
    return marked(body, "body", hidden, the_terms(hidden, *words))


def test_words_are_marked_in_the_original_however_long_what_was_hidden_before_them() -> None:
    assert as_shown(as_sorted(LETTER, "lamp", "out")) == (
        "I am Ines Marlow, call +44 20 7946 0958: the <lamp> is <out>. The <LAMP> at [NAME_1]! Ines Marlow <ines@example.org>, <lamp>"
    )


def test_what_was_hidden_is_never_marked() -> None:
    assert as_shown(as_sorted("Marlow and Ines Marlow, Ines", "marlow", "ines", "name", "1", "and")).replace("<and>", "and").count("<") == 0


def test_a_word_of_the_subject_is_marked_in_the_subject_alone() -> None:
    hidden = redaction.redact("Lamp of Ines Marlow: lamp", "the lamp", Person(name="Ines Marlow"), "en")
    terms = [Term(term="lamp", weight=1, places=[Place(field="subject", start=0, end=4)])]
    assert as_shown(marked("Lamp of Ines Marlow: lamp", "subject", hidden, terms)) == "<Lamp> of Ines Marlow: lamp"
    assert as_shown(marked("the lamp", "body", hidden, terms)) == "the lamp"


def test_terms_that_overlap_make_one_mark() -> None:
    assert as_shown(as_sorted("there is no water at all", "no water", "water", "water at")) == "there is <no water at> all"


def test_what_spoke_against_it_is_not_marked() -> None:
    terms = [Term(term="lamp", weight=-1, places=[Place(field="body", start=4, end=8)])]
    assert marked("the lamp", "body", Redacted(body="the lamp"), terms) == [Piece(text="the lamp")]


def test_no_text_has_no_pieces() -> None:
    assert marked("", "body", Redacted(body=""), []) == []


@pytest.mark.parametrize(
    "redacted",
    [
        Redacted(body="the lamps"),
        Redacted(body="the [NAME_1]"),
        Redacted(body="[NAME_1]lamp", spans=[RedactedSpan(field="body", start=0, end=3, placeholder="[NAME_1]")]),
        Redacted(body="the lamp", spans=[RedactedSpan(field="body", start=5, end=900, placeholder="[NAME_1]")]),
        Redacted(
            body="the lamp",
            spans=[RedactedSpan(field="body", start=start, end=8, placeholder="[NAME_1]") for start in (2, 4)],
        ),
    ],
)
def test_where_triage_read_another_text_nothing_is_marked(redacted: Redacted) -> None:
    terms = [Term(term="lamp", weight=1, places=[Place(field="body", start=4, end=8)])]
    assert marked("the lamp", "body", redacted, terms) == [Piece(text="the lamp")]


@pytest.mark.parametrize(("start", "end"), [(4, 4), (6, 2), (0, 900), (900, 901), (2, 12)])
def test_a_place_that_cannot_be_is_passed_over(start: int, end: int) -> None:
    hidden = Redacted(body="by [NAME_1] here", spans=[RedactedSpan(field="body", start=3, end=7, placeholder="[NAME_1]")])
    terms = [Term(term="x", weight=1, places=[Place(field="body", start=start, end=end)])]
    assert marked("by Ines here", "body", hidden, terms) == [Piece(text="by Ines here")]


def test_whatever_is_written_the_pieces_are_the_text_and_the_marks_are_the_words() -> None:
    chance = random.Random(7)
    parts = [
        "lamp", "LAMP", "lamps", "Ines Marlow", "ines@example.org", "+44 20 7946 0958", "<mark>", "</script>", "&lt;", "[NAME_1]", "[",
        "]", "\n", "\r\n", " ", " ", ", ", "é", "e\u0301", "🔥", "\u202e", "街灯", "_", "GB82 WEST 1234 5698 7654 32",
    ]  # fmt: skip
    for _ in range(300):
        body = "".join(chance.choice(parts) for _ in range(30))
        pieces = as_sorted(body, "lamp", "script", "mark")
        assert "".join(piece.text for piece in pieces) == body
        assert {piece.text.casefold() for piece in pieces if piece.marked} <= {"lamp", "script", "mark"}


def test_quoted_history_and_signature_are_sections_of_their_own_wherever_details_were_hidden() -> None:
    body = "I am Ines Marlow, the lamp is out.\nInes Marlow, tax adviser\n> Dear Ines Marlow\n> a lamp\n"
    hidden = redaction.redact(None, body, Person(name="Ines Marlow"), "en")
    first, second = hidden.body.index("\n") + 1, hidden.body.index("> ")
    parts = [
        MessagePart(kind="new", start=0, end=first),
        MessagePart(kind="signature", start=first, end=second),
        MessagePart(kind="ours", start=second, end=len(hidden.body)),
    ]

    parts_shown = sections(marked(body, "body", hidden, the_terms(hidden, "lamp")), body, hidden, parts)

    assert [(section.title, as_shown(section.pieces)) for section in parts_shown] == [
        ("", "I am Ines Marlow, the <lamp> is out.\n"),
        ("signature", "Ines Marlow, tax adviser\n"),
        ("earlier", "> Dear Ines Marlow\n> a <lamp>\n"),
    ]


def test_a_message_of_which_nothing_is_new_is_shown_whole() -> None:
    hidden = Redacted(body="> a lamp")
    assert sections([Piece(text="> a lamp")], "> a lamp", hidden, [MessagePart(kind="ours", start=0, end=8)])[0].title == ""
    assert len(sections([Piece(text="another")], "another", hidden, [MessagePart(kind="new", start=0, end=8)])) == 1
