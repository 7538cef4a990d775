"""The words that weighed most are found where they stand in the redacted text."""

import time
import unicodedata

import pytest

from schemas.requests_triaged import Place, Term
from services.triage.places import MAX_PLACES, placed


def marked(term: str, body: str, subject: str | None = None) -> list[str]:
    """What a reader would see marked, with what stands around it."""
    [found] = placed([Term(term=term, weight=1.0)], subject, body)
    texts = {"subject": subject or "", "body": body}
    return [
        f"{texts[one.field][: one.start]}<{texts[one.field][one.start : one.end]}>{texts[one.field][one.end :]}" for one in found.places
    ]


def test_a_term_is_found_in_the_subject_and_in_the_body_in_any_case() -> None:
    [lamp] = placed([Term(term="lamp", weight=2.5)], "Lamp out", "the LAMP is out")
    assert lamp == Term(term="lamp", weight=2.5, places=[Place(field="subject", start=0, end=4), Place(field="body", start=4, end=8)])


@pytest.mark.parametrize(
    ("term", "body", "expected"),
    [
        ("lamp", "lamps, lamplight and my lamp", ["lamps, lamplight and my <lamp>"]),
        ("eau", "plus d'eau, plus d’eau!", ["plus d'<eau>, plus d’eau!", "plus d'eau, plus d’<eau>!"]),
        ("lamp", "lamp_post", ["<lamp>_post"]),
        ("été", "L'été, l'ETE, l'ÉTÉ", ["L'<été>, l'ETE, l'ÉTÉ", "L'été, l'ETE, l'<ÉTÉ>"]),
        ("cote", "la côte, la cote", ["la côte, la <cote>"]),
        ("straße", "Die STRASSE", ["Die <STRASSE>"]),
        ("24h", "open 24H", ["open <24H>"]),
        ("पानी", "हमें पानी चाहिए", ["हमें <पानी> चाहिए"]),
        ("no water", "no water, no\nwater, no, water", ["<no water>, no\nwater, no, water", "no water, <no\nwater>, no, water"]),
        ("lamp", "", []),
        ("!?", "what!?", []),
        ("", "what", []),
    ],
)
def test_whole_words_with_the_same_accents_are_places(term: str, body: str, expected: list[str]) -> None:
    assert marked(term, body) == expected


def test_an_accent_that_is_a_character_of_its_own_is_marked_with_its_letter() -> None:
    body = unicodedata.normalize("NFD", "le café fermé")
    assert marked("ferme", body) == [unicodedata.normalize("NFD", "le café <fermé>")]
    assert marked(unicodedata.normalize("NFD", "café"), body) == [unicodedata.normalize("NFD", "le <café> fermé")]


def test_nothing_within_a_placeholder_is_a_place() -> None:
    assert marked("name", "[NAME_1] has no name, nor [NAME_1]name") == [
        "[NAME_1] has no <name>, nor [NAME_1]name",
        "[NAME_1] has no name, nor [NAME_1]<name>",
    ]
    assert marked("1", "[ID_1] or 1") == ["[ID_1] or <1>"]
    assert marked("no water", "no [NAME_1] water") == []


def test_what_only_looks_like_a_placeholder_is_text() -> None:
    assert marked("name", "[NAME] [name_1]") == ["[<NAME>] [name_1]", "[NAME] [<name>_1]"]


def test_terms_that_overlap_each_have_their_own_places() -> None:
    terms = placed([Term(term="water", weight=1), Term(term="no water", weight=1)], None, "no water")
    assert [term.places for term in terms] == [[Place(field="body", start=3, end=8)], [Place(field="body", start=0, end=8)]]


def test_a_word_repeated_without_end_has_a_bounded_number_of_places() -> None:
    [found] = placed([Term(term="lamp", weight=1)], None, "lamp " * 4_000)
    assert len(found.places) == MAX_PLACES


@pytest.mark.parametrize("piece", ["<b>x</b>", "[[[[NAME_1]]", "a\u0301\u0301", "é_", "\ud83d\ude00"[:1], "🔥lamp", "[" * 7, "a.b|c*"])
def test_hostile_text_is_read_in_time_that_grows_with_its_length(piece: str) -> None:
    body = (piece * 20_000)[:20_000]
    started = time.process_time()
    [lamp, other, pattern] = placed([Term(term=one, weight=1) for one in ("lamp", "a" * 300, "(a+)+$")], piece, body)
    assert time.process_time() - started < 1
    assert all(piece.casefold().find("lamp") >= 0 for _ in lamp.places)
    assert not other.places
    assert all(body[one.start : one.end] == "a" for one in pattern.places if one.field == "body")
