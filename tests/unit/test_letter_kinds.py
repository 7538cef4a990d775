"""What kind of letter a message is read as."""

import csv

import pytest

from benchmarks.letter_kinds import REAL
from schemas.requests_triaged import LetterKind
from services.drafting.letter import answered_as
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


@pytest.mark.parametrize(
    ("text", "answered"),
    [
        ("Thank you to the crew who came so quickly on Monday!", "praise"),
        ("Bravo et merci à toute l'équipe.", "praise"),
        ("Kind staff, nothing too much trouble, felt safe and cared for.", "praise"),
        ("Personnel très aimable, démarche simple et rapide.", "praise"),
        ("This is unacceptable, nobody came.", "complaint"),
        ("C'est inadmissible, personne ne répond.", "complaint"),
        ("Waited four hours, nobody told us anything and the nurse was short with my mother.", "complaint"),
        ("Des mois d'attente, trois appels sans réponse, et on me renvoie au site qui ne marche pas.", "complaint"),
        ("Il faut que tout le monde paie l'impôt, même un peu.", "suggestion"),
        ("When do you come? Thank you for your help.", "question"),
    ],
)
def test_a_draft_takes_the_tone_of_letters_without_the_telltale_words(text: str, answered: LetterKind) -> None:
    reading = letter_kind(None, text)

    assert reading
    assert answered_as(reading.kind, reading.sure, reading.tone) == answered, reading


@pytest.mark.parametrize(
    "text",
    [
        "Thank you to the crew, but my bin is still full.",
        "Thank you for your help, I need a new bin.",
        "Bravo ! Encore une semaine sans collecte.",
    ],
)
def test_thanks_that_want_something_are_not_merely_thanked(text: str) -> None:
    reading = letter_kind(None, text)

    assert reading
    assert answered_as(reading.kind, reading.sure, reading.tone) != "praise", reading


@pytest.mark.parametrize("text", ["", "   ", "\n", "...", "<<< --- >>>", "[NAME_1]", "\U0001f600"])
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


@pytest.mark.parametrize(
    "text",
    [
        "The only problem was how long the bus took to bring us home.",
        "The only thing was the long time before somebody came.",
        "Mes seuls reproches : le bruit du couloir et la lumière.",
        "They could have been kinder with what they knew about her.",
        "A wonderful form, until it asks you to print everything and to post it.",
        "Un site agréable, jusqu'au moment où il faut tout imprimer et tout envoyer par la poste.",
    ],
)
def test_nobody_is_thanked_for_a_reservation(text: str) -> None:
    reading = letter_kind(None, text)
    assert reading is not None
    assert answered_as(reading.kind, reading.sure, reading.tone) != "praise"


def test_nobody_is_thanked_who_has_no_word_of_praise() -> None:
    grievance = (
        "J'ai changé d'adresse et demandé ma carte d'électeur en ligne. La mairie me répond que je me suis trompée de formulaire, comme "
        "tant d'autres. La démarche est mal faite et décourage les gens. Si le but était de faciliter la vie des usagers, c'est raté."
    )
    reading = letter_kind(None, grievance)
    assert reading is not None
    assert answered_as(reading.kind, reading.sure, reading.tone) != "praise"


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        (None, "Very deep pothole on Mill Street, a cyclist fell yesterday."),
        ("pothole", "big pothole corner of Mill St and Station Rd, really deep. a cyclist fell yesterday. thanks"),
        (None, "Trou profond rue des Lilas, une dame est tombée hier. Merci beaucoup pour votre travail."),
    ],
)
def test_who_tells_of_a_hazard_is_not_read_as_praising(subject: str | None, text: str) -> None:
    reading = letter_kind(subject, text)

    assert reading
    assert reading.kind not in ("praise", "no_answer")
    assert answered_as(reading.kind, reading.sure, reading.tone) != "praise"


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        (None, "Impossible d'envoyer ma pièce jointe (Erreur 413)"),
        (
            "Impossible d'envoyer ma pièce jointe",
            "Bonjour, j'ai déjà envoyé ma demande trois fois, toujours Erreur 413 sur votre formulaire.",
        ),
        ("Can't upload", "I have tried to send my application three times and your form still says Error 413."),
    ],
)
def test_a_form_that_fails_is_neither_a_follow_up_nor_without_need_of_an_answer(subject: str | None, text: str) -> None:
    reading = letter_kind(subject, text)

    assert reading
    assert reading.kind not in ("follow_up", "no_answer", "praise")
