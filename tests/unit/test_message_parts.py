"""What a citizen writes now counts; what they quote of ours, sign with or are made to append does not."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from schemas.requests_received import RequestReceived
from schemas.requests_triaged import RequestTriaged
from schemas.values import Person, Urgency
from services.domain import taxonomy
from services.domain.message_parts import matter_of, new_text
from services.drafting import template
from services.triage import rules
from services.triage.classification.classifier import Prediction, Reason
from services.triage.message_parts import Agency, Correspondence, split

CITY = taxonomy.load()
SENDER = "Parvis <no-reply@parvis.example>"
OURS = "Dear Ida,\n\nIf anyone is in danger right now, please call the emergency services and do not wait for our answer.\n\nStreets"


class Constant:
    version = "test"

    def explained(self, texts: list[str]) -> list[tuple[Prediction, list[Reason]]]:
        return [(Prediction(category="street_lighting", confidence=0.99, alternatives=[], answered=True), []) for _ in texts]


def triaged(body: str, subject: str | None = None, **changes: object) -> RequestTriaged:
    fields = {"request_id": uuid4(), "agency": "belrive", "channel": "email", "received_at": datetime(2026, 3, 2, tzinfo=UTC)}
    citizen = Person(name="Ida Kestrel", email="ida@example.org")
    request = RequestReceived.model_validate(fields | {"subject": subject, "body": body, "citizen": citizen} | changes)
    return rules.triage([request], Constant(), CITY, SENDER)[0]  # type: ignore[arg-type]


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


def test_a_header_says_that_it_is_automatic_and_danger_in_it_still_raises() -> None:
    headers = {"Auto-Submitted": "auto-replied"}
    assert triaged("Back on Monday", metadata=headers).urgency is Urgency.LOW
    assert triaged("There is a strong smell of gas in the stairwell", metadata=headers).urgency is Urgency.EMERGENCY


@pytest.mark.parametrize("language", ["en", "fr"])
def test_each_sentence_of_our_replies_is_known_as_ours(language: str) -> None:
    words = template._WORDS[language]
    for sentence in (words.found_one, words.holding, words.closing_found, words.danger, words.thanked, words.other_language):
        assert Correspondence().wrote(None, [sentence]), sentence


def test_the_parts_are_the_whole_body_and_hold_against_any_shape() -> None:
    for unit in ("> ", "On 1 ", "From: a\n", "a@b ", "-- \n", "Kind regards, ", "a", "\n", "> On 2 Mar 2026 a@b wrote:\n"):
        body = (unit * 20_000)[:20_000]
        parts = split(body, Correspondence(Agency(SENDER)))
        assert "".join(body[part.start : part.end] for part in parts) in ("", body)
    assert new_text("a", []) == "a"
