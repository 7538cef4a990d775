"""What a model learns from and is measured on is what it is asked about: labelled rows go the way of a message."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from schemas.requests_received import RequestReceived
from schemas.requests_triaged import RequestTriaged
from services.domain import taxonomy
from services.triage import rules
from services.triage.classification import model_store, served_text
from services.triage.classification.classifier import Classifier
from services.triage.classification.evaluation import evaluate
from services.triage.classification.examples import Example, read_examples
from services.triage.classification.served_text import served
from services.triage.letter import agency_of
from tests.builders import a_request

CITY = taxonomy.load()
SENDER = "City of Belrive <post@belrive.example>"
OURS = agency_of(CITY, SENDER)

ROWS = [
    Example("My name is Jane Doe and the street lamp at 12 Elm Street is out. Call me on 020 7946 0958.", "street_lighting"),
    Example("The bin was not emptied.\n\nKind regards,\nJane Doe\nHead of Parking, 4 Mill Lane, jane.doe@mail.example", "waste_collection"),
    Example(
        "It is still dark here, please look again.\n\nOn 3 May 2026, John Smith wrote:\n> My parking fine is too high", "street_lighting"
    ),
    Example(
        "Where is the certificate of birth that I asked you for in March, and of which I have heard nothing since?\n\n"
        "On Mon, 4 May 2026, City of Belrive <post@belrive.example> wrote:\n> Thank you for writing to us about your passport.",
        "civil_status",
    ),
    Example("Bonjour, je m'appelle Marie Dupont, 3 rue des Lilas, et je conteste mon amende.\nCordialement\nMarie Dupont", "fines", "fr"),
    Example("the lamp is out again", "street_lighting", "fr"),
    Example("Since Monday, every evening.", "street_lighting", subject="The lamp in front of Jane Doe's house"),
    Example("!!", "fines"),
    Example("lamp " * 5_000, "street_lighting"),
]


@pytest.fixture(scope="module")
def default(tmp_path_factory: pytest.TempPathFactory) -> Classifier:
    return model_store.trained_default(tmp_path_factory.mktemp("models"), CITY)


def triaged(rows: Sequence[Example], classifier: Classifier) -> list[RequestTriaged]:
    sent = [a_request(subject=row.subject, body=row.text[:20_000], citizen=None, language=None) for row in rows]
    requests = [RequestReceived.model_validate(request) for request in sent]
    return rules.triage(requests, classifier, CITY, SENDER)


def test_a_row_is_measured_by_the_answer_that_its_message_would_get(default: Classifier) -> None:
    by_measure = default.predict([row.text for row in served(ROWS, OURS)])
    in_service = triaged(ROWS, default)
    assert [(p.category, p.confidence) for p in by_measure] == [(event.category, event.confidence) for event in in_service]
    right = sum(event.category == row.category for event, row in zip(in_service, ROWS, strict=True))
    assert evaluate(default, served(ROWS, OURS)).overall.accuracy == pytest.approx(right / len(ROWS), abs=1e-4)


def test_names_addresses_signatures_and_quoted_mail_are_not_learnt_from() -> None:
    texts = " ".join(row.text for row in served(ROWS, OURS))
    for hidden in ("Jane", "Doe", "Elm", "7946", "Parking", "John", "passport", "Dupont", "Lilas"):
        assert hidden not in texts, hidden
    assert "street lamp" in texts
    assert "The lamp in front of" in texts, "the subject is read too"


def test_a_message_without_spaces_is_not_taken_for_too_short_to_be_sorted_by_itself() -> None:
    new = "我家门口的路灯上星期就坏了，到现在还没有人来修理，晚上很黑很危险。"
    quoted = "On 3 May 2026, John Smith wrote:\n> My parking fine is too high"
    (row,) = served([Example(f"{new}\n\n{quoted}", "street_lighting")], OURS)
    assert "parking" not in row.text
    assert new in row.text


def test_what_says_nothing_is_an_empty_text() -> None:
    assert [row.text for row in served([Example("\u200b", "fines")], OURS)] == [""]


def test_served_by_several_processes_the_rows_are_the_same_in_the_same_order(monkeypatch: pytest.MonkeyPatch) -> None:
    alone = served(ROWS, OURS)
    shares: list[float] = []
    monkeypatch.setattr(served_text, "MANY", 1)
    monkeypatch.setattr(served_text, "_AT_ONCE", 4)
    assert served(ROWS, OURS, lambda share, _doing: shares.append(share)) == alone
    assert shares == [4 / 9, 8 / 9, 1.0]


def test_a_file_may_have_subjects(tmp_path: Path) -> None:
    table = tmp_path / "rows.csv"
    table.write_text("subject,text,category\nLamp,It is out,lamps\n,Bin,bins\n", encoding="utf-8")
    assert [row.text for row in served(read_examples(table), OURS)] == ["Lamp\nIt is out", "Bin"]
    assert replace(ROWS[0], subject=None) == ROWS[0]
