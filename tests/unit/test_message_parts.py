"""What a citizen writes now counts; what they quote of ours, sign with or are made to append does not."""

import json
import re
from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest

from schemas.requests_received import RequestReceived
from schemas.requests_triaged import LETTER_KINDS, RequestTriaged
from schemas.values import Person, Urgency
from services.domain import taxonomy
from services.domain.message_parts import matter_of, new_text, words_in
from services.drafting import letter_folder
from services.triage import rules
from services.triage.classification.classifier import Prediction, Reason
from services.triage.message_parts import Agency, Correspondence, split
from tests.builders import a_request

CITY = taxonomy.load()
SENDER = "Parvis <no-reply@parvis.example>"
OURS = "Dear Ida,\n\nIf anyone is in danger right now, please call the emergency services and do not wait for our answer.\n\nStreets"


class Constant:
    version = "test"

    def explained(self, texts: Sequence[str], by_words_alone: Collection[int] = ()) -> list[tuple[Prediction, list[Reason]]]:  # noqa: ARG002
        return [(Prediction(category="street_lighting", confidence=0.99, alternatives=[], answered=True), []) for _ in texts]


def triaged(body: str, subject: str | None = None, **changes: object) -> RequestTriaged:
    fields = {"request_id": uuid4(), "agency": "belrive", "channel": "email", "received_at": datetime(2026, 3, 2, tzinfo=UTC)}
    citizen = Person(name="Ida Kestrel", email="ida@example.org")
    request = RequestReceived.model_validate(fields | {"subject": subject, "body": body, "citizen": citizen} | changes)
    return rules.triage([request], Constant(), CITY, SENDER)[0]


def quoted(text: str) -> str:
    return "\n".join(f"> {line}" for line in text.splitlines())


@pytest.mark.parametrize(
    "body",
    [
        f"Thank you very much, that helped!\n\nOn Mon, 2 Mar 2026 at 10:12, {SENDER} wrote:\n\n{quoted(OURS)}",
        f"Thanks!\n\n-----Original Message-----\nFrom: {SENDER}\nSent: Monday\nTo: Ida\nSubject: Re: lamp\n\n{OURS}",
        f"Merci beaucoup !\n\nLe lun. 2 mars 2026 à 10:12, {SENDER} a écrit :\n{OURS}",
        f"Vielen Dank!\n\nAm 02.03.2026 um 10:12 schrieb {SENDER}:\n\n{quoted(OURS)}",
        f"{quoted(OURS)}\n\nThank you, all is well.",
    ],
)
def test_thanks_above_our_own_reply_raise_nothing(body: str) -> None:
    decided = triaged(body, "Re: smell of gas in the stairwell")
    assert not [signal for signal in decided.signals if signal.kind == "risk_of_harm"]
    assert decided.urgency in (Urgency.LOW, Urgency.NORMAL)


@pytest.mark.parametrize(
    "body",
    [
        (
            "FYI, see below\n\n---------- Forwarded message ---------\nFrom: Mum <mum@example.org>\nDate: Mon\nSubject: help\n\n"
            "There is a strong smell of gas in the kitchen and the children are dizzy."
        ),
        "> There is a strong smell of gas in the stairwell.\n\nI wrote this an hour ago, nobody has come.",
        f"It is worse.\n\n{quoted(OURS)}\n> There is a strong smell of gas.\n\nThere is a strong smell of gas again.",
        "The lamp is out.\n\n-- \nIda\nThere is a strong smell of gas here",
    ],
)
def test_a_cry_for_help_that_is_quoted_or_handed_on_still_raises(body: str) -> None:
    assert triaged(body).urgency is Urgency.EMERGENCY


@pytest.mark.parametrize(
    "body",
    [
        "The street lamp is out.\n\nKind regards\nTom Baker\nTax adviser\nBaker Tax Consultants Ltd",
        "The street lamp is out. Kind regards, Tom Baker, tax adviser",
        "The street lamp is out.\n\nTom Baker, Tax Adviser, Baker LLP",
        "The street lamp is out.\n\nSent from my iPhone",
        "The street lamp is out.\n\nThis e-mail is confidential and intended only for the recipient. It is no tax advice.",
    ],
)
def test_who_signs_and_what_is_appended_is_no_matter(body: str) -> None:
    matter = matter_of(triaged(body))
    assert "street lamp is out" in matter
    assert "tax" not in matter.lower()
    assert "iPhone" not in matter


@pytest.mark.parametrize(
    "body",
    [
        "The bin was not emptied and I only ever got an automatic reply.",
        "The lamp is broken.\n\nThis is an automatic message from the contact form of my-city.example",
        "The lamp in Elm Street is out.\n\n-- \nAnna\nI am out of the office on Wednesdays",
    ],
)
def test_the_mention_of_an_automatic_reply_is_none(body: str) -> None:
    assert "automatic_reply" not in {signal.kind for signal in triaged(body).signals}


@pytest.mark.parametrize(
    "body",
    [
        "Ich bin bis zum 4. Mai nicht im Büro. Ihre E-Mail wird nicht weitergeleitet.",
        "Ik ben afwezig tot 4 mei en heb beperkte toegang tot mijn e-mail.",
        "Estaré fuera de la oficina hasta el 4 de mayo.",
        "Sono fuori ufficio fino al 4 maggio.",
        "Estarei ausente até 4 de maio.",
        "Jestem na urlopie do 4 maja.",
    ],
)
def test_who_is_away_says_so_in_their_language(body: str) -> None:
    assert triaged(body).urgency is Urgency.LOW


@pytest.mark.parametrize(
    "body",
    [
        "Ich bin bis Mai im Urlaub und möchte die Müllabfuhr so lange abbestellen.",
        "Ik ben met vakantie tot mei en wil mijn parkeervergunning pauzeren.",
        "Estoy de vacaciones en la ciudad y he perdido el pasaporte, necesito ayuda.",
        "Sono in ferie nel vostro comune e mi hanno rubato la bicicletta.",
        "I am on maternity leave and my allowance has stopped. I need a decision this week.",
        "Votre bureau est fermé du 1er au 15 août : comment déclarer une naissance pendant ce temps ?",
    ],
)
def test_who_is_away_and_wants_something_is_no_machine(body: str) -> None:
    assert "automatic_reply" not in {signal.kind for signal in triaged(body).signals}


AUTOMATIC = [json.loads(line) for line in (Path(__file__).parents[2] / "benchmarks/sets/automatic.jsonl").read_text("utf-8").splitlines()]


@pytest.mark.parametrize("part", ["dev", "test"])
def test_automatic_replies_of_nine_languages_are_told_from_messages_that_speak_of_them(part: str) -> None:
    rows = [row for row in AUTOMATIC if row["split"] == part]
    wrong = [row for row in rows if ("automatic_reply" in {s.kind for s in triaged(row["text"]).signals}) != row["automatic"]]
    assert [row for row in wrong if not row["automatic"]] == []
    assert len(wrong) <= 1, wrong


def test_a_header_says_that_it_is_automatic_and_danger_in_it_still_raises() -> None:
    headers = {"Auto-Submitted": "auto-replied"}
    assert triaged("Back on Monday", metadata=headers).urgency is Urgency.LOW
    assert triaged("There is a strong smell of gas in the stairwell", metadata=headers).urgency is Urgency.EMERGENCY


@pytest.mark.parametrize("language", ["en", "fr"])
def test_each_sentence_of_our_replies_is_known_as_ours(language: str) -> None:
    letters = letter_folder.shipped()
    shared = letters.sentences[language]
    stock = (shared.found_one, shared.danger, shared.other_language, shared.responsible, shared.asks, shared.friendly)
    paragraphs = [
        paragraph
        for kind in LETTER_KINDS
        for paragraph in re.split(r"\n\n|\{%.*?%\}", letters.letter(language, "", kind).source)
        if "{{ within }}" in paragraph or (kind in ("praise", "no_answer") and paragraph.startswith(("Thank", "Merci")))
    ]
    assert len(paragraphs) >= len(LETTER_KINDS)
    for sentence in (*stock, *paragraphs):
        assert Correspondence().wrote(None, [sentence]), sentence


def parts_of(body: str, subject: str | None = None) -> list[tuple[str, str]]:
    decided = triaged(body, subject)
    return [(part.kind, decided.redacted.body[part.start : part.end].strip()) for part in decided.parts]


@pytest.mark.parametrize(
    ("subject", "body"),
    [
        ("AW: Gasgeruch", "Vielen Dank für die schnelle Hilfe!"),
        ("R: fuga di gas", "Ricevuto, grazie."),
        ("R: fuga di gas", "Grazie di cuore per l'aiuto!"),
        ("Re: olor a gas", "Mil gracias por su rápida intervención."),
        ("Re: gaslek", "Beste, hartelijk bedankt voor de snelle hulp."),
        ("Re: gas leak", "Noted, thank you. Problem solved."),
        ("Re: gas leak", "Thanks again for your help!"),
        ("Re: fuite de gaz", "C'est noté, merci."),
        ("Automatic reply: Re: gas leak", "I am out of the office until Monday 9 March."),
    ],
)
@pytest.mark.parametrize("mark", ["> ", ""])
def test_who_is_calm_is_no_emergency_for_the_subject_of_what_was_answered(subject: str, body: str, mark: str) -> None:
    ours = "\n".join(f"{mark}{line}" for line in OURS.splitlines())
    assert triaged(f"{body}\n\nOn Mon, 2 Mar 2026 at 10:12, {SENDER} wrote:\n\n{ours}", subject).urgency is Urgency.LOW


@pytest.mark.parametrize(
    "body",
    [
        "Thank you. Nobody has come yet.",
        "Danke. Der Geruch ist wieder da.",
        "Merci, ça recommence ce soir.",
        "Merci de réparer au plus vite.",
        "Je vous remercie de bien vouloir intervenir.",
        "Thank you in advance for your help.",
        "Grazie, l'odore è tornato.",
        "Thanks, I am waiting outside with the kids.",
    ],
)
def test_thanks_for_what_is_not_over_leave_the_danger_that_was_told_before(body: str) -> None:
    decided = triaged(f"{body}\n\nOn Mon, 2 Mar 2026 at 10:12, {SENDER} wrote:\n\n{quoted(OURS)}", "Re: smell of gas in the stairwell")
    assert decided.urgency is Urgency.EMERGENCY


def test_a_header_that_is_quoted_with_its_letter_tells_whose_it_is() -> None:
    apple = quoted(f"On 2 Mar 2026, at 10:12, {SENDER} wrote:\n\nKeep away from the live wire, it can kill.")
    orange = quoted(f"Message du 02/03/26 10:12\nDe : {SENDER}\nA : ida@example.org\nObjet : Re: fil\n\nUn fil dénudé peut tuer.")
    for body in (apple, orange):
        assert [kind for kind, _ in parts_of(f"Thank you!\n\n{body}", "Re: wire")] == ["new", "ours"]


@pytest.mark.parametrize(
    "body",
    [
        "Please read.\nDear team,\nThank you for your message. The smell of gas is back and my baby is unconscious!",
        "Sehr dringend!\nSehr geehrte Damen und Herren,\nvielen Dank für Ihre Nachricht. Es brennt im Keller.\nIda Kestrel",
        "Bonjour,\nje réponds.\nMadame, Monsieur,\nMerci pour votre réponse. Il y a le feu dans la cuisine, au secours !",
    ],
)
def test_a_citizen_who_answers_with_thanks_below_a_second_greeting_is_read(body: str) -> None:
    assert {kind for kind, _ in parts_of(body, "Re: your request")} <= {"new", "signature"}
    assert triaged(body, "Re: your request").urgency is Urgency.EMERGENCY


def test_below_our_own_sentences_pasted_without_a_sign_off_the_citizen_is_heard() -> None:
    pasted = "Dear Ida,\n\nThank you for your message.\n\nThis is what we have published about it:\nRoads are swept in spring."
    message = f"I had this from you:\n\n{pasted}\n\nNow there is a strong smell of gas in our kitchen."
    assert [(kind, text.split()[-1]) for kind, text in parts_of(message)] == [("new", "you:"), ("ours", "spring."), ("new", "kitchen.")]
    assert triaged(message).urgency is Urgency.EMERGENCY


def test_our_reply_pasted_without_any_mark_is_ours_and_what_is_below_its_sign_off_is_the_citizens() -> None:
    pasted = "Dear Ida,\n\nThank you for your message. As we understand it, it is about: Water.\n\nKind regards,\nWater and sewers"
    parts = parts_of(f"One more question: which counter?\n\n{pasted}\n\nThere is a smell of gas here now.", "Re: water")
    assert [kind for kind, _ in parts] == ["new", "ours", "new"]
    assert triaged(f"And now?\n\n{pasted}\n\nThere is a strong smell of gas here now.", "Re: water").urgency is Urgency.EMERGENCY


@pytest.mark.parametrize(
    "banner",
    [
        "[EXTERNAL] This e-mail comes from outside. Do not click links or open attachments unless you know the sender.",
        "Achtung: Diese E-Mail stammt von einem externen Absender. Öffnen Sie keine Anhänge.",
        "Ce courriel provient d'un expéditeur externe. N'ouvrez pas les pièces jointes.",
    ],
)
def test_a_mail_servers_warning_is_no_word_of_the_citizens(banner: str) -> None:
    assert [kind for kind, _ in parts_of(f"{banner}\n\nThe lamp in Elm Street is out.")] == ["footer", "new"]
    assert parts_of("The gate outside the school is open since Monday.\n\nPlease close it.") == []


def test_the_fields_of_a_contact_form_are_no_matter_and_its_message_is() -> None:
    form = "Name: Ida\nE-mail: ida@example.org\nSubject: lamp\nMessage: The lamp in Elm Street is out."
    assert new_text(form, split(form, Correspondence())).split("\n") == ["Subject: lamp", "The lamp in Elm Street is out."]
    assert split("Name: Ida\nThe lamp is out.", Correspondence()) == []


def test_the_parts_are_the_whole_body_and_hold_against_any_shape() -> None:
    for unit in ("> ", "On 1 ", "From: a\n", "a@b ", "-- \n", "Kind regards, ", "a", "\n", "> On 2 Mar 2026 a@b wrote:\n"):
        body = (unit * 20_000)[:20_000]
        parts = split(body, Correspondence(Agency(SENDER)))
        assert "".join(body[part.start : part.end] for part in parts) in ("", body)
    assert new_text("a", []) == "a"


def test_what_could_not_be_used_is_told_with_the_names_of_fields_alone() -> None:
    sent = a_request(citizen={"email": "Ines Marlow"}, metadata={"Ines Marlow": ["12 Elm Street"]})
    request = RequestReceived.model_validate(sent)
    [event] = rules.triage([request], Constant(), CITY, SENDER)
    assert [(note.field, note.message) for note in event.left_out] == [
        ("citizen.email", "give one address, as ana@example.org"),
        ("metadata.*", "it could not be used"),
    ]


@pytest.mark.parametrize(
    ("text", "fewest", "most"),
    [
        ("ยังไม่ได้รับการแก้ไขครับ", 6, 11),  # Thai: it has not been mended yet
        ("នៅមិនទាន់ជួសជុល", 4, 8),  # Khmer: not repaired yet
        ("ຍັງບໍ່ໄດ້ສ້ອມແປງ", 4, 8),  # Lao
        ("还没有修好，谢谢", 3, 4),
        ("まだ直っていません", 4, 5),
        ("\U00020000\U0002a700\U00030000\U000200d0", 2, 2),
        ("अभी तक ठीक नहीं हुआ", 5, 5),  # Hindi
        ("E\u0301te\u0301 et hiver", 3, 3),
        ("路灯 is broken", 3, 3),
        ("๑๒ ១២ 12", 0, 0),
    ],
)
def test_words_are_counted_about_alike_in_all_scripts(text: str, fewest: int, most: int) -> None:
    assert fewest <= words_in(text) <= most


@pytest.mark.parametrize("reply", ["ยังไม่ได้รับการแก้ไขครับ", "នៅមិនទាន់ជួសជុល", "还没有修好，谢谢", "まだ直っていません", "अभी तक ठीक नहीं हुआ"])
def test_what_a_short_reply_quotes_is_read_with_it_in_every_script(reply: str) -> None:
    decided = triaged(f"{reply}\n\nOn 3 May 2026, John Smith wrote:\n> The street lamp in front of the school is broken")
    assert "lamp" in matter_of(decided)
