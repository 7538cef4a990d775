"""The words that weighed most are found where they stand in the redacted text."""

import unicodedata
from uuid import uuid4

import pytest

from schemas.requests_received import RequestReceived
from schemas.requests_triaged import Place, RequestTriaged, Term
from services.domain import taxonomy
from services.runtime import clock
from services.triage import rules
from services.triage.classification.classifier import MAX_PLACES, SHOWN_REASONS, Classifier
from services.triage.classification.examples import Example
from services.triage.classification.training import QUICK, train
from tests.harness.processor_time import bounded

CITY = taxonomy.load()
LIGHT = ("lamp", "été", "straße", "24h", "पानी", "ferme", "name", "1", "<b>", "a")


@pytest.fixture(scope="module")
def model() -> Classifier:
    """It has learned that these words speak of light, and others of roads."""
    rows = [Example(f"{word} {word} {other}", "street_lighting") for word in LIGHT for other in ("there", "again")]
    return train([*rows, *(Example(f"hole in the road {n}", "roads_pavements") for n in "bcdefghijklm")], recipe=QUICK)


def sorted_by(model: Classifier, body: str, subject: str | None = None) -> RequestTriaged:
    received = RequestReceived(request_id=uuid4(), agency="city", channel="web", received_at=clock.now(), subject=subject, body=body)
    [decided] = rules.triage([received], model, CITY)
    return decided


def marked(model: Classifier, word: str, body: str, subject: str | None = None) -> str:
    """What a reader would see marked of one word, with what stands around it."""
    decided = sorted_by(model, body, subject)
    text = decided.redacted.body
    for term in decided.explanation:
        if term.term.casefold() == word.casefold():
            for place in sorted(term.places, key=lambda place: -place.start):
                if place.field == "body":
                    text = f"{text[: place.start]}<{text[place.start : place.end]}>{text[place.end :]}"
    return text


def test_a_word_is_found_in_the_subject_and_in_the_body_in_any_case(model: Classifier) -> None:
    lamp = sorted_by(model, "the LAMP is out", "Lamp out").explanation[0]
    places = [Place(field="subject", start=0, end=4), Place(field="body", start=4, end=8)]
    assert lamp == Term(term="Lamp", weight=lamp.weight, places=places)


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("lamp", "lamps, lamplight and my <lamp>"),
        ("lamp", "<lamp>_post"),
        ("été", "L'<été>, l'<ETE>, l'<ÉTÉ>"),
        ("straße", "Die <Straße>"),
        ("24h", "open <24H>"),
        ("पानी", "हमें <पानी> चाहिए"),
        (unicodedata.normalize("NFD", "fermé"), unicodedata.normalize("NFD", "le café <fermé>")),
    ],
)
def test_whole_words_are_places_whatever_their_case_and_accents(model: Classifier, word: str, expected: str) -> None:
    assert marked(model, word, expected.replace("<", "").replace(">", "")) == expected


def test_nothing_within_a_placeholder_is_a_place(model: Classifier) -> None:
    body = "write to nora@example.org: the lamp has no name"
    assert marked(model, "name", body) == "write to [EMAIL_1]: the lamp has no <name>"
    assert not any(term.term in ("EMAIL", "1") for term in sorted_by(model, body).explanation)


def test_a_word_that_comes_twice_is_one_term_with_the_weight_of_both(model: Classifier) -> None:
    decided = sorted_by(model, "lamp and LAMP")
    [lamp] = [term for term in decided.explanation if term.term == "lamp"]
    words = model.word_weights("lamp and LAMP", decided.category)
    assert lamp.weight == pytest.approx(sum(weight for start, _, weight in words if start in (0, 9)), abs=1e-3)


def test_the_strongest_comes_first_and_only_a_few_are_shown(model: Classifier) -> None:
    shown = sorted_by(model, "lamp lamp lamp, l'été, 24h, ferme, name, a straße there again lamplight lamps").explanation
    assert len(shown) <= SHOWN_REASONS
    assert [term.weight for term in shown] == sorted((term.weight for term in shown), reverse=True)
    assert all(term.weight > 0 for term in shown)


def test_a_word_repeated_without_end_has_a_bounded_number_of_places(model: Classifier) -> None:
    [lamp] = sorted_by(model, "lamp " * 4_000).explanation
    assert len(lamp.places) == MAX_PLACES


@bounded
@pytest.mark.parametrize("piece", ["<b>x</b>", "[[[[NAME_1]]", "a\u0301\u0301", "é_", "🔥lamp", "[" * 7, "a.b|c*", "\u0301"])
def test_hostile_text_is_read_in_time_that_grows_with_its_length(model: Classifier, piece: str) -> None:
    body = ("x" + piece * 20_000)[:20_000]  # of marks alone it would be nothing to read
    decided = sorted_by(model, body, piece)
    texts = {"subject": decided.redacted.subject or "", "body": decided.redacted.body}
    assert all(0 <= place.start < place.end <= len(texts[place.field]) for term in decided.explanation for place in term.places)


def test_a_reason_in_a_script_without_spaces_is_a_word_in_its_place() -> None:
    lamps = ["路灯坏了，晚上很黑。", "街上的路灯不亮了。", "请修理公园旁边的路灯。", "路灯一直闪烁。"]
    fines = ["我收到了停车罚款。", "罚款太高了，我要申诉。", "我不同意这个停车罚款。", "请取消罚款。"]
    model = train([*(Example(text, "lamps") for text in lamps), *(Example(text, "fines") for text in fines)], recipe=QUICK)
    body = "你好！路灯坏了。请修理，晚上很黑。"
    event = sorted_by(model, body)
    assert event.category == "lamps"
    for term in event.explanation:
        for place in term.places:
            assert body[place.start : place.end] == term.term
    assert event.explanation[0].term.startswith("路灯")
