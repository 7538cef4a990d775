"""What kind of letter a message is read as."""

import csv

import pytest

from benchmarks.letter_kinds import REAL
from schemas.requests_triaged import LetterKind
from services.triage.signals.letter_kind import KINDS, letter_kind
from training import letter_kinds


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Could you tell me which papers I need for a passport, and what does it cost?", "question"),
        ("Combien coûte une carte d'identité et quels papiers faut-il ?", "question"),
        ("Thank you so much to the kind and patient lady at the desk, she was wonderful.", "praise"),
        ("Un grand merci à vos agents, si aimables et si efficaces.", "praise"),
        ("The street lamp outside our house has been broken since Monday.", "report"),
        ("I wrote to you three weeks ago about the lamp and I am still waiting for a reply.", "follow_up"),
        ("Je vous ai écrit il y a un mois et je reste sans réponse, où en est ma demande ?", "follow_up"),
        ("Why not put a bench halfway? It would be nice for older people.", "suggestion"),
        ("For your information only, please keep the attached minutes for your records. No reply needed.", "no_answer"),
        ("Two things. First, the drain is blocked. Second, how do I get a library card? On another subject, thank you.", "several"),
    ],
)
def test_plain_letters_are_read_as_what_they_are(text: str, kind: LetterKind) -> None:
    reading = letter_kind(None, text)

    assert reading
    assert reading.kind == kind, reading


@pytest.mark.parametrize(
    "text",
    [
        "Thank you for nothing. I waited four hours and your clerk was rude.",
        "Well done, wonderful, the hole is back. Who is going to pay for my wheel?",
        "Bravo, merci beaucoup, personne ne répond et je trouve cela inadmissible.",
    ],
)
def test_bitter_thanks_are_never_surely_praise(text: str) -> None:
    reading = letter_kind(None, text)

    assert reading
    assert not (reading.kind == "praise" and reading.sure)


@pytest.mark.parametrize("text", ["", "   ", "\n"])
def test_a_message_without_a_word_is_of_no_kind(text: str) -> None:
    assert letter_kind(None, text) is None


@pytest.mark.parametrize("text", ["?" * 20_000, "a " * 10_000, "thank you " * 3_000, "\u0130" * 500, "[NAME_1]", "\x00", "1 2 3"])
def test_hostile_letters_are_read_like_any_other(text: str) -> None:
    reading = letter_kind("?", text)

    assert reading
    assert reading.kind in KINDS
    assert 0 <= reading.probability <= 1


def test_a_long_story_is_not_surely_several_matters() -> None:
    story = "First I was told that the payment had gone. Then I called again and another person said that it had not. " * 8

    reading = letter_kind(None, story)

    assert reading
    assert not (reading.kind == "several" and reading.sure)


def test_what_kind_real_messages_are_is_known_without_their_texts_and_never_learned_from() -> None:
    with REAL.open(encoding="utf-8", newline="") as table:
        rows = list(csv.DictReader(table))

    assert {frozenset(row) for row in rows} == {frozenset(("request_id", "part", "kind", "also"))}
    assert {row["kind"] for row in rows} <= set(KINDS)
    assert {row["also"] for row in rows} <= {*KINDS, ""}
    assert [row["part"] for row in rows] == ["dev", "test"] * (len(rows) // 2)
    assert not any("real" in path.name for path in letter_kinds.inputs())
