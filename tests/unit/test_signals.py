"""Which words pin a case, and which only sound as if they did."""

import numpy as np
import pytest

from schemas.requests_triaged import Signal
from services.domain.message_parts import with_subject
from services.triage.signals import danger_phrases, danger_score
from services.triage.signals.detection import LONGEST_EXCERPT, Reading, signals
from services.triage.signals.wording_matcher import Text, fold
from tests.harness.processor_time import bounded


def _signals(text: str) -> list[Signal]:
    [per_text] = signals([Reading.of(text)])
    return per_text


def _kinds(text: str) -> set[str]:
    return {signal.kind for signal in _signals(text)}


@pytest.mark.parametrize(
    "text",
    [
        "There is a strong smell of gas in the stairwell.",
        "Ça sent le gaz dans la cage d'escalier.",
        "A live cable is lying across the footpath.",
        "Il y a des fils à nu au pied du lampadaire.",
        "My mum is stuck in the lift, she is 81.",
        "Ma mère est coincée dans l'ascenseur depuis une heure.",
        "My husband has hit me again.",
        "Mon mari m'a encore frappée.",
        "I don't want to live any more.",
        "Je n'ai plus envie de vivre.",
        "An old man is lying on the pavement and not moving.",
        "Le bébé a avalé de la javel.",
        "Es riecht nach Gas, es brennt!",
    ],
)
def test_danger_is_seen(text: str) -> None:
    assert "risk_of_harm" in _kinds(text)


@pytest.mark.parametrize(
    "text",
    [
        "There is no reason left to live, I thought your office should know.",
        "Je ne vois plus de raison de vivre, vous pouvez fermer mon dossier.",
        "The carbon monoxide alarm keeps sounding, is that normal?",
        "Le détecteur de monoxyde sonne sans arrêt, est-ce normal ?",
        "Nobody has seen my neighbour for days.",
        "Personne n'a vu ma voisine depuis des jours.",
        "My insulin has run out and the chemist is shut.",
        "Je n'ai plus d'insuline et la pharmacie est fermée.",
    ],
)
def test_danger_that_is_told_calmly_is_seen(text: str) -> None:
    assert "risk_of_harm" in _kinds(text)


@pytest.mark.parametrize(
    "text",
    [
        "There is no reason left to pay for two bins.",
        "My gas bill is too high, can I pay in parts?",
        "Is there a grant for carbon monoxide alarms?",
        "My neighbour moved days ago and left a sofa in the hall.",
        "Are prescription charges lower for pensioners?",
        "The fireworks were a blast.",
        "Ce formulaire est une torture.",
        "I'm dying to know when the pool opens.",
        "My phone died halfway through the form.",
        "Is the square a smoke-free zone?",
        "Mort de rire devant votre panneau.",
        "The display has dead pixels.",
        "The band was on fire, book them again!",
        "Le feu rouge du carrefour reste bloqué.",
        "No one was hurt when the tree came down.",
        "There was a fire at my flat in 2019 and I need the report.",
        "My novel is about a bomb in the town hall.",
        "Exercice d'évacuation : des figurants seront allongés au sol.",
        "Ça ne sent plus le gaz, vous pouvez clore mon signalement.",
    ],
)
def test_what_only_sounds_like_danger_is_left_alone(text: str) -> None:
    assert "risk_of_harm" not in _kinds(text)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("I want to lodge a formal appeal against the decision.", "legal_deadline"),
        ("Le délai de recours expire vendredi.", "legal_deadline"),
        ("I want to speak to a real person please.", "wants_a_person"),
        ("Quelqu'un peut-il me rappeler ?", "wants_a_person"),
        ("Automatic reply: I am out of the office until Monday.", "automatic_reply"),
        ("Réponse automatique : je suis absente du bureau.", "automatic_reply"),
    ],
)
def test_the_other_signals_are_seen(text: str, kind: str) -> None:
    assert kind in _kinds(text)


@pytest.mark.parametrize(
    "text",
    [
        "What is the deadline for the poetry competition?",
        "The person above us plays drums.",
        "I only ever get an automatic reply from you and then nothing.",
    ],
)
def test_their_near_misses_are_not(text: str) -> None:
    assert not _kinds(text)


def test_the_words_of_an_objection_are_shown_before_those_of_a_call() -> None:
    signs = _signals("Please call me back tomorrow morning at work.\n\nI object to automated processing of my file.")
    assert [sign.words for sign in signs] == ["I object to automated processing of my file"]


@pytest.mark.parametrize(
    "text",
    [
        "Wir brauchen sofort Hilfe! Der Keller steht unter Wasser.", "Bitte Hilfe!", "Er ruft um Hilfe!", "SOS Hilfe!",
        "Brauchen wir Hilfe!",
        "Schicken Sie Hilfe!", "Mein Mann liegt am Boden: Hilfe!", "Was soll ich tun? Hilfe!", "Wir sind im Keller\nHilfe!",
        "Chiediamo aiuto!", "Vi prego aiuto!", "Ho bisogno di aiuto!", "Vă rog ajutor!", "Avem nevoie urgentă de ajutor!",
    ],
)  # fmt: skip
def test_a_cry_for_help_is_danger_however_it_begins(text: str) -> None:
    assert list(danger_phrases.dangers(Text(fold(text))))


@pytest.mark.parametrize(
    "text",
    [
        "Danke für Ihre Hilfe!", "Vielen Dank für die schnelle Hilfe!", "Mit Ihrer Hilfe!", "Danke für so viel Hilfe!", "Eine große Hilfe!",
        "Grazie per il vostro aiuto!", "Grazie mille per l'aiuto!", "Grazie del prezioso aiuto!", "Mulțumesc pentru ajutor!",
    ],
)  # fmt: skip
def test_thanks_for_help_are_none(text: str) -> None:
    assert not list(danger_phrases.dangers(Text(fold(text))))


def test_the_subject_counts_as_much_as_the_body() -> None:
    assert "risk_of_harm" in _kinds(with_subject("Smell of gas at number 5", "Please come."))


def test_where_a_detail_was_hidden_nothing_is_read() -> None:
    read = danger_score._weights(danger_score._Page.of([danger_score.words(Text("the lamp at [address_1] is out")), ["the", "lamp", "at"]]))
    assert read[3] == 0


def test_the_excerpt_is_of_the_text_and_short() -> None:
    body = "We have waited long. " * 100 + "There is a strong smell of gas in the stairwell. " + "Thank you for reading. " * 100
    signal = next(raised for raised in _signals(body) if raised.kind == "risk_of_harm")
    assert "smell of gas" in signal.words
    assert len(signal.words) <= LONGEST_EXCERPT


@bounded
@pytest.mark.parametrize(
    "unit",
    [
        "gas ",
        "smell ",
        "no gas smell ",
        "a",
        "!",
        "\n",
        "fire. ",
        "he hit me not ",
        "child alone ",
        "éàü ",
        "İ",
        "I ",
        "pas de gaz sent ",
        "feu rouge ",
        "court ",
    ],
)
def test_twenty_thousand_characters_of_anything_take_no_time(unit: str) -> None:
    text = (unit * 20_000)[:20_000]
    _signals(text)


def test_danger_in_one_sentence_of_a_long_letter_is_seen_there() -> None:
    calm = "I would like to renew the parking permit for my car and ask how much it costs this year. " * 8
    raised = _signals(f"{calm}There is thick black smoke coming out of the flat next door. {calm}")
    assert [signal.words for signal in raised if signal.kind == "risk_of_harm"] == [
        "There is thick black smoke coming out of the flat next door"
    ]


def test_a_phrase_about_ones_own_life_counts_unless_it_is_a_story() -> None:
    assert "risk_of_harm" in _kinds("I want to kill myself.")
    assert "risk_of_harm" not in _kinds("In chapter two of the novel she says she wants to die.")


def test_what_is_known_of_words_adds_up_to_what_was_learned() -> None:
    texts = ["the old man at number 9 fell in the canal . he is not moving", "is the pool open ?"]
    tokens = [danger_score.words(Text(text)) for text in texts]
    features, model = danger_score.features(tokens), danger_score._model()
    learned = np.bincount(features.places, weights=features.worths * model.table[features.buckets]) + model.bias
    page = danger_score._Page.of(tokens)
    sums = np.concatenate([[0.0], np.cumsum(danger_score._weights(page))])
    assert danger_score._scores(page, sums, np.array([0, *page.ends[:-1]]), page.ends) == pytest.approx(learned, abs=1e-4)


def test_a_batch_says_the_same_as_one_message_at_a_time() -> None:
    texts = ["There is a strong smell of gas.", "", "The lamp is out?", "un homme est tombé dans le canal, il ne bouge plus. Vite !", "?"]
    assert signals([Reading.of(text) for text in texts]) == [_signals(text) for text in texts]


def test_a_message_is_scored_whole_and_by_the_sentence() -> None:
    parts = danger_score.parts(["please", "send", "somebody", "soon", ".", "the", "wall", "is", "falling", "down", "now", "."])
    assert [(part.start, part.end, part.whole) for part in parts] == [(0, 12, True), (0, 5, False), (5, 12, False)]


@pytest.mark.parametrize(
    "subject", ["Message", "Contact form", "Your website form", "Urgent", "Nouveau message", "Formulaire de contact", "Anfrage"]
)
@pytest.mark.parametrize("body", ["There is a fire in my kitchen", "The roof fell on my daughter", "Il y a le feu dans ma cuisine"])
def test_a_subject_that_says_nothing_hides_no_danger(subject: str, body: str) -> None:
    [shown] = signals([Reading.of(f"{subject}\n{body}", subject=subject)])

    assert "risk_of_harm" in {signal.kind for signal in shown}
    assert any(body.rsplit(maxsplit=1)[-1] in signal.words for signal in shown)


@pytest.mark.parametrize("subject", ["Fire drill", "Film project", "Thank you to the nurses", "Re: Your leaflet on smoke detectors"])
def test_a_subject_that_says_what_it_is_about_is_heard(subject: str) -> None:
    assert Reading.of(f"{subject}\nThere is a fire in my kitchen", subject=subject).below_subject is None
