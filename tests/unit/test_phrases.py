"""English sentences that travel and are stored are shown in the reader's language."""

from collections.abc import Iterator

import pytest

from services.review.web import phrases
from services.review.web.phrase_extraction import phrases as phrases_of
from services.review.web.translation import Reader, entries, write_for
from services.runtime.errors import InvalidInput

SOURCE = """
raise InvalidInput(f"note: at most {MOST} characters, this has {len(text)}", field="note")
raise Conflict("too late" if sent else f"too early: {wait} seconds")
return Phrase(f"it leads to {host}{f' by {way}' if way else ''}")
raise ValueError("for programs alone")
"""


@pytest.fixture
def _french() -> Iterator[None]:
    write_for(Reader("fr"))
    yield
    write_for(Reader())


def test_sentences_are_taken_from_errors_and_from_what_is_marked() -> None:
    assert [text for *_, text in phrases_of(SOURCE, errors=True)] == [
        "at most {0} characters, this has {1}",
        "too late",
        "too early: {0} seconds",
        "it leads to {0} by {1}",
        "it leads to {0}",
    ]
    assert [text for *_, text in phrases_of(SOURCE, errors=False)] == ["it leads to {0} by {1}", "it leads to {0}"]


def test_an_error_is_shown_without_the_name_that_programs_have_for_its_field() -> None:
    assert phrases.fault(InvalidInput("note: write something first", field="note")) == "write something first"
    assert phrases.phrase("note: a person's own words") == "note: a person's own words"


@pytest.mark.usefixtures("_french")
@pytest.mark.parametrize(
    ("english", "french"),
    [
        ("at most 500 characters, this has 612", "au plus 500 caractères, il y en a 612"),
        (
            "mail-in waits for 3 messages of belrive that can't be taken: the log says why",
            "mail-in attend 3 messages de belrive qui ne peuvent pas être relevés : le journal dit pourquoi",
        ),
        (
            "there is no agency belrive: add it, `parvis agencies add belrive`, or correct PARVIS_MAILBOXES",
            "il n’y a pas d’organisme belrive : ajoutez-le, `parvis agencies add belrive`, ou corrigez PARVIS_MAILBOXES",
        ),
        (
            "mail-in waits for the mailbox belrive: the store of files can't be reached (OSError)",
            "mail-in attend la boîte aux lettres belrive : le dépôt de fichiers n’est pas joignable (OSError)",
        ),
        ("danger to life or health: “smell of gas”", "danger pour la vie ou la santé : “smell of gas”"),
        ("it is in German, and the citizen wrote in French", "il est en allemand, et l’usager a écrit en français"),
        (
            "can't approve a case that is sent: it must be awaiting_approval, drafting",
            "« valider » n’est pas possible : l’état du dossier est « envoyé », il devrait être : à valider, en rédaction",
        ),
        (
            "the model took too long: this is the template's reply (the endpoint answered 503)",
            "le modèle a mis trop de temps : c’est la réponse du modèle de lettre (le serveur du modèle a répondu 503)",
        ),
        (
            "there is no e-mail address: pass the reply on by hand; the webhook failed: the webhook answered 500",
            "il n’y a pas d’adresse de courriel : transmettez la réponse vous-même ; le webhook a échoué : le webhook a répondu 500",
        ),
        ("losing the home; a child or a frail person is concerned", "perte du logement; un enfant ou une personne fragile est concerné"),
        ("The citizen has moved away", "The citizen has moved away"),
        ("closed", "closed"),
        ("done already", "done already"),
        ("{0} is no sentence of {1}", "{0} is no sentence of {1}"),
        ("", ""),
    ],
)
def test_a_sentence_is_shown_in_french_with_what_was_filled_in(english: str, french: str) -> None:
    assert phrases.phrase(english) == french


@pytest.mark.usefixtures("_french")
def test_every_sentence_is_known_again_when_it_is_filled_in() -> None:
    values = ("12", "anna@city.example", "streets", "2026-03-02")
    for entry in entries("fr"):
        if entry.context == phrases.PHRASE and "{" in str(entry.id):
            assert phrases.phrase(str(entry.id).format(*values)) == str(entry.string).format(*values), entry.id
