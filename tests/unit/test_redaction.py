"""Placeholders are numbered, everything can be put back, and the citizen whom the agency tells of is hidden in every form."""

import random

import pytest

from schemas.values import Person, Redacted
from services.domain.placeholders import PLACEHOLDER, restore, values
from services.triage.redaction import redact
from tests.harness.redaction_assertions import CLAIRE, hidden, rebuilt


def test_the_same_detail_has_the_same_placeholder_in_subject_and_body() -> None:
    redacted = redact("Call 06 12 34 56 78", "As I said: +33 6 12 34 56 78, or 07 11 22 33 44.", None, "fr")
    assert redacted.subject == "Call [PHONE_1]"
    assert redacted.body == "As I said: [PHONE_1], or [PHONE_2]."
    assert redacted.found == {"PHONE": 3}


def test_an_address_in_capitals_is_the_same_address() -> None:
    assert hidden("claire@example.org or CLAIRE@Example.org") == "[EMAIL_1] or [EMAIL_1]"


def test_a_missing_subject_stays_missing() -> None:
    assert redact(None, "hello", None, "en") == Redacted(subject=None, body="hello")


def test_spans_point_at_the_original() -> None:
    body = "Zoé\u0301 👩\u200d👧 écrit de zoe@example.fr\r\n"
    span = redact(None, body, None, "fr").spans[-1]
    assert body[span.start : span.end] == "zoe@example.fr"


@pytest.mark.parametrize("typed", ["[NAME_1]", "[EMAIL_1]", "[PHONE_12]", "[CITIZEN_NAME]", "[ID_1] and [ID_2]"])
def test_a_placeholder_typed_by_the_citizen_is_not_taken_for_ours(typed: str) -> None:
    body = f"I am Karim Haddad, karim@example.org, and I wrote {typed} myself."
    redacted = redact(None, body, None, "en")
    assert restore(redacted.body, values(None, body, redacted)) == body
    assert "I wrote [ID_1]" in redacted.body


def test_redacting_again_finds_nothing_but_placeholders() -> None:
    once = hidden("Mrs Holloway, 07911 123456, holloway@example.org", citizen=None)
    assert set(PLACEHOLDER.sub("", once)) <= set("Mrs ,")


FRAGMENTS = (
    "claire@example.fr", "06 12 34 56 78", "+44 7911 123456", "FR76 3000 6000 0112 3456 7890 189", "4111 1111 1111 1111",
    "Claire Dupont", "Mr Smith's", "12 rue des Lilas, 35000 Rennes", "[NAME_1]", "[CITIZEN_NAME]", "[ID_2]", "[", "]",
    "née le 12 juin 1957", "dossier n° 88-4417-B", "AB-123-CD", "👩\u200d👩\u200d👧", "e\u0301", "\u200b", "\ufeff", "\r\n", "\n\n", " ",
    "  ", "\t", "\u00a0", "０６１２３４５６７８", "٠٦١٢٣٤٥٦٧٨", "ß", "İ", "ﬁ", "𝟘𝟙", "@", "..",
    "regards,\nOwen", "the lamp on Elm Street", "x" * 3000, "1" * 50, "https://x.example/users/4471829", "é", "中文",
    "\U0001f1eb\U0001f1f7", "_1]",
    "[NAME_",
)  # fmt: skip


@pytest.mark.parametrize("seed", range(150))
def test_putting_back_gives_the_original_exactly(seed: int) -> None:
    chance = random.Random(seed)
    pieces = [
        chance.choice(FRAGMENTS) if chance.random() < 0.7 else chr(chance.randrange(32, 0x2FFF)) for _ in range(chance.randint(1, 60))
    ]
    subject = None if chance.random() < 0.3 else "".join(chance.choices(pieces, k=4))[:300]
    body = "".join(piece + chance.choice(["", " ", "\n"]) for piece in pieces)
    citizen = CLAIRE if chance.random() < 0.5 else None
    redacted = redact(subject, body, citizen, chance.choice(["en", "fr", "und", ""]))
    assert rebuilt(subject, body, redacted) == (redacted.subject, redacted.body)
    writings: dict[str, set[str]] = {}
    for span in redacted.spans:
        writings.setdefault(span.placeholder, set()).add((subject or "" if span.field == "subject" else body)[span.start : span.end])
    # A detail written in two ways has one placeholder, which stands for the first: all others come back letter by letter.
    if all(len(ways) == 1 for ways in writings.values()):
        known = values(subject, body, redacted, "Claire Dupont")
        assert restore(redacted.body, known) == body
        assert restore(redacted.subject or "", known) == (subject or "")


def test_thousands_of_details_can_be_put_back() -> None:
    body = "".join(f"@{chr(0x4E00 + number)}{chr(0x4E00 + number % 7)}" for number in range(6600))
    redacted = redact(None, body, None, "en")
    assert redacted.found == {"ID": 6600}
    assert restore(redacted.body, values(None, body, redacted)) == body


def test_the_same_text_is_always_redacted_alike() -> None:
    texts = [redact("Claire", "M. Dupont, 06 12 34 56 78, né le 3/4/1970", CLAIRE, "fr") for _ in range(3)]
    assert texts[0] == texts[1] == texts[2]


@pytest.mark.parametrize(
    "form", ["Claire Dupont", "claire dupont", "CLAIRE DUPONT", "Dupont Claire", "DUPONT, Claire", "C. Dupont", "Dupont C.",
    "C Dupont", "Claire", "Dupont", "Claire\u0301 Dupont", "Ｃlaire Dupont", "Cla\u200bire Dupont", "Claire  Dupont", "Claire\nDupont",
    "Claire-Dupont"],
)  # fmt: skip
def test_the_known_name_is_hidden_in_every_form(form: str) -> None:
    seen = hidden(f"bonjour, ici {form} de Rennes", language="fr", citizen=CLAIRE).lower()
    assert "claire" not in seen.replace("\u0301", "")
    assert "dupont" not in seen


@pytest.mark.parametrize(
    ("name", "written"),
    [("José-María Ortiz", "Jose Maria ORTIZ"), ("Siobhán Ní Bhriain", "Siobhan Ni Bhriain"), ("Zoë Müller", "Zoe Muller"),
     ("Anne O'Neill", "O'Neill"),
     ("Dr. Robert Fitzgerald-Hayes", "R. Fitzgerald-Hayes"), ("Élodie Lefèvre", "LEFEVRE Elodie"), ("Nguyễn Thị Lan", "NGUYEN Thi Lan")],
)  # fmt: skip
def test_accents_hyphens_and_order_do_not_matter(name: str, written: str) -> None:
    seen = hidden(f"It concerns {written}.", citizen=Person(name=name))
    assert not any(part in seen for part in written.replace("-", " ").split() if len(part) > 2)


def test_a_possessive_keeps_its_ending() -> None:
    assert hidden("Dupont's garden", citizen=CLAIRE) == "[NAME_1]'s garden"


def test_a_name_that_is_a_word_is_left_in_small_letters() -> None:
    stone = Person(name="Derek Stone")
    assert hidden("The stone wall has fallen. Derek Stone", citizen=stone) == "The stone wall has fallen. [NAME_1]"


def test_the_telling_half_of_the_known_address_is_hidden_alone() -> None:
    kowalski = Person(email="j_kowalski.88@example.org")
    assert hidden("my login is j_kowalski.88, not kowalski88", citizen=kowalski) == "my login is [EMAIL_1], not kowalski88"


@pytest.mark.parametrize(
    "citizen",
    [Person(name="-'.,"), Person(name="(.*)+$ [a-z]"), Person(name="a-" * 100), Person(name="Li"), Person(phone="(((("),
     Person(phone="+0 0"),
     Person(phone="٠٦ ١٢ ٣٤ ٥٦ ٧٨"), Person(address="1 (a+)+ $, 2 [b"), Person(address="12 " * 150),
     Person(email="a.*+b@x"), Person(name="x@example.org")],
)  # fmt: skip
def test_odd_particulars_of_the_citizen_break_nothing(citizen: Person) -> None:
    body = "aaaaaaaaaaaa-a-a-a-a 12 12 12 12 12 12 the lamp (.*) is out " * 50
    redacted = redact(None, body, citizen, "en")
    assert rebuilt(None, body, redacted)[1] == redacted.body


@pytest.mark.parametrize(
    "written",
    ["06 12 34 56 78", "06.12.34.56.78", "0612345678", "+33612345678", "0033 6 12 34 56 78", "+33 (0)6 12 34 56 78", "6-12-34-56-78"],
)
def test_the_known_number_is_hidden_however_it_is_grouped(written: str) -> None:
    seen = hidden(f"au {written} svp", language="en", citizen=CLAIRE)
    assert not any(character.isdigit() for character in PLACEHOLDER.sub("", seen))


@pytest.mark.parametrize(
    "written", ["12 rue des Lilas", "12, rue des lilas", "12 RUE DES LILAS", "12 r. des Lilas", "12, Rue des Lilas, 35000 Rennes"]
)
def test_the_known_address_is_hidden_however_it_is_shortened(written: str) -> None:
    assert "lilas" not in hidden(f"chez moi, {written}, merci", language="fr", citizen=CLAIRE).lower()


def test_a_region_beside_the_language_changes_nothing() -> None:
    body = "Mon fils et son CV, 06 12 34 56 78"
    assert redact(None, body, None, "fr-FR") == redact(None, body, None, "fr")
